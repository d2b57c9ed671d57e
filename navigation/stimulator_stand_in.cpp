// SPDX-License-Identifier: Apache-2.0
#include "navigation/stimulator_stand_in.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include "data/error.h"
#include "navigation/serial_port.h"
#include "navigation/stimulator_magstim.h"
#include "navigation/stimulator_magventure.h"

namespace precentral {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kUnplugged{300};

// Seconds from the first pulse.
std::vector<double> schedule(const StandInOptions& o) {
    std::vector<double> out;
    double start = 0.0;
    for (int train = 0; train < o.trains; ++train) {
        for (int i = 0; i < o.pulses_per_train; ++i) {
            out.push_back(start + (i / o.pulses_per_burst) / o.rate_hz + (i % o.pulses_per_burst) / o.burst_hz);
        }
        start += std::ceil(static_cast<double>(o.pulses_per_train) / o.pulses_per_burst) / o.rate_hz + o.pause_s;
    }
    return out;
}

void check(const StandInOptions& o) {
    const bool sane = o.trains >= 1 && o.pulses_per_train >= 1 && o.pulses_per_burst >= 1 && o.rate_hz > 0.0 &&
                      o.rate_hz <= 1000.0 && o.burst_hz > 0.0 && o.burst_hz <= 1000.0 && o.pause_s >= 0.0 &&
                      o.intensity_mso >= 0 && o.intensity_mso <= 100 && o.start_after_s >= 0.0 && o.stay_s >= 0.0 &&
                      o.pulses_per_burst / o.burst_hz <= 1.0 / o.rate_hz + 1.0 / o.burst_hz &&
                      static_cast<double>(o.trains) * o.pulses_per_train <= 1e7;
    if (!sane) {
        throw InputError(
            "A stand-in needs at least one pulse, frequencies up to 1000 Hz, bursts that fit between one "
            "another, and an intensity within 0 to 100 %.");
    }
    if (o.wire == StandInWire::udp &&
        (o.port == 0 || o.model == StandInModel::magventure || o.model == StandInModel::magstim)) {
        throw InputError("Datagrams need the port to send to, and carry lines or bytes only.");
    }
}

// The wire towards whoever listens.
class Outlet {
public:
    explicit Outlet(const StandInOptions& o) : o_(o) { plug_in(); }
    ~Outlet() { remove_link(); }
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;

    std::string address() const {
        const char* prefix = o_.model == StandInModel::magventure      ? "magventure"
                             : o_.model == StandInModel::magstim       ? "magstim"
                             : o_.wire == StandInWire::pseudo_terminal ? "serial"
                                                                       : "trigger";
        switch (o_.wire) {
            case StandInWire::tcp: return std::string(prefix) + "+tcp://127.0.0.1:" + std::to_string(listener_.port);
            case StandInWire::udp: return "trigger+udp://127.0.0.1:" + std::to_string(o_.port);
            case StandInWire::pseudo_terminal: break;
        }
        return std::string(prefix) + ":" + (o_.link.empty() ? terminal_.path : o_.link);
    }
    bool heard() const { return o_.wire != StandInWire::tcp || !clients_.empty(); }

