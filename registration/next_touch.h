// SPDX-License-Identifier: Apache-2.0
// Where the next touched points would help the target most.
#pragma once

#include <string>

#include "data/frames.h"
#include "imaging/surface.h"
#include "registration/fit_error.h"

namespace precentral {

struct NextTouch {
    SurfacePoint patch;            // middle of the patch on the scalp
    std::string words;             // "back of the head, left side"
    double expected_rms_mm = 0.0;  // at the target, once `points` were touched there
};

// A-optimal design at the target: among patches of the scalp not lower than `lowest_z_mm`, the one where `points`
// points of noise `noise_mm` reduce the trace of the target's covariance most; each adds the row
// g = n^T [-[q - c]x  I], and C' = C - C g g^T C / (noise^2 / points + g^T C g) (Sherman & Morrison 1950,
// doi 10.1214/aoms/1177729893).
NextTouch next_touch(const PoseCovariance<Scan>& covariance, const SurfaceIndex& scalp, const Point<Scan>& target,
                     double lowest_z_mm, double noise_mm = 1.2, int points = 5);

}  // namespace precentral
