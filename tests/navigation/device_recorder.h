// SPDX-License-Identifier: Apache-2.0
// Keeps what a device tells, and waits for it; runs a stand-in for a tracker beside the test.
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "navigation/tracker_stand_in.h"

namespace precentral {

struct DeviceRecorder final : DeviceListener {
    struct Tools {
        SteadyTime received;
        double device_time_s;
        std::vector<NamedTool> tools;
    };
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<TrackerFrame> frames;
    std::vector<Tools> tools;
    std::vector<std::pair<LinkState, std::string>> links;
    std::vector<SteadyTime> link_times;
    std::vector<std::string> texts;
    std::vector<std::string> refused;

    template <class Change>
    void note(Change change) {
        {
            const std::scoped_lock lock(mutex);
            change();
        }
        changed.notify_all();
    }
    void on_frame(const TrackerFrame& frame) override {
        note([&] { frames.push_back(frame); });
    }
    void on_tools(SteadyTime received, double device_time_s, std::span<const NamedTool> told) override {
        note([&] { tools.push_back({received, device_time_s, {told.begin(), told.end()}}); });
    }
    void on_text(const std::string&, const std::string& text) override {
        note([&] { texts.push_back(text); });
    }
    void on_link(LinkState state, const std::string& why) override {
        note([&] {
            links.emplace_back(state, why);
            link_times.push_back(steady_now());
        });
    }
    void on_refused(const std::string& why, std::uint64_t) override {
        note([&] { refused.push_back(why); });
    }
    // `so` is asked under the lock.
    bool eventually(const std::function<bool()>& so, std::chrono::seconds within = std::chrono::seconds(20)) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, within, so);
    }
    bool frames_come(std::size_t n) {
        return eventually([this, n] { return frames.size() >= n; });
    }
    bool link_is(LinkState state) {
        return eventually([this, state] { return !links.empty() && links.back().first == state; });
    }
    std::string last_why() {
        const std::scoped_lock lock(mutex);
        return links.empty() ? std::string() : links.back().second;
    }
    std::vector<TrackerFrame> copy_frames() {
        const std::scoped_lock lock(mutex);
        return frames;
    }
};

// Ends with the test.
class RunningStandIn {
public:
    explicit RunningStandIn(StandInOptions options) {
        std::promise<std::string> ready;
        std::future<std::string> address = ready.get_future();
        thread_ =
            std::jthread([options = std::move(options), ready = std::move(ready)](const std::stop_token& stop) mutable {
                try {
                    run_tracker_stand_in(options, stop, [&](const std::string& text) { ready.set_value(text); });
                } catch (...) {
                    ready.set_exception(std::current_exception());
                }
            });
        address_ = address.get();
    }
    const std::string& address() const { return address_; }
    std::uint16_t port() const {
        return static_cast<std::uint16_t>(std::stoi(address_.substr(address_.rfind(':') + 1)));
    }
    // As when its plug is pulled.
    void end() { thread_ = {}; }

private:
    std::string address_;
    std::jthread thread_;
};

}  // namespace precentral
