// SPDX-License-Identifier: Apache-2.0
#include "navigation/trigger_input.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include "navigation/link_news.h"
#include "navigation/stimulator_magstim.h"
#include "navigation/stimulator_magventure.h"
#include "navigation/trigger_text.h"

namespace precentral {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kConnectTimeout{2000};
constexpr milliseconds kFirstRetry{100};
constexpr milliseconds kLongestRetry{1000};
// How long half a frame may wait for its rest before somebody looks at it.
constexpr milliseconds kPatience{100};
constexpr milliseconds kPollEvery{500};
constexpr milliseconds kAnswerPatience{1600};
constexpr std::uint64_t kLargestJump = 10000;
// A control line is looked at this often: the stamp of an edge is at most that late.
constexpr std::chrono::microseconds kEdgeEvery{500};

OpenedSerial listen_udp(const std::string& host, std::uint16_t port) {
    OpenedSerial out;
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_family = host.empty() ? AF_INET : AF_UNSPEC;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int rc = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (rc != 0) {
        out.why = "Cannot listen on " + host + ": give a numeric address of this computer.";
        return out;
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
    out.port = Descriptor(::socket(found->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!out.port || ::bind(out.port.get(), found->ai_addr, found->ai_addrlen) != 0) {
        const int error = errno;
        out.port.close();
        out.why = error == EADDRINUSE ? "Another program listens on UDP port " + std::to_string(port) + ". Close it."
                                      : "Cannot listen on UDP port " + std::to_string(port) + ": " +
                                            std::generic_category().message(error) + ".";
    }
    return out;
}

class TriggerDevice final : public Device {
public:
    TriggerDevice(TriggerAddress address, DeviceListener& listener, StimulatorListener* stimulator)
        : address_(std::move(address)),
          listener_(listener),
          stimulator_(stimulator),
          thread_([this](const std::stop_token& stop) { run(stop); }) {}

    void send_text(const std::string& /*device*/, const std::string& /*text*/) override {}

private:
    bool is_stimulator() const {
        return address_.language == TriggerLanguage::magventure || address_.language == TriggerLanguage::magstim;
    }
    std::string who() const { return is_stimulator() ? "The stimulator at " : "The trigger at "; }

    void tell(LinkState state, const std::string& why) { news_.tell(state, why); }
    void refuse(const std::string& why) { news_.refuse(why); }

    void run(const std::stop_token& stop) {
        const std::stop_callback wake_on_stop(stop, [this] { wake_.raise(); });
        milliseconds pause = kFirstRetry;
        tell(LinkState::connecting, "Looking for " + address_.place() + ".");
        while (!stop.stop_requested()) {
            std::string why;
            if (Descriptor opened = open(why)) {
                ever_ = true;
                pause = kFirstRetry;
                tell(LinkState::connected, "");
                why = listen(opened, stop);
            }
            if (stop.stop_requested()) return;
            tell(ever_ ? LinkState::lost : LinkState::connecting, why);
            std::array<Waited, 1> fds{Waited{.fd = wake_.get()}};
            wait_for(fds, pause);
            pause = std::min(2 * pause, kLongestRetry);
        }
    }

    Descriptor open(std::string& why) {
        switch (address_.wire) {
            case TriggerWire::serial: {
                OpenedSerial opened = open_serial(address_.path, address_.baud);
                why = opened.why;
                return std::move(opened.port);
            }
            case TriggerWire::udp: {
                OpenedSerial opened = listen_udp(address_.host, address_.port);
                why = opened.why;
                return std::move(opened.port);
            }
            case TriggerWire::tcp: break;
        }
        Connected connected = connect_tcp(address_.host, address_.port, kConnectTimeout, wake_.get());
        if (connected.failure == ConnectFailure::unknown_host) {
            why = "The name '" + address_.host + "' is not known on this network.";
        } else if (!connected.socket) {
            why = "Nothing answers at " + address_.place() + ". Is it switched on?";
        }
        return std::move(connected.socket);
    }

    // Until the wire breaks; the reason, for the user.
    std::string listen(const Descriptor& wire, const std::stop_token& stop) {
        lines_ = {};
        magventure_ = {};
        magstim_ = {};
        status_ = {};
        damaged_ = 0;
        if (address_.language == TriggerLanguage::edge) return watch_edges(wire, stop);
        if (address_.ask) send(wire, magventure::frame_of(std::array<std::uint8_t, 1>{0}));
        SteadyTime next_poll = steady_now();
        last_answer_ = next_poll;
        Bytes buffer(4096);
        while (!stop.stop_requested()) {
            if (address_.poll != MagstimPoll::none && steady_now() >= next_poll) {
                next_poll = steady_now() + kPollEvery;
                send(wire, magstim::with_checksum(address_.poll == MagstimPoll::rapid ? magstim::kAskRapidSettings
                                                                                      : magstim::kAskSettings));
                if (steady_now() - last_answer_ > kAnswerPatience) {
                    tell(LinkState::lost, who() + address_.place() + " does not answer. Is it switched on?");
                }
            }
            std::array<Waited, 2> fds{Waited{.fd = wire.get()}, Waited{.fd = wake_.get()}};
            const bool ready = wait_for(fds, is_stimulator() ? std::optional(kPatience) : std::nullopt);
            if (is_stimulator() && !(ready && fds[0].readable)) {
                magventure_.expire(steady_now());
                magstim_.expire(steady_now());
                drain();
            }
            if (!ready || !fds[0].readable) continue;
            std::string why;
            if (!read(wire, buffer, why)) return why;
        }
        return {};
    }

    void send(const Descriptor& wire, const Bytes& bytes) const {
        // When it cannot be sent, the wire is broken, which reading shows.
        (void)(address_.wire == TriggerWire::serial ? write_serial(wire.get(), bytes) : write_some(wire.get(), bytes));
    }

    bool read(const Descriptor& wire, Bytes& buffer, std::string& why) {
        if (address_.wire == TriggerWire::udp) {
            read_datagrams(wire, buffer);
            return true;
        }
        const IoResult got =
            address_.wire == TriggerWire::serial ? read_serial(wire.get(), buffer) : read_some(wire.get(), buffer);
        const SteadyTime received = steady_now();
        if (got.state == IoState::later) return true;
        if (got.state == IoState::closed) {
            why = address_.wire == TriggerWire::serial
                      ? "The cable at " + address_.path + " was pulled out. Looking for it again."
                      : who() + address_.place() + " closed the connection. Trying again.";
            return false;
        }
        const ByteView bytes = ByteView(buffer).first(got.size);
        switch (address_.language) {
            case TriggerLanguage::text: take_text(bytes, received); break;
            case TriggerLanguage::byte:
                for (const std::uint8_t byte : bytes) {
                    if (!address_.byte || byte == *address_.byte) pulse(received, 0.0);
                }
                break;
            case TriggerLanguage::magventure:
                magventure_.feed(bytes, received);
                drain();
                break;
            case TriggerLanguage::magstim:
                magstim_.feed(bytes, received);
                drain();
                break;
            case TriggerLanguage::edge: break;
        }
        return true;
    }

    void read_datagrams(const Descriptor& wire, Bytes& buffer) {
        while (true) {
            const ssize_t got = ::recv(wire.get(), buffer.data(), buffer.size(), 0);
            const SteadyTime received = steady_now();
            if (got < 0) {
                if (errno == EINTR || errno == ECONNREFUSED) continue;
                return;
            }
            const std::string_view text(reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(got));
            LineSplitter splitter;
            std::vector<std::string> lines = splitter.take(std::string(text) + "\n");
            if (splitter.too_long() > 0) refuse("A datagram was refused: it is too long for a trigger.");
            if (text.find_first_not_of("\r\n") == std::string_view::npos) lines.emplace_back();
            for (const std::string& line : lines) take_line(line, received);
        }
    }

    void take_text(ByteView bytes, SteadyTime received) {
        const std::uint64_t before = lines_.too_long();
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        for (const std::string& line : lines_.take(text)) take_line(line, received);
        if (lines_.too_long() != before) refuse("A line was refused: it is too long for a trigger.");
    }

    void take_line(const std::string& line, SteadyTime received) {
        std::string why;
        const std::optional<Trigger> trigger = trigger_from_line(line, received, why);
        if (trigger && last_count_ > 0 && trigger->count > last_count_ + kLargestJump) {
            // Every count that was left out becomes a record of a pulse: a slip of the sender's must not make millions.
            refuse("A trigger was refused: its count jumped from " + std::to_string(last_count_) + " to " +
                   std::to_string(trigger->count) + ".");
        } else if (trigger) {
            last_count_ = trigger->count;
            listener_.on_trigger(*trigger);
        } else if (!why.empty()) {
            refuse(why);
        } else {
            listener_.on_text("Trigger", line);
        }
    }

    void pulse(SteadyTime received, double intensity_mso) {
        listener_.on_trigger({received, kNoDeviceTime, 0, intensity_mso});
    }

    void drain() {
        if (address_.language == TriggerLanguage::magventure) {
            while (const std::optional<magventure::Frame> frame = magventure_.next()) {
                std::string why;
                const std::optional<magventure::News> news = magventure::take(*frame, status_, why);
                if (!news) {
                    refuse(why);
                    continue;
                }
                if (std::holds_alternative<magventure::Fired>(*news)) {
                    pulse(frame->received, status_.intensity_mso.value_or(0));
                }
                if (stimulator_ == nullptr) continue;
                if (const auto* mep = std::get_if<StimulatorMep>(&*news)) stimulator_->on_mep(*mep);
                stimulator_->on_status(status_);
            }
            tell_damage(magventure_.damaged(), magventure_.last_damage());
        } else {
            while (const std::optional<magstim::Answer> answer = magstim_.next()) {
                if (!magstim::take(*answer, status_)) continue;
                last_answer_ = answer->received;
                tell(LinkState::connected, "");
                if (stimulator_ != nullptr) stimulator_->on_status(status_);
            }
            tell_damage(magstim_.damaged(), magstim_.last_damage());
        }
    }

    void tell_damage(std::uint64_t damaged, const std::string& what) {
        for (; damaged_ < damaged; ++damaged_) {
            refuse(who() + address_.place() + " sent " + what + "; it was left out, so a pulse may be missing.");
        }
    }

    std::string watch_edges(const Descriptor& wire, const std::stop_token& stop) {
        std::optional<LineState> before = control_line(wire.get(), address_.line);
        if (!before) return address_.path + " has no such control line; use on=byte.";
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(kEdgeEvery);
            const std::optional<LineState> now = control_line(wire.get(), address_.line);
            if (!now) return "The cable at " + address_.path + " was pulled out. Looking for it again.";
            const SteadyTime received = steady_now();
            const std::uint32_t changes = now->changes - before->changes;
            // Of several changes between two looks every second one rises; the first does when it was low.
            const std::uint32_t rises = before->high ? changes / 2 : (changes + 1) / 2;
            for (std::uint32_t i = 0; i < rises; ++i) pulse(received, 0.0);
            if (changes > 0) before = now;
        }
        return {};
    }

    const TriggerAddress address_;
    DeviceListener& listener_;
    StimulatorListener* const stimulator_;

    // On the device's thread only.
    LinkNews news_{listener_};
    bool ever_ = false;
    std::uint64_t last_count_ = 0;
    std::uint64_t damaged_ = 0;  // of this connection, already told
    LineSplitter lines_;
    magventure::Decoder magventure_;
    magstim::Decoder magstim_;
    StimulatorStatus status_;
    SteadyTime last_answer_{};

    WakeUp wake_;
    std::jthread thread_;  // last: it starts when all else is there and ends first
};

}  // namespace

std::unique_ptr<Device> open_trigger(const TriggerAddress& address, DeviceListener& listener) {
    return std::make_unique<TriggerDevice>(address, listener, nullptr);
}

std::unique_ptr<Device> open_trigger(std::string_view address, DeviceListener& listener) {
    return open_trigger(parse_trigger_address(address), listener);
}

std::unique_ptr<Device> open_stimulator(const TriggerAddress& address, StimulatorListener& listener) {
    return std::make_unique<TriggerDevice>(address, listener, &listener);
}

}  // namespace precentral
