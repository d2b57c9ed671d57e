// SPDX-License-Identifier: Apache-2.0
// NDI's own protocol: its bytes, and a whole conversation with a stand-in over TCP and over a pseudo-terminal.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

#include "data/error.h"
#include "device_recorder.h"
#include "navigation/ndi_client.h"
#include "navigation/open_tracker.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;
using Protocol = StandInOptions::Protocol;

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

// --- bytes ----------------------------------------------------------------------------------------------------------

// OKAY and RESET as every camera says them; 0xBB3D is CRC-16/ARC of "123456789".
TEST(NdiProtocol, CrcKnownAnswers) {
    EXPECT_EQ(ndi::crc16("123456789"), 0xBB3D);
    EXPECT_EQ(text_of(ndi::text_reply("OKAY")), "OKAYA896\r");
    EXPECT_EQ(text_of(ndi::text_reply("RESET")), "RESETBE6F\r");
    EXPECT_EQ(ndi::crc16(std::string_view()), 0);
}

ndi::TrackingReply sample() {
    ndi::TrackingReply reply;
    ndi::HandleReading seen;
    seen.handle = 1;
    seen.state = ndi::HandleState::valid;
    const Eigen::Quaterniond q(Eigen::AngleAxisd(0.7, Eigen::Vector3d(1, -2, 3).normalized()));
    seen.wxyz = {q.w(), q.x(), q.y(), q.z()};
    seen.position_mm = {12.25, -34.5, -1600.75};
    seen.error_mm = 0.125;
    seen.status = 0x31;
    seen.frame = 0x12345678;
    ndi::HandleReading hidden;
    hidden.handle = 0x0A;
    hidden.state = ndi::HandleState::missing;
    hidden.status = 0x31 | ndi::kOutOfVolume;
    hidden.frame = 0x12345678;
    ndi::HandleReading off;
    off.handle = 3;
    reply.handles = {seen, hidden, off};
    reply.system_status = 0x0002;
    return reply;
}

void expect_same(const ndi::TrackingReply& a, const ndi::TrackingReply& b, double tolerance) {
    ASSERT_EQ(a.handles.size(), b.handles.size());
    EXPECT_EQ(a.system_status, b.system_status);
    for (std::size_t i = 0; i < a.handles.size(); ++i) {
        EXPECT_EQ(a.handles[i].handle, b.handles[i].handle);
        EXPECT_EQ(a.handles[i].state, b.handles[i].state);
        EXPECT_EQ(a.handles[i].status, b.handles[i].status);
        EXPECT_EQ(a.handles[i].frame, b.handles[i].frame);
        EXPECT_LT((a.handles[i].wxyz - b.handles[i].wxyz).norm(), tolerance);
        EXPECT_LT((a.handles[i].position_mm - b.handles[i].position_mm).norm(), 100 * tolerance);
        EXPECT_NEAR(a.handles[i].error_mm, b.handles[i].error_mm, tolerance);
    }
}

TEST(NdiProtocol, BothRepliesComeBackTheSame) {
    std::string why;
    const auto binary = ndi::read_bx(ndi::write_bx(sample()), why);
    ASSERT_TRUE(binary) << why;
    expect_same(*binary, sample(), 1e-6);
    const auto text = ndi::read_tx(ndi::write_tx(sample()), why);
    ASSERT_TRUE(text) << why;
    expect_same(*text, sample(), 2e-4);
    // A golden line: quaternion in 1e-4, position in 0.01 mm, error in 1e-4 mm, status, frame.
    ndi::TrackingReply one;
    one.handles = {sample().handles[0]};
    one.handles[0].wxyz = {1, 0, 0, 0};
    EXPECT_EQ(ndi::write_tx(one), "0101+10000+00000+00000+00000+001225-003450-160075+012500000003112345678\n0000");
    // A binary one, byte for byte: handle 3 disabled, system status 0.
    ndi::TrackingReply off;
    off.handles.emplace_back();
    off.handles[0].handle = 3;
    const Bytes bytes = ndi::binary_reply(ndi::write_bx(off));
    ASSERT_EQ(bytes.size(), 6U + 5U + 2U);
    EXPECT_EQ(bytes[0], 0xC4);
    EXPECT_EQ(bytes[1], 0xA5);
    EXPECT_EQ(bytes[2], 5);
    EXPECT_EQ(bytes[3], 0);
    EXPECT_EQ(bytes[6], 1);
    EXPECT_EQ(bytes[7], 3);
    EXPECT_EQ(bytes[8], 4);
}

