// SPDX-License-Identifier: Apache-2.0
// The last seconds of tracker frames, and the pose of head and coil at any moment within them.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "navigation/tracker.h"

namespace precentral {

// Head and coil at one moment, both from the same one or two frames.
struct PoseAtTime {
    Transform<Tracker, Head> tracker_from_head;
    Transform<Tracker, CoilBody> tracker_from_coil;
    double age_ms = 0.0;       // distance in time to the nearer frame; 0 = exactly at a frame
    std::uint64_t before = 0;  // sequence numbers of the two frames; the same one twice when exactly at a frame
    std::uint64_t after = 0;

    Transform<Head, CoilBody> head_from_coil() const { return tracker_from_head.inverse() * tracker_from_coil; }
};

enum class NoPose {
    none,      // there is a pose
    not_yet,   // the frame after that moment has not come: ask again after the next
    too_old,   // that moment is no longer kept, or was before the first frame
    gap,       // the frames around it are too far apart, or the newest is already too far behind it
    head,      // the head is not seen in a frame around it
    coil,      // the coil is not
    no_clock,  // the device sends no time stamps
};

struct PoseAnswer {
    std::optional<PoseAtTime> pose;
    NoPose reason = NoPose::none;
    std::string why;  // "Coil hidden", "" when there is a pose
};

// Thread-safe: one thread adds, any ask. Between two frames: slerp and lerp. Never extrapolated, never across a frame
// in which head or coil was not seen.
class PoseHistory {
public:
    explicit PoseHistory(double kept_s = 10.0, double max_gap_ms = 60.0);

    // In the order of arrival.
    void add(const TrackerFrame& frame);

    // At a moment of the device's own clock, the one of Trigger::device_time_s. A device clock that jumps back (the
    // device was switched off and on) starts anew: what it said before is not asked any more.
    PoseAnswer at_device_time(double device_time_s) const;
    // At a moment of our steady clock, by the frames' receipt; carries their transport delay.
    PoseAnswer at_steady_time(SteadyTime time) const;

    // Those with a higher sequence number that are still kept, oldest first. 0 gives all.
    std::vector<TrackerFrame> frames_after(std::uint64_t sequence) const;
    std::optional<TrackerFrame> newest() const;

private:
    template <class SecondsOf>
    PoseAnswer at(double time_s, std::size_t first, SecondsOf seconds_of) const;

    const double kept_s_;
    const double max_gap_s_;
    mutable std::mutex mutex_;
    std::deque<TrackerFrame> frames_;
    std::size_t clock_start_ = 0;  // index of the first frame since the device's clock last jumped back
};

}  // namespace precentral
