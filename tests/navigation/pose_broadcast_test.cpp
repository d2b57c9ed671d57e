// SPDX-License-Identifier: Apache-2.0
// Poses, targets and states handed on: what clients of either version hear, ours and Debian's library.
#include "navigation/pose_broadcast.h"

#include <gtest/gtest.h>

#include <map>

#include "device_recorder.h"
#include "navigation/igtl_client.h"
#include "navigation/igtl_codec.h"
#include "navigation/tcp_socket.h"

#ifdef PRECENTRAL_OPENIGTLINK
#include <igtlClientSocket.h>
#include <igtlMessageHeader.h>
#include <igtlServerSocket.h>
#include <igtlStatusMessage.h>
#include <igtlTransformMessage.h>
#endif

namespace precentral {
namespace {

using namespace std::chrono_literals;

NamedTool tool_at(const std::string& name, double x, ToolState state = ToolState::visible) {
    NamedTool tool{.name = name, .state = state};
    tool.tracker_from_tool.linear() = Eigen::AngleAxisd(0.3, Eigen::Vector3d::UnitX()).toRotationMatrix();
    tool.tracker_from_tool.translation() = Eigen::Vector3d(x, -5.0, 1000.0);
    return tool;
}

// Reads messages of one version straight from the wire.
class PlainClient {
public:
    PlainClient(std::uint16_t port, int version)
        : socket_(connect_tcp("127.0.0.1", port, 2000ms, never_.get()).socket) {
        igtl::Message hello{.device = "Robot", .header_version = version};
        hello.content = igtl::QueryData{.verb = igtl::Verb::get, .what = "STATUS"};
        say(hello);
    }
    void say(const igtl::Message& message) { (void)write_some(socket_.get(), igtl::encode(message)); }
    std::optional<igtl::Message> next(std::chrono::milliseconds timeout = 5000ms) {
        const SteadyTime end = steady_now() + timeout;
        Bytes buffer(65536);
        while (true) {
            if (auto message = decoder_.next()) return message;
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_now());
            std::array<Waited, 1> fds{Waited{.fd = socket_.get()}};
            if (left.count() <= 0 || !wait_for(fds, left)) return std::nullopt;
            const IoResult result = read_some(socket_.get(), buffer);
            if (result.state == IoState::closed) return std::nullopt;
            decoder_.feed(ByteView(buffer).first(result.size));
        }
    }

private:
    WakeUp never_;
    Descriptor socket_;
    igtl::Decoder decoder_;
};

GuidanceOut guidance(bool on_target) {
    GuidanceOut out;
    out.device_time_s = 12.5;
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.translation() = Eigen::Vector3d(-40, -10, 75);
    out.scan_from_coil = Transform<Scan, Coil>(pose);
    out.scan_from_target = Transform<Scan, Coil>(pose);
    out.on_target = on_target;
    out.sentence = on_target ? "On target" : "Move 3 mm to the front";
    return out;
}

class BroadcastVersion : public testing::TestWithParam<int> {};

TEST_P(BroadcastVersion, AClientHearsPosesTargetAndStateInItsOwnVersion) {
    const int version = GetParam();
    PoseBroadcast broadcast(0);
    PlainClient client(broadcast.port(), version);
    const auto hello = client.next();
    ASSERT_TRUE(hello);
    EXPECT_EQ(std::get<igtl::StatusData>(hello->content).code, 1);
    EXPECT_EQ(hello->header_version, version);

    broadcast.publish(guidance(true));
    std::map<std::string, igtl::Message> heard;
    for (int i = 0; i < 3; ++i) {
        const auto message = client.next();
        ASSERT_TRUE(message);
        EXPECT_EQ(message->header_version, version);
        heard[message->device] = *message;
    }
    ASSERT_TRUE(heard.contains("CoilToScan") && heard.contains("TargetToScan") && heard.contains("OnTarget"));
    EXPECT_NEAR(std::get<igtl::TransformData>(heard["CoilToScan"].content).matrix[11], 75.0F, 1e-6F);
    EXPECT_NEAR(heard["CoilToScan"].time_s(), 12.5, 1e-6);
    EXPECT_EQ(std::get<igtl::StatusData>(heard["OnTarget"].content).code, 1);
    EXPECT_EQ(std::get<igtl::StatusData>(heard["OnTarget"].content).text, "On target");

    // Without a live pose nothing old goes out, and on target is not claimed.
    GuidanceOut lost = guidance(true);
    lost.scan_from_coil.reset();
    lost.scan_from_target.reset();
    lost.sentence = "Coil hidden";
    broadcast.publish(lost);
    auto message = client.next();
    ASSERT_TRUE(message);
    if (version == 2) {
        EXPECT_EQ(message->device, "CoilToScan");
        EXPECT_EQ(*message->find_metadata("TransformStatus"), "OUT_OF_VIEW");
        message = client.next();
        ASSERT_TRUE(message);
    }
    EXPECT_EQ(message->device, "OnTarget");
    EXPECT_EQ(std::get<igtl::StatusData>(message->content).code, 13);

    const std::vector<NamedTool> tools = {tool_at("Head", 1.0), tool_at("CoilToTracker", 2.0, ToolState::hidden)};
    broadcast.publish(13.0, tools);
    message = client.next();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->device, "HeadToTracker");
    if (version == 2) {
        message = client.next();
        ASSERT_TRUE(message);
        EXPECT_EQ(message->device, "CoilToTracker");
        EXPECT_EQ(*message->find_metadata("TransformStatus"), "OUT_OF_VIEW");
    }
    igtl::Message ask{.device = "Robot", .header_version = version};
    ask.content = igtl::QueryData{.verb = igtl::Verb::get, .what = "CAPABIL"};
    client.say(ask);
    message = client.next();
    ASSERT_TRUE(message);
    EXPECT_TRUE(std::holds_alternative<igtl::CapabilityData>(message->content));
    // Silence: it says that it lives.
    message = client.next(5000ms);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->device, "Precentral");
}
INSTANTIATE_TEST_SUITE_P(Versions, BroadcastVersion, testing::Values(1, 2));

