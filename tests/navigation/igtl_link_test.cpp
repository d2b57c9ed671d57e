// SPDX-License-Identifier: Apache-2.0
// Client and server over the loopback, and what becomes of damaged, foreign and vanishing devices.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <functional>
#include <limits>
#include <mutex>
#include <thread>

#include "data/error.h"
#include "navigation/frame_assembly.h"
#include "navigation/igtl_client.h"
#include "navigation/igtl_server.h"
#include "navigation/igtl_theatre.h"
#include "tracker_messages.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

struct Recorder final : DeviceListener {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<TrackerFrame> frames;
    std::vector<Trigger> triggers;
    std::vector<EmgSweep> sweeps;
    std::vector<std::pair<std::string, std::string>> texts;
    std::vector<std::pair<LinkState, std::string>> links;
    std::vector<std::string> refused;

    template <class List, class Item>
    void keep(List& list, Item item) {
        {
            const std::scoped_lock lock(mutex);
            list.push_back(std::move(item));
        }
        changed.notify_all();
    }
    void on_frame(const TrackerFrame& frame) override { keep(frames, frame); }
    void on_trigger(const Trigger& trigger) override { keep(triggers, trigger); }
    void on_sweep(const EmgSweep& sweep) override { keep(sweeps, sweep); }
    void on_text(const std::string& device, const std::string& text) override { keep(texts, std::pair(device, text)); }
    void on_link(LinkState state, const std::string& why) override { keep(links, std::pair(state, why)); }
    void on_refused(const std::string& why, std::uint64_t) override { keep(refused, why); }

    // Under the lock, within ten seconds.
    bool eventually(const std::function<bool()>& so) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 10s, so);
    }
    // Copies, because the device goes on meanwhile.
    std::string last_why() {
        const std::scoped_lock lock(mutex);
        return links.empty() ? std::string() : links.back().second;
    }
    template <class List>
    List copy(const List& list) {
        const std::scoped_lock lock(mutex);
        return list;
    }
    // The newest state of the link.
    bool link_is(LinkState state) {
        return eventually([&] { return !links.empty() && links.back().first == state; });
    }
};

// A server that says whatever bytes it is given; for what IgtlServer would never send.
class RawServer {
public:
    RawServer() : listener_(listen_tcp("127.0.0.1", 0)) {}
    std::uint16_t port() const { return listener_.port; }
    bool accept() {
        std::array<Waited, 1> fds{Waited{.fd = listener_.socket.get()}};
        if (!wait_for(fds, 10s)) return false;
        peer_ = accept_tcp(listener_.socket.get());
        return static_cast<bool>(peer_);
    }
    void send(ByteView bytes) {
        while (!bytes.empty()) {
            const IoResult result = write_some(peer_.get(), bytes);
            if (result.state == IoState::closed) return;
            bytes = bytes.subspan(result.size);
        }
    }
    void hang_up() { peer_.close(); }

private:
    Listener listener_;
    Descriptor peer_;
};

const ToolNames kNames;

// --- The link -------------------------------------------------------------------------------------------------------

