// SPDX-License-Identifier: Apache-2.0
#include "navigation/tracker_stand_in.h"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <list>
#include <thread>

#include "data/error.h"
#include "navigation/igtl_server.h"
#include "navigation/tcp_socket.h"
#include "navigation/tool_names.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

// Further behind than this (the machine slept, say), frames are left out rather than sent all at once.
constexpr double kFarBehind_s = 1.0;

SteadyTime::duration from_seconds(double s) {
    return std::chrono::duration_cast<SteadyTime::duration>(std::chrono::duration<double>(s));
}

// When the script began and when it is to end.
class Clock {
public:
    explicit Clock(const StandInOptions& options) : options_(options), idle_since_(steady_now()) {}
    double now_s() const { return begun_ ? seconds_between(began_, steady_now()) : 0.0; }
    bool begun() const { return begun_; }
    SteadyTime at(double s) const { return began_ + from_seconds(s); }
    // True when it is over.
    bool tick(bool somebody_is_here) {
        const SteadyTime now = steady_now();
        if (somebody_is_here) {
            idle_since_ = now;
            if (!begun_) began_ = now;
            begun_ = true;
        }
        if (options_.linger_s > 0.0 && seconds_between(idle_since_, now) > options_.linger_s) return true;
        return options_.seconds > 0.0 && now_s() > options_.seconds;
    }

private:
    const StandInOptions& options_;
    bool begun_ = false;
    SteadyTime began_{};
    SteadyTime idle_since_;
};

// One message, or one a tool.
std::vector<igtl::Message> messages_of(const ScriptFrame& frame, StandInOptions::Kind kind, int version,
                                       std::uint64_t stamp) {
    std::vector<igtl::Message> out;
    igtl::TrackingData matrices;
    igtl::QuaternionData quaternions;
    igtl::Message whole{.device = "Tracker", .stamp = stamp, .header_version = version};
    for (const NamedTool& tool : frame.tools) {
        const bool seen = tool.state == ToolState::visible;
        // "No pose" said by the identity matrix has no status beside it.
        const bool says_nothing = seen && tool.tracker_from_tool.matrix().isIdentity(0.0);
        const igtl::Matrix34 matrix = seen ? igtl::to_matrix34(tool.tracker_from_tool.matrix()) : igtl::kIdentity34;
        if (kind == StandInOptions::Kind::transform) {
            igtl::Message one{.device = tool.name + "ToTracker", .stamp = stamp, .header_version = version};
            one.content = igtl::TransformData{matrix};
            if (version == 2 && !says_nothing) {
                one.metadata = {{"TransformStatus", status_word(tool.state)}, {"TransformValid", seen ? "1" : "0"}};
            }
            out.push_back(std::move(one));
            continue;
        }
        if (!seen && version == 1) continue;  // version 1 has no word for it but to leave it out
        if (version == 2 && !says_nothing) whole.metadata.emplace_back(tool.name + "Status", status_word(tool.state));
        if (kind == StandInOptions::Kind::tdata) {
            matrices.tools.push_back({tool.name, 1, matrix});
        } else {
            const Eigen::Quaternionf q(tool.tracker_from_tool.linear().cast<float>());
            const Eigen::Vector3f p = tool.tracker_from_tool.translation().cast<float>();
            quaternions.tools.push_back({tool.name, 1, {p.x(), p.y(), p.z()}, {q.x(), q.y(), q.z(), q.w()}});
        }
    }
    if (kind == StandInOptions::Kind::transform) return out;
    if (kind == StandInOptions::Kind::tdata) {
        whole.content = std::move(matrices);
    } else {
        whole.content = std::move(quaternions);
    }
    out.push_back(std::move(whole));
    return out;
}

void answer_query(IgtlServer& server, const IgtlServer::Received& received) {
    const auto* query = std::get_if<igtl::QueryData>(&received.message.content);
    if (query == nullptr) return;
    igtl::Message reply{.device = "Tracker", .header_version = std::max(1, server.client_version(received.client))};
    if (query->verb == igtl::Verb::get && query->what == "STATUS") {
        reply.content = igtl::StatusData{};
    } else if (query->verb == igtl::Verb::get && query->what == "CAPABIL") {
        reply.content = igtl::CapabilityData{{"TDATA", "QTDATA", "TRANSFORM", "STATUS"}};
    } else if (query->verb == igtl::Verb::start || query->verb == igtl::Verb::stop) {
        reply.content = igtl::QueryData{.verb = igtl::Verb::reply, .what = query->what};
    } else {
        return;
    }
    server.send(reply, received.client);
}

