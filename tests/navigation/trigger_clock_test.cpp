// SPDX-License-Identifier: Apache-2.0
#include "navigation/trigger_clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "navigation/seeded_random.h"
#include "navigation/session/inbox.h"
#include "navigation/trigger_input.h"

namespace precentral {
namespace {

SteadyTime moment(double s) {
    return SteadyTime(std::chrono::duration_cast<SteadyTime::duration>(std::chrono::duration<double>(1000.0 + s)));
}

TrackerFrame frame_at(double taken_s, double device_s, double received_s, std::uint64_t sequence) {
    TrackerFrame frame;
    frame.sequence = sequence;
    frame.received = moment(received_s);
    frame.device_time_s = device_s;
    Eigen::Isometry3d coil = Eigen::Isometry3d::Identity();
    coil.translation() = Eigen::Vector3d(50.0 * taken_s, 0, 1000);  // 50 mm/s
    frame.coil = {ToolState::visible, Transform<Tracker, CoilBody>(coil)};
    Eigen::Isometry3d head = Eigen::Isometry3d::Identity();
    head.translation().z() = 0.01 * static_cast<double>(sequence % 7);  // a camera that measures never repeats itself
    frame.head = {ToolState::visible, Transform<Tracker, Head>(head)};
    return frame;
}

// A tracker at 60 Hz whose clock is another and 50 ppm off, whose frames come 1 to 9 ms late; 1 600 pulses at 20 Hz
// heard from elsewhere up to half a millisecond late; the coil moves at 50 mm/s. Every pulse gets the pose of its own
// time.
TEST(TriggerClock, EachPulseOfALongTrainGetsThePoseOfItsOwnTime) {
    SeededRandom random(9);
    Inbox inbox;
    TriggerBridge bridge(inbox);
    constexpr double kDrift = 50e-6;
    const auto device_time = [&](double s) { return 7.0e5 + s * (1.0 + kDrift); };
    double next_pulse = 1.0;
    int pulses = 0;
    double worst_mm = 0.0;
    double worst_ms = 0.0;
    std::deque<std::pair<double, double>> told;  // true time, device time
    const auto check = [&] {
        while (!told.empty()) {
            const auto answer = inbox.history().at_device_time(told.front().second);
            if (!answer.pose) {
                ASSERT_EQ(answer.reason, NoPose::not_yet) << answer.why;
                return;
            }
            const double x = answer.pose->tracker_from_coil.matrix()(0, 3);
            worst_mm = std::max(worst_mm, std::abs(x - 50.0 * told.front().first));
            worst_ms = std::max(worst_ms, 1e3 * std::abs(told.front().second - device_time(told.front().first)));
            told.pop_front();
        }
    };
    std::deque<double> truth;
    for (int i = 0; i < 60 * 90 && pulses < 1600; ++i) {
        const double taken = i / 60.0;
        bridge.tracker().on_frame(frame_at(taken, device_time(taken), taken + draw_uniform(random, 0.001, 0.009),
                                           static_cast<std::uint64_t>(i + 1)));
        while (next_pulse < taken + 1.0 / 60.0) {
            truth.push_back(next_pulse);
            bridge.trigger().on_trigger(
                {moment(next_pulse + draw_uniform(random, 0.00005, 0.0005)), kNoDeviceTime, 0, 60.0});
            next_pulse += 0.05;
            ++pulses;
        }
        while (const auto event = inbox.next(std::chrono::milliseconds(0))) {
            if (const auto* trigger = std::get_if<Trigger>(&*event)) {
                told.emplace_back(truth.front(), trigger->device_time_s);
                truth.pop_front();
            }
        }
        check();
    }
    EXPECT_EQ(pulses, 1600);
    EXPECT_TRUE(truth.empty());
    EXPECT_LE(told.size(), 1U);
    RecordProperty("worst_mm", std::to_string(worst_mm));
    RecordProperty("worst_ms", std::to_string(worst_ms));
    EXPECT_LT(worst_mm, 0.2);
    EXPECT_LT(worst_ms, 2.0);
}

TEST(TriggerClock, APulseBeforeTheFirstFrameWaitsForIt) {
    Inbox inbox;
    TriggerBridge bridge(inbox);
    bridge.trigger().on_trigger({moment(1.0), kNoDeviceTime, 4, 50.0});
    bridge.trigger().on_trigger({moment(1.1), kNoDeviceTime, 5, 50.0});
    EXPECT_FALSE(inbox.next(std::chrono::milliseconds(0)));
    bridge.tracker().on_frame(frame_at(1.2, 500.2, 1.2, 1));
    std::vector<Trigger> heard;
    while (const auto event = inbox.next(std::chrono::milliseconds(0))) {
        if (const auto* trigger = std::get_if<Trigger>(&*event)) heard.push_back(*trigger);
    }
    ASSERT_EQ(heard.size(), 2U);
    EXPECT_NEAR(heard[0].device_time_s, 500.0, 1e-6);
    EXPECT_NEAR(heard[1].device_time_s, 500.1, 1e-6);
    EXPECT_EQ(heard[1].count, 5U);
}

TEST(TriggerClock, AClockThatBeginsAnewIsFollowed) {
    TriggerClock clock;
    EXPECT_FALSE(clock.device_time_s(moment(0.0)));
    clock.add(frame_at(0, 9000.0, 1.0, 1));
    EXPECT_NEAR(*clock.device_time_s(moment(2.0)), 9001.0, 1e-6);
    clock.add(frame_at(0, 3.0, 3.0, 2));
    EXPECT_NEAR(*clock.device_time_s(moment(4.0)), 4.0, 1e-6);
    // An old quick frame counts for ten seconds.
    TrackerFrame none = frame_at(0, std::nan(""), 5.0, 3);
    clock.add(none);
    clock.add(frame_at(0, 4.9, 5.0, 4));
    EXPECT_NEAR(*clock.device_time_s(moment(6.0)), 6.0, 1e-6);
    clock.add(frame_at(0, 24.9, 25.0, 5));
    EXPECT_NEAR(*clock.device_time_s(moment(26.0)), 25.9, 1e-6);
}

TEST(TriggerClock, TwoThreadsLoseNoPulseAndKeepTheirOrder) {
    Inbox inbox;
    TriggerBridge bridge(inbox);
    {
        std::jthread pulses([&] {
            for (std::uint64_t i = 1; i <= 5000; ++i) {
                bridge.trigger().on_trigger({moment(0.001 * static_cast<double>(i)), kNoDeviceTime, i, 50.0});
            }
        });
        std::jthread frames([&] {
            for (std::uint64_t i = 1; i <= 5000; ++i) {
                const double s = 0.001 * static_cast<double>(i);
                bridge.tracker().on_frame(frame_at(s, 300.0 + s, s, i));
            }
        });
    }
    std::uint64_t next = 1;
    while (const auto event = inbox.next(std::chrono::milliseconds(0))) {
        if (const auto* trigger = std::get_if<Trigger>(&*event)) {
            ASSERT_EQ(trigger->count, next++);
            EXPECT_NEAR(trigger->device_time_s, 300.0 + 0.001 * static_cast<double>(trigger->count), 1e-6);
        }
    }
    EXPECT_EQ(next, 5001U);
}

// The tracker going away is one thing, the trigger's wire another.
TEST(TriggerClock, TheTriggersLinkIsNotTheTrackers) {
    Inbox inbox;
    TriggerBridge bridge(inbox);
    bridge.trigger().on_link(LinkState::lost, "The cable was pulled out.");
    const auto event = inbox.next(std::chrono::milliseconds(0));
    ASSERT_TRUE(event);
    ASSERT_TRUE(std::holds_alternative<DeviceText>(*event));
    EXPECT_EQ(std::get<DeviceText>(*event).text, "The cable was pulled out.");
    bridge.tracker().on_link(LinkState::lost, "gone");
    const auto next = inbox.next(std::chrono::milliseconds(0));
    ASSERT_TRUE(next);
    EXPECT_TRUE(std::holds_alternative<LinkChange>(*next));
}

}  // namespace
}  // namespace precentral
