// SPDX-License-Identifier: Apache-2.0
#include "registration/fit_error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "registration/point_fit.h"
#include "tests/registration/synthetic_head.h"

namespace precentral {
namespace {

using testing::random_normal3;
using testing::random_pose;

std::vector<Point<Scan>> head_fiducials() { return {{{0, 95, 0}}, {{-75, 0, 0}}, {{75, 0, 0}}}; }

TEST(FitError, RadiusMatchesKnownQuantiles) {
    // 95 % quantiles of chi-square: 7.8147 (3 degrees of freedom), 5.9915 (2), 3.8415 (1).
    EXPECT_NEAR(error_radius_mm(Eigen::Matrix3d::Identity(), 0.95), std::sqrt(7.8147), 1e-3);
    EXPECT_NEAR(error_radius_mm(4.0 * Eigen::Matrix3d::Identity(), 0.95), 2.0 * std::sqrt(7.8147), 2e-3);
    EXPECT_NEAR(error_radius_mm(Eigen::Vector3d(1.0, 1.0, 0.0).asDiagonal(), 0.95), std::sqrt(5.9915), 0.01);
    EXPECT_NEAR(error_radius_mm(Eigen::Vector3d(1.0, 0.0, 0.0).asDiagonal(), 0.95), std::sqrt(3.8415), 0.02);
    EXPECT_EQ(error_radius_mm(Eigen::Matrix3d::Zero(), 0.95), 0.0);
}

TEST(FitError, RadiusHoldsItsShareOfDrawnErrors) {
    std::mt19937 random(3);
    for (int k = 0; k < 5; ++k) {
        const Eigen::Matrix3d root = Eigen::Matrix3d::NullaryExpr([&] { return random_normal3(random, 1.0).x(); });
        const double radius = error_radius_mm(root * root.transpose(), 0.95);
        int within = 0;
        for (int i = 0; i < 20000; ++i) within += (root * random_normal3(random, 1.0)).norm() < radius ? 1 : 0;
        EXPECT_NEAR(within / 20000.0, 0.95, 0.006);
    }
}

TEST(FitError, CovarianceAndFitzpatrickAreTheSameFormula) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::mt19937 random(seed);
        std::vector<Point<Scan>> points;
        for (unsigned i = 0; i < 4 + seed % 5; ++i) points.push_back({random_normal3(random, 60.0)});
        const Point<Scan> target{random_normal3(random, 60.0)};
        const TargetError error = predict_error(covariance_of_point_fit(points, 3.0 / std::sqrt(3.0)), target);
        EXPECT_NEAR(error.rms_mm, fitzpatrick_error_mm(points, target, 3.0), 1e-9);
    }
}

TEST(FitError, FitzpatrickPredictsSimulatedFits) {
    const auto fiducials = head_fiducials();
    const Point<Scan> target{{-40.0, -8.0, 72.0}};
    for (const double fle : {2.0, 3.0, 4.0}) {
        std::mt19937 random(static_cast<unsigned>(fle));
        double tre = 0.0;
        double fre = 0.0;
        int within = 0;
        const TargetError predicted = predict_error(covariance_of_point_fit(fiducials, fle / std::sqrt(3.0)), target);
        constexpr int kRuns = 4000;
        for (int i = 0; i < kRuns; ++i) {
            std::vector<Point<Scan>> touched;
            for (const auto& f : fiducials) touched.push_back({f.xyz + random_normal3(random, fle / std::sqrt(3.0))});
            const auto fit = fit_points(touched, fiducials);
            const double error = distance_mm(fit.to_from_from * target, target);
            tre += error * error / kRuns;
            fre += fit.rms_mm * fit.rms_mm / kRuns;
            within += error < predicted.p95_mm ? 1 : 0;
        }
        EXPECT_NEAR(std::sqrt(tre) / predicted.rms_mm, 1.0, 0.05);
        EXPECT_NEAR(std::sqrt(fre) / fitzpatrick_residual_mm(3, fle), 1.0, 0.05);
        EXPECT_NEAR(within / static_cast<double>(kRuns), 0.95, 0.02);
        RecordProperty("tre_rms_fle_" + std::to_string(static_cast<int>(fle)), std::to_string(std::sqrt(tre)));
    }
}

TEST(FitError, DoesNotDependOnWhereTheCovarianceIsStated) {
    std::mt19937 random(5);
    const auto fiducials = head_fiducials();
    const PoseCovariance<Scan> a = covariance_of_point_fit(fiducials, 1.7);
    // The same motion about another centre c': shift' = shift + turn x (c' - c).
    const Eigen::Vector3d elsewhere(50.0, -30.0, 20.0);
    Matrix6 change = Matrix6::Identity();
    change.bottomLeftCorner<3, 3>() = -skew(elsewhere - a.about.xyz);
    const PoseCovariance<Scan> b{change * a.matrix * change.transpose(), {elsewhere}};
    const Point<Scan> target{{-40.0, -8.0, 72.0}};
    EXPECT_NEAR(predict_error(a, target).rms_mm, predict_error(b, target).rms_mm, 1e-9);
    EXPECT_NEAR(predict_error(a, target).p95_mm, predict_error(b, target).p95_mm, 1e-6);
}

}  // namespace
}  // namespace precentral
