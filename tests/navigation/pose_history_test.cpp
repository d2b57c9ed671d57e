// SPDX-License-Identifier: Apache-2.0
#include "navigation/pose_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <random>
#include <thread>

namespace precentral {
namespace {

constexpr double kStart_s = 1761471067.0;  // device clocks tell UTC

SteadyTime steady_at(double s) {
    return SteadyTime{} + std::chrono::duration_cast<SteadyTime::duration>(std::chrono::duration<double>(1000.0 + s));
}

// The head turns and drifts; the coil moves at 50 mm/s around it.
template <class Body>
Transform<Tracker, Body> motion(double s, double speed_mm_s, double turn_deg_s) {
    Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
    out.rotate(Eigen::AngleAxisd(turn_deg_s * s * M_PI / 180.0, Eigen::Vector3d(1, 2, 3).normalized()));
    out.pretranslate(Eigen::Vector3d(speed_mm_s * s, 20.0 - 0.5 * speed_mm_s * s, 1500.0));
    return Transform<Tracker, Body>(out);
}

TrackerFrame frame_at(int sequence, double s, double delay_s = 0.004) {
    TrackerFrame frame;
    frame.sequence = static_cast<std::uint64_t>(sequence);
    frame.device_time_s = kStart_s + s;
    frame.received = steady_at(s + delay_s);
    frame.head = {ToolState::visible, motion<Head>(s, 1.2, 2.0)};
    frame.coil = {ToolState::visible, motion<CoilBody>(s, 44.7, 15.0)};
    return frame;
}

TEST(PoseHistory, InterpolatesSteadyMotionExactly) {
    PoseHistory history;
    for (int i = 0; i < 600; ++i) history.add(frame_at(i + 1, i / 60.0));
    std::mt19937 random(7);
    std::uniform_real_distribution<double> time(0.0, 599.0 / 60.0);
    for (int i = 0; i < 1000; ++i) {
        const double s = time(random);
        const PoseAnswer answer = history.at_device_time(kStart_s + s);
        ASSERT_TRUE(answer.pose) << answer.why;
        // Steady speed about a fixed axis: slerp and lerp are exact, up to a time stamp's 0.24 µs.
        const auto head = motion<Head>(s, 1.2, 2.0);
        const auto coil = motion<CoilBody>(s, 44.7, 15.0);
        EXPECT_LT(distance_mm(answer.pose->tracker_from_head.origin(), head.origin()), 1e-4);
        EXPECT_LT(distance_mm(answer.pose->tracker_from_coil.origin(), coil.origin()), 1e-4);
        EXPECT_LT(angle_between_deg(answer.pose->tracker_from_coil, coil), 1e-4);
        EXPECT_LE(answer.pose->age_ms, 0.5 * 1000.0 / 60.0 + 1e-3);
        EXPECT_LE(answer.pose->after - answer.pose->before, 1U);
        EXPECT_LT(angle_between_deg(answer.pose->head_from_coil(), head.inverse() * coil), 1e-4);
    }
}

TEST(PoseHistory, SteadyTimeIsReceiptTime) {
    PoseHistory history;
    for (int i = 0; i < 60; ++i) history.add(frame_at(i + 1, i / 60.0, 0.004));
    const PoseAnswer answer = history.at_steady_time(steady_at(0.5 + 0.004 + 0.003));
    ASSERT_TRUE(answer.pose) << answer.why;
    EXPECT_LT(distance_mm(answer.pose->tracker_from_coil.origin(), motion<CoilBody>(0.503, 44.7, 15.0).origin()), 1e-4);
    EXPECT_NEAR(answer.pose->age_ms, 3.0, 1e-3);
}

TEST(PoseHistory, AtAFrameNeedsOnlyThatFrame) {
    PoseHistory history;
    history.add(frame_at(1, 0.0));
    TrackerFrame next = frame_at(2, 0.016);
    next.coil.state = ToolState::hidden;
    const PoseAnswer newest = history.at_device_time(kStart_s);
    ASSERT_TRUE(newest.pose);
    EXPECT_EQ(newest.pose->age_ms, 0.0);
    EXPECT_EQ(newest.pose->before, 1U);
    EXPECT_EQ(newest.pose->after, 1U);
    history.add(next);
    EXPECT_TRUE(history.at_device_time(kStart_s).pose);
    EXPECT_EQ(history.at_device_time(kStart_s + 0.016).reason, NoPose::coil);
}

TEST(PoseHistory, NeverExtrapolates) {
    PoseHistory history;
    EXPECT_EQ(history.at_device_time(kStart_s).reason, NoPose::not_yet);
    EXPECT_EQ(history.at_steady_time(steady_at(0)).reason, NoPose::not_yet);
    history.add(frame_at(1, 0.0));
    history.add(frame_at(2, 0.02));
    EXPECT_EQ(history.at_device_time(kStart_s - 0.001).reason, NoPose::too_old);
    const PoseAnswer soon = history.at_device_time(kStart_s + 0.03);
    EXPECT_EQ(soon.reason, NoPose::not_yet);
    EXPECT_FALSE(soon.pose);
    EXPECT_FALSE(soon.why.empty());
    // No later frame could be near enough any more.
    EXPECT_EQ(history.at_device_time(kStart_s + 0.02 + 0.061).reason, NoPose::gap);
    history.add(frame_at(3, 0.04));
    EXPECT_TRUE(history.at_device_time(kStart_s + 0.03).pose);
}

TEST(PoseHistory, GapsAreNotBridged) {
    PoseHistory history(10.0, 60.0);
    history.add(frame_at(1, 0.0));
    history.add(frame_at(2, 0.059));
    history.add(frame_at(3, 0.121));
    EXPECT_TRUE(history.at_device_time(kStart_s + 0.03).pose);
    const PoseAnswer gap = history.at_device_time(kStart_s + 0.1);
    EXPECT_EQ(gap.reason, NoPose::gap);
    EXPECT_NE(gap.why.find("62 ms"), std::string::npos) << gap.why;
}

TEST(PoseHistory, BothNeighboursMustSeeBoth) {
    for (const int hidden : {1, 2}) {
        for (const bool head : {true, false}) {
            PoseHistory history;
            for (int i = 0; i < 4; ++i) {
                TrackerFrame frame = frame_at(i + 1, i * 0.016);
                if (i == hidden) (head ? frame.head.state : frame.coil.state) = ToolState::hidden;
                history.add(frame);
            }
            const PoseAnswer before = history.at_device_time(kStart_s + (hidden - 0.5) * 0.016);
            const PoseAnswer after = history.at_device_time(kStart_s + (hidden + 0.5) * 0.016);
            for (const PoseAnswer& answer : {before, after}) {
                EXPECT_FALSE(answer.pose);
                EXPECT_EQ(answer.reason, head ? NoPose::head : NoPose::coil);
                EXPECT_EQ(answer.why, head ? "Head hidden" : "Coil hidden");
            }
        }
    }
    PoseHistory history;
    TrackerFrame frame = frame_at(1, 0.0);
    frame.coil.state = ToolState::out_of_volume;
    history.add(frame);
    EXPECT_EQ(history.at_device_time(kStart_s).why, "Coil out of the camera's volume");
    // A stylus does not matter.
    frame = frame_at(2, 0.01);
    frame.stylus.state = ToolState::hidden;
    history.add(frame);
    EXPECT_TRUE(history.at_device_time(kStart_s + 0.01).pose);
}

TEST(PoseHistory, KeepsTenSeconds) {
    PoseHistory history;
    for (int i = 0; i < 1500; ++i) history.add(frame_at(i + 1, i / 100.0));
    EXPECT_EQ(history.at_device_time(kStart_s + 4.9).reason, NoPose::too_old);
    EXPECT_TRUE(history.at_device_time(kStart_s + 5.0).pose);
    EXPECT_EQ(history.frames_after(0).size(), 1001U);
    EXPECT_EQ(history.frames_after(1498).size(), 2U);
    EXPECT_EQ(history.frames_after(1498).front().sequence, 1499U);
    EXPECT_TRUE(history.frames_after(1500).empty());
    EXPECT_EQ(history.newest()->sequence, 1500U);
}

TEST(PoseHistory, ADeviceClockThatJumpsBackStartsAnew) {
    PoseHistory history;
    for (int i = 0; i < 10; ++i) history.add(frame_at(i + 1, i * 0.016));
    TrackerFrame frame = frame_at(11, 0.160);
    frame.device_time_s = 5.0;
    history.add(frame);
    EXPECT_EQ(history.at_device_time(kStart_s + 0.05).reason, NoPose::gap);
    EXPECT_EQ(history.at_device_time(4.99).reason, NoPose::too_old);
    frame = frame_at(12, 0.176);
    frame.device_time_s = 5.016;
    history.add(frame);
    EXPECT_TRUE(history.at_device_time(5.008).pose);
    EXPECT_TRUE(history.at_steady_time(steady_at(0.05)).pose);
    EXPECT_EQ(history.frames_after(0).size(), 12U);
}

TEST(PoseHistory, ADeviceWithoutAClockSaysSo) {
    PoseHistory history;
    for (int i = 0; i < 3; ++i) {
        TrackerFrame frame = frame_at(i + 1, i * 0.016);
        frame.device_time_s = 0.0;
        history.add(frame);
    }
    EXPECT_EQ(history.at_device_time(0.0).reason, NoPose::no_clock);
    EXPECT_TRUE(history.at_steady_time(steady_at(0.02)).pose);
    EXPECT_EQ(history.at_device_time(std::nan("")).reason, NoPose::no_clock);
}

TEST(PoseHistory, AFrozenClockGivesNoPoseBetween) {
    PoseHistory history;
    for (int i = 0; i < 5; ++i) {
        TrackerFrame frame = frame_at(i + 1, i * 0.016);
        frame.device_time_s = kStart_s;
        history.add(frame);
    }
    const PoseAnswer answer = history.at_device_time(kStart_s);
    ASSERT_TRUE(answer.pose);
    EXPECT_TRUE(answer.pose->tracker_from_head.matrix().allFinite());
    EXPECT_EQ(answer.pose->before, 5U);
    EXPECT_EQ(history.at_device_time(kStart_s + 0.01).reason, NoPose::not_yet);
}

TEST(PoseHistory, OneWriterManyReaders) {
    PoseHistory history;
    std::atomic<bool> done = false;
    std::atomic<std::uint64_t> found = 0;
    history.add(frame_at(1, 0.0));
    std::vector<std::jthread> readers;
    readers.reserve(2);
    for (int r = 0; r < 2; ++r) {
        readers.emplace_back([&] {
            std::uint64_t seen = 0;
            while (!done) {
                const auto newest = history.newest();
                const PoseAnswer answer = history.at_device_time(newest->device_time_s - 0.003);
                if (answer.pose) {
                    ++found;
                    const double s = newest->device_time_s - 0.003 - kStart_s;
                    EXPECT_LT(
                        distance_mm(answer.pose->tracker_from_coil.origin(), motion<CoilBody>(s, 44.7, 15.0).origin()),
                        1e-3);
                }
                for (const TrackerFrame& frame : history.frames_after(seen)) {
                    EXPECT_EQ(frame.sequence, seen + 1);
                    seen = frame.sequence;
                }
                std::this_thread::yield();
            }
        });
    }
    for (int i = 1; i < 2000; ++i) {
        history.add(frame_at(i + 1, i * 0.0025));
        if (i % 16 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    done = true;
    readers.clear();
    EXPECT_GT(found, 10U);
}

}  // namespace
}  // namespace precentral