TEST(PoseBroadcast, WhatATrackerSaysPassesThroughToAnotherOfOurPrograms) {
    PoseBroadcast broadcast(0);
    DeviceRecorder heard;
    const auto device = connect_igtl("127.0.0.1", broadcast.port(), ToolNames{}, heard);
    ASSERT_TRUE(heard.link_is(LinkState::connected));
    for (int i = 0; broadcast.clients() == 0 && i < 500; ++i) std::this_thread::sleep_for(10ms);
    std::this_thread::sleep_for(100ms);  // its request for TDATA
    for (int i = 0; i < 200; ++i) {
        const std::vector<NamedTool> tools = {tool_at("Head", 1.0 + i), tool_at("Coil", 2.0 + i),
                                              tool_at("Stylus", 3.0, ToolState::hidden)};
        broadcast.publish(100.0 + i / 200.0, tools);
        std::this_thread::sleep_for(2ms);
    }
    ASSERT_TRUE(heard.frames_come(200));
    const auto frames = heard.copy_frames();
    EXPECT_EQ(frames.size(), 200U);
    EXPECT_NEAR(frames[150].coil.tracker_from_tool.origin().xyz.x(), 152.0, 1e-4);
    EXPECT_FALSE(frames[150].stylus.visible());
    EXPECT_NEAR(frames[150].device_time_s, 100.75, 1e-6);
}

TEST(PoseBroadcast, ASlowClientNeverHoldsThePublisherUp) {
    PoseBroadcast broadcast(0);
    const WakeUp never;
    const Connected sleeper = connect_tcp("127.0.0.1", broadcast.port(), 2000ms, never.get());
    const std::vector<NamedTool> tools = {tool_at("Head", 1.0), tool_at("Coil", 2.0)};
    double longest_s = 0.0;
    for (int i = 0; i < 20000; ++i) {
        const SteadyTime began = steady_now();
        broadcast.publish(1.0 + i, tools);
        longest_s = std::max(longest_s, seconds_between(began, steady_now()));
    }
    EXPECT_LT(longest_s, 0.5);  // a busy machine may stop a thread for long, but not for a client's sake
}

