// SPDX-License-Identifier: Apache-2.0
#include "navigation/replay_tracker.h"

#include <array>
#include <cmath>
#include <set>
#include <stop_token>
#include <thread>

#include "data/error.h"
#include "data/pose_sequence.h"
#include "navigation/tcp_socket.h"
#include "navigation/tool_names.h"

namespace precentral {
namespace {

constexpr double kUsualInterval_s = 1.0 / 60.0;
// A longer gap in a recording (a pause, a clock that was set) is not waited for.
constexpr double kLongestGap_s = 10.0;

ToolState state_of(const PoseFrame& frame, const std::string& name) {
    if (frame.poses.contains(name)) return ToolState::visible;
    const auto status = frame.not_ok.find(name);
    // Without a pose it is not visible, whatever the file says.
    const ToolState told = status == frame.not_ok.end() ? ToolState::hidden : state_of_status(status->second);
    return told == ToolState::visible ? ToolState::hidden : told;
}

class ReplayDevice final : public Device {
public:
    ReplayDevice(std::string path, const ToolNames& names, DeviceListener& listener, const ReplayOptions& options)
        : path_(std::move(path)),
          names_(names),
          listener_(listener),
          pace_(options.pace),
          frames_(read_pose_sequence(path_)) {
        if (!(pace_ >= 0.0 && pace_ <= 1000.0)) {
            throw InputError("A recording is replayed at a pace from 0 (as fast as possible) to 1000 times its own.");
        }
        for (const PoseFrame& frame : frames_) {
            for (const auto& [name, pose] : frame.poses) known_.insert(name);
            for (const auto& [name, status] : frame.not_ok) known_.insert(name);
        }
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }

    void send_text(const std::string&, const std::string&) override {}  // nobody is there

private:
    void run(const std::stop_token& stop) {
        const std::stop_callback wake_on_stop(stop, [this] { wake_.raise(); });
        listener_.on_link(LinkState::connected, "");
        SteadyTime due = steady_now();
        double before_s = 0.0;
        std::uint64_t sequence = 0;
        for (const PoseFrame& frame : frames_) {
            const bool first = sequence == 0;
            const double time_s = std::isfinite(frame.time_s) ? frame.time_s
                                  : first                     ? kUsualInterval_s
                                                              : before_s + kUsualInterval_s;
            const double gap_s = first ? 0.0 : time_s - before_s;
            if (pace_ > 0.0 && gap_s > 0.0 && gap_s < kLongestGap_s) {
                due += std::chrono::duration_cast<SteadyTime::duration>(std::chrono::duration<double>(gap_s / pace_));
                wait_until(due);
            }
            if (stop.stop_requested()) return;
            before_s = time_s;
            give(frame, time_s, ++sequence);
        }
        listener_.on_link(LinkState::lost, "The recording '" + path_ + "' is over.");
    }

    void wait_until(SteadyTime due) const {
        const auto whole = std::chrono::floor<std::chrono::milliseconds>(due - steady_now());
        std::array<Waited, 1> fds{Waited{.fd = wake_.get()}};
        if (whole.count() > 0 && wait_for(fds, whole)) return;
        std::this_thread::sleep_until(due);
    }

    void give(const PoseFrame& recorded, double time_s, std::uint64_t sequence) {
        tools_.clear();
        for (const std::string& name : known_) {
            NamedTool tool{.name = name, .state = state_of(recorded, name)};
            if (tool.state == ToolState::visible) tool.tracker_from_tool = recorded.poses.at(name);
            tools_.push_back(std::move(tool));
        }
        const SteadyTime received = steady_now();
        listener_.on_tools(received, time_s, tools_);
        TrackerFrame frame = frame_of(tools_, names_);
        frame.sequence = sequence;
        frame.received = received;
        frame.device_time_s = time_s;
        listener_.on_frame(frame);
    }

    const std::string path_;
    const ToolNames names_;
    DeviceListener& listener_;
    const double pace_;
    const std::vector<PoseFrame> frames_;
    std::set<std::string> known_;
    std::vector<NamedTool> tools_;
    WakeUp wake_;
    std::jthread thread_;  // last: it ends first
};

}  // namespace

std::unique_ptr<Device> replay_tracker(const std::string& path, const ToolNames& names, DeviceListener& listener,
                                       const ReplayOptions& options) {
    return std::make_unique<ReplayDevice>(path, names, listener, options);
}

}  // namespace precentral
