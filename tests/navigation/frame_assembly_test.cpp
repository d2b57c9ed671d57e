// SPDX-License-Identifier: Apache-2.0
// Frames of all tools of one instant, from the messages of trackers that say it in different ways.
#include "navigation/frame_assembly.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tracker_messages.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

const ToolNames kNames;

TEST(FrameAssembly, TdataIsAFrameAndAnAbsentToolIsHidden) {
    FrameAssembly assembly(kNames);
    auto frames = assembly.take(tdata(1.0, 3.0), SteadyTime{});
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].sequence, 1U);
    EXPECT_EQ(frames[0].device_time_s, 1.0);
    EXPECT_TRUE(frames[0].head.visible() && frames[0].stylus.visible() && frames[0].coil.visible());
    EXPECT_NEAR(frames[0].coil.tracker_from_tool.origin().xyz.x(), 3.0, 1e-6);
    frames = assembly.take(tdata(1.1, 3.0, {"Head"}), SteadyTime{});
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_TRUE(frames[0].head.visible());
    EXPECT_EQ(frames[0].coil.state, ToolState::hidden);
    EXPECT_EQ(frames[0].sequence, 2U);
}

TEST(FrameAssembly, AToolNeverNamedIsMissing) {
    FrameAssembly assembly(ToolNames{.head = "Head", .stylus = "Pen", .coil = "Coil"});
    EXPECT_EQ(assembly.take(tdata(1.0, 3.0), SteadyTime{})[0].stylus.state, ToolState::missing);
}

TEST(FrameAssembly, NamesOnTheWire) {
    FrameAssembly assembly(ToolNames{.head = "Reference", .stylus = "Stylus", .coil = "CoilToTracker"});
    const auto frames = assembly.take(tdata(1.0, 3.0, {"ReferenceToTracker", "Stylus", "CoilToTracker"}), SteadyTime{});
    EXPECT_TRUE(frames[0].head.visible() && frames[0].stylus.visible() && frames[0].coil.visible());
}

TEST(FrameAssembly, StatusDecidesAndIdentityWithoutStatusIsHidden) {
    FrameAssembly assembly(kNames);
    const auto state = [&](const igtl::Message& m) {
        static double time_s = 1.0;
        igtl::Message stamped = m;
        stamped.stamp = igtl::stamp_from_seconds(time_s += 1.0);
        assembly.take(stamped, SteadyTime{});
        return assembly.flush().value().coil.state;
    };
    FrameAssembly fresh(kNames);
    EXPECT_EQ(state(transform("CoilToTracker", 1, igtl::kIdentity34)), ToolState::hidden);
    assembly.start_connection();
    EXPECT_EQ(state(transform("CoilToTracker", 1, igtl::kIdentity34, "OK")), ToolState::visible);
    assembly.start_connection();
    EXPECT_EQ(state(transform("CoilToTracker", 1, pose_at(1), "OUT_OF_VIEW")), ToolState::hidden);
    assembly.start_connection();
    EXPECT_EQ(state(transform("CoilToTracker", 1, pose_at(1), "OUT_OF_VOLUME")), ToolState::out_of_volume);
    assembly.start_connection();
    EXPECT_EQ(state(transform("CoilToTracker", 1, pose_at(1), "MISSING")), ToolState::missing);
    assembly.start_connection();
    EXPECT_EQ(state(transform("CoilToTracker", 1, pose_at(1))), ToolState::visible);

    igtl::Message whole = tdata(90, 1);
    whole.header_version = 2;
    whole.metadata = {{"CoilStatus", "OUT_OF_VOLUME"}, {"HeadStatus", "OK"}};
    const auto frames = assembly.take(whole, SteadyTime{});
    EXPECT_EQ(frames.back().coil.state, ToolState::out_of_volume);
    EXPECT_TRUE(frames.back().head.visible());
}

TEST(FrameAssembly, PosesThatAreNoRigidMotionAreRefusedAndCounted) {
    const auto with = [](std::size_t at, float value) {
        igtl::Matrix34 m = pose_at(5);
        m[at] = value;
        return m;
    };
    igtl::Matrix34 mirrored = pose_at(5);
    for (std::size_t i = 0; i < 3; ++i) mirrored[i] = -mirrored[i];
    igtl::Matrix34 scaled = pose_at(5);
    for (std::size_t i = 0; i < 9; ++i) scaled[i] *= 1.001F;
    const std::vector<igtl::Matrix34> bad = {with(0, std::nanf("")),
                                             with(9, std::numeric_limits<float>::infinity()),
                                             with(9, -3.697314e28F),
                                             with(1, 0.5F),
                                             mirrored,
                                             scaled,
                                             igtl::Matrix34{}};
    FrameAssembly assembly(kNames);
    double time_s = 1.0;
    for (const igtl::Matrix34& matrix : bad) {
        igtl::Message m = tdata(time_s += 1, 5);
        std::get<igtl::TrackingData>(m.content).tools[2].matrix = matrix;
        const auto frames = assembly.take(m, SteadyTime{});
        ASSERT_EQ(frames.size(), 1U);
        EXPECT_EQ(frames[0].coil.state, ToolState::hidden);
        EXPECT_TRUE(frames[0].head.visible());
        EXPECT_NE(assembly.refused().last.find("Coil"), std::string::npos) << assembly.refused().last;
    }
    EXPECT_EQ(assembly.refused().not_finite, 2U);
    EXPECT_EQ(assembly.refused().too_far, 1U);
    EXPECT_EQ(assembly.refused().not_rigid, 4U);
    EXPECT_EQ(assembly.refused().total(), bad.size());
}