void run_igtl(const StandInOptions& options, const TrackerScript& script, const std::stop_token& stop,
              const std::function<void(const std::string&)>& ready) {
    IgtlServer server(options.port);
    ready("igtl://127.0.0.1:" + std::to_string(server.port()));
    Clock clock(options);
    std::uint64_t number = 0;
    std::uint64_t sent = 0;
    double utc_at_start_s = 0.0;
    while (!stop.stop_requested() && !clock.tick(server.clients() > 0)) {
        if (!clock.begun()) {
            if (const auto received = server.receive(50ms)) answer_query(server, *received);
            const auto utc = std::chrono::system_clock::now().time_since_epoch();
            utc_at_start_s = std::chrono::duration<double>(utc).count();
            continue;
        }
        while (const auto received = server.receive(0ms)) answer_query(server, *received);
        const double rate_hz = script.options().rate_hz;
        if (clock.now_s() - static_cast<double>(number) / rate_hz > kFarBehind_s) {
            number = static_cast<std::uint64_t>(clock.now_s() * rate_hz);
        }
        const ScriptFrame frame = script.frame(number++);
        std::this_thread::sleep_until(clock.at(frame.time_s));
        if (frame.silent) continue;
        const std::uint64_t stamp = igtl::stamp_from_seconds(utc_at_start_s + frame.device_time_s);
        for (const int client : server.client_numbers()) {
            const int version =
                options.header_version != 0 ? options.header_version : std::max(1, server.client_version(client));
            for (const igtl::Message& message : messages_of(frame, options.kind, version, stamp)) {
                Bytes bytes = igtl::encode(message);
                if (options.damage_every > 0 && ++sent % static_cast<std::uint64_t>(options.damage_every) == 0) {
                    bytes.back() ^= 4U;
                }
                server.send_encoded(bytes, client);
            }
        }
    }
}

// One program's line to the camera: commands in, replies out.
struct CameraLine {
    Descriptor fd;
    bool terminal = false;
    std::string waiting;
    ndi::Camera camera;

    // False when the line ended.
    bool serve(double time_s) {
        std::array<std::uint8_t, 4096> buffer{};
        IoResult result;
        if (terminal) {
            const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
            if (got <= 0) return true;  // nobody has the other end open
            result.size = static_cast<std::size_t>(got);
        } else {
            result = read_some(fd.get(), buffer);
        }
        if (result.state == IoState::closed) return false;
        waiting.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(result.size));
        for (std::size_t end = waiting.find('\r'); end != std::string::npos; end = waiting.find('\r')) {
            const Bytes reply = camera.answer(std::string_view(waiting).substr(0, end), time_s);
            waiting.erase(0, end + 1);
            if (reply.empty()) continue;
            // A reply is small; a program that reads none of many is none of a camera's.
            if (terminal) {
                if (::write(fd.get(), reply.data(), reply.size()) < 0) return true;
            } else if (write_some(fd.get(), reply).state == IoState::closed) {
                return false;
            }
        }
        return waiting.size() < 65536;
    }
};

CameraLine open_terminal(const TrackerScript& script, const ndi::CameraOptions& options, std::string& name,
                         Descriptor& other_end) {
    CameraLine line{Descriptor(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)), true, {}, ndi::Camera(script, options)};
    std::array<char, 128> path{};
    if (!line.fd || ::grantpt(line.fd.get()) != 0 || ::unlockpt(line.fd.get()) != 0 ||
        ::ptsname_r(line.fd.get(), path.data(), path.size()) != 0) {
        throw Error("The system gives no pseudo-terminal for the simulated camera.");
    }
    name = path.data();
    // Held open here, so that the line does not hang up between two programs; raw, so that nothing is echoed.
    other_end = Descriptor(::open(path.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    termios settings{};
    if (::tcgetattr(other_end.get(), &settings) == 0) {
        ::cfmakeraw(&settings);
        ::tcsetattr(other_end.get(), TCSANOW, &settings);
    }
    ::fcntl(line.fd.get(), F_SETFL, O_NONBLOCK);
    return line;
}

void run_ndi(const StandInOptions& options, const TrackerScript& script, const std::stop_token& stop,
             const std::function<void(const std::string&)>& ready) {
    ndi::CameraOptions camera = options.camera;
    if (options.damage_every > 0) camera.damage_every = options.damage_every;
    Listener listener;
    std::list<CameraLine> lines;
    Descriptor other_end;
    if (options.protocol == StandInOptions::Protocol::ndi_pty) {
        std::string name;
        lines.push_back(open_terminal(script, camera, name, other_end));
        ready("ndi:" + name);
    } else {
        listener = listen_tcp("127.0.0.1", options.port);
        ready("ndi://127.0.0.1:" + std::to_string(listener.port));
    }
    Clock clock(options);
    while (!stop.stop_requested() && !clock.tick(!lines.empty())) {
        std::vector<Waited> fds;
        for (const CameraLine& line : lines) fds.push_back({.fd = line.fd.get()});
        if (listener.socket) fds.push_back({.fd = listener.socket.get()});
        wait_for(fds, 50ms);
        auto ready_line = fds.begin();
        for (auto line = lines.begin(); line != lines.end(); ++ready_line) {
            const bool gone = ready_line->readable && !line->serve(clock.now_s());
            line = gone ? lines.erase(line) : std::next(line);
        }
        if (!listener.socket || !fds.back().readable) continue;
        while (Descriptor socket = accept_tcp(listener.socket.get())) {
            lines.push_back({std::move(socket), false, {}, ndi::Camera(script, camera)});
        }
    }
}

}  // namespace

void run_tracker_stand_in(const StandInOptions& options, const std::stop_token& stop,
                          const std::function<void(const std::string& address)>& ready) {
    const TrackerScript script(options.script);
    for (const std::string& tool : options.script.tools) {
        const std::size_t most = options.kind == StandInOptions::Kind::transform ? 11 : 20;
        if (tool.empty() || tool.size() > most) {
            throw InputError("The tool name '" + tool.substr(0, 60) + "' has to have between 1 and " +
                             std::to_string(most) + " characters.");
        }
    }
    if (options.protocol == StandInOptions::Protocol::igtl) return run_igtl(options, script, stop, ready);
    run_ndi(options, script, stop, ready);
}

}  // namespace precentral
