// SPDX-License-Identifier: Apache-2.0
// Whether a surface fit can be trusted, judged from the points themselves.
#pragma once

#include <vector>

#include "imaging/surface.h"
#include "registration/surface_fit.h"

namespace precentral {

// Sets fit.verdict and appends to fit.reasons: too few points, too many off the surface, points that do not follow the
// scalp, all on one side, one region off as a whole, a motion the points do not hold, no convergence.
void judge_surface_fit(const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp, SurfaceFit& fit);

}  // namespace precentral
