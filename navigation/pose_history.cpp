// SPDX-License-Identifier: Apache-2.0
#include "navigation/pose_history.h"

#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

// A device that runs wild must not fill the memory: 2 kHz for 10 s.
constexpr std::size_t kMostFrames = 20000;
// Closer than this to a frame is at the frame. Today's UTC seconds as a double resolve 0.24 µs.
constexpr double kExact_s = 1e-6;

PoseAnswer none(NoPose reason, std::string why) { return {std::nullopt, reason, std::move(why)}; }

std::string whole_ms(double seconds) { return std::to_string(std::lround(seconds * 1000.0)) + " ms"; }

template <class Body>
std::string unseen(const char* body, const TrackedTool<Body>& tool) {
    switch (tool.state) {
        case ToolState::out_of_volume: return std::string(body) + " out of the camera's volume";
        case ToolState::frozen: return std::string(body) + " frozen: the tracker repeats one pose";
        case ToolState::missing: return std::string(body) + " not known to the tracker";
        default: return std::string(body) + " hidden";
    }
}

std::optional<PoseAnswer> refuse_unseen(const TrackerFrame& frame) {
    if (!frame.head.visible()) return none(NoPose::head, unseen("Head", frame.head));
    if (!frame.coil.visible()) return none(NoPose::coil, unseen("Coil", frame.coil));
    return std::nullopt;
}

}  // namespace

PoseHistory::PoseHistory(double kept_s, double max_gap_ms) : kept_s_(kept_s), max_gap_s_(max_gap_ms / 1000.0) {}

void PoseHistory::add(const TrackerFrame& frame) {
    const std::scoped_lock lock(mutex_);
    if (!frames_.empty() && frame.device_time_s < frames_.back().device_time_s) clock_start_ = frames_.size();
    frames_.push_back(frame);
    while (frames_.size() > kMostFrames || seconds_between(frames_.front().received, frame.received) > kept_s_) {
        frames_.pop_front();
        if (clock_start_ > 0) --clock_start_;
    }
}

template <class SecondsOf>
PoseAnswer PoseHistory::at(double time_s, std::size_t first, SecondsOf seconds_of) const {
    if (frames_.size() <= first) return none(NoPose::not_yet, "No frame from the tracker yet");
    const auto begin = frames_.begin() + static_cast<std::ptrdiff_t>(first);
    // The first frame later than the moment, by more than the resolution of a time stamp.
    const auto after =
        std::upper_bound(begin, frames_.end(), time_s + kExact_s,
                         [&](double time, const TrackerFrame& frame) { return time < seconds_of(frame); });
    if (after == begin) return none(NoPose::too_old, "No frame from before that moment is kept");
    const TrackerFrame& a = *std::prev(after);
    const double a_s = seconds_of(a);
    if (a_s >= time_s - kExact_s) {
        if (auto refused = refuse_unseen(a)) return *refused;
        return {PoseAtTime{a.head.tracker_from_tool, a.coil.tracker_from_tool, 0.0, a.sequence, a.sequence},
                NoPose::none,
                {}};
    }
    if (after == frames_.end()) {
        if (time_s - a_s > max_gap_s_) {
            return none(NoPose::gap, "No frame within " + whole_ms(max_gap_s_) + " of that moment");
        }
        return none(NoPose::not_yet, "The next frame is not here yet");
    }
    const TrackerFrame& b = *after;
    const double b_s = seconds_of(b);
    if (b_s - a_s > max_gap_s_) {
        return none(NoPose::gap, "The frames around that moment are " + whole_ms(b_s - a_s) + " apart; at most " +
                                     whole_ms(max_gap_s_) + " are bridged");
    }
    if (auto refused = refuse_unseen(a)) return *refused;
    if (auto refused = refuse_unseen(b)) return *refused;
    const double u = (time_s - a_s) / (b_s - a_s);
    return {PoseAtTime{interpolate(a.head.tracker_from_tool, b.head.tracker_from_tool, u),
                       interpolate(a.coil.tracker_from_tool, b.coil.tracker_from_tool, u),
                       1000.0 * std::min(time_s - a_s, b_s - time_s), a.sequence, b.sequence},
            NoPose::none,
            {}};
}

PoseAnswer PoseHistory::at_device_time(double device_time_s) const {
    const std::scoped_lock lock(mutex_);
    if (!std::isfinite(device_time_s) || (!frames_.empty() && frames_.back().device_time_s == 0.0)) {
        return none(NoPose::no_clock, "The tracker sends no time stamps");
    }
    return at(device_time_s, clock_start_, [](const TrackerFrame& frame) { return frame.device_time_s; });
}

PoseAnswer PoseHistory::at_steady_time(SteadyTime time) const {
    const std::scoped_lock lock(mutex_);
    // Relative to the newest, so that doubles keep the nanoseconds.
    if (frames_.empty()) return at(0.0, 0, [](const TrackerFrame&) { return 0.0; });
    const SteadyTime zero = frames_.back().received;
    return at(seconds_between(zero, time), 0,
              [zero](const TrackerFrame& frame) { return seconds_between(zero, frame.received); });
}

std::vector<TrackerFrame> PoseHistory::frames_after(std::uint64_t sequence) const {
    const std::scoped_lock lock(mutex_);
    const auto first = std::upper_bound(frames_.begin(), frames_.end(), sequence,
                                        [](std::uint64_t s, const TrackerFrame& frame) { return s < frame.sequence; });
    return {first, frames_.end()};
}

std::optional<TrackerFrame> PoseHistory::newest() const {
    const std::scoped_lock lock(mutex_);
    return frames_.empty() ? std::nullopt : std::optional(frames_.back());
}

}  // namespace precentral
