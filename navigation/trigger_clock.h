// SPDX-License-Identifier: Apache-2.0
// Pulses heard from elsewhere, put on the tracker's clock, so that a session treats them like the tracker's own.
#pragma once

#include <array>
#include <deque>
#include <mutex>
#include <optional>

#include "navigation/tracker.h"

namespace precentral {

// What the tracker's own clock showed at a moment of ours. A frame comes later than it was taken, by a delay that
// varies: the quickest frames of the last ten seconds tell how the clocks stand, but for the smallest delay of all
// (about 17 ms with cameras that state it, less over a network alone), which nobody can see. Thread-safe.
class TriggerClock {
public:
    // `smallest_delay_s`: of a frame, between being taken and being received, when it is known.
    explicit TriggerClock(double smallest_delay_s = 0.0) : smallest_delay_s_(smallest_delay_s) {}

    void add(const TrackerFrame& frame);
    // Nothing before the first frame. After the last one the clocks are taken to go on alike.
    std::optional<double> device_time_s(SteadyTime moment) const;

private:
    static constexpr std::size_t kBuckets = 10;  // of a second each
    struct Bucket {
        std::int64_t second = -1;
        double least_offset_s = 0.0;  // of receipt over device time
    };
    const double smallest_delay_s_;
    mutable std::mutex mutex_;
    std::array<Bucket, kBuckets> buckets_;
    std::optional<double> last_device_s_;
};

// One listener for two devices: the tracker, and whatever hears pulses (open_trigger). All goes on to `listener`, each
// on its device's own thread, so that must be thread-safe as the session's Inbox is. A pulse that comes before the
// first frame waits for it. The link of the place where pulses are heard is told as a text of "Trigger": it is not the
// tracker's.
class TriggerBridge {
public:
    explicit TriggerBridge(DeviceListener& listener, double smallest_delay_s = 0.0);

    static constexpr const char* kHeard = "Pulses are heard.";  // the text once the place answers

    DeviceListener& tracker() { return tracker_; }
    DeviceListener& trigger() { return trigger_; }

private:
    class TrackerSide : public DeviceListener {
    public:
        explicit TrackerSide(TriggerBridge& bridge) : bridge_(bridge) {}
        void on_frame(const TrackerFrame& frame) override;
        void on_trigger(const Trigger& trigger) override { bridge_.listener_.on_trigger(trigger); }
        void on_sweep(const EmgSweep& sweep) override { bridge_.listener_.on_sweep(sweep); }
        void on_text(const std::string& device, const std::string& text) override {
            bridge_.listener_.on_text(device, text);
        }
        void on_link(LinkState state, const std::string& why) override { bridge_.listener_.on_link(state, why); }
        void on_refused(const std::string& why, std::uint64_t total) override {
            bridge_.listener_.on_refused(why, total);
        }

    private:
        TriggerBridge& bridge_;
    };
    class TriggerSide : public DeviceListener {
    public:
        explicit TriggerSide(TriggerBridge& bridge) : bridge_(bridge) {}
        void on_frame(const TrackerFrame&) override {}
        void on_trigger(const Trigger& trigger) override;
        void on_text(const std::string& device, const std::string& text) override {
            bridge_.listener_.on_text(device, text);
        }
        void on_link(LinkState state, const std::string& why) override;
        void on_refused(const std::string& why, std::uint64_t total) override {
            bridge_.listener_.on_refused(why, total);
        }

    private:
        TriggerBridge& bridge_;
    };

    void give_waiting();

    DeviceListener& listener_;
    TriggerClock clock_;
    std::mutex mutex_;             // guards the next, and the order in which pulses go on
    std::deque<Trigger> waiting_;  // for the first frame
    TrackerSide tracker_;
    TriggerSide trigger_;
};

}  // namespace precentral
