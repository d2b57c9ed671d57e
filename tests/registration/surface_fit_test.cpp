// SPDX-License-Identifier: Apache-2.0
#include "registration/surface_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <numbers>

#include "data/error.h"
#include "tests/registration/synthetic_head.h"

namespace precentral {
namespace {

using namespace testing;  // the project's own test support
using ::testing::Contains;
using ::testing::HasSubstr;

Transform<Scan, Head> disturbed(const Trial& trial, unsigned seed, double angle_deg, double shift_mm) {
    std::mt19937 random(seed);
    const Point<Scan> about = hand_area();
    Eigen::Isometry3d there = Eigen::Isometry3d::Identity();
    there.translation() = about.xyz;
    const Eigen::Isometry3d motion = there * random_pose(random, angle_deg, shift_mm) * there.inverse();
    return Transform<Scan, Head>(motion * trial.scan_from_head.isometry());
}

double error_mm(const Transform<Scan, Head>& fit, const Trial& trial) {
    return distance_mm(fit * (trial.scan_from_head.inverse() * hand_area()), hand_area());
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

TEST(SurfaceFit, FindsAnExactPoseFromADisturbedStart) {
    TrialOptions exact;
    exact.noise_mm = 0.0;
    exact.lift_off_share = 0.0;
    for (unsigned seed = 0; seed < 20; ++seed) {
        const Trial trial = make_trial(head().surface(), seed, exact);
        SurfaceFitOptions options;
        options.convergence_mm = 1e-11;
        const SurfaceFit fit = fit_surface(trial.scalp_points, head(), disturbed(trial, seed, 10.0, 10.0), {}, options);
        EXPECT_TRUE(fit.converged);
        EXPECT_LT(error_mm(fit.scan_from_head, trial), 1e-7) << seed;
        EXPECT_LT(angle_between_deg(fit.scan_from_head, trial.scan_from_head), 1e-6);
        EXPECT_LT(fit.rms_mm, 1e-7);
        EXPECT_TRUE(fit.left_out.empty());
    }
}

TEST(SurfaceFit, IsRigidAndCorrectsTheAngle) {
    const Trial trial = make_trial(head().surface(), 4);
    const SurfaceFit fit = fit_surface(trial.scalp_points, head(), disturbed(trial, 4, 8.0, 8.0));
    const Eigen::Matrix3d r = fit.scan_from_head.rotation();
    EXPECT_LT((r.transpose() * r - Eigen::Matrix3d::Identity()).norm(), 1e-9);
    EXPECT_NEAR(r.determinant(), 1.0, 1e-9);
    EXPECT_LT(angle_between_deg(fit.scan_from_head, trial.scan_from_head), 2.0);
}

TEST(SurfaceFit, IsTheSameEveryTimeAndMovesWithTheHeadFrame) {
    const Trial trial = make_trial(head().surface(), 5);
    const Transform<Scan, Head> start = disturbed(trial, 5, 5.0, 5.0);
    const SurfaceFit once = fit_surface(trial.scalp_points, head(), start);
    const SurfaceFit again = fit_surface(trial.scalp_points, head(), start);
    EXPECT_EQ(once.scan_from_head.matrix(), again.scan_from_head.matrix());
    std::mt19937 random(5);
    const Eigen::Isometry3d motion = random_pose(random, 180.0, 500.0);
    std::vector<Point<Head>> moved;
    for (const auto& p : trial.scalp_points) moved.push_back({motion * p.xyz});
    const SurfaceFit other = fit_surface(moved, head(), Transform<Scan, Head>(start.isometry() * motion.inverse()));
    EXPECT_LT((other.scan_from_head.matrix() * motion.matrix() - once.scan_from_head.matrix()).cwiseAbs().maxCoeff(),
              1e-4);
}

TEST(SurfaceFit, LeavesOutPointsOfALiftedStylus) {
    TrialOptions clean;
    clean.noise_mm = 0.5;
    clean.lift_off_share = 0.0;
    Trial trial = make_trial(head().surface(), 6, clean);
    for (std::size_t i = 0; i < trial.scalp_points.size(); i += 10) {
        const SurfacePoint near = head().closest(trial.scan_from_head * trial.scalp_points[i]);
        trial.scalp_points[i] = trial.scan_from_head.inverse() * (near.point + 12.0 * near.normal);
    }
    const SurfaceFit fit = fit_surface(trial.scalp_points, head(), disturbed(trial, 6, 4.0, 4.0));
    EXPECT_LT(error_mm(fit.scan_from_head, trial), 1.0);
    for (std::size_t i = 0; i < trial.scalp_points.size(); i += 10) EXPECT_THAT(fit.left_out, Contains(i));
    EXPECT_LE(fit.left_out.size(), 26u);
    EXPECT_LT(fit.rms_mm, 0.7);
}

TEST(SurfaceFit, FindsTheHeadWithoutAnyStart) {
    int found = 0;
    double longest_s = 0.0;
    for (unsigned seed = 100; seed < 106; ++seed) {
        const Trial trial = make_trial(head().surface(), seed);
        const std::clock_t began = std::clock();
        const SurfaceFit fit = fit_surface(trial.scalp_points, head(), std::nullopt);
        longest_s = std::max(longest_s, static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC);
        found += error_mm(fit.scan_from_head, trial) < 5.0 ? 1 : 0;
    }
    RecordProperty("longest_s", std::to_string(longest_s));
    EXPECT_EQ(found, 6);
}

TEST(SurfaceFit, TakesAKnownOffsetOffAndEstimatesAnUnknownOne) {
    TrialOptions clean;
    clean.noise_mm = 0.8;
    clean.lift_off_share = 0.0;
    Trial trial = make_trial(head().surface(), 7, clean);
    for (auto& p : trial.scalp_points) {
        const SurfacePoint near = head().closest(trial.scan_from_head * p);
        p = trial.scan_from_head.inverse() * (trial.scan_from_head * p + 3.0 * near.normal);
    }
    const Transform<Scan, Head> start = disturbed(trial, 7, 4.0, 4.0);
    const double ignored = error_mm(fit_surface(trial.scalp_points, head(), start).scan_from_head, trial);
    SurfaceFitOptions known;
    known.offset_mm = 3.0;
    EXPECT_LT(error_mm(fit_surface(trial.scalp_points, head(), start, {}, known).scan_from_head, trial), 1.2);
    SurfaceFitOptions unknown;
    unknown.offset_sigma_mm = 2.0;
    const SurfaceFit fit = fit_surface(trial.scalp_points, head(), start, {}, unknown);
    EXPECT_NEAR(fit.offset_mm, 3.0, 0.8);
    EXPECT_LT(error_mm(fit.scan_from_head, trial), std::min(ignored, 1.5));
}

// Hair under the points on the skull, none on the face: the fit tells its thickness and is not pulled by it.
TEST(SurfaceFit, EstimatesHairApartFromTheBareSkin) {
    TrialOptions clean;
    clean.noise_mm = 0.8;
    clean.lift_off_share = 0.0;
    for (const int points : {80, 300}) {
        clean.scalp_points = points;
        double with = 0.0;
        double without = 0.0;
        for (unsigned seed = 20; seed < 26; ++seed) {
            Trial trial = make_trial(head().surface(), seed, clean);
            SurfaceFitOptions options;
            for (auto& p : trial.scalp_points) {
                const SurfacePoint near = head().closest(trial.scan_from_head * p);
                const bool hair = near.point.xyz.z() > 20.0 && near.point.xyz.y() < 55.0;
                options.under_hair.push_back(hair);
                if (hair) p = p + trial.scan_from_head.inverse() * (4.0 * near.normal);
            }
            const Transform<Scan, Head> start = disturbed(trial, seed, 4.0, 4.0);
            without += error_mm(fit_surface(trial.scalp_points, head(), start).scan_from_head, trial);
            options.hair_sigma_mm = 3.0;
            const SurfaceFit fit = fit_surface(trial.scalp_points, head(), start, {}, options);
            with += error_mm(fit.scan_from_head, trial);
            EXPECT_NEAR(fit.hair_mm, 4.0, 1.2) << seed;
            options.hair_mm = 4.0;
            options.hair_sigma_mm = 0.0;
            EXPECT_LT(error_mm(fit_surface(trial.scalp_points, head(), start, {}, options).scan_from_head, trial), 2.5);
        }
        EXPECT_LT(with, 0.6 * without) << points;
        RecordProperty("mean_mm_" + std::to_string(points), std::to_string(with / 6.0));
    }
    const Trial trial = make_trial(head().surface(), 1, clean);
    SurfaceFitOptions wrong;
    wrong.under_hair = {true, false};
    EXPECT_THAT(refusal([&] { fit_surface(trial.scalp_points, head(), trial.scan_from_head, {}, wrong); }),
                HasSubstr("words on hair"));
}

TEST(SurfaceFit, SaysWhenThePointsDoNotHoldTheHead) {
    TrialOptions options;
    options.face = false;
    options.lift_off_share = 0.0;
    const Trial trial = make_trial(head().surface(), 8, options);
    std::vector<Point<Head>> patch;
    for (const auto& p : trial.scalp_points) {
        const Eigen::Vector3d at = (trial.scan_from_head * p).xyz;
        if (at.z() > 70.0) patch.push_back(p);
    }
    ASSERT_GE(patch.size(), 20u);
    const SurfaceFit fit = fit_surface(patch, head(), trial.scan_from_head);
    EXPECT_EQ(fit.verdict, Verdict::poor);
    EXPECT_GT(fit.weakest_mm, 5.0);
    EXPECT_THAT(fit.reasons, Contains(HasSubstr("leave the head free to")));
    EXPECT_GT(predict_error(fit.covariance, hand_area()).angle_deg, 3.0);

    std::vector<Point<Head>> left;
    for (const auto& p : trial.scalp_points) {
        if ((trial.scan_from_head * p).xyz.x() < -10.0) left.push_back(p);
    }
    const SurfaceFit one_sided = fit_surface(left, head(), trial.scan_from_head);
    EXPECT_NE(one_sided.verdict, Verdict::good);
    EXPECT_THAT(one_sided.reasons, Contains(HasSubstr("on the left half of the head; touch the right half too")));
}

TEST(SurfaceFit, RefusesWhatCannotBeFitted) {
    Trial trial = make_trial(head().surface(), 9);
    const auto few = std::vector<Point<Head>>(trial.scalp_points.begin(), trial.scalp_points.begin() + 5);
    EXPECT_THAT(refusal([&] { fit_surface(few, head(), trial.scan_from_head); }), HasSubstr("at least 6 points"));
    EXPECT_THAT(refusal([&] { fit_surface({}, head(), trial.scan_from_head); }), HasSubstr("at least 6 points"));
    auto broken = trial.scalp_points;
    broken[17].xyz.z() = std::numeric_limits<double>::infinity();
    EXPECT_THAT(refusal([&] { fit_surface(broken, head(), trial.scan_from_head); }), HasSubstr("Touched point 18"));
    SurfaceFitOptions wrong;
    wrong.surface_sigma_mm = 0.0;
    EXPECT_THAT(refusal([&] { fit_surface(trial.scalp_points, head(), trial.scan_from_head, {}, wrong); }),
                HasSubstr("above 0"));
}

TEST(SurfaceFit, SurvivesPointsFarFromAnyHead) {
    std::mt19937 random(10);
    std::vector<Point<Head>> nowhere;
    for (int i = 0; i < 40; ++i) nowhere.push_back({random_normal3(random, 300.0)});
    const SurfaceFit fit = fit_surface(nowhere, head(), Transform<Scan, Head>());
    EXPECT_TRUE(fit.scan_from_head.matrix().allFinite());
    EXPECT_EQ(fit.verdict, Verdict::poor);
    const SurfaceFit spot =
        fit_surface(std::vector<Point<Head>>(30, Point<Head>{{0, 0, 90}}), head(), Transform<Scan, Head>());
    EXPECT_TRUE(spot.scan_from_head.matrix().allFinite());
    EXPECT_EQ(spot.verdict, Verdict::poor);
}

TEST(SurfaceFit, IsFast) {
    TrialOptions options;
    options.scalp_points = 300;
    const Trial trial = make_trial(head().surface(), 11, options);
    std::vector<FiducialPrior> priors;
    for (std::size_t i = 0; i < 3; ++i) {
        priors.push_back({trial.fiducials_in_head[i].point, trial.fiducials_in_scan[i].point, 2.2});
    }
    const std::clock_t began = std::clock();
    constexpr int kRuns = 5;
    for (int i = 0; i < kRuns; ++i) fit_surface(trial.scalp_points, head(), std::nullopt, priors);
    const double ms = 1e3 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC / kRuns;
    RecordProperty("cpu_ms_300_points", std::to_string(ms));
#ifdef NDEBUG
    EXPECT_LT(ms, 50.0);
#endif
}

}  // namespace
}  // namespace precentral
