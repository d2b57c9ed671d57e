// SPDX-License-Identifier: Apache-2.0
// A recorded session computed again: each pulse's pose and deviations from the raw tracker poses, the registration, the
// coil calibration and the target it names, against what was written down at the time.
#pragma once

#include <string>
#include <vector>

#include "data/store.h"
#include "imaging/surface.h"

namespace precentral {

// Sizes of differences between the record and what is computed now.
struct PulseDifference {
    int sequence = 0;
    double pose_mm = 0.0;
    double pose_deg = 0.0;
    double in_plane_mm = 0.0;
    double gap_mm = 0.0;
    double tilt_deg = 0.0;
    double twist_deg = 0.0;
    std::string why;  // what cannot be compared at all, as a sentence; "" otherwise
};

struct SessionReplay {
    int pulses = 0;
    int without_pose = 0;  // rightly: no raw poses, or nothing to compute one with
    int computed = 0;
    int with_deviation = 0;
    bool gap_checked = false;
    PulseDifference worst;                   // the largest of each number, over all pulses
    std::vector<PulseDifference> differing;  // beyond the limit, or with a reason
    bool ok() const { return differing.empty(); }
};

// Beyond it a number counts as another one: mm, and degrees.
inline constexpr double kReplayLimit = 1e-3;

// `scalp`: of the head that was navigated on; without it the gap is not computed. Any thread that may use the store.
SessionReplay replay_session(const Store& store, const Session& session, const SurfaceIndex* scalp,
                             double limit = kReplayLimit);

}  // namespace precentral
