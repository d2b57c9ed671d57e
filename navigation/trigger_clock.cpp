// SPDX-License-Identifier: Apache-2.0
#include "navigation/trigger_clock.h"

#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

double seconds_of(SteadyTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

}  // namespace

void TriggerClock::add(const TrackerFrame& frame) {
    const double received_s = seconds_of(frame.received);
    if (!std::isfinite(frame.device_time_s)) return;
    const double offset_s = received_s - frame.device_time_s;
    const std::scoped_lock lock(mutex_);
    // A device clock that jumps back was switched off and on: what it showed before says nothing now.
    if (last_device_s_ && frame.device_time_s < *last_device_s_ - 1.0) buckets_.fill({});
    last_device_s_ = frame.device_time_s;
    const auto second = static_cast<std::int64_t>(std::floor(received_s));
    Bucket& bucket = buckets_[static_cast<std::size_t>(second) % kBuckets];
    if (bucket.second != second) bucket = {second, offset_s};
    bucket.least_offset_s = std::min(bucket.least_offset_s, offset_s);
}

std::optional<double> TriggerClock::device_time_s(SteadyTime moment) const {
    const std::scoped_lock lock(mutex_);
    std::int64_t newest = -1;
    for (const Bucket& bucket : buckets_) newest = std::max(newest, bucket.second);
    if (newest < 0) return std::nullopt;
    std::optional<double> least;
    for (const Bucket& bucket : buckets_) {
        if (bucket.second < 0 || bucket.second <= newest - static_cast<std::int64_t>(kBuckets)) continue;
        least = std::min(least.value_or(bucket.least_offset_s), bucket.least_offset_s);
    }
    return seconds_of(moment) - *least + smallest_delay_s_;
}

TriggerBridge::TriggerBridge(DeviceListener& listener, double smallest_delay_s)
    : listener_(listener), clock_(smallest_delay_s), tracker_(*this), trigger_(*this) {}

void TriggerBridge::TrackerSide::on_frame(const TrackerFrame& frame) {
    bridge_.clock_.add(frame);
    bridge_.listener_.on_frame(frame);
    const std::scoped_lock lock(bridge_.mutex_);
    bridge_.give_waiting();
}

void TriggerBridge::TriggerSide::on_trigger(const Trigger& trigger) {
    const std::scoped_lock lock(bridge_.mutex_);
    bridge_.waiting_.push_back(trigger);
    bridge_.give_waiting();
}

void TriggerBridge::TriggerSide::on_link(LinkState state, const std::string& why) {
    bridge_.listener_.on_text("Trigger", state == LinkState::connected ? kHeard : why);
}

void TriggerBridge::give_waiting() {
    while (!waiting_.empty()) {
        Trigger trigger = waiting_.front();
        const std::optional<double> device_time_s = clock_.device_time_s(trigger.received);
        if (!device_time_s) return;
        trigger.device_time_s = *device_time_s;
        waiting_.pop_front();
        listener_.on_trigger(trigger);
    }
}

}  // namespace precentral
