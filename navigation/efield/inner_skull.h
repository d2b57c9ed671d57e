// SPDX-License-Identifier: Apache-2.0
// A smooth closed shell around a brain, in place of the inner skull that a T1 does not show.
#pragma once

#include "imaging/surface.h"

namespace precentral {

// A sphere of 20 f² nearly equal triangles, f the whole number that comes nearest to `triangles`; radius 1 about 0.
Surface geodesic_sphere(int triangles);

// The geodesic sphere drawn in until it lies `gap_mm` (fluid and dura, on average) outside of the brain's outermost
// places in every direction, smoothed; no vertex of the brain comes nearer to it than half the gap. Throws InputError
// when the brain is empty or not within 200 mm of its own centre.
Surface inner_skull_around(const Surface& brain, int triangles = 2560, double gap_mm = 3.0);

}  // namespace precentral
