// SPDX-License-Identifier: Apache-2.0
#include "registration/point_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "data/error.h"
#include "tests/registration/synthetic_head.h"

namespace precentral {
namespace {

using ::testing::HasSubstr;
using testing::random_normal3;
using testing::random_pose;
using Points = std::vector<Eigen::Vector3d>;

Points random_points(std::mt19937& random, std::size_t count) {
    Points out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(random_normal3(random, 60.0));
    return out;
}

Points moved(const Points& points, const Eigen::Isometry3d& pose, std::mt19937& random, double noise_mm) {
    Points out;
    for (const auto& p : points) out.push_back(pose * p + random_normal3(random, noise_mm));
    return out;
}

double difference(const Eigen::Isometry3d& a, const Eigen::Isometry3d& b) {
    return (a.matrix() - b.matrix()).cwiseAbs().maxCoeff();
}

template <class Call>
std::string refusal(Call&& call) {
    try {
        call();
    } catch (const InputError& e) {
        return e.what();
    }
    return "";
}

TEST(PointFit, RecoversAnExactPose) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::mt19937 random(seed);
        const Points from = random_points(random, 3 + seed % 6);
        const Eigen::Isometry3d truth = random_pose(random, 180.0, 300.0);
        const RigidFit fit = fit_rigid(from, moved(from, truth, random, 0.0));
        EXPECT_LT(difference(fit.to_from_from, truth), 1e-9) << seed;
        EXPECT_LT(fit.rms_mm, 1e-9);
        EXPECT_NEAR(fit.to_from_from.linear().determinant(), 1.0, 1e-12);
    }
}

TEST(PointFit, MovesWithARigidMotionOfEitherSideAndForgetsTheOrder) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::mt19937 random(seed);
        Points from = random_points(random, 6);
        Points to = moved(from, random_pose(random, 180.0, 100.0), random, 3.0);
        const RigidFit fit = fit_rigid(from, to);
        const Eigen::Isometry3d a = random_pose(random, 180.0, 100.0);
        const Eigen::Isometry3d b = random_pose(random, 180.0, 100.0);
        Points from_a = moved(from, a, random, 0.0);
        Points to_b = moved(to, b, random, 0.0);
        const RigidFit both = fit_rigid(from_a, to_b);
        EXPECT_LT(difference(both.to_from_from, b * fit.to_from_from * a.inverse()), 1e-9) << seed;
        EXPECT_NEAR(both.rms_mm, fit.rms_mm, 1e-9);
        std::rotate(from.begin(), from.begin() + 2, from.end());
        std::rotate(to.begin(), to.begin() + 2, to.end());
        EXPECT_LT(difference(fit_rigid(from, to).to_from_from, fit.to_from_from), 1e-9);
    }
}

TEST(PointFit, IsALeastSquaresMinimum) {
    std::mt19937 random(7);
    const Points from = random_points(random, 5);
    const Points to = moved(from, random_pose(random, 90.0, 50.0), random, 3.0);
    const std::vector<double> weights{1.0, 4.0, 0.5, 2.0, 1.0};
    const RigidFit fit = fit_rigid(from, to, weights);
    const auto cost = [&](const Eigen::Isometry3d& pose) {
        double sum = 0.0;
        for (std::size_t i = 0; i < from.size(); ++i) sum += weights[i] * (pose * from[i] - to[i]).squaredNorm();
        return sum;
    };
    for (int i = 0; i < 200; ++i) {
        EXPECT_GE(cost(random_pose(random, 1.0, 1.0) * fit.to_from_from), cost(fit.to_from_from));
    }
    EXPECT_NEAR(fit.rms_mm, std::sqrt(cost(fit.to_from_from) / 8.5), 1e-9);
}

TEST(PointFit, AWholeWeightIsThatManyPoints) {
    std::mt19937 random(8);
    Points from = random_points(random, 5);
    Points to = moved(from, random_pose(random, 90.0, 50.0), random, 3.0);
    const RigidFit weighted = fit_rigid(from, to, {1.0, 3.0, 1.0, 1.0, 0.0});
    from.pop_back();
    to.pop_back();
    for (int i = 0; i < 2; ++i) {
        from.push_back(from[1]);
        to.push_back(to[1]);
    }
    EXPECT_LT(difference(weighted.to_from_from, fit_rigid(from, to).to_from_from), 1e-9);
}