// Debian's library, header version 1: it loses the stream on a version 2 message, so it must never get one.
TEST(PoseBroadcast, DebiansOpenIGTLinkLibraryUnderstandsEveryMessage) {
#ifndef PRECENTRAL_OPENIGTLINK
    GTEST_SKIP() << "libopenigtlink-dev is not installed";
#else
    PoseBroadcast broadcast(0);
    auto socket = ::igtl::ClientSocket::New();
    ASSERT_EQ(socket->ConnectToServer("127.0.0.1", broadcast.port()), 0);
    socket->SetReceiveTimeout(5000);
    for (int i = 0; broadcast.clients() == 0 && i < 500; ++i) std::this_thread::sleep_for(10ms);
    constexpr int kRounds = 200;
    std::jthread publisher([&] {
        for (int i = 0; i < kRounds; ++i) {
            const std::vector<NamedTool> tools = {tool_at("Head", i), tool_at("Coil", 2.0 * i)};
            broadcast.publish(10.0 + i, tools);
            broadcast.publish(guidance(i % 2 == 0));
            std::this_thread::sleep_for(1ms);
        }
    });
    std::map<std::string, int> heard;
    bool timeout = false;
    for (int i = 0; i < 5 * kRounds; ++i) {
        auto header = ::igtl::MessageHeader::New();
        header->InitPack();
        ASSERT_EQ(socket->Receive(header->GetPackPointer(), static_cast<igtlUint64>(header->GetPackSize()), timeout),
                  static_cast<igtlUint64>(header->GetPackSize()));
        header->Unpack();
        ++heard[header->GetDeviceName()];
        ::igtl::MessageBase::Pointer body;
        if (std::string(header->GetDeviceType()) == "TRANSFORM") {
            body = ::igtl::TransformMessage::New().GetPointer();
        } else {
            ASSERT_STREQ(header->GetDeviceType(), "STATUS");
            body = ::igtl::StatusMessage::New().GetPointer();
        }
        body->SetMessageHeader(header);
        body->AllocatePack();
        ASSERT_EQ(
            socket->Receive(body->GetPackBodyPointer(), static_cast<igtlUint64>(body->GetPackBodySize()), timeout),
            static_cast<igtlUint64>(body->GetPackBodySize()));
        ASSERT_NE(body->Unpack(1) & ::igtl::MessageHeader::UNPACK_BODY, 0) << header->GetDeviceName();  // CRC checked
        if (heard["HeadToTracker"] == 100 && std::string(header->GetDeviceName()) == "HeadToTracker") {
            ::igtl::Matrix4x4 matrix;
            dynamic_cast< ::igtl::TransformMessage&>(*body).GetMatrix(matrix);
            EXPECT_FLOAT_EQ(matrix[0][3], 99.0F);
        }
    }
    EXPECT_EQ(heard["HeadToTracker"], kRounds);
    EXPECT_EQ(heard["CoilToTracker"], kRounds);
    EXPECT_EQ(heard["CoilToScan"], kRounds);
    EXPECT_EQ(heard["TargetToScan"], kRounds);
    EXPECT_EQ(heard["OnTarget"], kRounds);
    publisher.join();
    socket->CloseSocket();
#endif
}

// The other way round: a tracker built on Debian's library sends to our client.
TEST(PoseBroadcast, OurClientUnderstandsDebiansOpenIGTLinkLibrary) {
#ifndef PRECENTRAL_OPENIGTLINK
    GTEST_SKIP() << "libopenigtlink-dev is not installed";
#else
    auto server = ::igtl::ServerSocket::New();
    ASSERT_EQ(server->CreateServer(0), 0);
    DeviceRecorder heard;
    const auto device =
        connect_igtl("127.0.0.1", static_cast<std::uint16_t>(server->GetServerPort()), ToolNames{}, heard);
    auto socket = server->WaitForConnection(5000);
    ASSERT_TRUE(socket.IsNotNull());
    for (int i = 0; i < 100; ++i) {
        for (const char* name : {"HeadToTracker", "CoilToTracker"}) {
            auto message = ::igtl::TransformMessage::New();
            message->SetDeviceName(name);
            ::igtl::Matrix4x4 matrix;
            ::igtl::IdentityMatrix(matrix);
            matrix[0][3] = static_cast<float>(i + 1);
            matrix[2][3] = -1500.0F;
            message->SetMatrix(matrix);
            auto stamp = ::igtl::TimeStamp::New();
            stamp->SetTime(100.0 + 0.01 * i);
            message->SetTimeStamp(stamp);
            message->Pack();
            ASSERT_NE(socket->Send(message->GetPackPointer(), static_cast<igtlUint64>(message->GetPackSize())), 0);
        }
        std::this_thread::sleep_for(1ms);
    }
    ASSERT_TRUE(heard.frames_come(99));
    const auto frames = heard.copy_frames();
    EXPECT_TRUE(frames[50].head.visible() && frames[50].coil.visible());
    EXPECT_NEAR(frames[50].coil.tracker_from_tool.origin().xyz.z(), -1500.0, 1e-3);
    EXPECT_TRUE(heard.refused.empty());
    socket->CloseSocket();
    server->CloseSocket();
#endif
}

}  // namespace
}  // namespace precentral