    // Waits at most so long for questions or listeners; questions come back.
    Bytes wait(milliseconds longest, bool& joined) {
        std::vector<Waited> fds;
        if (listener_.socket) fds.push_back({.fd = listener_.socket.get()});
        for (const Descriptor& client : clients_) fds.push_back({.fd = client.get()});
        if (terminal_.master) fds.push_back({.fd = terminal_.master.get()});
        joined = false;
        Bytes out;
        if (fds.empty()) {
            std::this_thread::sleep_for(longest);
            return out;
        }
        if (!wait_for(fds, longest)) return out;
        std::array<std::uint8_t, 512> buffer{};
        const auto keep = [&](const IoResult& got) {
            if (got.state == IoState::done) {
                out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got.size));
            }
            return got.state != IoState::closed;
        };
        if (terminal_.master) keep(read_serial(terminal_.master.get(), buffer));
        std::erase_if(clients_, [&](const Descriptor& client) { return !keep(read_some(client.get(), buffer)); });
        if (!listener_.socket) return out;
        if (Descriptor client = accept_tcp(listener_.socket.get())) {
            clients_.push_back(std::move(client));
            joined = true;
        }
        return out;
    }

    void send(const Bytes& bytes) {
        if (terminal_.master) (void)write_serial(terminal_.master.get(), bytes);
        for (const Descriptor& client : clients_) (void)write_some(client.get(), bytes);
        if (o_.wire == StandInWire::udp && datagrams_) {
            sockaddr_in to{};
            to.sin_family = AF_INET;
            to.sin_port = htons(o_.port);
            to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            (void)::sendto(datagrams_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                           sizeof to);
        }
    }

    void unplug() {
        clients_.clear();
        listener_.socket.close();
        terminal_ = {};
        datagrams_.close();
        remove_link();
    }
    void plug_in() {
        switch (o_.wire) {
            case StandInWire::tcp:
                listener_ = listen_tcp("127.0.0.1", listener_.port != 0 ? listener_.port : o_.port);
                break;
            case StandInWire::udp:
                datagrams_ = Descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
                if (!datagrams_) throw Error("The system has no socket left for datagrams.");
                break;
            case StandInWire::pseudo_terminal:
                terminal_ = open_pseudo_terminal();
                if (o_.link.empty()) break;
                remove_link();
                if (::symlink(terminal_.path.c_str(), o_.link.c_str()) != 0) {
                    throw InputError("The name \"" + o_.link + "\" cannot be made; is it there already?");
                }
                linked_ = true;
                break;
        }
    }

private:
    void remove_link() {
        if (!linked_) return;
        ::unlink(o_.link.c_str());
        linked_ = false;
    }
    const StandInOptions& o_;
    Listener listener_;
    std::vector<Descriptor> clients_;
    PseudoTerminal terminal_;
    Descriptor datagrams_;
    bool linked_ = false;
};

class StandIn {
public:
    StandIn(const StandInOptions& o, const std::stop_token& stop) : o_(o), stop_(stop), outlet_(o) {
        magstim_.power_mso = o.intensity_mso;
        magstim_.armed = magstim_.ready = true;
    }

    StandInReport run(const std::function<void(const std::string&)>& ready) {
        ready(outlet_.address());
        while (!outlet_.heard() && !stop_.stop_requested()) look(milliseconds(50));
        auto first = std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::nanoseconds>(
                                                            std::chrono::duration<double>(o_.start_after_s));
        const std::vector<double> times = schedule(o_);
        for (std::size_t i = 0; i < times.size() && !stop_.stop_requested(); ++i) {
            wait_until(first +
                       std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(times[i])));
            if (stop_.stop_requested()) break;
            give(static_cast<int>(i));
        }
        wait_until(std::chrono::steady_clock::now() +
                   std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(o_.stay_s)));
        return report_;
    }