TEST(PointFit, LeavingAPointOutShowsABadOne) {
    std::mt19937 random(9);
    const Points from = random_points(random, 7);
    Points to = moved(from, random_pose(random, 90.0, 50.0), random, 0.0);
    to[3] += Eigen::Vector3d(0.0, 20.0, 0.0);
    const RigidFit fit = fit_rigid(from, to);
    EXPECT_NEAR(fit.left_out_mm[3], 20.0, 1e-9);
    EXPECT_LT(fit.residual_mm[3], 20.0);
    Points others_from = from;
    Points others_to = to;
    others_from.erase(others_from.begin());
    others_to.erase(others_to.begin());
    const RigidFit without = fit_rigid(others_from, others_to);
    EXPECT_NEAR(fit.left_out_mm[0], (without.to_from_from * from[0] - to[0]).norm(), 1e-9);
    EXPECT_TRUE(std::isnan(fit_rigid({from[0], from[1], from[2]}, {to[0], to[1], to[2]}).left_out_mm[0]));
}

TEST(PointFit, AnisotropicAgreesWithTheEqualCaseAndBeatsItWhenErrorsDiffer) {
    double plain = 0.0;
    double informed = 0.0;
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        const Points from = random_points(random, 5);
        const Eigen::Isometry3d truth = random_pose(random, 180.0, 50.0);
        const Points exact = moved(from, truth, random, 0.0);
        Points to = exact;
        const Eigen::Vector3d sigma(0.3, 0.3, 4.0);
        for (auto& q : to) q += sigma.cwiseProduct(random_normal3(random, 1.0));
        const Eigen::Matrix3d covariance = sigma.cwiseAbs2().asDiagonal();
        const RigidFit a = fit_rigid(from, to);
        const RigidFit b = fit_rigid_anisotropic(from, to, std::vector<Eigen::Matrix3d>(5, covariance));
        const RigidFit same =
            fit_rigid_anisotropic(from, to, std::vector<Eigen::Matrix3d>(5, 2.0 * Eigen::Matrix3d::Identity()));
        EXPECT_LT(difference(a.to_from_from, same.to_from_from), 1e-8);
        const Eigen::Vector3d target(30.0, -20.0, 40.0);
        plain += (a.to_from_from * target - truth * target).squaredNorm();
        informed += (b.to_from_from * target - truth * target).squaredNorm();
    }
    EXPECT_LT(informed, 0.8 * plain);
}

// The laws of the plain fit hold for weights and for covariances, which turn with the frame fitted to.
TEST(PointFit, WeightedAndAnisotropicFitsObeyTheSameLaws) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::mt19937 random(seed);
        const std::size_t count = 4 + seed % 9;
        const Points from = random_points(random, count);
        const Eigen::Isometry3d truth = random_pose(random, 180.0, 200.0);
        std::vector<double> weights;
        std::vector<Eigen::Matrix3d> covariances;
        for (std::size_t i = 0; i < count; ++i) {
            weights.push_back(0.2 + static_cast<double>(i % 3));
            const Eigen::Matrix3d root = Eigen::Matrix3d::NullaryExpr([&] { return random_normal3(random, 1.0).x(); }) +
                                         0.5 * Eigen::Matrix3d::Identity();
            covariances.emplace_back(root * root.transpose() + 0.05 * Eigen::Matrix3d::Identity());
        }
        const Points exact = moved(from, truth, random, 0.0);
        EXPECT_LT(difference(fit_rigid(from, exact, weights).to_from_from, truth), 1e-9) << seed;
        EXPECT_LT(difference(fit_rigid_anisotropic(from, exact, covariances).to_from_from, truth), 1e-9) << seed;

        const Points to = moved(from, truth, random, 1.5);
        const RigidFit weighted = fit_rigid(from, to, weights);
        const RigidFit shaped = fit_rigid_anisotropic(from, to, covariances);
        const Eigen::Isometry3d a = random_pose(random, 180.0, 100.0);
        const Eigen::Isometry3d b = random_pose(random, 180.0, 100.0);
        std::vector<Eigen::Matrix3d> turned;
        for (const auto& c : covariances) turned.emplace_back(b.linear() * c * b.linear().transpose());
        const Points from_a = moved(from, a, random, 0.0);
        const Points to_b = moved(to, b, random, 0.0);
        const RigidFit weighted_moved = fit_rigid(from_a, to_b, weights);
        const RigidFit shaped_moved = fit_rigid_anisotropic(from_a, to_b, turned);
        EXPECT_LT(difference(weighted_moved.to_from_from, b * weighted.to_from_from * a.inverse()), 1e-9) << seed;
        EXPECT_LT(difference(shaped_moved.to_from_from, b * shaped.to_from_from * a.inverse()), 1e-6) << seed;
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_NEAR(weighted_moved.residual_mm[i], weighted.residual_mm[i], 1e-9);
            // Four points of which three nearly lie on a line have no fit without the fourth.
            ASSERT_EQ(std::isnan(weighted_moved.left_out_mm[i]), std::isnan(weighted.left_out_mm[i]));
            if (std::isnan(weighted.left_out_mm[i])) continue;
            EXPECT_NEAR(weighted_moved.left_out_mm[i], weighted.left_out_mm[i], 1e-7);
            EXPECT_NEAR(shaped_moved.left_out_mm[i], shaped.left_out_mm[i], 1e-5);
        }

        std::vector<std::size_t> order(count);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::shuffle(order.begin(), order.end(), random);
        Points from_p, to_p;
        std::vector<double> weights_p;
        std::vector<Eigen::Matrix3d> covariances_p;
        for (const std::size_t i : order) {
            from_p.push_back(from[i]);
            to_p.push_back(to[i]);
            weights_p.push_back(weights[i]);
            covariances_p.push_back(covariances[i]);
        }
        const RigidFit permuted = fit_rigid(from_p, to_p, weights_p);
        EXPECT_LT(difference(permuted.to_from_from, weighted.to_from_from), 1e-9);
        EXPECT_LT(difference(fit_rigid_anisotropic(from_p, to_p, covariances_p).to_from_from, shaped.to_from_from),
                  1e-6);
        for (std::size_t k = 0; k < count; ++k)
            EXPECT_NEAR(permuted.residual_mm[k], weighted.residual_mm[order[k]], 1e-9);
    }
}

