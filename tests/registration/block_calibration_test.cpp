// SPDX-License-Identifier: Apache-2.0
#include "registration/block_calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "data/error.h"
#include "tests/registration/synthetic_head.h"

namespace precentral {
namespace {

using ::testing::HasSubstr;
using testing::random_normal3;
using testing::random_pose;

constexpr double kNoise_mm = 0.25;
constexpr double kNoise_deg = 0.3;

// A pose as a tracker sees it.
Eigen::Isometry3d seen(std::mt19937& random, const Eigen::Isometry3d& exact, double noise_mm = kNoise_mm,
                       double noise_deg = kNoise_deg) {
    const Eigen::Vector3d turn = random_normal3(random, noise_deg / std::sqrt(3.0) * std::numbers::pi / 180.0);
    Eigen::Isometry3d out = exact;
    out.translation() += random_normal3(random, noise_mm / std::sqrt(3.0));
    if (turn.norm() > 0.0)
        out.linear() = Eigen::AngleAxisd(turn.norm(), turn.normalized()).toRotationMatrix() * out.linear();
    return out;
}

TEST(BlockCalibration, FindsTheCoilInNoiseAndStatesItsError) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::mt19937 random(seed);
        const Transform<CoilBody, Coil> truth(random_pose(random, 180.0, 100.0));
        const Transform<Block, Coil> seat(random_pose(random, 180.0, 80.0));
        std::vector<Transform<CoilBody, Block>> frames;
        for (int i = 0; i < 100; ++i) {
            const Eigen::Isometry3d tracker_from_coil_body = random_pose(random, 30.0, 50.0);
            const Eigen::Isometry3d tracker_from_block = tracker_from_coil_body * (truth * seat.inverse()).isometry();
            frames.emplace_back(seen(random, tracker_from_coil_body).inverse() * seen(random, tracker_from_block));
        }
        frames[3] = Transform<CoilBody, Block>(random_pose(random, 90.0, 100.0));
        const CoilCalibration c = calibrate_coil_in_block(frames, seat);
        EXPECT_LT(distance_mm(c.coil_body_from_coil.origin(), truth.origin()), 0.5) << seed;
        EXPECT_LT(angle_between_deg(c.coil_body_from_coil, truth), 0.5) << seed;
        EXPECT_EQ(c.verdict, Verdict::good);
        EXPECT_GE(c.centre_error_mm, 0.3);  // the seat's own play is not averaged out
    }
}

TEST(BlockCalibration, IsExactWithoutNoiseAndNoticesAMovingCoil) {
    std::mt19937 random(1);
    const Transform<CoilBody, Coil> truth(random_pose(random, 180.0, 100.0));
    const Transform<Block, Coil> seat(random_pose(random, 180.0, 80.0));
    std::vector<Transform<CoilBody, Block>> frames(20, truth * seat.inverse());
    EXPECT_LT((calibrate_coil_in_block(frames, seat).coil_body_from_coil.matrix() - truth.matrix()).norm(), 1e-9);
    for (std::size_t i = 0; i < 6; ++i) {
        frames[i] = frames[i] * Transform<Block, Block>(random_pose(random, 10.0, 10.0));
    }
    EXPECT_NE(calibrate_coil_in_block(frames, seat).verdict, Verdict::good);
    frames.resize(4);
    EXPECT_THROW(calibrate_coil_in_block(frames, seat), InputError);
    Eigen::Isometry3d broken = Eigen::Isometry3d::Identity();
    broken.translation().x() = std::numeric_limits<double>::quiet_NaN();
    frames.assign(6, Transform<CoilBody, Block>(broken));
    EXPECT_THROW(calibrate_coil_in_block(frames, seat), InputError);
}

