// SPDX-License-Identifier: Apache-2.0
#include "navigation/open_tracker.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <string>
#include <vector>

#include "data/error.h"
#include "navigation/igtl_client.h"
#include "navigation/ndi_client.h"
#include "navigation/replay_tracker.h"
#include "navigation/stand_in_process.h"
#include "navigation/tracker_address.h"
#include "navigation/tracker_script.h"

namespace precentral {
namespace {

// A simulator as a child process, ended and its folder removed with this.
class SimulatorProcess {
public:
    SimulatorProcess(const std::string& name, const std::filesystem::path& program) {
        std::string pattern = (std::filesystem::temp_directory_path() / "precentral-sim-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw Error("No folder could be made for the simulated tracker.");
        folder_ = pattern;
        std::vector<std::string> words = {"simulate"};
        if (name == "patient") {
            words.emplace_back("patient");
        } else {
            words.insert(words.end(), {"tracker", "--script", name});
        }
        // Should this program die before it can end the simulator, that one leaves by itself.
        words.insert(words.end(), {"--port-file", port_file().string(), "--linger", "10"});
        child_ = start_stand_in(kName, words, program, log_file());
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

    std::uint16_t wait_for_port() { return await_stand_in(kName, child_, port_file(), log_file()); }

private:
    std::filesystem::path port_file() const { return folder_ / "port"; }
    std::filesystem::path log_file() const { return folder_ / "log"; }

    static constexpr const char* kName = "The simulated tracker";
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