TEST(NdiProtocol, TheReaderTakesAnyCutAndNamesDamage) {
    Bytes stream = ndi::text_reply("OKAY");
    const Bytes binary = ndi::binary_reply(ndi::write_bx(sample()));
    stream.insert(stream.end(), binary.begin(), binary.end());
    ndi::ReplyReader reader;
    std::vector<ndi::Reply> replies;
    for (const std::uint8_t byte : stream) {
        reader.feed({&byte, 1});
        while (auto reply = reader.next()) replies.push_back(*reply);
    }
    ASSERT_EQ(replies.size(), 2U);
    EXPECT_EQ(replies[0].text, "OKAY");
    EXPECT_TRUE(replies[1].binary);
    for (const bool in_text : {true, false}) {
        const Bytes good = in_text ? ndi::text_reply("OKAY") : binary;
        for (std::size_t i = 0; i < good.size(); ++i) {
            for (unsigned bit = 0; bit < 8; ++bit) {
                Bytes bad = good;
                bad[i] = static_cast<std::uint8_t>(bad[i] ^ (1U << bit));
                ndi::ReplyReader fresh;
                fresh.feed(bad);
                const auto reply = fresh.next();
                // Damaged, or a length or an end that never comes: never taken for sound. Letters of either case
                // are the same hex digit.
                const bool sound = reply && !reply->damaged;
                const bool same = sound && !reply->binary && in_text && reply->text == "OKAY";
                EXPECT_TRUE(!sound || same) << i << " " << bit;
            }
        }
    }
}

TEST(NdiProtocol, RepliesThatContradictThemselvesAreRefusedAndMutationsSurvived) {
    std::string why;
    for (const char* text : {"", "01", "0101", "0101MISSING", "0101MISSING00000031000000010000",
                             "0101+1000+00000+00000+00000+001225-003450-160075+01250000000310000000100\n0000",
                             "0101DISABLED0000", "02", "zz"}) {
        EXPECT_FALSE(ndi::read_tx(text, why)) << text;
        EXPECT_FALSE(why.empty());
    }
    EXPECT_TRUE(ndi::read_tx("0101DISABLED\n0000", why));
    std::mt19937 random(5);
    const Bytes body = ndi::write_bx(sample());
    const std::string line = ndi::write_tx(sample());
    for (int i = 0; i < 100000; ++i) {
        Bytes bad = body;
        std::string bad_line = line;
        for (int k = 0; k < 3; ++k) {
            bad[random() % bad.size()] = static_cast<std::uint8_t>(random());
            bad_line[random() % bad_line.size()] = static_cast<char>(random());
        }
        bad.resize(random() % (bad.size() + 1));
        for (const auto& reply : {ndi::read_bx(bad, why), ndi::read_tx(bad_line, why)}) {
            if (!reply) continue;
            for (const auto& handle : reply->handles) {
                const NamedTool tool = ndi::to_tool(handle, "T", why);
                if (tool.state != ToolState::visible) continue;
                ASSERT_TRUE(tool.tracker_from_tool.matrix().allFinite());
                ASSERT_LT((tool.tracker_from_tool.linear() * tool.tracker_from_tool.linear().transpose() -
                           Eigen::Matrix3d::Identity())
                              .norm(),
                          1e-9);
            }
        }
    }
}

TEST(NdiProtocol, FlagsAndErrorAreKept) {
    std::string why;
    ndi::HandleReading reading = sample().handles[0];
    EXPECT_EQ(ndi::to_tool(reading, "Coil", why).state, ToolState::visible);
    EXPECT_EQ(ndi::to_tool(reading, "Coil", why).error_mm, 0.125);
    reading.status |= ndi::kPartlyOut;
    EXPECT_TRUE(ndi::to_tool(reading, "Coil", why).partly_outside);
    EXPECT_EQ(ndi::to_tool(reading, "Coil", why).state, ToolState::visible);
    reading.status |= ndi::kOutOfVolume;
    EXPECT_EQ(ndi::to_tool(reading, "Coil", why).state, ToolState::out_of_volume);
    reading = sample().handles[0];
    reading.state = ndi::HandleState::missing;
    EXPECT_EQ(ndi::to_tool(reading, "Coil", why).state, ToolState::hidden);
    EXPECT_EQ(ndi::to_tool(sample().handles[2], "Coil", why).state, ToolState::missing);
    EXPECT_TRUE(why.empty());
    reading = sample().handles[0];
    reading.position_mm.y() = -3.697314e28;  // NDI's "no value"
    EXPECT_EQ(ndi::to_tool(reading, "Coil", why).state, ToolState::hidden);
    EXPECT_NE(why.find("Coil"), std::string::npos);
    reading.position_mm.y() = std::nan("");
    EXPECT_EQ(ndi::to_tool(reading, "Coil", why).state, ToolState::hidden);
    EXPECT_NE(ndi::system_sentence(2).find("infrared"), std::string::npos);
    EXPECT_EQ(ndi::system_sentence(0), "");
}

