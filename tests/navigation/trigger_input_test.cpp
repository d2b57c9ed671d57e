// SPDX-License-Identifier: Apache-2.0
// Pulses heard over real sockets and pseudo-terminals: none lost, each stamped, damage and unplugging told.
#include "navigation/trigger_input.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "data/error.h"
#include "navigation/stimulator_magstim.h"
#include "navigation/stimulator_magventure.h"
#include "navigation/stimulator_stand_in.h"

namespace precentral {
namespace {

using std::chrono::milliseconds;

class Ear : public StimulatorListener {
public:
    void on_trigger(const Trigger& t) override {
        with([&] { triggers_.push_back(t); });
    }
    void on_status(const StimulatorStatus& s) override {
        with([&] { statuses_.push_back(s); });
    }
    void on_mep(const StimulatorMep& m) override {
        with([&] { meps_.push_back(m); });
    }
    void on_text(const std::string&, const std::string& t) override {
        with([&] { texts_.push_back(t); });
    }
    void on_refused(const std::string& why, std::uint64_t) override {
        with([&] { refused_.push_back(why); });
    }
    void on_link(LinkState state, const std::string& why) override {
        with([&] { links_.emplace_back(state, why); });
    }

    std::vector<Trigger> triggers() const { return copy(triggers_); }
    std::vector<StimulatorStatus> statuses() const { return copy(statuses_); }
    std::vector<StimulatorMep> meps() const { return copy(meps_); }
    std::vector<std::string> texts() const { return copy(texts_); }
    std::vector<std::string> refused() const { return copy(refused_); }
    std::vector<std::pair<LinkState, std::string>> links() const { return copy(links_); }
    bool was(LinkState state) const {
        const auto links = this->links();
        return std::any_of(links.begin(), links.end(), [&](const auto& link) { return link.first == state; });
    }
    bool is(LinkState state) const {
        const auto links = this->links();
        return !links.empty() && links.back().first == state;
    }

private:
    template <class Do>
    void with(Do action) {
        const std::scoped_lock lock(mutex_);
        action();
    }
    template <class T>
    T copy(const T& of) const {
        const std::scoped_lock lock(mutex_);
        return of;
    }
    mutable std::mutex mutex_;
    std::vector<Trigger> triggers_;
    std::vector<StimulatorStatus> statuses_;
    std::vector<StimulatorMep> meps_;
    std::vector<std::string> texts_;
    std::vector<std::string> refused_;
    std::vector<std::pair<LinkState, std::string>> links_;
};

bool soon(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + milliseconds(10000);
    while (std::chrono::steady_clock::now() < end) {
        if (condition()) return true;
        std::this_thread::sleep_for(milliseconds(2));
    }
    return condition();
}

struct Folder {
    Folder() : path((std::filesystem::temp_directory_path() / "precentral-XXXXXX").string()) {
        EXPECT_NE(::mkdtemp(path.data()), nullptr);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string path;
};

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

// One client of a listening socket of ours.
struct Server {
    Listener listener = listen_tcp("127.0.0.1", 0);
    Descriptor client{};
    std::string place() const { return "127.0.0.1:" + std::to_string(listener.port); }
    bool accept() {
        return soon([&] {
            client = accept_tcp(listener.socket.get());
            return static_cast<bool>(client);
        });
    }
    void send(const Bytes& bytes) const { EXPECT_EQ(write_some(client.get(), bytes).size, bytes.size()); }
};

TEST(TriggerInput, LinesOverTcpEachStampedWhenItCame) {
    Server server;
    Ear ear;
    const auto device = open_trigger("trigger+tcp://" + server.place(), ear);
    ASSERT_TRUE(server.accept());
    std::vector<SteadyTime> sent;
    for (int i = 0; i < 300; ++i) {
        std::this_thread::sleep_for(milliseconds(3));
        sent.push_back(steady_now());
        server.send(bytes_of("count=" + std::to_string(i + 1) + " intensity=62\n"));
    }
    server.send(bytes_of("# that was all\ncount=oops\n"));
    ASSERT_TRUE(soon([&] { return ear.refused().size() == 1; }));
    const auto triggers = ear.triggers();
    ASSERT_EQ(triggers.size(), 300U);
    std::vector<double> late_ms;
    for (std::size_t i = 0; i < triggers.size(); ++i) {
        EXPECT_EQ(triggers[i].count, i + 1);
        EXPECT_EQ(triggers[i].intensity_mso, 62.0);
        EXPECT_GE(triggers[i].received, sent[i]);
        late_ms.push_back(1e3 * seconds_between(sent[i], triggers[i].received));
    }
    std::sort(late_ms.begin(), late_ms.end());
    RecordProperty("late_ms_median", std::to_string(late_ms[150]));
    RecordProperty("late_ms_p99", std::to_string(late_ms[297]));
    EXPECT_LT(late_ms[150], 1.0);
    EXPECT_EQ(ear.texts(), std::vector<std::string>{"# that was all"});
}

TEST(TriggerInput, ComesBackByItself) {
    Server server;
    Ear ear;
    const auto device = open_trigger("trigger+tcp://" + server.place(), ear);
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(server.accept());
        server.send(bytes_of("x\n"));
        ASSERT_TRUE(soon([&] { return ear.triggers().size() == static_cast<std::size_t>(round + 1); }));
        server.client.close();
        ASSERT_TRUE(soon([&] { return ear.was(LinkState::lost); }));
    }
    EXPECT_EQ(ear.triggers().back().count, 0U);  // the sender has none
    ASSERT_TRUE(server.accept());
    server.send(bytes_of("count=5\ncount=99999999999\ncount=6\n"));
    ASSERT_TRUE(soon([&] { return ear.triggers().size() == 5U; }));
    ASSERT_EQ(ear.refused().size(), 1U);
    EXPECT_NE(ear.refused()[0].find("jumped from 5"), std::string::npos);
}

TEST(TriggerInput, NothingThereIsASentenceAndNoCrash) {
    Ear ear;
    {
        const auto nobody = open_trigger("trigger+tcp://127.0.0.1:9", ear);
        const auto no_port = open_trigger("serial:/dev/no-such-port", ear);
        const auto no_tty = open_trigger("serial:/dev/null", ear);
        ASSERT_TRUE(soon([&] { return ear.links().size() >= 6; }));
    }
    std::string all;
    for (const auto& [state, why] : ear.links()) {
        EXPECT_NE(state, LinkState::connected);
        all += why + "\n";
    }
    EXPECT_NE(all.find("Nothing answers at 127.0.0.1:9"), std::string::npos) << all;
    EXPECT_NE(all.find("There is no serial port /dev/no-such-port"), std::string::npos) << all;
    EXPECT_NE(all.find("/dev/null is not a serial port"), std::string::npos) << all;
    EXPECT_THROW(open_trigger("smoke+signal://hill", ear), InputError);
}

TEST(TriggerInput, DatagramsAndABusyPort) {
    // A port that is free now.
    const Listener free = listen_tcp("127.0.0.1", 0);
    const std::string address = "trigger+udp://127.0.0.1:" + std::to_string(free.port);
    Ear ear;
    const auto device = open_trigger(address, ear);
    ASSERT_TRUE(soon([&] { return ear.is(LinkState::connected); }));
    const Descriptor socket(::socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(free.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto send = [&](const std::string& text) {
        ::sendto(socket.get(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    };
    send("");
    send("T");
    send("count=40 intensity=55\n");
    send("a\nb\n");
    send(std::string(3000, 'x'));
    ASSERT_TRUE(soon([&] { return ear.triggers().size() == 5 && ear.refused().size() == 1; }));
    EXPECT_EQ(ear.triggers()[2].count, 40U);
    Ear second;
    const auto other = open_trigger(address, second);
    ASSERT_TRUE(soon([&] { return second.links().size() >= 2; }));
    EXPECT_NE(second.links().back().second.find("Another program listens"), std::string::npos);
}

TEST(TriggerInput, BytesOverASerialLine) {
    PseudoTerminal line = open_pseudo_terminal();
    Ear ear;
    Ear only;
    const auto device = open_trigger("serial:" + line.path + "?baud=115200&byte=0x54", only);
    ASSERT_TRUE(soon([&] { return only.is(LinkState::connected); }));
    write_serial(line.master.get(), bytes_of("xTxTT\n"));
    ASSERT_TRUE(soon([&] { return only.triggers().size() == 3; }));
    // Unplugged, then there again under the same name.
    const Folder folder;
    const std::string link = folder.path + "/port";
    PseudoTerminal first = open_pseudo_terminal();
    ASSERT_EQ(::symlink(first.path.c_str(), link.c_str()), 0);
    {
        const auto plugged = open_trigger("serial:" + link, ear);
        ASSERT_TRUE(soon([&] { return ear.is(LinkState::connected); }));
        write_serial(first.master.get(), bytes_of("ab"));
        ASSERT_TRUE(soon([&] { return ear.triggers().size() == 2; }));
        ::unlink(link.c_str());
        first = {};
        ASSERT_TRUE(soon([&] { return ear.was(LinkState::lost); }));
        PseudoTerminal again = open_pseudo_terminal();
        ASSERT_EQ(::symlink(again.path.c_str(), link.c_str()), 0);
        ASSERT_TRUE(soon([&] { return ear.is(LinkState::connected); }));
        write_serial(again.master.get(), bytes_of("c"));
        EXPECT_TRUE(soon([&] { return ear.triggers().size() == 3; }));
    }
    bool pulled_out = false;
    for (const auto& [state, why] : ear.links()) pulled_out = pulled_out || why.find("pulled out") != std::string::npos;
    EXPECT_TRUE(pulled_out);
}

TEST(TriggerInput, APortWithoutControlLinesSaysSo) {
    PseudoTerminal line = open_pseudo_terminal();
    Ear ear;
    const auto device = open_trigger("serial:" + line.path + "?on=cts", ear);
    ASSERT_TRUE(soon([&] { return ear.was(LinkState::lost); }));
    bool said = false;
    for (const auto& [state, why] : ear.links()) said = said || why.find("no such control line") != std::string::npos;
    EXPECT_TRUE(said);
}

// The whole stand-in, in a thread of its own; what it gave is compared with what was heard.
StandInReport give(const StandInOptions& options, const std::function<void(const std::string&)>& ready) {
    StandInReport report;
    std::jthread thread([&](const std::stop_token& stop) { report = run_stimulator_stand_in(options, stop, ready); });
    thread.join();
    return report;
}

TEST(MagVentureLink, BurstsDamageAndUnpluggingOverASerialLine) {
    const Folder folder;
    StandInOptions options;
    options.model = StandInModel::magventure;
    options.wire = StandInWire::pseudo_terminal;
    options.link = folder.path + "/port";
    options.trains = 2;
    options.pulses_per_train = 60;
    options.pulses_per_burst = 3;
    options.rate_hz = 10.0;
    options.pause_s = 0.5;
    options.intensity_mso = 64;
    options.damage_every = 20;
    options.with_mep = true;
    options.unplug_after = 70;
    options.start_after_s = 0.6;
    Ear ear;
    std::unique_ptr<Device> device;
    const StandInReport report = give(options, [&](const std::string& address) {
        EXPECT_EQ(address, "magventure:" + options.link);
        device = open_stimulator(parse_trigger_address(address), ear);
    });
    device.reset();
    EXPECT_EQ(report.given, 120);
    EXPECT_GE(report.damaged, 5);
    // What lay in the port before it was opened again is thrown away: its time is not known any more.
    const auto taken = ear.triggers().size() + ear.refused().size();
    EXPECT_LE(taken, static_cast<std::size_t>(report.told));
    EXPECT_GE(taken, static_cast<std::size_t>(report.told) - 25);
    ASSERT_GE(ear.refused().size(), 3U);
    EXPECT_NE(ear.refused().back().find("checksum"), std::string::npos);
    EXPECT_TRUE(ear.was(LinkState::lost));
    EXPECT_EQ(ear.triggers().front().intensity_mso, 64.0);
    // After the gap it is not known until it is told anew, if it still is.
    const double last_mso = ear.triggers().back().intensity_mso;
    EXPECT_TRUE(last_mso == 0.0 || last_mso == 64.0) << last_mso;
    EXPECT_EQ(ear.statuses().back().didt_a_per_us, 96);
    ASSERT_FALSE(ear.meps().empty());
    EXPECT_EQ(ear.meps().back().lowest_uv, -450);
}

TEST(MagVentureLink, AskedOnceItTellsItsIntensityOverTcp) {
    Server server;
    Ear ear;
    const auto device = open_stimulator(parse_trigger_address("magventure+tcp://" + server.place() + "?ask=yes"), ear);
    ASSERT_TRUE(server.accept());
    Bytes asked(16);
    std::size_t size = 0;
    ASSERT_TRUE(soon([&] { return (size += read_some(server.client.get(), asked).size) >= 5; }));
    asked.resize(5);
    EXPECT_EQ(asked, (Bytes{0xFE, 0x01, 0x00, 0x00, 0xFF}));
    StimulatorStatus status;
    status.intensity_mso = 71;
    server.send(magventure::frame_of(magventure::status_payload(status)));
    server.send(magventure::frame_of(magventure::fired_payload(99, 0, true)));
    ASSERT_TRUE(soon([&] { return ear.triggers().size() == 1; }));
    EXPECT_EQ(ear.triggers()[0].intensity_mso, 71.0);
}

// A listener writes nothing to a stimulator unless its address says so.
TEST(MagVentureLink, OnlyListens) {
    const std::array schemes{"magventure+tcp://", "magstim+tcp://", "trigger+tcp://"};
    std::array<Server, 3> servers;
    Ear ear;
    std::vector<std::unique_ptr<Device>> devices;
    for (std::size_t i = 0; i < schemes.size(); ++i) {
        devices.push_back(open_stimulator(parse_trigger_address(schemes[i] + servers[i].place()), ear));
        ASSERT_TRUE(servers[i].accept());
        devices.back()->send_text("Stimulator", "FIRE");
    }
    std::this_thread::sleep_for(milliseconds(700));
    for (const Server& server : servers) {
        Bytes buffer(16);
        EXPECT_EQ(read_some(server.client.get(), buffer).state, IoState::later);
    }
}

TEST(MagstimLink, AskedTwiceASecondOverASerialLine) {
    for (const char* poll : {"200", "rapid"}) {
        StandInOptions options;
        options.model = StandInModel::magstim;
        options.wire = StandInWire::pseudo_terminal;
        options.pulses_per_train = 30;
        options.rate_hz = 30.0;
        options.intensity_mso = 47;
        options.damage_every = 3;
        options.stay_s = 0.7;
        Ear ear;
        std::unique_ptr<Device> device;
        const StandInReport report = give(options, [&](const std::string& address) {
            device = open_stimulator(parse_trigger_address(address + "?poll=" + poll), ear);
        });
        device.reset();
        ASSERT_GE(ear.statuses().size(), 2U);
        EXPECT_EQ(ear.statuses().back().intensity_mso, 47);
        EXPECT_EQ(ear.statuses().size() + static_cast<std::size_t>(report.damaged),
                  static_cast<std::size_t>(report.told));
        EXPECT_EQ(ear.refused().size(), static_cast<std::size_t>(report.damaged));
        EXPECT_TRUE(ear.triggers().empty());  // it tells of no pulse; none is made up
    }
}

TEST(MagstimLink, ASilentOneIsTold) {
    Server server;
    Ear ear;
    const auto device = open_stimulator(parse_trigger_address("magstim+tcp://" + server.place() + "?poll=200"), ear);
    ASSERT_TRUE(server.accept());
    ASSERT_TRUE(soon([&] { return ear.is(LinkState::lost); }));
    EXPECT_NE(ear.links().back().second.find("does not answer"), std::string::npos);
    server.send(magstim::settings_answer({.power_mso = 50}));
    EXPECT_TRUE(soon([&] { return ear.is(LinkState::connected); }));
}

}  // namespace
}  // namespace precentral
