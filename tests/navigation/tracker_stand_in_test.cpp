// SPDX-License-Identifier: Apache-2.0
// Scripted motion, the stand-in that plays it over OpenIGTLink, recordings and their replay.
#include "navigation/tracker_stand_in.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "data/error.h"
#include "data/pose_sequence.h"
#include "device_recorder.h"
#include "navigation/open_tracker.h"
#include "navigation/replay_recording.h"
#include "navigation/replay_tracker.h"
#include "navigation/tracker_address.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

std::filesystem::path scratch(const std::string& name) {
    return std::filesystem::temp_directory_path() / ("precentral-" + std::to_string(::getpid()) + "-" + name);
}

// --- the script -----------------------------------------------------------------------------------------------------

TEST(TrackerScript, TheHeadDriftsAndJerksAsFastAsItIsToldTo) {
    ScriptOptions options;
    options.jerks_per_minute = 0.0;
    const TrackerScript calm(options);
    double way = 0.0;
    for (int i = 1; i <= 18000; ++i) {
        way += (calm.true_pose(0, i / 60.0).translation() - calm.true_pose(0, (i - 1) / 60.0).translation()).norm();
    }
    EXPECT_NEAR(way / 300.0, 1.2, 0.15);
    options.jerks_per_minute = 10.0;
    const TrackerScript jerking(options);
    double fastest = 0.0;
    for (int i = 1; i <= 60000; ++i) {
        const double step =
            (jerking.true_pose(0, i / 200.0).translation() - jerking.true_pose(0, (i - 1) / 200.0).translation())
                .norm();
        fastest = std::max(fastest, 200.0 * step);
    }
    EXPECT_NEAR(fastest, 50.0, 5.0);
}

TEST(TrackerScript, TheCoilComesIsHeldAndGoes) {
    ScriptOptions options;
    options.head_speed_mm_s = 0.0;
    options.jerks_per_minute = 0.0;
    const TrackerScript script(options);
    const auto off_target_mm = [&](double s) {
        const Eigen::Isometry3d head_from_coil = script.true_pose(0, s).inverse() * script.true_pose(2, s);
        return (head_from_coil.translation() - script.target().origin().xyz).norm();
    };
    EXPECT_GT(off_target_mm(0.0), 200.0);
    EXPECT_LT(off_target_mm(10.0), 2.0);
    EXPECT_GT(off_target_mm(28.0), 200.0);
    EXPECT_LT(off_target_mm(38.0), 2.0);
    EXPECT_NEAR(script.target().rotation().determinant(), 1.0, 1e-12);
    EXPECT_LT(
        (script.target().rotation().transpose() * script.target().rotation() - Eigen::Matrix3d::Identity()).norm(),
        1e-12);
}

TEST(TrackerScript, FramesAreTheSameInAnyOrderAndNoiseIsWhatWasAskedFor) {
    ScriptOptions options;
    options.noise_mm = 0.25;
    const TrackerScript a(options);
    const TrackerScript b(options);
    const ScriptFrame late = a.frame(500);
    double sum2 = 0.0;
    for (std::uint64_t i = 0; i < 2000; ++i) {
        const ScriptFrame frame = b.frame(i);
        const Eigen::Vector3d off =
            frame.tools[0].tracker_from_tool.translation() - b.true_pose(0, frame.time_s).translation();
        sum2 += off.squaredNorm();
        if (i == 500) {
            EXPECT_EQ(frame.tools[2].tracker_from_tool.matrix(), late.tools[2].tracker_from_tool.matrix());
        }
    }
    EXPECT_NEAR(std::sqrt(sum2 / 6000.0), 0.25, 0.01);
    options.seed = 2;
    EXPECT_NE(TrackerScript(options).frame(500).tools[2].tracker_from_tool.matrix(),
              late.tools[2].tracker_from_tool.matrix());
}