// --- a conversation -------------------------------------------------------------------------------------------------

class NdiLine : public testing::TestWithParam<Protocol> {
protected:
    StandInOptions options() const {
        StandInOptions out;
        out.protocol = GetParam();
        return out;
    }
};

TEST_P(NdiLine, ToolsPluggedInAreTrackedAt60HzWithErrorsAndFlags) {
    StandInOptions options = this->options();
    options.script.events = {parse_script_event("hide:Coil@1+0.4/2"), parse_script_event("outside:Head@1+0.4/2"),
                             parse_script_event("partly:Stylus@1+0.4/2")};
    const TrackerScript script(options.script);
    RunningStandIn stand_in(options);
    DeviceRecorder heard;
    const auto device = open_tracker(stand_in.address(), ToolNames{}, heard);
    ASSERT_TRUE(heard.eventually([&] {
        return !heard.frames.empty() && heard.frames.back().device_time_s - heard.frames[0].device_time_s > 2.5;
    })) << heard.last_why();
    const std::scoped_lock lock(heard.mutex);
    EXPECT_TRUE(heard.refused.empty());
    std::size_t flagged = 0;
    for (std::size_t i = 0; i < heard.frames.size(); ++i) {
        const TrackerFrame& frame = heard.frames[i];
        const auto number = static_cast<std::uint64_t>(std::lround(60.0 * frame.device_time_s)) - 1;
        const ScriptFrame scripted = script.frame(number);
        ASSERT_EQ(frame.coil.state, scripted.tools[2].state) << number;
        ASSERT_EQ(frame.head.state, scripted.tools[0].state) << number;
        ASSERT_EQ(frame.stylus.state, ToolState::visible);
        EXPECT_EQ(heard.tools[i].tools[1].partly_outside, scripted.tools[1].partly_outside);
        flagged += scripted.tools[1].partly_outside ? 1U : 0U;
        EXPECT_NEAR(heard.tools[i].tools[1].error_mm, scripted.tools[1].error_mm, 1e-4);
        EXPECT_LT((frame.stylus.tracker_from_tool.matrix() - scripted.tools[1].tracker_from_tool.matrix())
                      .cwiseAbs()
                      .maxCoeff(),
                  2e-4);
    }
    EXPECT_GT(flagged, 5U);
    // Raised from the 20 Hz it starts with: frames one apart come, and more than 20 a second.
    EXPECT_GT(heard.frames.size(), 75U);
}

TEST_P(NdiLine, DamagedRepliesAreNamedCountedAndAskedForAgain) {
    StandInOptions options = this->options();
    options.damage_every = 7;
    RunningStandIn stand_in(options);
    DeviceRecorder heard;
    const auto device = open_tracker(stand_in.address(), ToolNames{}, heard);
    ASSERT_TRUE(heard.eventually([&] { return heard.refused.size() >= 5 && heard.frames.size() >= 20; }))
        << heard.last_why();
    const std::scoped_lock lock(heard.mutex);
    for (const std::string& why : heard.refused) EXPECT_NE(why.find("checksum"), std::string::npos) << why;
    EXPECT_EQ(heard.links.back().first, LinkState::connected);
}

TEST_P(NdiLine, UnpluggingIsToldWithinATenthOfASecond) {
    RunningStandIn stand_in(options());
    DeviceRecorder heard;
    const auto device = open_tracker(stand_in.address(), ToolNames{}, heard);
    ASSERT_TRUE(heard.frames_come(10));
    stand_in.end();
    const SteadyTime unplugged = steady_now();
    ASSERT_TRUE(heard.link_is(LinkState::lost));
    const std::scoped_lock lock(heard.mutex);
    EXPECT_LT(seconds_between(unplugged, heard.link_times.back()), 0.1);
    EXPECT_NE(heard.links.back().second.find("camera"), std::string::npos);
}

