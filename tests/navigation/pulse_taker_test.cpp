// SPDX-License-Identifier: Apache-2.0
#include "navigation/session/pulse_taker.h"

#include <gtest/gtest.h>

#include "navigation/placement.h"
#include "tests/navigation/ball.h"

namespace precentral {
namespace {

// Head still at the origin of the tracker, coil gliding along x at 50 mm/s, 60 frames a second.
class Pulses : public ::testing::Test {
protected:
    Pulses() : scalp_(ball(90.0, 40)), taker_(history_, scalp_) {
        RegistrationRecord registration;
        registration.id = 5;
        taker_.setting.session = 3;
        taker_.setting.registration = registration;
        CoilCalibrationRecord calibration;
        calibration.id = 6;
        taker_.setting.calibration = calibration;
        TargetRecord target;
        target.id = 7;
        target.scan_from_coil = coil_over(scalp_, {{-40.0, 0.0, 60.0}}, 45.0, Side::left);
        taker_.setting.target = target;
    }

    static double time_of(int frame) { return 100.0 + frame / 60.0; }
    void frame(int number, bool coil = true, bool head = true) {
        TrackerFrame f;
        f.sequence = static_cast<std::uint64_t>(number + 1);
        f.received = steady_now();
        f.device_time_s = time_of(number);
        f.head.state = head ? ToolState::visible : ToolState::hidden;
        f.coil.state = coil ? ToolState::visible : ToolState::hidden;
        Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
        pose.translation().x() = 50.0 * (time_of(number) - 100.0);
        f.coil.tracker_from_tool = Transform<Tracker, CoilBody>(pose);
        history_.add(f);
    }
    static Trigger trigger(double time_s, std::uint64_t count) { return {steady_now(), time_s, count, 55.0}; }

    PoseHistory history_;
    SurfaceIndex scalp_;
    PulseTaker taker_;
};

TEST_F(Pulses, ThePoseIsThatOfThePulsesOwnTime) {
    taker_.setting.purpose = PulsePurpose::treat;
    taker_.start_train(2);
    int taken = 0;
    double next_s = 100.05;
    std::uint64_t count = 0;
    for (int i = 0; i < 300; ++i) {
        frame(i);
        for (const Pulse& pulse : taker_.take(time_of(i))) {
            ++taken;
            ASSERT_TRUE(pulse.valid) << pulse.reason;
            EXPECT_NEAR(pulse.tracker_from_coil_body->origin().xyz.x(), 50.0 * (pulse.device_time_s - 100.0), 1e-9);
            EXPECT_EQ(pulse.sequence, taken);
            EXPECT_EQ(pulse.index, taken);
            EXPECT_EQ(pulse.train, 2);
            EXPECT_EQ(pulse.session, 3);
            EXPECT_EQ(pulse.registration, 5);
            EXPECT_EQ(pulse.calibration, 6);
            EXPECT_EQ(pulse.target, 7);
            EXPECT_LE(pulse.pose_age_ms, 8.34);
            EXPECT_TRUE(pulse.deviation.has_value());
        }
        while (next_s < time_of(i + 1) && count < 80) {
            taker_.on_trigger(trigger(next_s, ++count));
            next_s += 0.05;
        }
    }
    EXPECT_EQ(taken, 80);
}

TEST_F(Pulses, AHiddenCoilGivesARecordWithoutPoseAndTheReason) {
    for (int i = 0; i < 10; ++i) frame(i);
    for (int i = 10; i < 20; ++i) frame(i, false);
    taker_.on_trigger(trigger(time_of(14) + 0.004, 1));
    frame(20);
    const auto pulses = taker_.take(time_of(20));
    ASSERT_EQ(pulses.size(), 1U);
    EXPECT_FALSE(pulses[0].valid);
    EXPECT_FALSE(pulses[0].scan_from_coil.has_value());
    EXPECT_FALSE(pulses[0].tracker_from_coil_body.has_value());
    EXPECT_NE(pulses[0].reason.find("oil"), std::string::npos) << pulses[0].reason;
}

TEST_F(Pulses, APulseWaitsForTheFrameAfterItButNotForEver) {
    for (int i = 0; i < 10; ++i) frame(i);
    taker_.on_trigger(trigger(time_of(9) + 0.005, 1));
    EXPECT_TRUE(taker_.take(time_of(9)).empty());
    frame(10);
    EXPECT_EQ(taker_.take(time_of(10)).size(), 1U);
    // The tracker goes silent for a second: the pulse is kept, without a pose.
    taker_.on_trigger(trigger(time_of(10) + 0.1, 2));
    frame(70);
    const auto late = taker_.take(time_of(70));
    ASSERT_EQ(late.size(), 1U);
    EXPECT_FALSE(late[0].valid);
}

TEST_F(Pulses, PulsesTheStimulatorCountedButNobodyHeardAreRecordedAsSuch) {
    for (int i = 0; i < 10; ++i) frame(i);
    taker_.start_train(1);
    taker_.on_trigger(trigger(time_of(3) + 0.001, 10));
    taker_.on_trigger(trigger(time_of(6) + 0.001, 13));
    const auto pulses = taker_.take(time_of(9));
    ASSERT_EQ(pulses.size(), 4U);
    EXPECT_TRUE(pulses[0].valid);
    EXPECT_FALSE(pulses[1].valid);
    EXPECT_FALSE(pulses[2].valid);
    EXPECT_TRUE(pulses[3].valid);
    EXPECT_EQ(pulses[1].device_count, 11U);
    EXPECT_EQ(pulses[3].index, 4);
    EXPECT_FALSE(pulses[1].reason.empty());
}

TEST_F(Pulses, AResumedSessionGoesOnCounting) {
    for (int i = 0; i < 10; ++i) frame(i);
    taker_.resume_after(41, 41);
    taker_.start_train(1, 40);
    taker_.on_trigger(trigger(time_of(4), 43));
    const auto pulses = taker_.take(time_of(9));
    ASSERT_EQ(pulses.size(), 2U);  // 42 was given while the program was down
    EXPECT_EQ(pulses[0].sequence, 42);
    EXPECT_EQ(pulses[0].index, 41);
    EXPECT_FALSE(pulses[0].valid);
    EXPECT_EQ(pulses[1].sequence, 43);
    EXPECT_EQ(pulses[1].index, 42);
    EXPECT_TRUE(pulses[1].valid);
}

TEST_F(Pulses, TheCounterAloneTellsOfPulsesGivenWhileNobodyListened) {
    for (int i = 0; i < 10; ++i) frame(i);
    taker_.resume_after(41, 41);
    taker_.start_train(3, 40);
    taker_.on_counter(44, time_of(2));
    taker_.on_counter(44, time_of(2));  // told twice, counted once
    taker_.on_trigger(trigger(time_of(4), 45));
    const auto pulses = taker_.take(time_of(9));
    ASSERT_EQ(pulses.size(), 4U);
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(pulses[static_cast<std::size_t>(i)].valid);
        EXPECT_EQ(pulses[static_cast<std::size_t>(i)].index, 41 + i);
    }
    EXPECT_TRUE(pulses[3].valid);
    EXPECT_EQ(pulses[3].index, 44);
}

}  // namespace
}  // namespace precentral