TEST(TrackerScript, EventsBefallTheToolAtTheirTime) {
    ScriptOptions options;
    for (const char* text : {"hide:Coil@1+0.5", "outside:Head@2+0.5/10", "freeze:Coil@3+0.5", "silence@4+0.5",
                             "partly:Coil@5+0.5", "identity:Head@6+0.5"}) {
        options.events.push_back(parse_script_event(text));
    }
    const TrackerScript script(options);
    const auto tool = [&](double s, std::size_t i) {
        return script.frame(static_cast<std::uint64_t>(60 * s)).tools[i];
    };
    EXPECT_EQ(tool(1.2, 2).state, ToolState::hidden);
    EXPECT_EQ(tool(1.2, 0).state, ToolState::visible);
    EXPECT_EQ(tool(1.6, 2).state, ToolState::visible);
    EXPECT_EQ(tool(2.2, 0).state, ToolState::out_of_volume);
    EXPECT_EQ(tool(12.2, 0).state, ToolState::out_of_volume);
    EXPECT_EQ(tool(3.1, 2).tracker_from_tool.matrix(), tool(3.4, 2).tracker_from_tool.matrix());
    EXPECT_NE(tool(2.9, 2).tracker_from_tool.matrix(), tool(3.4, 2).tracker_from_tool.matrix());
    EXPECT_TRUE(script.frame(252).silent);
    EXPECT_TRUE(tool(5.2, 2).partly_outside);
    EXPECT_TRUE(tool(6.2, 0).tracker_from_tool.matrix().isIdentity(0.0));
    for (const char* text : {"", "hide", "hide:Coil", "hide:@1+1", "hide:Coil@1", "hide:Coil@x+1", "hide:Coil@1+1/x",
                             "melt:Coil@1+1", "silence:Coil@1+1", "hide:Coil@-1+1", "hide:Coil@1e9+1"}) {
        EXPECT_THROW(parse_script_event(text), InputError) << text;
    }
    options.events = {parse_script_event("hide:Robot@1+1")};
    EXPECT_THROW(TrackerScript{options}, InputError);
    EXPECT_THROW(script_named("nothing"), InputError);
}

// --- over OpenIGTLink -----------------------------------------------------------------------------------------------

using Kind = StandInOptions::Kind;

struct Wire {
    Kind kind;
    int version;
};
class StandInWire : public testing::TestWithParam<Wire> {};

TEST_P(StandInWire, PosesAndStatesArriveAsScripted) {
    StandInOptions options;
    options.kind = GetParam().kind;
    options.header_version = GetParam().version;
    options.script.rate_hz = 100.0;
    options.script.tools = {"Head", "Stylus", "Coil", "Coil2"};
    options.script.events = {parse_script_event("hide:Coil@0.5+0.2"), parse_script_event("identity:Head@0.8+0.1")};
    const TrackerScript script(options.script);
    RunningStandIn stand_in(options);
    DeviceRecorder heard;
    const auto device = open_tracker(stand_in.address(), ToolNames{}, heard);
    ASSERT_TRUE(heard.frames_come(120));
    const std::vector<TrackerFrame> frames = heard.copy_frames();
    // Which script frame it is: by the device's clock, of which the first was 0.
    const double began_s = frames[0].device_time_s;
    int hidden = 0;
    int head_hidden = 0;
    for (std::size_t i = 1; i < 120; ++i) {
        const auto number = static_cast<std::uint64_t>(std::lround(100.0 * (frames[i].device_time_s - began_s)));
        const ScriptFrame scripted = script.frame(number);
        hidden += frames[i].coil.visible() ? 0 : 1;
        head_hidden += frames[i].head.visible() ? 0 : 1;
        ASSERT_EQ(frames[i].coil.visible(), scripted.tools[2].state == ToolState::visible) << number;
        ASSERT_TRUE(frames[i].stylus.visible());
        if (!frames[i].coil.visible()) continue;
        EXPECT_LT((frames[i].coil.tracker_from_tool.matrix() - scripted.tools[2].tracker_from_tool.matrix())
                      .cwiseAbs()
                      .maxCoeff(),
                  2e-4);  // 32-bit floats 1.6 m away
    }
    EXPECT_EQ(hidden, 20);
    EXPECT_EQ(head_hidden, 10);
    EXPECT_TRUE(heard.refused.empty());
}

INSTANTIATE_TEST_SUITE_P(All, StandInWire,
                         testing::Values(Wire{Kind::tdata, 1}, Wire{Kind::tdata, 2}, Wire{Kind::qtdata, 1},
                                         Wire{Kind::transform, 1}, Wire{Kind::transform, 2}));

