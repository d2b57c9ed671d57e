// SPDX-License-Identifier: Apache-2.0
// Where the tip of a pointer is, from poses taken while it turned about its resting tip.
#pragma once

#include <string>
#include <vector>

#include "data/error.h"
#include "data/frames.h"
#include "registration/verdict.h"

namespace precentral {

struct PivotSolution {
    Eigen::Vector3d tip_in_body = Eigen::Vector3d::Zero();
    Eigen::Vector3d pivot = Eigen::Vector3d::Zero();  // where it rested, in the frame of the poses
    double rms_mm = 0.0;                              // of the kept poses: how far their tips lie from the pivot
    double tip_error_mm = 0.0;                        // expected rms error of tip_in_body
    double tilt_range_deg = 0.0;                      // largest angle between two poses' body-to-tip directions
    int kept = 0;                                     // poses used; the others moved the tip
    int given = 0;
    Verdict verdict = Verdict::poor;
    std::vector<std::string> reasons;
};

// Least squares over [R_i  -I] [tip; pivot] = -t_i; poses whose tip lies beyond three times the noise are left out and
// the rest solved again. Throws InputError when there are fewer than 10 poses, one is not finite, or the pointer did
// not tilt enough for the tip to be known (spinning it about its own axis is not enough). Pure; any thread.
PivotSolution solve_pivot(const std::vector<Eigen::Isometry3d>& reference_from_body);

template <class Reference, class Body>
struct PivotCalibration {
    Point<Body> tip;
    Point<Reference> pivot;
    PivotSolution details;
};

template <class Reference, class Body>
PivotCalibration<Reference, Body> calibrate_pivot(const std::vector<Transform<Reference, Body>>& poses) {
    std::vector<Eigen::Isometry3d> bare;
    bare.reserve(poses.size());
    for (const auto& pose : poses) bare.push_back(pose.isometry());
    PivotSolution s = solve_pivot(bare);
    return {{s.tip_in_body}, {s.pivot}, std::move(s)};
}

}  // namespace precentral
