// SPDX-License-Identifier: Apache-2.0
#include "registration/pivot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <numbers>

#include "tests/registration/synthetic_head.h"

namespace precentral {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::random_normal3;
using Pose = Transform<Tracker, Stylus>;

const Eigen::Vector3d kTip(3.0, -2.0, -165.0);
const Eigen::Vector3d kDimple(40.0, -120.0, -1500.0);

// The pointer leans up to `tilt_deg` to all sides and spins, its tip at rest.
std::vector<Pose> swept(std::mt19937& random, int count, double tilt_deg, double noise_mm, double noise_deg) {
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    std::vector<Pose> out;
    for (int i = 0; i < count; ++i) {
        const double around = 2.0 * std::numbers::pi * uniform(random);
        const double lean = tilt_deg * std::numbers::pi / 180.0 * std::sqrt(uniform(random));
        const Eigen::Vector3d axis(std::cos(around), std::sin(around), 0.0);
        const Eigen::Vector3d jitter = random_normal3(random, noise_deg * std::numbers::pi / 180.0);
        Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
        const Eigen::Matrix3d exact =
            (Eigen::AngleAxisd(lean, axis) * Eigen::AngleAxisd(6.0 * uniform(random), Eigen::Vector3d::UnitZ()))
                .toRotationMatrix();
        pose.translation() = kDimple - exact * kTip + random_normal3(random, noise_mm);
        pose.linear() = exact;
        if (jitter.norm() > 0.0) {
            pose.linear() = Eigen::AngleAxisd(jitter.norm(), jitter.normalized()).toRotationMatrix() * exact;
        }
        out.emplace_back(pose);
    }
    return out;
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

TEST(Pivot, IsExactWithoutNoise) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::mt19937 random(seed);
        const auto result = calibrate_pivot(swept(random, 40, 40.0, 0.0, 0.0));
        EXPECT_LT((result.tip.xyz - kTip).norm(), 1e-8);
        EXPECT_LT((result.pivot.xyz - kDimple).norm(), 1e-8);
        EXPECT_EQ(result.details.kept, 40);
        EXPECT_EQ(result.details.verdict, Verdict::good);
    }
}

TEST(Pivot, FindsTheTipInNoiseAndForetellsItsError) {
    double actual = 0.0;
    double predicted = 0.0;
    double largest = 0.0;
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::mt19937 random(seed);
        const auto result = calibrate_pivot(swept(random, 300, 40.0, 0.25, 0.3));
        const double error = (result.tip.xyz - kTip).norm();
        actual += error * error;
        predicted += result.details.tip_error_mm * result.details.tip_error_mm;
        largest = std::max(largest, error);
    }
    EXPECT_LT(largest, 0.5);
    EXPECT_NEAR(std::sqrt(actual / predicted), 1.0, 0.3);
}

TEST(Pivot, LeavesOutPosesWithASlippedTip) {
    std::mt19937 random(2);
    auto poses = swept(random, 200, 40.0, 0.25, 0.05);
    for (std::size_t i = 0; i < 20; ++i) {
        Eigen::Isometry3d slipped = poses[i].isometry();
        slipped.translation() += Eigen::Vector3d(8.0, 3.0, 0.0);
        poses[i] = Pose(slipped);
    }
    const auto result = calibrate_pivot(poses);
    EXPECT_LT((result.tip.xyz - kTip).norm(), 0.3);
    EXPECT_LE(result.details.kept, 180);
    EXPECT_GE(result.details.kept, 165);
}

TEST(Pivot, RefusesAPointerThatDidNotTilt) {
    std::mt19937 random(3);
    EXPECT_THAT(refusal([&] { calibrate_pivot(swept(random, 100, 0.0, 0.2, 0.1)); }), HasSubstr("not tilted enough"));
    EXPECT_THAT(refusal([&] { calibrate_pivot(swept(random, 100, 2.0, 0.2, 0.1)); }), HasSubstr("not tilted enough"));
    EXPECT_THAT(refusal([&] { calibrate_pivot(std::vector<Pose>(100, swept(random, 1, 40.0, 0.0, 0.0)[0])); }),
                HasSubstr("not tilted enough"));
    EXPECT_THAT(refusal([&] { calibrate_pivot(swept(random, 5, 40.0, 0.2, 0.1)); }), HasSubstr("at least 10"));
    auto broken = swept(random, 20, 40.0, 0.2, 0.1);
    Eigen::Isometry3d pose = broken[4].isometry();
    pose.translation().x() = std::numeric_limits<double>::quiet_NaN();
    broken[4] = Pose(pose);
    EXPECT_THAT(refusal([&] { calibrate_pivot(broken); }), HasSubstr("Pose 5"));
}

TEST(Pivot, SaysWhenTheTipWandered) {
    std::mt19937 random(4);
    const auto result = calibrate_pivot(swept(random, 200, 40.0, 1.5, 0.1));
    EXPECT_EQ(result.details.verdict, Verdict::poor);
    EXPECT_THAT(result.details.reasons, Contains(HasSubstr("wandered")));
}

}  // namespace
}  // namespace precentral