TEST(StandIn, ADamagedMessageIsNamedCountedAndSurvived) {
    StandInOptions options;
    options.script.rate_hz = 200.0;
    options.damage_every = 50;
    RunningStandIn stand_in(options);
    DeviceRecorder heard;
    const auto device = open_tracker(stand_in.address(), ToolNames{}, heard);
    ASSERT_TRUE(heard.eventually([&] { return heard.refused.size() >= 3 && heard.frames.size() >= 150; }));
    const std::scoped_lock lock(heard.mutex);
    for (const std::string& why : heard.refused) EXPECT_NE(why.find("checksum"), std::string::npos) << why;
}

TEST(StandIn, RefusesNamesTheWireCannotCarry) {
    StandInOptions options;
    options.script.tools = {"Head", "A name that is far too long"};
    EXPECT_THROW(RunningStandIn{options}, InputError);
}

// --- recordings -----------------------------------------------------------------------------------------------------

TEST(Replay, ARecordingReadsBackTheSame) {
    const std::filesystem::path file = scratch("same.igs.mha");
    ScriptOptions options;
    options.tools = {"Head", "Stylus", "Coil", "Coil2"};
    options.events = {parse_script_event("hide:Coil@1+0.5"), parse_script_event("outside:Head@2+0.5")};
    const TrackerScript script(options);
    const double began_s = 1761471067.25;
    {
        PoseRecording recording(file.string());
        for (std::uint64_t i = 0; i < 300; ++i) {
            const ScriptFrame frame = script.frame(i);
            recording.add(steady_now(), began_s + frame.device_time_s, frame.tools);
        }
        recording.finish();
    }
    DeviceRecorder heard;
    const auto device = replay_tracker(file.string(), ToolNames{}, heard, {.pace = 0.0});
    ASSERT_TRUE(heard.link_is(LinkState::lost));
    EXPECT_NE(heard.last_why().find("is over"), std::string::npos);
    ASSERT_EQ(heard.frames.size(), 300U);
    for (std::uint64_t i = 0; i < 300; ++i) {
        const ScriptFrame frame = script.frame(i);
        const auto& told = heard.tools[i];
        ASSERT_EQ(told.device_time_s, began_s + frame.device_time_s);
        ASSERT_EQ(told.tools.size(), 4U);
        for (const NamedTool& tool : frame.tools) {
            const auto same = std::find_if(told.tools.begin(), told.tools.end(),
                                           [&](const NamedTool& t) { return t.name == tool.name + "ToTracker"; });
            ASSERT_NE(same, told.tools.end());
            ASSERT_EQ(same->state, tool.state) << tool.name << i;
            if (tool.state != ToolState::visible) continue;
            EXPECT_LT((same->tracker_from_tool.matrix() - tool.tracker_from_tool.matrix()).cwiseAbs().maxCoeff(),
                      1e-12);
        }
        EXPECT_EQ(heard.frames[i].coil.visible(), frame.tools[2].state == ToolState::visible);
    }
    std::filesystem::remove(file);
}

TEST(Replay, ToolsToldOneByOneBecomeOneFrameAndNamesCannotBreakTheFile) {
    const std::filesystem::path file = scratch("single.igs.mha");
    {
        PoseRecording recording(file.string());
        for (int i = 0; i < 10; ++i) {
            for (const char* name : {"HeadToTracker", "Coil", "a = b\nSeq_Frame"}) {
                const NamedTool tool{.name = name, .state = ToolState::visible};
                recording.add(steady_now(), 1.0 + i, {&tool, 1});
            }
        }
    }  // not finished by the caller: by its end
    const auto frames = read_pose_sequence(file.string());
    ASSERT_EQ(frames.size(), 10U);
    EXPECT_EQ(frames[3].poses.size(), 3U);
    EXPECT_EQ(frames[3].time_s, 4.0);
    EXPECT_TRUE(frames[3].poses.contains("HeadToTracker"));
    std::filesystem::remove(file);
    EXPECT_THROW(PoseRecording("/nowhere/at/all.igs.mha"), Error);
}