TEST_P(NdiLine, ASilentCameraIsToldAndComesBack) {
    StandInOptions options = this->options();
    options.script.events = {parse_script_event("silence@0.8+0.6")};
    RunningStandIn stand_in(options);
    DeviceRecorder heard;
    const auto device = open_tracker(stand_in.address(), ToolNames{}, heard);
    ASSERT_TRUE(heard.frames_come(1));
    ASSERT_TRUE(heard.link_is(LinkState::lost));
    EXPECT_NE(heard.last_why().find("does not answer"), std::string::npos);
    {
        const std::scoped_lock lock(heard.mutex);
        // "within 250 ms of its silence", with room for a busy machine.
        EXPECT_LT(seconds_between(heard.frames.back().received, heard.link_times.back()), 0.25);
    }
    ASSERT_TRUE(heard.link_is(LinkState::connected));
    const std::size_t before = heard.copy_frames().size();
    EXPECT_TRUE(heard.frames_come(before + 10));
}

INSTANTIATE_TEST_SUITE_P(TcpAndSerial, NdiLine, testing::Values(Protocol::ndi, Protocol::ndi_pty));

std::filesystem::path tool_file(const std::string& name, const std::string& content) {
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("precentral-" + std::to_string(::getpid()) + "-" + name + ".rom");
    std::ofstream(file, std::ios::binary) << content;
    return file;
}

TEST(NdiClient, LoadsToolFilesAndKnowsThemByTheirNames) {
    StandInOptions options;
    options.protocol = Protocol::ndi;
    options.camera.plugged = false;
    options.camera.knows_bx = false;  // an old camera: the text replies
    const TrackerScript script(options.script);
    RunningStandIn stand_in(options);
    const auto coil = tool_file("coil", ndi::stand_in_tool_file("Coil"));
    const auto head = tool_file("head", ndi::stand_in_tool_file("Head"));
    DeviceRecorder heard;
    const auto device = open_tracker(stand_in.address() + "?Left=" + coil.string() + "&Band=" + head.string(),
                                     ToolNames{.head = "Band", .stylus = "Stylus", .coil = "Left"}, heard);
    ASSERT_TRUE(heard.frames_come(20)) << heard.last_why();
    const TrackerFrame frame = heard.copy_frames()[10];
    EXPECT_EQ(frame.stylus.state, ToolState::missing);
    ASSERT_TRUE(frame.head.visible() && frame.coil.visible());
    const auto number = static_cast<std::uint64_t>(std::lround(60.0 * frame.device_time_s)) - 1;
    const ScriptFrame scripted = script.frame(number);
    const Eigen::Matrix4d coil_off =
        frame.coil.tracker_from_tool.matrix() - scripted.tools[2].tracker_from_tool.matrix();
    const Eigen::Matrix4d head_off =
        frame.head.tracker_from_tool.matrix() - scripted.tools[0].tracker_from_tool.matrix();
    EXPECT_LT(coil_off.col(3).norm(), 0.02);  // rounded to 0.01 mm
    EXPECT_LT((head_off.topLeftCorner<3, 3>().norm()), 5e-4);
    std::filesystem::remove(coil);
    std::filesystem::remove(head);
}

TEST(NdiClient, AToolFileThatIsNoneIsRefusedAtOnceAndACameraWithoutToolsSaysSo) {
    DeviceRecorder heard;
    const auto wrong = tool_file("wrong", "not a tool");
    EXPECT_THROW(open_tracker("ndi://127.0.0.1?Head=" + wrong.string(), ToolNames{}, heard), InputError);
    std::filesystem::remove(wrong);
    StandInOptions options;
    options.protocol = Protocol::ndi;
    options.camera.plugged = false;
    RunningStandIn stand_in(options);
    const auto device = open_tracker(stand_in.address(), ToolNames{}, heard);
    ASSERT_TRUE(heard.eventually(
        [&] { return !heard.links.empty() && heard.links.back().second.find("has no tools") != std::string::npos; }));
}

TEST(NdiClient, ADeviceThatIsNoCameraAndOneThatIsNotThere) {
    DeviceRecorder heard;
    {
        const auto device = open_tracker("ndi:/dev/precentral-none", ToolNames{}, heard);
        ASSERT_TRUE(heard.eventually([&] { return heard.links.size() >= 2; }));
        EXPECT_NE(heard.last_why().find("There is no serial port"), std::string::npos);
    }
    // A program that speaks OpenIGTLink.
    RunningStandIn stand_in(StandInOptions{});
    DeviceRecorder other;
    const auto device = connect_ndi({.host = "127.0.0.1", .port = stand_in.port(), .device = {}}, ToolNames{}, other,
                                    {.setup_timeout = 300ms});
    ASSERT_TRUE(other.eventually([&] { return other.links.size() >= 2; }));
    EXPECT_EQ(other.links.back().first, LinkState::connecting);
    EXPECT_TRUE(other.copy_frames().empty());
}

}  // namespace
}  // namespace precentral