// Landmarks of the coil touched with a stylus of 165 mm, both bodies seen with the tracker's noise; 20 frames a touch.
TEST(BlockCalibration, TouchedLandmarksReachHalfAMillimetreThroughTheTrackersNoise) {
    const std::vector<NamedPoint<Coil>> landmarks{
        {"left rim", {{-88.0, 0.0, 0.0}}},    {"right rim", {{88.0, 0.0, 0.0}}},
        {"left front", {{-45.0, 44.0, 0.0}}}, {"right front", {{45.0, 44.0, 0.0}}},
        {"left back", {{-45.0, -44.0, 0.0}}}, {"right back", {{45.0, -44.0, 0.0}}},
        {"top", {{0.0, 0.0, -20.0}}}};
    const Eigen::Vector3d tip(3.0, -2.0, -165.0);
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::mt19937 random(seed);
        const Transform<CoilBody, Coil> truth(random_pose(random, 180.0, 100.0));
        std::vector<NamedPoint<CoilBody>> touched;
        for (int round = 0; round < 3; ++round) {
            for (const NamedPoint<Coil>& l : landmarks) {
                const Eigen::Isometry3d tracker_from_coil_body = random_pose(random, 30.0, 50.0);
                const Eigen::Vector3d at = tracker_from_coil_body * (truth * l.point).xyz;
                Eigen::Isometry3d stylus = random_pose(random, 60.0, 1.0);
                stylus.translation() = at - stylus.linear() * tip;
                Eigen::Vector3d mean = Eigen::Vector3d::Zero();
                for (int i = 0; i < 20; ++i) {
                    mean += seen(random, tracker_from_coil_body).inverse() * (seen(random, stylus) * tip) / 20.0;
                }
                touched.push_back({l.name, {mean}});
            }
        }
        const CoilCalibration c = calibrate_coil(touched, landmarks);
        EXPECT_LT(distance_mm(c.coil_body_from_coil.origin(), truth.origin()), 0.5) << seed;
        EXPECT_LT(angle_between_deg(c.coil_body_from_coil, truth), 0.5) << seed;
        EXPECT_EQ(c.verdict, Verdict::good);
    }
}

std::vector<BlockTouch> touches(std::mt19937& random, const Eigen::Isometry3d& block, const Eigen::Vector3d& tip,
                                double turn_deg, double noise_mm, double noise_deg) {
    std::vector<BlockTouch> out;
    for (int round = 0; round < 4; ++round) {
        for (const Eigen::Vector3d& b : {Eigen::Vector3d(0, 0, 0), Eigen::Vector3d(80, 0, 0), Eigen::Vector3d(0, 60, 0),
                                         Eigen::Vector3d(80, 60, 0), Eigen::Vector3d(40, 30, 40)}) {
            Eigen::Isometry3d stylus = random_pose(random, turn_deg, 1.0);
            stylus.translation() = block * b - stylus.linear() * tip;
            out.push_back({{b}, Transform<Head, Stylus>(seen(random, stylus, noise_mm, noise_deg))});
        }
    }
    return out;
}

TEST(BlockCalibration, FindsTheTipFromTouchesOfTheBlock) {
    const Eigen::Vector3d tip(3.0, -2.0, -165.0);
    double actual = 0.0;
    double stated = 0.0;
    for (unsigned seed = 0; seed < 60; ++seed) {
        std::mt19937 random(seed);
        const Eigen::Isometry3d block = random_pose(random, 180.0, 200.0);
        const Point<Stylus> guess{tip + random_normal3(random, 10.0)};
        const TipOnBlock exact = calibrate_tip_on_block(touches(random, block, tip, 80.0, 0.0, 0.0), guess);
        EXPECT_LT((exact.tip.xyz - tip).norm(), 1e-8) << seed;
        const TipOnBlock noisy = calibrate_tip_on_block(touches(random, block, tip, 80.0, 0.25, 0.1), guess);
        actual += (noisy.tip.xyz - tip).squaredNorm();
        stated += noisy.tip_error_mm * noisy.tip_error_mm;
    }
    EXPECT_LT(std::sqrt(actual / 60.0), 0.5);
    EXPECT_NEAR(std::sqrt(actual / stated), 1.0, 0.3);
    std::mt19937 random(3);
    EXPECT_THROW(calibrate_tip_on_block(touches(random, Eigen::Isometry3d::Identity(), tip, 0.5, 0.1, 0.0), {tip}),
                 InputError);
}

}  // namespace
}  // namespace precentral
