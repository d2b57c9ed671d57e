// SPDX-License-Identifier: Apache-2.0
// What a device says, in the order it said it, for the session's thread. Nothing is dropped and nothing waits for a
// reader: a pulse must not be lost because somebody is busy.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "navigation/pose_history.h"
#include "navigation/tracker.h"
#include "navigation/tracking_watch.h"

namespace precentral {

struct LinkChange {
    LinkState state = LinkState::connecting;
    std::string why;
};

struct DeviceText {
    std::string device;
    std::string text;
};

// What is wrong with the stimulator's line, "" when nothing, as a DeviceText of this name.
inline constexpr const char* kStimulatorDevice = "Stimulator";

using DeviceEvent = std::variant<TrackerFrame, Trigger, EmgSweep, LinkChange, DeviceText>;

class Inbox : public DeviceListener {
public:
    void on_frame(const TrackerFrame& frame) override {
        // What repeats itself is no measurement: neither the screen nor a pulse takes it for one.
        watch_.add(frame);
        TrackerFrame checked = frame;
        if (frozen(watch_.head(frame.received))) checked.head.state = ToolState::frozen;
        if (frozen(watch_.stylus(frame.received))) checked.stylus.state = ToolState::frozen;
        if (frozen(watch_.coil(frame.received))) checked.coil.state = ToolState::frozen;
        history_.add(checked);
        put(checked);
    }
    void on_trigger(const Trigger& trigger) override { put(trigger); }
    void on_sweep(const EmgSweep& sweep) override { put(sweep); }
    void on_text(const std::string& device, const std::string& text) override { put(DeviceText{device, text}); }
    void on_link(LinkState state, const std::string& why) override { put(LinkChange{state, why}); }

    // The next event, or nothing when none came within `wait`. Session's thread.
    std::optional<DeviceEvent> next(std::chrono::milliseconds wait) {
        std::unique_lock lock(mutex_);
        if (!ready_.wait_for(lock, wait, [this] { return !events_.empty(); })) return std::nullopt;
        DeviceEvent event = std::move(events_.front());
        events_.pop_front();
        return event;
    }
    PoseHistory& history() { return history_; }

private:
    static bool frozen(const ToolReport& report) { return report.condition == ToolCondition::frozen; }
    void put(DeviceEvent event) {
        {
            const std::scoped_lock lock(mutex_);
            events_.push_back(std::move(event));
        }
        ready_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<DeviceEvent> events_;
    PoseHistory history_;
    TrackingWatch watch_;  // the device's thread
};

}  // namespace precentral