TEST(FrameAssembly, QuaternionsAndPositions) {
    FrameAssembly assembly(kNames);
    const Eigen::Quaternionf q(Eigen::AngleAxisf(0.7F, Eigen::Vector3f(1, -2, 3).normalized()));
    igtl::Message m{.device = "T", .stamp = igtl::stamp_from_seconds(1)};
    m.content = igtl::QuaternionData{{{"Head", 1, {1, 2, 3}, {q.x(), q.y(), q.z(), q.w()}},
                                      {"Coil", 1, {1, 2, 3}, {q.x(), q.y(), q.z(), 1.1F * q.w()}},
                                      {"Stylus", 1, {0, 0, 0}, {0, 0, 0, 1}}}};
    auto frames = assembly.take(m, SteadyTime{});
    ASSERT_EQ(frames.size(), 1U);
    ASSERT_TRUE(frames[0].head.visible());
    EXPECT_LT((frames[0].head.tracker_from_tool.rotation() - q.cast<double>().toRotationMatrix()).norm(), 1e-6);
    EXPECT_EQ(frames[0].coil.state, ToolState::hidden);    // not of unit length
    EXPECT_EQ(frames[0].stylus.state, ToolState::hidden);  // identity
    EXPECT_EQ(assembly.refused().not_rigid, 1U);

    FrameAssembly single(kNames);
    m.device = "Head";
    m.content = igtl::PositionData{{1, 2, 3}, std::array<float, 4>{q.x(), q.y(), q.z(), q.w()}};
    EXPECT_TRUE(single.take(m, SteadyTime{}).empty());
    EXPECT_TRUE(single.flush()->head.visible());
    m.stamp = igtl::stamp_from_seconds(2);
    m.content = igtl::PositionData{{1, 2, 3}, std::nullopt};  // a point is no pose
    ASSERT_EQ(single.take(m, SteadyTime{}).size(), 1U);
    EXPECT_EQ(single.refused().not_rigid, 1U);
}

TEST(FrameAssembly, SingleTransformsOfOneInstantBecomeOneFrame) {
    FrameAssembly assembly(kNames);
    std::vector<TrackerFrame> frames;
    const auto say = [&](const char* tool, double time_s, double x) {
        for (const TrackerFrame& f : assembly.take(transform(tool, time_s, pose_at(x)), SteadyTime{})) {
            frames.push_back(f);
        }
        return frames.size();
    };
    EXPECT_EQ(say("HeadToTracker", 1.00, 1), 0U);  // how many tools there are is not known yet
    EXPECT_EQ(say("CoilToTracker", 1.00, 1), 0U);
    EXPECT_EQ(say("HeadToTracker", 1.02, 2), 1U);
    EXPECT_EQ(say("CoilToTracker", 1.02, 2), 2U);    // complete: given out at once
    EXPECT_EQ(say("CoilToTracker", 1.04, 3), 2U);    // another order
    EXPECT_EQ(say("HeadToTracker", 1.0403, 3), 3U);  // 0.3 ms apart is one instant
    EXPECT_EQ(say("HeadToTracker", 1.06, 4), 3U);
    EXPECT_EQ(say("HeadToTracker", 1.08, 5), 5U);  // the coil was lost: 1.06 without it, 1.08 waits for none
    EXPECT_EQ(say("CoilToTracker", 1.08, 5), 5U);  // it is back, too late for its frame
    EXPECT_EQ(say("HeadToTracker", 1.10, 6), 5U);
    EXPECT_EQ(say("CoilToTracker", 1.10, 6), 6U);
    const std::vector<bool> coil_seen = {true, true, true, false, false, true};
    const std::vector<double> x = {1, 2, 3, 4, 5, 6};
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(frames[i].sequence, i + 1);
        EXPECT_TRUE(frames[i].head.visible());
        EXPECT_EQ(frames[i].coil.visible(), coil_seen[i]) << i;
        EXPECT_NEAR(frames[i].head.tracker_from_tool.origin().xyz.x(), x[i], 1e-5);
        if (coil_seen[i]) {
            EXPECT_NEAR(frames[i].coil.tracker_from_tool.origin().xyz.x(), x[i], 1e-5);
        }
    }
}

TEST(FrameAssembly, TransformsWithoutTimeStampsAreParted) {
    FrameAssembly assembly(kNames);
    std::size_t frames = 0;
    for (int i = 0; i < 10; ++i) {
        frames += assembly.take(transform("Head", 0.0, pose_at(i + 1)), SteadyTime{}).size();
        frames += assembly.take(transform("Coil", 0.0, pose_at(i + 1)), SteadyTime{}).size();
    }
    EXPECT_EQ(frames, 10U);
}

TEST(FrameAssembly, ADeviceThatSendsBothIsNotCountedTwice) {
    FrameAssembly assembly(kNames);
    std::size_t frames = 0;
    const SteadyTime start = steady_now();
    for (int i = 0; i < 10; ++i) {
        const double s = 1.0 + 0.02 * i;
        const SteadyTime received = start + i * 20ms;
        frames += assembly.take(tdata(s, 1), received).size();
        frames += assembly.take(transform("Head", s, pose_at(1)), received).size();
        frames += assembly.take(transform("Coil", s, pose_at(1)), received).size();
    }
    EXPECT_EQ(frames, 10U);
    // TDATA stopped: the single ones count again.
    frames = 0;
    for (int i = 0; i < 10; ++i) {
        frames += assembly.take(transform("Head", 5.0 + i, pose_at(1)), start + 3s + i * 20ms).size();
    }
    EXPECT_GE(frames, 9U);
}

}  // namespace
}  // namespace precentral