// Four tools at 400 Hz for three seconds, triggers at 20 Hz between them.
void stream_loses_nothing(int version) {
    IgtlServer server(0);
    Recorder heard;
    const auto device = connect_igtl("127.0.0.1", server.port(), kNames, heard);
    ASSERT_TRUE(server.wait_for_client(5s));
    const int frames = 1200;
    auto next = std::chrono::steady_clock::now();
    for (int i = 0; i < frames; ++i) {
        igtl::Message message = tdata(100.0 + i / 400.0, i + 1);
        message.header_version = version;
        if (version == 2) message.metadata = {{"CoilStatus", "OK"}};
        server.send(message);
        if (i % 20 == 0) {
            igtl::Message trigger = write_trigger({.received = {},
                                                   .device_time_s = 100.0 + i / 400.0,
                                                   .count = static_cast<std::uint64_t>(i / 20 + 1),
                                                   .intensity_mso = 60});
            trigger.header_version = version;
            server.send(trigger);
        }
        while (server.receive(0ms)) {
        }
        next += 2500us;
        std::this_thread::sleep_until(next);
    }
    ASSERT_TRUE(heard.eventually([&] { return heard.frames.size() >= static_cast<std::size_t>(frames); }));
    ASSERT_TRUE(heard.eventually([&] { return heard.triggers.size() >= 60U; }));
    const std::scoped_lock lock(heard.mutex);
    ASSERT_EQ(heard.frames.size(), static_cast<std::size_t>(frames));
    for (int i = 0; i < frames; ++i) {
        const TrackerFrame& frame = heard.frames[static_cast<std::size_t>(i)];
        EXPECT_EQ(frame.sequence, static_cast<std::uint64_t>(i + 1));
        EXPECT_NEAR(frame.device_time_s, 100.0 + i / 400.0, 1e-6);
        EXPECT_NEAR(frame.coil.tracker_from_tool.origin().xyz.x(), i + 1, 1e-3);
    }
    EXPECT_EQ(heard.triggers.size(), 60U);
    EXPECT_EQ(heard.triggers.back().count, 60U);
    EXPECT_TRUE(heard.refused.empty());
}

TEST(IgtlLink, FourToolsAt400HzVersion1) { stream_loses_nothing(1); }
TEST(IgtlLink, FourToolsAt400HzVersion2) { stream_loses_nothing(2); }

TEST(IgtlLink, AsksForTdataAndAnswersInTheDevicesVersion) {
    IgtlServer server(0);
    Recorder heard;
    const auto device = connect_igtl("127.0.0.1", server.port(), kNames, heard);
    ASSERT_TRUE(server.wait_for_client(5s));
    auto first = server.receive(5s);
    ASSERT_TRUE(first);
    const auto& query = std::get<igtl::QueryData>(first->message.content);
    EXPECT_EQ(query.verb, igtl::Verb::start);
    EXPECT_EQ(query.what, "TDATA");
    EXPECT_EQ(first->message.header_version, 1);
    EXPECT_EQ(server.client_version(first->client), 1);

    // A Slicer-style peer: its first message is a STATUS of version 2.
    igtl::Message status{.device = "Slicer", .header_version = 2};
    status.content = igtl::StatusData{};
    server.send(status);
    server.send({.device = "Note", .content = igtl::TextData{.text = "hello"}});
    ASSERT_TRUE(heard.eventually([&] { return heard.texts.size() == 1; }));
    EXPECT_EQ(heard.copy(heard.texts)[0], std::pair(std::string("Note"), std::string("hello")));
    device->send_text("Answer", "here");
    const auto answer = server.receive(5s);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->message.device, "Answer");
    EXPECT_EQ(std::get<igtl::TextData>(answer->message.content).text, "here");
    EXPECT_EQ(answer->message.header_version, 2);
    EXPECT_THROW(device->send_text("A name longer than 20 bytes", "x"), InputError);
}

TEST(IgtlLink, TriggersSweepsTextsAndStatus) {
    IgtlServer server(0);
    Recorder heard;
    const auto device = connect_igtl("127.0.0.1", server.port(), kNames, heard);
    ASSERT_TRUE(server.wait_for_client(5s));
    server.send(write_trigger({.received = {}, .device_time_s = 5.25, .count = 3, .intensity_mso = 41.5}));
    server.send(
        write_sweep({.pulse_count = 3, .sample_rate_hz = 4000, .start_ms = -50, .microvolts = {1, 2, 3}}, 5.25));
    server.send({.device = "Trigger", .content = igtl::TextData{.text = "count=x"}});
    igtl::Message status{.device = "Camera"};
    status.content = igtl::StatusData{13, 0, "", "warming up"};
    server.send(status);
    ASSERT_TRUE(heard.eventually([&] { return heard.texts.size() == 1; }));
    const std::scoped_lock lock(heard.mutex);
    ASSERT_EQ(heard.triggers.size(), 1U);
    EXPECT_EQ(heard.triggers[0].count, 3U);
    EXPECT_EQ(heard.triggers[0].intensity_mso, 41.5);
    EXPECT_EQ(heard.triggers[0].device_time_s, 5.25);
    EXPECT_GT(heard.triggers[0].received, SteadyTime{});
    ASSERT_EQ(heard.sweeps.size(), 1U);
    EXPECT_EQ(heard.sweeps[0].microvolts, (std::vector<float>{1, 2, 3}));
    ASSERT_EQ(heard.refused.size(), 1U);
    EXPECT_EQ(heard.texts[0].second, "The tracker reports: not ready (warming up).");
}

