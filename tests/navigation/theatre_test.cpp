// SPDX-License-Identifier: Apache-2.0
#include "navigation/theatre/theatre.h"

#include <gtest/gtest.h>

#include "navigation/placement.h"
#include "navigation/theatre/room_wire.h"
#include "tests/navigation/ball.h"

namespace precentral {
namespace {

using Act = Instruction::Act;

// A ball for a head, a smaller ball for a brain.
const HeadModel& ball_head() {
    static const HeadModel head = [] {
        HeadModel made;
        made.scalp = ball(90.0, 60);
        made.brain = ball(75.0, 60);
        made.fiducials = {{"nasion", {{0.0, 90.0, 0.0}}, ""},
                          {"left preauricular", {{-90.0, 0.0, 0.0}}, ""},
                          {"right preauricular", {{90.0, 0.0, 0.0}}, ""}};
        made.motor = {{"hand, left M1", {Eigen::Vector3d(-0.55, -0.1, 0.83).normalized() * 75.0}, ""},
                      {"hand, right M1", {Eigen::Vector3d(0.55, -0.1, 0.83).normalized() * 75.0}, ""}};
        return made;
    }();
    return head;
}
const SurfaceIndex& ball_scalp() {
    static const SurfaceIndex index(ball_head().scalp);
    return index;
}

Theatre room(std::uint64_t seed, int visit = 1) {
    TheatreOptions options;
    options.seed = seed;
    options.visit = visit;
    return Theatre(ball_head(), ball_scalp(), options);
}

TEST(Theatre, TheSameSeedGivesTheSameRoomToTheLastBit) {
    Theatre a = room(4);
    Theatre b = room(4);
    Instruction sweep;
    sweep.act = Act::sweep;
    for (int i = 0; i < 600; ++i) {
        const RoomFrame fa = a.step(sweep);
        const RoomFrame fb = b.step(sweep);
        ASSERT_EQ(fa.stylus.state, fb.stylus.state);
        ASSERT_EQ(fa.stylus.tracker_from_tool.matrix(), fb.stylus.tracker_from_tool.matrix());
        ASSERT_EQ(fa.coil.tracker_from_tool.matrix(), fb.coil.tracker_from_tool.matrix());
    }
    EXPECT_EQ(a.truth().threshold_mso, b.truth().threshold_mso);
}

TEST(Theatre, PatientsDifferAndVisitsAreOfOnePatient) {
    const HiddenTruth one = room(1).truth();
    const HiddenTruth two = room(2).truth();
    const HiddenTruth again = room(1, 3).truth();
    EXPECT_GT(distance_mm(one.hotspot, two.hotspot), 0.1);
    EXPECT_NEAR(distance_mm(one.hotspot, again.hotspot), 0.0, 1e-12);
    EXPECT_EQ(one.preferred_yaw_deg, again.preferred_yaw_deg);
    // The head reference is put on anew.
    EXPECT_GT((one.head_from_scan.matrix() - again.head_from_scan.matrix()).norm(), 1.0);
    for (const HiddenTruth& truth : {one, two, again}) {
        EXPECT_GT(truth.threshold_mso, 30.0);
        EXPECT_LT(truth.threshold_mso, 85.0);
        EXPECT_LT(distance_mm(truth.hotspot, ball_head().motor[0].point), 25.0);
    }
}

// The hand follows what the screen shows, a reaction time late, and the skin stops it.
TEST(Theatre, TheHandBringsTheCoilDownToTheSkin) {
    Theatre theatre = room(5);
    const HiddenTruth truth = theatre.truth();
    Instruction push;
    push.act = Act::move_coil;
    Eigen::Isometry3d down = Eigen::Isometry3d::Identity();
    down.translation().z() = 30.0;  // 30 mm along the coil's axis, into the head, for ever
    push.coil_from_goal = Transform<Coil, Coil>(down);
    double first_mm = -1.0;
    double last_mm = -1.0;
    for (int i = 0; i < 600; ++i) {
        const RoomFrame frame = theatre.step(i < 30 ? Instruction{} : push);
        if (!frame.head.visible() || !frame.coil.visible()) continue;
        const auto head_from_body = frame.head.tracker_from_tool.inverse() * frame.coil.tracker_from_tool;
        last_mm = (truth.head_from_scan.inverse() * head_from_body.origin()).xyz.norm();
        if (first_mm < 0.0) first_mm = last_mm;
    }
    // From 160 mm above the scalp to on it; the marker body stands about 95 mm off the coil's centre.
    EXPECT_GT(first_mm - last_mm, 100.0);
    EXPECT_GT(last_mm, 90.0);
}

TEST(Theatre, ATrainHasItsPulsesAtItsRateAndThePedalStopsIt) {
    Theatre theatre = room(6);
    Instruction train;
    train.press = 1;
    train.intensity_mso = 40.0;
    train.pulses = 80;
    train.frequency_hz = 20.0;
    std::vector<double> times;
    for (int i = 0; i < 300; ++i) {
        for (const Trigger& trigger : theatre.step(train).triggers) times.push_back(trigger.device_time_s);
    }
    ASSERT_EQ(times.size(), 80U);
    for (std::size_t i = 1; i < times.size(); ++i) EXPECT_NEAR(times[i] - times[i - 1], 0.05, 1e-9);
    EXPECT_EQ(theatre.truth().delivered_in_trains, 80U);
    train.press = 2;
    for (int i = 0; i < 60; ++i) theatre.step(train);
    train.stop = true;
    const std::uint64_t at_stop = theatre.truth().delivered;
    for (int i = 0; i < 300; ++i) theatre.step(train);
    EXPECT_GT(at_stop, 80U);
    EXPECT_LE(theatre.truth().delivered, at_stop + 1);
}

TEST(Theatre, WhatGoesOverTheWireComesBackTheSame) {
    Instruction asked;
    asked.act = Act::move_coil;
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.rotate(Eigen::AngleAxisd(0.3, Eigen::Vector3d(1.0, 2.0, 3.0).normalized()));
    pose.translation() = Eigen::Vector3d(1.5, -2.25, 1e-3);
    asked.coil_from_goal = Transform<Coil, Coil>(pose);
    asked.press = 7;
    asked.intensity_mso = 61.0;
    asked.pulses = 80;
    asked.frequency_hz = 20.0;
    const SeenFrame seen = seen_from_wire(to_wire(123.5, asked));
    EXPECT_EQ(seen.frame_time_s, 123.5);
    EXPECT_EQ(seen.instruction.act, asked.act);
    EXPECT_NEAR((seen.instruction.coil_from_goal.matrix() - pose.matrix()).norm(), 0.0, 1e-12);
    EXPECT_EQ(seen.instruction.press, 7);
    EXPECT_EQ(seen.instruction.pulses, 80);
    EXPECT_THROW(seen_from_wire("{}"), InputError);
    EXPECT_THROW(seen_from_wire("rubbish"), InputError);
    EXPECT_THROW(truth_from_wire("[1,2]"), InputError);
    const HiddenTruth truth = room(9).truth();
    EXPECT_EQ(truth_from_wire(to_wire(truth)).threshold_mso, truth.threshold_mso);
}

}  // namespace
}  // namespace precentral
