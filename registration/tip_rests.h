// SPDX-License-Identifier: Apache-2.0
// A pointer that swivels in several dimples one after another: where its tip is, and where each dimple is.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "registration/pivot.h"

namespace precentral {

struct TipRest {
    std::size_t first = 0;  // of the poses; `last` is the last one
    std::size_t last = 0;
    Eigen::Vector3d at = Eigen::Vector3d::Zero();  // in the frame of the poses
    double rms_mm = 0.0;                           // how far the tip wandered
    int kept = 0;
};

struct TipRests {
    Eigen::Vector3d tip_in_body = Eigen::Vector3d::Zero();
    double tip_error_mm = 0.0;  // expected rms error, from the spread of the tips found at single rests
    double rms_mm = 0.0;        // of all kept poses
    std::vector<TipRest> rests;
    Verdict verdict = Verdict::poor;
    std::vector<std::string> reasons;
};

struct TipRestOptions {
    std::size_t fewest_poses = 25;  // of a rest: about 1.5 s at 15 Hz
    double still_mm = 3.0;          // a rest ends when the tip is further than this from where it rests
    double fewest_tilt_deg = 10.0;  // turned less than this it is a pause, not a rest
};

// Finds the stretches in which one tip explains the motion as turning about a point at rest, then solves tip and
// rests together: [R_i  -I_k] [tip; rest_k] = -t_i. Throws InputError when a pose is not finite or there is no such
// stretch. Pure; any thread.
TipRests find_tip_rests(const std::vector<Eigen::Isometry3d>& reference_from_body, const TipRestOptions& options = {});

}  // namespace precentral