TEST(IgtlLink, NobodyThere) {
    std::uint16_t port = 0;
    {
        const IgtlServer gone(0);
        port = gone.port();
    }
    Recorder heard;
    const auto begin = std::chrono::steady_clock::now();
    {
        const auto device = connect_igtl("127.0.0.1", port, kNames, heard);
        ASSERT_TRUE(heard.eventually([&] { return heard.links.size() == 2; }));
        device->send_text("Note", "dropped");
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);  // and it ends at once, in the middle of a pause
    EXPECT_EQ(heard.copy(heard.links)[1].first, LinkState::connecting);
    EXPECT_EQ(heard.copy(heard.links)[1].second,
              "No tracker answers at 127.0.0.1:" + std::to_string(port) + ". Is it switched on?");
}

TEST(IgtlLink, AnUnknownNameHasItsSentence) {
    Recorder heard;
    const std::string name(70, 'a');  // longer than a name can be, so no resolver is asked
    const auto device = connect_igtl(name, 18944, kNames, heard);
    ASSERT_TRUE(heard.eventually([&] { return heard.links.size() == 2; }));
    EXPECT_NE(heard.last_why().find(name), std::string::npos);
}

TEST(IgtlLink, TheDeviceGoesAwayAndComesBack) {
    Recorder heard;
    auto server = std::make_unique<IgtlServer>(std::uint16_t{0});
    const std::uint16_t port = server->port();
    const auto device = connect_igtl("127.0.0.1", port, kNames, heard);
    for (int life = 0; life < 3; ++life) {
        ASSERT_TRUE(server->wait_for_client(5s));
        server->send(tdata(1.0 + life, 1));
        ASSERT_TRUE(heard.eventually([&] { return heard.frames.size() == static_cast<std::size_t>(life + 1); }));
        ASSERT_TRUE(heard.link_is(LinkState::connected));
        server.reset();
        ASSERT_TRUE(heard.link_is(LinkState::lost));
        EXPECT_NE(heard.last_why().find(std::to_string(port)), std::string::npos);
        server = std::make_unique<IgtlServer>(port);
    }
    const std::scoped_lock lock(heard.mutex);
    EXPECT_EQ(heard.frames.back().sequence, 3U);  // goes on over connections
}

TEST(IgtlLink, AGarbageServerIsNoTracker) {
    RawServer server;
    Recorder heard;
    const auto device = connect_igtl("127.0.0.1", server.port(), kNames, heard);
    const std::string garbage(4096, '\x9D');
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(server.accept());
        server.send(Bytes(garbage.begin(), garbage.end()));
        ASSERT_TRUE(heard.eventually([&] { return heard.refused.size() == static_cast<std::size_t>(i + 1); }));
    }
    {
        const std::scoped_lock lock(heard.mutex);
        EXPECT_NE(heard.links.back().second.find("does not speak OpenIGTLink"), std::string::npos);
        // Connected is told once, before anything was heard, and not again for a mere connection.
        EXPECT_EQ(std::count_if(heard.links.begin(), heard.links.end(),
                                [](const auto& link) { return link.first == LinkState::connected; }),
                  1);
    }
    ASSERT_TRUE(server.accept());
    server.send(igtl::encode(tdata(1, 1)));
    EXPECT_TRUE(heard.link_is(LinkState::connected));
}

