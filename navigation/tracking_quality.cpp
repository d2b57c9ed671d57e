// SPDX-License-Identifier: Apache-2.0
#include "navigation/tracking_quality.h"

#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

constexpr double kRateWindow_s = 1.0;
constexpr double kBlock_s = 10.0;
constexpr std::size_t kIntervals = 31;
constexpr std::size_t kFewestIntervals = 5;
constexpr std::size_t kMostDelays = 1'000'000;
// A pause of the device is not a million lost frames.
constexpr double kLongestGap_s = 10.0;

}  // namespace

template <class Body>
void TrackingQuality::count(Tool& tool, const TrackedTool<Body>& seen, SteadyTime received) {
    tool.state = seen.state;
    if (!seen.visible()) {
        ++tool.unseen;
        return;
    }
    ++tool.seen;
    tool.last_seen = received;
    tool.recent.push_back(received);
    while (seconds_between(tool.recent.front(), received) > kRateWindow_s) tool.recent.pop_front();
}

void TrackingQuality::add_interval(double interval_s) {
    if (interval_s <= 0.0 || interval_s > kLongestGap_s) return;  // a frozen clock, a restart, a pause
    if (intervals_s_.size() >= kFewestIntervals) {
        std::vector<double> sorted(intervals_s_.begin(), intervals_s_.end());
        const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
        std::nth_element(sorted.begin(), middle, sorted.end());
        if (interval_s > 1.5 * *middle) lost_ += static_cast<std::uint64_t>(std::lround(interval_s / *middle) - 1);
    }
    intervals_s_.push_back(interval_s);
    if (intervals_s_.size() > kIntervals) intervals_s_.pop_front();
}

void TrackingQuality::add_delay(const TrackerFrame& frame) {
    const double difference_s = seconds_between(first_, frame.received) - frame.device_time_s;
    const bool clock_jumped = frames_ > 1 && frame.device_time_s < last_device_s_;
    if (frames_ == 1 || clock_jumped) {
        block_start_ = frame.received;
        quickest_s_ = quickest_before_s_ = difference_s;
    } else if (seconds_between(block_start_, frame.received) > kBlock_s) {
        block_start_ = frame.received;
        quickest_before_s_ = quickest_s_;
        quickest_s_ = difference_s;
    }
    quickest_s_ = std::min(quickest_s_, difference_s);
    const double delay_s = difference_s - std::min(quickest_s_, quickest_before_s_);
    if (delays_ms_.size() < kMostDelays) delays_ms_.push_back(static_cast<float>(1000.0 * delay_s));
}

void TrackingQuality::add(const TrackerFrame& frame) {
    if (frames_++ == 0) first_ = frame.received;
    count(tools_[0], frame.head, frame.received);
    count(tools_[1], frame.stylus, frame.received);
    count(tools_[2], frame.coil, frame.received);
    if (frame.device_time_s != 0.0) {
        if (frames_ > 1) add_interval(frame.device_time_s - last_device_s_);
        add_delay(frame);
    }
    last_device_s_ = frame.device_time_s;
}

ToolQuality TrackingQuality::tool(std::size_t index, SteadyTime now) const {
    const Tool& tool = tools_[index];
    ToolQuality out{.state = tool.state, .received = tool.seen, .invisible = tool.unseen};
    const auto fresh = std::count_if(tool.recent.begin(), tool.recent.end(),
                                     [now](SteadyTime t) { return seconds_between(t, now) <= kRateWindow_s; });
    // Over the time watched so far during the first second.
    const double window_s = std::clamp(seconds_between(first_, now), 1e-3, kRateWindow_s);
    if (frames_ > 1) out.rate_hz = static_cast<double>(fresh) / window_s;
    if (frames_ > 0) {
        const bool live = tool.seen > 0 && tool.state == ToolState::visible;
        if (!live) out.hidden_s = std::max(0.0, seconds_between(tool.seen > 0 ? tool.last_seen : first_, now));
    }
    return out;
}

DelaySpread TrackingQuality::delay() const {
    if (delays_ms_.empty()) return {};
    std::vector<float> sorted = delays_ms_;
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](double share) {
        const auto index = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size()))) - 1;
        return static_cast<double>(sorted[std::min(index, sorted.size() - 1)]);
    };
    return {at(0.5), at(0.95), at(0.99), static_cast<double>(sorted.back())};
}

}  // namespace precentral
