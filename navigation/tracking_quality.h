// SPDX-License-Identifier: Apache-2.0
// How well a tracker tracks, tool by tool: rate, hidden time, lost frames and delay, counted from what arrives.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "navigation/tracker.h"

namespace precentral {

struct ToolQuality {
    ToolState state = ToolState::missing;  // in the newest frame
    std::uint64_t received = 0;            // frames in which it was seen
    std::uint64_t invisible = 0;           // frames in which it was not
    std::uint64_t lost = 0;  // frames the device's clock says should have come: gaps over 1.5 usual intervals
    double rate_hz = 0.0;    // seen, over the last second
    double hidden_s = 0.0;   // since it was last seen; since the first frame if it never was
    double error_mm = 0.0;   // mean of what the device says; NaN when it says nothing
};

// Transport delay beyond the quickest frame of the last 10 to 20 s, so that it needs no common clock and a drifting one
// does no harm. ms.
struct DelaySpread {
    double median_ms = 0.0;
    double p95_ms = 0.0;
    double p99_ms = 0.0;
    double max_ms = 0.0;
};

// One tool's frames. Fed and asked on one thread, or under the caller's lock.
class ToolStream {
public:
    // device_time_s 0 = the device gives no time: then nothing is known of loss and delay.
    void add(SteadyTime received, double device_time_s, const NamedTool& tool);
    ToolQuality quality(SteadyTime now) const;
    DelaySpread delay() const;

private:
    void add_interval(double interval_s);
    void add_delay(SteadyTime received, double device_time_s);

    ToolState state_ = ToolState::missing;
    std::uint64_t frames_ = 0;
    std::uint64_t seen_ = 0;
    std::uint64_t lost_ = 0;
    SteadyTime first_{};
    SteadyTime last_seen_{};
    std::deque<SteadyTime> recent_;
    double error_sum_mm_ = 0.0;
    std::uint64_t errors_ = 0;
    double last_device_s_ = 0.0;
    std::deque<double> intervals_s_;  // the newest ones
    // Quickest difference of receipt and device time in the running and the finished block of 10 s.
    SteadyTime block_start_{};
    double quickest_s_ = 0.0;
    double quickest_before_s_ = 0.0;
    std::vector<float> delays_ms_;
};

// All tools a device names, by its own names without PLUS's "ToTracker".
class TrackingQuality {
public:
    void add(SteadyTime received, double device_time_s, std::span<const NamedTool> tools);
    const std::map<std::string, ToolStream, std::less<>>& tools() const { return tools_; }

private:
    std::map<std::string, ToolStream, std::less<>> tools_;
};

}  // namespace precentral