TEST(IgtlLink, ADamagedMessageReconnects) {
    RawServer server;
    Recorder heard;
    const auto device = connect_igtl("127.0.0.1", server.port(), kNames, heard);
    ASSERT_TRUE(server.accept());
    const Bytes good = igtl::encode(tdata(1, 1));
    Bytes bad = good;
    bad[100] ^= 4U;
    server.send(good);
    server.send(bad);
    server.send(good);  // after the damage nothing of this connection counts
    ASSERT_TRUE(heard.link_is(LinkState::lost));
    EXPECT_EQ(heard.copy(heard.frames).size(), 1U);
    ASSERT_EQ(heard.copy(heard.refused).size(), 1U);
    EXPECT_NE(heard.copy(heard.refused)[0].find("checksum"), std::string::npos);
    ASSERT_TRUE(server.accept());
    server.send(good);
    EXPECT_TRUE(heard.eventually([&] { return heard.frames.size() == 2; }));
}

TEST(IgtlLink, AHugeMessageIsRefusedWithoutWaitingForIt) {
    RawServer server;
    Recorder heard;
    const auto device = connect_igtl("127.0.0.1", server.port(), kNames, heard);
    ASSERT_TRUE(server.accept());
    Bytes huge = igtl::encode(tdata(1, 1));
    huge[42 + 4] = 0x7F;  // a body of 2 GB is announced
    server.send(huge);
    ASSERT_TRUE(heard.eventually([&] { return heard.refused.size() == 1; }));
    EXPECT_NE(heard.copy(heard.refused)[0].find("64 MiB"), std::string::npos);
}

TEST(IgtlLink, ASlowDripAndACutMessage) {
    RawServer server;
    Recorder heard;
    const auto device = connect_igtl("127.0.0.1", server.port(), kNames, heard);
    ASSERT_TRUE(server.accept());
    const Bytes bytes = igtl::encode(tdata(1, 1));
    for (const std::uint8_t byte : bytes) {
        server.send({&byte, 1});
        std::this_thread::sleep_for(200us);
    }
    ASSERT_TRUE(heard.eventually([&] { return heard.frames.size() == 1; }));
    server.send(ByteView(bytes).first(100));
    server.hang_up();
    ASSERT_TRUE(heard.link_is(LinkState::lost));
    ASSERT_TRUE(server.accept());
    server.send(bytes);  // the cut half is forgotten
    EXPECT_TRUE(heard.eventually([&] { return heard.frames.size() == 2; }));
    EXPECT_TRUE(heard.copy(heard.refused).empty());
}

TEST(IgtlLink, PosesThatAreNotRigidAreTold) {
    IgtlServer server(0);
    Recorder heard;
    const auto device = connect_igtl("127.0.0.1", server.port(), kNames, heard);
    ASSERT_TRUE(server.wait_for_client(5s));
    igtl::Message message = tdata(1, 1);
    std::get<igtl::TrackingData>(message.content).tools[0].matrix[3] = std::nanf("");
    server.send(message);
    ASSERT_TRUE(heard.eventually([&] { return heard.refused.size() == 1; }));
    EXPECT_NE(heard.copy(heard.refused)[0].find("Head"), std::string::npos);
    const std::vector<TrackerFrame> frames = heard.copy(heard.frames);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].head.state, ToolState::hidden);
    EXPECT_TRUE(frames[0].coil.visible());
}

TEST(IgtlLink, AnUnfinishedInstantIsGivenOutSoon) {
    IgtlServer server(0);
    Recorder heard;
    const auto device = connect_igtl("127.0.0.1", server.port(), kNames, heard);
    ASSERT_TRUE(server.wait_for_client(5s));
    server.send(transform("HeadToTracker", 1, pose_at(1)));
    EXPECT_TRUE(heard.eventually([&] { return heard.frames.size() == 1; }));
}

// --- The server -----------------------------------------------------------------------------------------------------

TEST(IgtlServer, APortInUseHasItsSentence) {
    const IgtlServer first(0);
    try {
        const IgtlServer second(first.port());
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("another program"), std::string::npos);
    }
}

