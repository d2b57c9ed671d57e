// SPDX-License-Identifier: Apache-2.0
// What is said of a tracker's tools: counts, and states with a sentence, in time and without false alarms.
#include "navigation/tracking_watch.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "data/pose_sequence.h"
#include "navigation/tool_names.h"
#include "navigation/tracker_script.h"
#include "navigation/tracking_quality.h"

namespace precentral {
namespace {

SteadyTime at(double s) {
    return SteadyTime{} + std::chrono::duration_cast<SteadyTime::duration>(std::chrono::duration<double>(1000.0 + s));
}

NamedTool tool_at(double x, ToolState state = ToolState::visible) {
    NamedTool tool{.name = "Coil", .state = state};
    tool.tracker_from_tool.translation() = Eigen::Vector3d(x, 2.0, -1500.0);
    return tool;
}

TrackerFrame frame_with(double received_s, double x, ToolState state = ToolState::visible) {
    const NamedTool tool = tool_at(x, state);
    TrackerFrame frame = frame_of({&tool, 1}, ToolNames{});
    frame.received = at(received_s);
    return frame;
}

// --- counts ---------------------------------------------------------------------------------------------------------

TEST(TrackingQuality, CountsRateHiddenTimeAndLoss) {
    ToolStream stream;
    for (int i = 0; i < 600; ++i) {
        if (i == 100 || i == 101 || i == 300) continue;  // three frames never came
        stream.add(at(i / 60.0), 1.7e9 + i / 60.0, tool_at(i, i >= 570 ? ToolState::hidden : ToolState::visible));
    }
    const ToolQuality quality = stream.quality(at(599.0 / 60.0 + 0.004));
    EXPECT_EQ(quality.lost, 3U);
    EXPECT_EQ(quality.received, 567U);
    EXPECT_EQ(quality.invisible, 30U);
    EXPECT_EQ(quality.state, ToolState::hidden);
    EXPECT_NEAR(quality.hidden_s, 0.5 + 0.004, 0.001);
    EXPECT_NEAR(quality.rate_hz, 30.0, 1.5);  // half of the last second
    EXPECT_TRUE(std::isnan(quality.error_mm));
}

TEST(TrackingQuality, DelayNeedsNoCommonClock) {
    ToolStream stream;
    for (int i = 0; i < 1000; ++i) {
        stream.add(at(i / 100.0 + (i % 50 == 49 ? 0.012 : 0.002)), 5.0 + i / 100.0, tool_at(i));
    }
    const DelaySpread delay = stream.delay();
    EXPECT_NEAR(delay.median_ms, 0.0, 0.01);
    EXPECT_NEAR(delay.p95_ms, 0.0, 0.01);
    EXPECT_NEAR(delay.p99_ms, 10.0, 0.01);
    EXPECT_NEAR(delay.max_ms, 10.0, 0.01);
}

TEST(TrackingQuality, NamesAreTheDevicesWithoutPlusSuffixAndTheirNumberIsBounded) {
    TrackingQuality quality;
    for (int i = 0; i < 1000; ++i) {
        NamedTool tool = tool_at(i);
        tool.name = i == 0 ? "CoilToTracker" : "T" + std::to_string(i);
        quality.add(at(0.01 * i), 1.0, {&tool, 1});
    }
    EXPECT_TRUE(quality.tools().contains("Coil"));
    EXPECT_LE(quality.tools().size(), 64U);
}

// --- states ---------------------------------------------------------------------------------------------------------

TEST(TrackingWatch, EachStateHasItsWordAtOnce) {
    TrackingWatch watch;
    EXPECT_EQ(watch.coil(at(0)).condition, ToolCondition::waiting);
    watch.add(frame_with(0.0, 1.0));
    EXPECT_TRUE(watch.coil(at(0.01)).usable());
    EXPECT_EQ(watch.coil(at(0.01)).sentence, "");
    EXPECT_EQ(watch.head(at(0.01)).condition, ToolCondition::missing);
    EXPECT_NE(watch.head(at(0.01)).sentence.find("Head is not among"), std::string::npos);
    watch.add(frame_with(0.02, 2.0, ToolState::hidden));
    EXPECT_EQ(watch.coil(at(0.02)).condition, ToolCondition::hidden);
    EXPECT_EQ(watch.coil(at(0.02)).sentence, "Coil hidden.");
    EXPECT_NEAR(watch.coil(at(0.12)).since_s, 0.1, 1e-9);
    watch.add(frame_with(0.14, 2.0, ToolState::out_of_volume));
    EXPECT_EQ(watch.coil(at(0.14)).condition, ToolCondition::out_of_volume);
}

TEST(TrackingWatch, SilenceIsKnownAfter150msWithoutAnyFrame) {
    TrackingWatch watch;
    watch.add(frame_with(0.0, 1.0));
    EXPECT_TRUE(watch.coil(at(0.149)).usable());
    EXPECT_EQ(watch.coil(at(0.151)).condition, ToolCondition::stale);
    EXPECT_NE(watch.coil(at(2.04)).sentence.find("silent for 2.0 s"), std::string::npos);
    watch.link(LinkState::lost, "The camera was unplugged.", at(2.1));
    EXPECT_EQ(watch.coil(at(2.3)).condition, ToolCondition::lost);
    EXPECT_EQ(watch.coil(at(2.3)).sentence, "The camera was unplugged.");
    watch.link(LinkState::connected, "", at(3.0));
    EXPECT_FALSE(watch.coil(at(3.0)).usable());  // connected, but the last pose is old
    watch.add(frame_with(3.1, 5.0));
    EXPECT_TRUE(watch.coil(at(3.1)).usable());
}

TEST(TrackingWatch, AFrozenPoseIsKnownWithinAQuarterOfASecond) {
    for (const double rate_hz : {60.0, 100.0, 400.0}) {
        TrackingWatch watch;
        double known_s = -1.0;
        for (int i = 0; i < 400; ++i) {
            const double s = i / rate_hz;
            watch.add(frame_with(s, s < 0.5 ? 10.0 * s : 5.0));
            if (known_s < 0.0 && watch.coil(at(s)).condition == ToolCondition::frozen) known_s = s;
        }
        EXPECT_GT(known_s, 0.5) << rate_hz;
        EXPECT_LT(known_s, 0.75) << rate_hz;
        watch.add(frame_with(10.0, 5.1));
        EXPECT_TRUE(watch.coil(at(10.0)).usable());
    }
}

// Ten minutes of a head and a hand that move, at the noise of an old camera, over several seeds: nothing is alarmed
// that is not so.
TEST(TrackingWatch, NoFalseAlarmInTenMinutes) {
    int alarms = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        ScriptOptions options;
        options.seed = seed;
        options.noise_mm = 0.25;
        options.noise_deg = 0.3;
        const TrackerScript script(options);
        TrackingWatch watch;
        for (std::uint64_t i = 0; i < 36000; ++i) {
            const ScriptFrame scripted = script.frame(i);
            TrackerFrame frame = frame_of(scripted.tools, ToolNames{});
            // Frames come up to a period late.
            frame.received = at(scripted.time_s + 0.016 * static_cast<double>((i * 7919) % 100) / 100.0);
            watch.add(frame);
            alarms += watch.coil(frame.received).usable() ? 0 : 1;
            alarms += watch.head(frame.received).usable() ? 0 : 1;
        }
    }
    EXPECT_EQ(alarms, 0);
}

// A camera that rounds to 0.01 mm and looks at a body at rest repeats itself now and then: recordings of real ones.
TEST(TrackingWatch, RealRecordingsAreNotTakenForFrozen) {
    const std::filesystem::path folder = std::filesystem::path(PRECENTRAL_SOURCE_DIR) / "../shared/data/tracker/plus";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recordings at " << folder;
    const auto frames =
        read_pose_sequence((folder / "EightLandmarkPointsTrackedForPhantomRegistration.igs.mha").string());
    TrackingWatch watch(WatchLimits{.frozen_s = 0.0});
    int frozen = 0;
    double s = 0.0;
    for (const PoseFrame& recorded : frames) {
        s += 1.0 / 60.0;
        std::vector<NamedTool> tools;
        for (const auto& [name, pose] : recorded.poses) {
            tools.push_back({.name = name, .state = ToolState::visible, .tracker_from_tool = pose});
        }
        TrackerFrame frame = frame_of(tools, ToolNames{.head = "Reference"});
        frame.received = at(s);
        watch.add(frame);
        frozen += watch.head(at(s)).condition == ToolCondition::frozen ? 1 : 0;
        frozen += watch.stylus(at(s)).condition == ToolCondition::frozen ? 1 : 0;
    }
    EXPECT_EQ(frozen, 0);
}

}  // namespace
}  // namespace precentral