TEST(Replay, KeepsItsOwnPaceAndStopsAtOnce) {
    const std::filesystem::path file = scratch("pace.igs.mha");
    {
        PoseRecording recording(file.string());
        const NamedTool tool{.name = "Coil", .state = ToolState::visible};
        for (int i = 0; i < 31; ++i) recording.add(steady_now(), 7.0 + i * 0.02, {&tool, 1});
    }
    for (const double pace : {1.0, 3.0}) {
        DeviceRecorder heard;
        const SteadyTime began = steady_now();
        const auto device = replay_tracker(file.string(), ToolNames{}, heard, {.pace = pace});
        ASSERT_TRUE(heard.link_is(LinkState::lost));
        const double took_s = seconds_between(began, steady_now());
        EXPECT_GE(took_s, 0.6 / pace - 0.001);
        EXPECT_LT(took_s, 0.6 / pace + 1.0);
    }
    {
        DeviceRecorder heard;
        const auto device = replay_tracker(file.string(), ToolNames{}, heard, {.pace = 0.01});
        ASSERT_TRUE(heard.frames_come(1));
    }  // does not wait for the minute it would take
    EXPECT_THROW(replay_tracker(file.string(), ToolNames{}, *std::make_unique<DeviceRecorder>(), {.pace = -1.0}),
                 InputError);
    std::filesystem::remove(file);
}

TEST(Replay, RealRecordingsOfPlus) {
    const std::filesystem::path folder = std::filesystem::path(PRECENTRAL_SOURCE_DIR) / "../shared/data/tracker/plus";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recordings at " << folder;
    DeviceRecorder heard;
    const auto device =
        open_tracker("replay:" + (folder / "EightLandmarkPointsTrackedForPhantomRegistration.igs.mha").string(),
                     ToolNames{.head = "Reference", .stylus = "Stylus", .coil = "Coil"}, heard, {.pace = 0.0});
    ASSERT_TRUE(heard.link_is(LinkState::lost));
    EXPECT_EQ(heard.frames.size(), 1000U);
    EXPECT_TRUE(heard.frames[0].head.visible() && heard.frames[0].stylus.visible());
    EXPECT_EQ(heard.frames[0].coil.state, ToolState::missing);
    EXPECT_NEAR(heard.frames[0].device_time_s, 280.4611428572264, 1e-9);
}

// --- addresses ------------------------------------------------------------------------------------------------------

TEST(OpenTracker, AddressesOfAllKinds) {
    using K = AnyTrackerAddress::Kind;
    EXPECT_EQ(parse_tracker_address("igtl://a:5").kind, K::igtl);
    const auto ndi = parse_tracker_address("ndi://vega.lab?Head=/roms/a b.rom&rate=30");
    EXPECT_EQ(ndi.kind, K::ndi);
    EXPECT_EQ(ndi.place, (TrackerAddress{"vega.lab", 8765}));
    ASSERT_EQ(ndi.parameters.size(), 2U);
    EXPECT_EQ(ndi.parameters[0], std::pair(std::string("Head"), std::string("/roms/a b.rom")));
    const auto serial = parse_tracker_address("ndi:/dev/ttyUSB0?baud=9600");
    EXPECT_EQ(serial.kind, K::ndi_serial);
    EXPECT_EQ(serial.what, "/dev/ttyUSB0");
    EXPECT_EQ(parse_tracker_address("sim:still").what, "still");
    EXPECT_EQ(parse_tracker_address("replay:a/b.igs.mha").what, "a/b.igs.mha");
    for (const char* text : {"", "ndi:", "ndi:ttyUSB0", "ndi://", "ndi://a?x", "ndi://a?=x",
                             "ndi://a?x=", "sim:", "replay:", "foo:bar", "ndi://a:0"}) {
        EXPECT_THROW(parse_tracker_address(text), InputError) << text;
    }
}

TEST(OpenTracker, RefusesWhatItCannotUse) {
    DeviceRecorder heard;
    for (const char* text : {"sim:nothing", "replay:/no/such/file.igs.mha", "ndi://127.0.0.1?Head=/no/such.rom",
                             "ndi://127.0.0.1?rate=fast", "ndi:/dev/null?baud=17", "ndi://127.0.0.1?reply=zz"}) {
        EXPECT_THROW(open_tracker(text, ToolNames{}, heard), InputError) << text;
    }
    EXPECT_THROW(open_tracker("sim:still", ToolNames{}, heard, {.program = "/no/such/program"}), Error);
}

}  // namespace
}  // namespace precentral
