// SPDX-License-Identifier: Apache-2.0
// What is proposed from the template: where to touch the head for registration, and where in M1 to begin the search.
#pragma once

#include <vector>

#include "imaging/head_model.h"

namespace precentral {

// Nasion, left and right preauricular point: the template's, carried over by the inverse of `mni_from_scan` and moved
// to the nearest point of the scalp.
std::vector<Landmark> propose_fiducials(const AffineMap<Mni, Scan>& mni_from_scan, const SurfaceIndex& scalp);

// Hand, face and leg of M1 on each side: published template coordinates carried over, moved to the nearest point of the
// brain's hull and from there to the nearest gyrus, so that a proposal lies on a crown that a coil can reach and not
// deep in a sulcus. People differ by 6 to 8 mm along each axis, and the hotspot often lies in front of the hand knob:
// these are places to begin, not targets.
std::vector<Landmark> propose_motor(const AffineMap<Mni, Scan>& mni_from_scan, const SurfaceIndex& brain,
                                    const SurfaceIndex& hull);

}  // namespace precentral
