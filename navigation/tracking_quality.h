// SPDX-License-Identifier: Apache-2.0
// How well a tracker tracks: rate, hidden time, lost frames and delay, counted from its frames.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "navigation/tracker.h"

namespace precentral {

struct ToolQuality {
    ToolState state = ToolState::missing;  // in the newest frame
    std::uint64_t received = 0;            // frames in which it was seen
    std::uint64_t invisible = 0;           // frames in which it was not
    double rate_hz = 0.0;                  // seen, over the last second
    double hidden_s = 0.0;                 // since it was last seen; since the first frame if it never was
};

// Transport delay beyond the quickest frame of the last 10 to 20 s, so that it needs no common clock and a drifting one
// does no harm. ms.
struct DelaySpread {
    double median_ms = 0.0;
    double p95_ms = 0.0;
    double p99_ms = 0.0;
    double max_ms = 0.0;
};

// Fed and asked on one thread, or under the caller's lock.
class TrackingQuality {
public:
    void add(const TrackerFrame& frame);

    ToolQuality head(SteadyTime now) const { return tool(0, now); }
    ToolQuality stylus(SteadyTime now) const { return tool(1, now); }
    ToolQuality coil(SteadyTime now) const { return tool(2, now); }
    std::uint64_t frames() const { return frames_; }
    // Frames the device's clock says should have come between those that did: gaps over 1.5 usual intervals.
    std::uint64_t lost() const { return lost_; }
    DelaySpread delay() const;

private:
    struct Tool {
        ToolState state = ToolState::missing;
        std::uint64_t seen = 0;
        std::uint64_t unseen = 0;
        SteadyTime last_seen{};
        std::deque<SteadyTime> recent;
    };
    template <class Body>
    void count(Tool& tool, const TrackedTool<Body>& seen, SteadyTime received);
    ToolQuality tool(std::size_t index, SteadyTime now) const;
    void add_interval(double interval_s);
    void add_delay(const TrackerFrame& frame);

    std::array<Tool, 3> tools_;
    std::uint64_t frames_ = 0;
    std::uint64_t lost_ = 0;
    SteadyTime first_{};
    double last_device_s_ = 0.0;
    std::deque<double> intervals_s_;  // the newest ones
    // Quickest difference of receipt and device time in the running and the finished block of 10 s.
    SteadyTime block_start_{};
    double quickest_s_ = 0.0;
    double quickest_before_s_ = 0.0;
    std::vector<float> delays_ms_;
};

}  // namespace precentral
