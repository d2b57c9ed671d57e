// SPDX-License-Identifier: Apache-2.0
#include "navigation/tracking_quality.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "navigation/tool_names.h"

namespace precentral {
namespace {

constexpr double kRateWindow_s = 1.0;
constexpr double kBlock_s = 10.0;
constexpr std::size_t kIntervals = 31;
constexpr std::size_t kFewestIntervals = 5;
constexpr std::size_t kMostDelays = 1'000'000;
constexpr std::size_t kMostTools = 64;
// A pause of the device is not a million lost frames.
constexpr double kLongestGap_s = 10.0;

}  // namespace

void ToolStream::add_interval(double interval_s) {
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

void ToolStream::add_delay(SteadyTime received, double device_time_s) {
    const double difference_s = seconds_between(first_, received) - device_time_s;
    const bool clock_jumped = frames_ > 1 && device_time_s < last_device_s_;
    if (frames_ == 1 || clock_jumped) {
        block_start_ = received;
        quickest_s_ = quickest_before_s_ = difference_s;
    } else if (seconds_between(block_start_, received) > kBlock_s) {
        block_start_ = received;
        quickest_before_s_ = quickest_s_;
        quickest_s_ = difference_s;
    }
    quickest_s_ = std::min(quickest_s_, difference_s);
    const double delay_s = difference_s - std::min(quickest_s_, quickest_before_s_);
    if (delays_ms_.size() < kMostDelays) delays_ms_.push_back(static_cast<float>(1000.0 * delay_s));
}

void ToolStream::add(SteadyTime received, double device_time_s, const NamedTool& tool) {
    if (frames_++ == 0) first_ = received;
    state_ = tool.state;
    if (tool.state == ToolState::visible) {
        ++seen_;
        last_seen_ = received;
        recent_.push_back(received);
        while (seconds_between(recent_.front(), received) > kRateWindow_s) recent_.pop_front();
        if (std::isfinite(tool.error_mm)) {
            error_sum_mm_ += tool.error_mm;
            ++errors_;
        }
    }
    if (device_time_s != 0.0) {
        if (frames_ > 1) add_interval(device_time_s - last_device_s_);
        add_delay(received, device_time_s);
    }
    last_device_s_ = device_time_s;
}

ToolQuality ToolStream::quality(SteadyTime now) const {
    ToolQuality out{.state = state_, .received = seen_, .invisible = frames_ - seen_, .lost = lost_};
    const auto fresh = std::count_if(recent_.begin(), recent_.end(),
                                     [now](SteadyTime t) { return seconds_between(t, now) <= kRateWindow_s; });
    // Over the time watched so far during the first second.
    const double window_s = std::clamp(seconds_between(first_, now), 1e-3, kRateWindow_s);
    if (frames_ > 1) out.rate_hz = static_cast<double>(fresh) / window_s;
    if (frames_ > 0) {
        const bool live = seen_ > 0 && state_ == ToolState::visible;
        if (!live) out.hidden_s = std::max(0.0, seconds_between(seen_ > 0 ? last_seen_ : first_, now));
    }
    out.error_mm =
        errors_ > 0 ? error_sum_mm_ / static_cast<double>(errors_) : std::numeric_limits<double>::quiet_NaN();
    return out;
}

DelaySpread ToolStream::delay() const {
    if (delays_ms_.empty()) return {};
    std::vector<float> sorted = delays_ms_;
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](double share) {
        const auto index = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size()))) - 1;
        return static_cast<double>(sorted[std::min(index, sorted.size() - 1)]);
    };
    return {at(0.5), at(0.95), at(0.99), static_cast<double>(sorted.back())};
}

void TrackingQuality::add(SteadyTime received, double device_time_s, std::span<const NamedTool> tools) {
    for (const NamedTool& tool : tools) {
        const std::string_view name = plain_tool_name(tool.name);
        auto found = tools_.find(name);
        if (found == tools_.end()) {
            // A device that makes up a new name every frame must not fill the memory.
            if (tools_.size() >= kMostTools) continue;
            found = tools_.try_emplace(std::string(name)).first;
        }
        found->second.add(received, device_time_s, tool);
    }
}

}  // namespace precentral
