// SPDX-License-Identifier: Apache-2.0
// Coil poses drawn over an inner skull, from which its modes and probes are learned.
#pragma once

#include <vector>

#include "imaging/surface.h"
#include "navigation/efield/coil.h"
#include "navigation/seeded_random.h"

namespace precentral {

// Centred over one of those vertices (drawn), 8–35 mm above it, tilted up to 20°, at any angle; no winding nearer to
// the shell than 8 mm. Where a coil does not fit, it is lifted until it does.
std::vector<Transform<Scan, Coil>> draw_poses_over(const Surface& shell, const std::vector<std::size_t>& vertices,
                                                   const CoilModel& coil, int count, SeededRandom& random);

}  // namespace precentral
