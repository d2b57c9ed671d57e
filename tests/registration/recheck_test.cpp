// SPDX-License-Identifier: Apache-2.0
#include "registration/recheck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "data/error.h"
#include "registration/register_head.h"
#include "tests/registration/synthetic_head.h"

namespace precentral {
namespace {

using namespace testing;  // the project's own test support
using ::testing::Contains;
using ::testing::HasSubstr;

// Five landmarks anyone finds again: nasion, both ears, nose tip, a mark on the back of the head.
std::vector<NamedPoint<Scan>> landmarks() {
    auto out = true_fiducials();
    out.push_back({"nose tip", on_synthetic_head(Eigen::Vector3d(0.0, 1.0, -0.42))});
    out.push_back({"inion", on_synthetic_head(Eigen::Vector3d(0.0, -1.0, -0.25))});
    return out;
}

std::vector<NamedPoint<Head>> touch(std::mt19937& random, const Transform<Head, Scan>& head_from_scan, double error_mm,
                                    std::size_t count = 5) {
    std::vector<NamedPoint<Head>> out;
    const auto all = landmarks();
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back({all[i].name, head_from_scan * Point<Scan>{all[i].point.xyz +
                                                                 random_normal3(random, error_mm / std::sqrt(3.0))}});
    }
    return out;
}

Transform<Head, Scan> slipped(const Transform<Head, Scan>& before, std::mt19937& random, double mm, double deg) {
    Eigen::Isometry3d motion = Eigen::Isometry3d::Identity();
    motion.linear() =
        Eigen::AngleAxisd(deg * 3.14159265358979 / 180.0, random_normal3(random, 1.0).normalized()).toRotationMatrix();
    motion.translation() = mm * random_normal3(random, 1.0).normalized();
    // About the target, so that it moves by `mm`.
    const Eigen::Vector3d at = (before * hand_area()).xyz;
    Eigen::Isometry3d about = Eigen::Isometry3d::Identity();
    about.translation() = at;
    return Transform<Head, Scan>(about * motion * about.inverse() * before.isometry());
}

TEST(Recheck, IsExactWithoutNoise) {
    for (unsigned seed = 0; seed < 30; ++seed) {
        std::mt19937 random(seed);
        const Transform<Head, Scan> before(random_pose(random, 180.0, 200.0));
        const Transform<Head, Scan> after = slipped(before, random, 5.0, 4.0);
        const Recheck r = check_registration(before.inverse(), touch(random, before, 0.0, 3 + seed % 3),
                                             touch(random, after, 0.0, 3 + seed % 3), hand_area());
        EXPECT_NEAR(r.drift_mm, 5.0, 1e-9);
        EXPECT_NEAR(r.drift_deg, 4.0, 1e-9);
        EXPECT_LT(((r.then_from_now * after).matrix() - before.matrix()).norm(), 1e-9);
        const Recheck still =
            check_registration(before.inverse(), touch(random, before, 0.0), touch(random, before, 0.0), hand_area());
        EXPECT_LT(still.drift_mm, 1e-9);
        EXPECT_EQ(still.verdict, RecheckVerdict::fine);
        EXPECT_NEAR(still.chance, 1.0, 1e-9);
    }
}

TEST(Recheck, StatesWhatTouchingAloneShowsAndRarelyCriesWolf) {
    int wolf = 0;
    int unsure = 0;
    double actual = 0.0;
    double stated = 0.0;
    constexpr int kRuns = 600;
    for (unsigned seed = 0; seed < kRuns; ++seed) {
        std::mt19937 random(seed);
        const Transform<Head, Scan> pose(random_pose(random, 180.0, 200.0));
        const Recheck r =
            check_registration(pose.inverse(), touch(random, pose, 2.0), touch(random, pose, 2.0), hand_area());
        wolf += r.verdict == RecheckVerdict::reference_slipped ? 1 : 0;
        unsure += r.verdict != RecheckVerdict::fine ? 1 : 0;
        actual += r.drift_mm * r.drift_mm;
        stated += r.drift_error_mm * r.drift_error_mm;
    }
    EXPECT_LE(wolf, 9);
    EXPECT_LE(unsure, 90);
    EXPECT_NEAR(std::sqrt(actual / stated), 1.0, 0.07);
}

TEST(Recheck, NoticesASlipAndSaysWhen) {
    int noticed = 0;
    int right_interval = 0;
    constexpr int kRuns = 200;
    for (unsigned seed = 0; seed < kRuns; ++seed) {
        std::mt19937 random(seed);
        const Transform<Head, Scan> before(random_pose(random, 180.0, 200.0));
        const Transform<Head, Scan> after = slipped(before, random, 8.0, 5.0);
        const SlipHistory h = find_slip(before.inverse(),
                                        {{"the start", touch(random, before, 2.0)},
                                         {"the middle", touch(random, before, 2.0)},
                                         {"the end", touch(random, after, 2.0)}},
                                        hand_area());
        ASSERT_EQ(h.checks.size(), 2u);
        noticed += h.slipped ? 1 : 0;
        right_interval += h.slipped && h.before == "the end" ? 1 : 0;
        if (h.slipped) {
            EXPECT_THAT(h.reasons, Contains(HasSubstr("head reference has slipped")));
        }
    }
    EXPECT_GE(noticed, kRuns * 95 / 100);
    EXPECT_GE(right_interval, kRuns * 93 / 100);
}

TEST(Recheck, TellsAMissedLandmarkFromASlip) {
    int named = 0;
    int slip = 0;
    constexpr int kRuns = 200;
    for (unsigned seed = 0; seed < kRuns; ++seed) {
        std::mt19937 random(seed);
        const Transform<Head, Scan> pose(random_pose(random, 180.0, 200.0));
        auto now = touch(random, pose, 1.5);
        now[2].point.xyz += 15.0 * random_normal3(random, 1.0).normalized();
        const Recheck r = check_registration(pose.inverse(), touch(random, pose, 1.5), now, hand_area());
        named += r.verdict == RecheckVerdict::touch_again && !r.reasons.empty() &&
                         r.reasons.front().rfind("right ear", 0) == 0
                     ? 1
                     : 0;
        slip += r.verdict == RecheckVerdict::reference_slipped ? 1 : 0;
    }
    EXPECT_GE(named, kRuns * 9 / 10);
    EXPECT_EQ(slip, 0);
}

TEST(Recheck, RegistersQuicklyAfterASlipAndStatesItsError) {
    double by_landmarks = 0.0, stated = 0.0, with_points = 0.0, stated_with = 0.0;
    constexpr int kRuns = 40;
    for (unsigned seed = 0; seed < kRuns; ++seed) {
        std::mt19937 random(seed);
        TrialOptions options;
        options.scalp_points = 60;
        const Trial trial = make_trial(head().surface(), 3000 + seed, options);  // the head after the slip
        const Transform<Head, Scan> after = trial.scan_from_head.inverse();
        const Transform<Head, Scan> before = slipped(after, random, 10.0, 8.0);
        const auto then = touch(random, before, 2.0);
        const auto now = touch(random, after, 2.0);
        const auto error = [&](const Transform<Scan, Head>& pose) {
            return distance_mm(pose * (after * hand_area()), hand_area());
        };
        const PoseCovariance<Scan> certain;
        const auto quick = register_quickly(before.inverse(), certain, then, now, {}, head(), hand_area());
        by_landmarks += std::pow(error(quick.scan_from_head), 2);
        stated += std::pow(quick.target.rms_mm, 2);
        const auto better =
            register_quickly(before.inverse(), certain, then, now, trial.scalp_points, head(), hand_area());
        with_points += std::pow(error(better.scan_from_head), 2);
        stated_with += std::pow(better.target.rms_mm, 2);
        PoseCovariance<Scan> unsure{0.01 * Matrix6::Identity(), hand_area()};
        unsure.matrix.bottomRightCorner<3, 3>() *= 900.0;
        EXPECT_GT(register_quickly(before.inverse(), unsure, then, now, {}, head(), hand_area()).target.rms_mm, 5.0);
    }
    EXPECT_NEAR(std::sqrt(by_landmarks / stated), 1.0, 0.25);
    EXPECT_NEAR(std::sqrt(with_points / stated_with), 1.0, 0.25);
    EXPECT_LT(with_points, by_landmarks);
}

TEST(Recheck, RefusesWhatCannotBeCompared) {
    std::mt19937 random(1);
    const Transform<Head, Scan> pose(random_pose(random, 180.0, 200.0));
    const auto then = touch(random, pose, 1.0);
    auto now = touch(random, pose, 1.0, 2);
    EXPECT_THROW(check_registration(pose.inverse(), then, now, hand_area()), InputError);
    now = touch(random, pose, 1.0);
    now[1].name = "chin";
    EXPECT_THROW(check_registration(pose.inverse(), then, now, hand_area()), InputError);
    EXPECT_THROW(find_slip(pose.inverse(), {{"the start", then}}, hand_area()), InputError);
    RecheckOptions wrong;
    wrong.touch_error_mm = 0.0;
    EXPECT_THROW(check_registration(pose.inverse(), then, then, hand_area(), wrong), InputError);
}

}  // namespace
}  // namespace precentral