private:
    using Clock = std::chrono::steady_clock;

    void look(milliseconds longest) {
        bool joined = false;
        const Bytes asked = outlet_.wait(longest, joined);
        if (joined) greet();
        questions_.insert(questions_.end(), asked.begin(), asked.end());
        answer();
    }

    void wait_until(Clock::time_point moment) {
        while (!stop_.stop_requested()) {
            const Clock::time_point now = Clock::now();
            if (plug_in_at_ && now >= *plug_in_at_) {
                plug_in_at_.reset();
                outlet_.plug_in();
                if (o_.wire != StandInWire::tcp) greet();
            }
            // A loaded capacitor: 40 ms after a pulse.
            magstim_.ready = magstim_.armed && now - fired_ > milliseconds(40);
            const auto left = moment - now;
            if (left <= std::chrono::nanoseconds(0)) return;
            if (left < milliseconds(2)) {
                std::this_thread::sleep_until(moment);
            } else {
                look(std::min(milliseconds(20), std::chrono::floor<milliseconds>(left) - milliseconds(1)));
            }
        }
    }

    void greet() {
        if (o_.model == StandInModel::magventure) {
            outlet_.send(magventure::frame_of(magventure::enabled_payload(24, 60, true)));
            outlet_.send(magventure::frame_of(magventure::amplitude_payload(o_.intensity_mso, 0, true)));
        } else if (o_.model == StandInModel::line) {
            outlet_.send(text("# a stimulator's stand-in\n"));
        }
    }

    static Bytes text(const std::string& words) { return {words.begin(), words.end()}; }

    void give(int index) {
        const bool starts = index % o_.pulses_per_train == 0;
        const bool ends = index % o_.pulses_per_train == o_.pulses_per_train - 1;
        ++report_.given;
        fired_ = Clock::now();
        magstim_.ready = false;
        magstim_.train = !ends && o_.pulses_per_train > 1;
        if (o_.unplug_after > 0 && report_.given == o_.unplug_after + 1) {
            outlet_.unplug();
            plug_in_at_ = fired_ + kUnplugged;
        }
        if (plug_in_at_) return;
        if (starts && o_.model == StandInModel::magventure) {  // whoever starts a train has set its intensity
            outlet_.send(magventure::frame_of(magventure::amplitude_payload(o_.intensity_mso, 0, true)));
        }
        const bool dropped = o_.drop_every > 0 && report_.given % o_.drop_every == 0;
        const bool damaged = !dropped && o_.damage_every > 0 && report_.given % o_.damage_every == 0;
        if (o_.model == StandInModel::magstim) return;  // it tells nothing unasked
        if (!dropped) {
            Bytes bytes = pulse_bytes();
            if (damaged) {
                bytes[o_.model == StandInModel::magventure ? bytes.size() - 2 : 0] ^= 0x15U;
                if (o_.model == StandInModel::line) bytes[0] = 0x02;
                ++report_.damaged;
            }
            outlet_.send(bytes);
            ++report_.told;
        }
        if (o_.model != StandInModel::magventure) return;
        if (o_.with_mep) {
            outlet_.send(magventure::frame_of(magventure::mep_payload({{}, 600, -450, 23000})));
        }
        if (starts != ends) outlet_.send(magventure::frame_of(magventure::train_payload(1, starts, true)));
    }

    Bytes pulse_bytes() const {
        switch (o_.model) {
            case StandInModel::magventure:
                return magventure::frame_of(magventure::fired_payload(3 * o_.intensity_mso / 2, 0, true));
            case StandInModel::byte: return {'T'};
            default: break;
        }
        return text("count=" + std::to_string(report_.given) + " intensity=" + std::to_string(o_.intensity_mso) + "\n");
    }

    void answer() {
        if (o_.model == StandInModel::magventure) {
            const Bytes question = magventure::frame_of(Bytes{0});
            while (questions_.size() >= question.size()) {
                if (std::equal(question.begin(), question.end(), questions_.begin())) {
                    StimulatorStatus status;
                    status.enabled = true;
                    status.temperature_c = 24.0;
                    status.coil = 60;
                    status.intensity_mso = o_.intensity_mso;
                    outlet_.send(magventure::frame_of(magventure::status_payload(status)));
                    questions_.erase(questions_.begin(),
                                     questions_.begin() + static_cast<std::ptrdiff_t>(question.size()));
                } else {
                    questions_.erase(questions_.begin());
                }
            }
        } else if (o_.model == StandInModel::magstim) {
            while (questions_.size() >= 3) {
                const bool sound = magstim::checksum(ByteView(questions_).first(2)) == questions_[2];
                if (!sound) {
                    questions_.erase(questions_.begin());
                    continue;
                }
                answer_magstim(static_cast<char>(questions_[0]));
                questions_.erase(questions_.begin(), questions_.begin() + 3);
            }
        } else {
            questions_.clear();
        }
    }

    void answer_magstim(char command) {
        Bytes bytes = command == 'J'    ? magstim::settings_answer(magstim_)
                      : command == '\\' ? magstim::rapid_settings_answer(magstim_)
                      : command == 'F'  ? magstim::temperature_answer(magstim_)
                                        : magstim::state_answer(command, magstim_);
        ++report_.told;
        if (o_.damage_every > 0 && report_.told % o_.damage_every == 0) {
            bytes.back() ^= 0x55U;
            ++report_.damaged;
        }
        outlet_.send(bytes);
    }

    const StandInOptions& o_;
    const std::stop_token& stop_;
    Outlet outlet_;
    Bytes questions_;
    StandInReport report_;
    magstim::State magstim_;
    Clock::time_point fired_{};
    std::optional<Clock::time_point> plug_in_at_;
};

}  // namespace

StandInReport run_stimulator_stand_in(const StandInOptions& options, const std::stop_token& stop,
                                      const std::function<void(const std::string& address)>& ready) {
    check(options);
    return StandIn(options, stop).run(ready);
}

}  // namespace precentral