TEST(PointFit, RefusesWhatDefinesNoPose) {
    std::mt19937 random(11);
    const Points good = random_points(random, 5);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THAT(refusal([&] { fit_rigid({good[0], good[1]}, {good[0], good[1]}); }), HasSubstr("at least three"));
    EXPECT_THAT(refusal([&] { fit_rigid({}, {}); }), HasSubstr("at least three"));
    EXPECT_THAT(refusal([&] { fit_rigid(good, {good[0], good[1], good[2]}); }), HasSubstr("do not pair up"));
    Points broken = good;
    broken[2].y() = nan;
    EXPECT_THAT(refusal([&] { fit_rigid(good, broken); }), HasSubstr("Point 3"));
    EXPECT_THAT(refusal([&] { fit_rigid(broken, good); }), HasSubstr("not a number"));
    Points line;
    for (int i = 0; i < 5; ++i) line.emplace_back(20.0 * i, 10.0 * i, 0.01 * (i % 2));
    EXPECT_THAT(refusal([&] { fit_rigid(line, line); }), HasSubstr("one line"));
    EXPECT_THAT(refusal([&] { fit_rigid(good, Points(5, good[0])); }), HasSubstr("one spot"));
    EXPECT_THAT(refusal([&] { fit_rigid(good, good, {1.0, 1.0, 1.0, -1.0, 1.0}); }), HasSubstr("weight"));
    EXPECT_THAT(refusal([&] { fit_rigid(good, good, {1.0, 1.0}); }), HasSubstr("weights"));
    EXPECT_THAT(refusal([&] {
                    fit_rigid_anisotropic(good, good, std::vector<Eigen::Matrix3d>(5, -Eigen::Matrix3d::Identity()));
                }),
                HasSubstr("positive"));
}

TEST(PointFit, RefusesAMirroredSetAndNeverReflects) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::mt19937 random(seed);
        const Points from = random_points(random, 6);
        Points to = moved(from, random_pose(random, 180.0, 100.0), random, 1.0);
        for (auto& q : to) q.x() = -q.x();
        EXPECT_THAT(refusal([&] { fit_rigid(from, to); }), HasSubstr("mirror image")) << seed;
    }
}

TEST(PointFit, DoesNotMistakeNoisyFlatPointsForMirroredOnes) {
    int refused = 0;
    for (unsigned seed = 0; seed < 300; ++seed) {
        std::mt19937 random(seed);
        const Points flat{{0, 95, 0}, {-75, 0, -3}, {75, 0, 2}, {0, 80, 4}};
        const Points to = moved(flat, random_pose(random, 180.0, 100.0), random, 2.5);
        refused += refusal([&] {
                       const RigidFit fit = fit_rigid(flat, to);
                       EXPECT_GT(fit.to_from_from.linear().determinant(), 0.0);
                   }).empty()
                       ? 0
                       : 1;
    }
    EXPECT_LE(refused, 1);
}

}  // namespace
}  // namespace precentral