TEST(IgtlServer, SeveralClientsAndTheirLeaving) {
    IgtlServer server(0);
    Recorder one;
    Recorder two;
    auto first = connect_igtl("127.0.0.1", server.port(), kNames, one);
    const auto second = connect_igtl("127.0.0.1", server.port(), kNames, two);
    for (int i = 0; i < 100 && server.clients() < 2; ++i) server.receive(50ms);
    ASSERT_EQ(server.clients(), 2);
    server.send(tdata(1, 1));
    EXPECT_TRUE(one.eventually([&] { return one.frames.size() == 1; }));
    EXPECT_TRUE(two.eventually([&] { return two.frames.size() == 1; }));
    while (server.receive(50ms)) {
    }
    first.reset();
    // Whoever waits for an answer learns at once that nobody is left to give it.
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(server.receive(5s));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
    EXPECT_EQ(server.clients(), 1);
    EXPECT_NE(server.last_problem().find("went away"), std::string::npos);
    second->send_text("Still", "here");
    const auto message = server.receive(5s);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->message.device, "Still");
}

TEST(IgtlServer, ARubbishClientIsDisconnectedAndTheOthersGoOn) {
    IgtlServer server(0);
    Recorder heard;
    const auto device = connect_igtl("127.0.0.1", server.port(), kNames, heard);
    ASSERT_TRUE(server.wait_for_client(5s));
    const WakeUp never;
    Connected rubbish = connect_tcp("127.0.0.1", server.port(), 2000ms, never.get());
    ASSERT_TRUE(rubbish.socket);
    const std::string http = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: a browser that lost its way\r\n\r\n";
    EXPECT_EQ(write_some(rubbish.socket.get(), Bytes(http.begin(), http.end())).size, http.size());
    for (int i = 0; i < 100 && server.last_problem().empty(); ++i) server.receive(20ms);
    EXPECT_NE(server.last_problem().find("not OpenIGTLink"), std::string::npos);
    EXPECT_EQ(server.clients(), 1);
    server.send(tdata(1, 1));
    EXPECT_TRUE(heard.eventually([&] { return heard.frames.size() == 1; }));
}

TEST(IgtlServer, AClientThatNeverReadsDoesNotBlock) {
    IgtlServer server(0);
    const WakeUp never;
    const Connected sleeper = connect_tcp("127.0.0.1", server.port(), 2000ms, never.get());
    ASSERT_TRUE(server.wait_for_client(5s));
    const igtl::Message message{.device = "Note", .content = igtl::TextData{.text = std::string(60000, 'x')}};
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000 && server.clients() > 0; ++i) server.send(message);
    EXPECT_EQ(server.clients(), 0);
    EXPECT_NE(server.last_problem().find("does not read"), std::string::npos);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

// A lock-step simulator: every frame waits for its answer. Loose bounds; a busy machine must pass them.
TEST(IgtlLink, LockStepRoundTripIsQuick) {
    struct Answering final : DeviceListener {
        std::atomic<Device*> device = nullptr;
        void on_frame(const TrackerFrame& frame) override {
            if (Device* d = device) d->send_text("Seen", std::to_string(frame.sequence));
        }
    } listener;
    IgtlServer server(0);
    const auto device = connect_igtl("127.0.0.1", server.port(), kNames, listener);
    listener.device = device.get();
    ASSERT_TRUE(server.wait_for_client(5s));
    ASSERT_TRUE(server.receive(5s));  // its request for TDATA
    std::vector<double> times_ms;
    for (int i = 0; i < 2000; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        server.send(tdata(1.0 + 0.01 * i, 1));
        const auto answer = server.receive(5s);
        ASSERT_TRUE(answer);
        times_ms.push_back(1000.0 * std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        ASSERT_EQ(std::get<igtl::TextData>(answer->message.content).text, std::to_string(i + 1));
    }
    std::sort(times_ms.begin(), times_ms.end());
    EXPECT_LT(times_ms[times_ms.size() / 2], 2.0);
    RecordProperty("median_us", static_cast<int>(1000.0 * times_ms[times_ms.size() / 2]));
}

}  // namespace
}  // namespace precentral
