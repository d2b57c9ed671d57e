// SPDX-License-Identifier: Apache-2.0
#include "navigation/open_tracker.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "data/error.h"
#include "navigation/igtl_client.h"
#include "navigation/ndi_client.h"
#include "navigation/replay_tracker.h"
#include "navigation/tracker_address.h"
#include "navigation/tracker_script.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

// A simulator as a child process, ended and its folder removed with this.
class SimulatorProcess {
public:
    SimulatorProcess(const std::string& name, const std::filesystem::path& program) {
        std::string pattern = (std::filesystem::temp_directory_path() / "precentral-sim-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw Error("No folder could be made for the simulated tracker.");
        folder_ = pattern;
        std::vector<std::string> words = {"precentral", "simulate"};
        if (name == "patient") {
            words.emplace_back("patient");
        } else {
            words.insert(words.end(), {"tracker", "--script", name});
        }
        // Should this program die before it can end the simulator, that one leaves by itself.
        words.insert(words.end(), {"--port-file", port_file().string(), "--linger", "10"});
        start(words,
              program.empty() ? std::filesystem::read_symlink("/proc/self/exe").parent_path() / "precentral" : program);
    }
    ~SimulatorProcess() {
        if (child_ > 0) {
            ::kill(child_, SIGTERM);
            ::waitpid(child_, nullptr, 0);
        }
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    SimulatorProcess(const SimulatorProcess&) = delete;
    SimulatorProcess& operator=(const SimulatorProcess&) = delete;

    std::uint16_t wait_for_port() {
        for (int i = 0; i < 6000; ++i) {  // a new head takes its time
            std::ifstream in(port_file());
            unsigned port = 0;
            if (in >> port && port > 0 && port < 65536) return static_cast<std::uint16_t>(port);
            if (::waitpid(child_, nullptr, WNOHANG) == child_) {
                child_ = 0;
                std::ifstream log(log_file());
                std::string said;
                std::getline(log, said);
                throw Error("The simulated tracker ended before it was ready" + (said.empty() ? "." : ": " + said));
            }
            std::this_thread::sleep_for(20ms);
        }
        throw Error("The simulated tracker did not get ready within two minutes.");
    }

private:
    std::filesystem::path port_file() const { return folder_ / "port"; }
    std::filesystem::path log_file() const { return folder_ / "log"; }

    void start(std::vector<std::string>& words, const std::filesystem::path& program) {
        std::vector<char*> arguments;
        arguments.reserve(words.size() + 1);
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 1, log_file().c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        posix_spawn_file_actions_adddup2(&actions, 1, 2);
        // A group of its own: Ctrl+C in the terminal ends the program, which then ends this.
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        const int failed = posix_spawn(&child_, program.c_str(), &actions, &attributes, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        if (failed != 0) {
            child_ = 0;
            throw Error("The simulated tracker could not be started: " + program.string() + " does not run.");
        }
    }

    std::filesystem::path folder_;
    pid_t child_ = 0;
};

// The connection to a simulator with the process it needs.
class SimulatedDevice final : public Device {
public:
    SimulatedDevice(const std::string& name, const OpenOptions& options, const ToolNames& names,
                    DeviceListener& listener)
        : process_(name, options.program),
          device_(connect_igtl("127.0.0.1", process_.wait_for_port(), names, listener)) {}
    void send_text(const std::string& device, const std::string& text) override { device_->send_text(device, text); }

private:
    SimulatorProcess process_;
    std::unique_ptr<Device> device_;  // last: the connection ends before the process does
};

int number_of(const std::string& name, const std::string& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > 2'000'000) {
        throw InputError("The tracker address says " + name + "=" + text.substr(0, 40) + "; that takes a number.");
    }
    return value;
}

std::unique_ptr<Device> open_ndi(const AnyTrackerAddress& address, const ToolNames& names, DeviceListener& listener) {
    NdiOptions options;
    for (const auto& [name, value] : address.parameters) {
        if (name == "rate") {
            options.rate_hz = number_of(name, value);
        } else if (name == "baud") {
            options.baud = number_of(name, value);
        } else if (name == "reply") {
            if (value != "bx" && value != "tx")
                throw InputError("The tracker address says reply=" + value.substr(0, 40) +
                                 "; a camera replies bx or tx.");
            options.binary = value == "bx";
        } else {
            options.tools.push_back({name, value});
        }
    }
    return connect_ndi({.host = address.place.host, .port = address.place.port, .device = address.what}, names,
                       listener, options);
}

}  // namespace

std::unique_ptr<Device> open_tracker(std::string_view text, const ToolNames& names, DeviceListener& listener,
                                     const OpenOptions& options) {
    const AnyTrackerAddress address = parse_tracker_address(text);
    switch (address.kind) {
        case AnyTrackerAddress::Kind::igtl:
            return connect_igtl(address.place.host, address.place.port, names, listener);
        case AnyTrackerAddress::Kind::ndi:
        case AnyTrackerAddress::Kind::ndi_serial: return open_ndi(address, names, listener);
        case AnyTrackerAddress::Kind::recording:
            return replay_tracker(address.what, names, listener, {.pace = options.pace});
        case AnyTrackerAddress::Kind::simulator: break;
    }
    if (address.what != "patient") (void)script_named(address.what);  // refuses what there is not
    return std::make_unique<SimulatedDevice>(address.what, options, names, listener);
}

}  // namespace precentral
