// SPDX-License-Identifier: Apache-2.0
// What is proposed from the template: where to touch the head for registration, and where in M1 to begin the search.
#pragma once

#include <functional>
#include <vector>

#include "imaging/head_model.h"

namespace precentral {

// Carries a point of template space into the patient's scan: the affine map's inverse, or a warp.
using ScanFromMni = std::function<Point<Scan>(const Point<Mni>&)>;

// Nasion, left and right preauricular point: the template's, carried over and moved to the nearest point of the scalp.
//
// The nasion is then sought on the patient's own skin near by: the saddle between brow and nose, deepest along the
// midline and highest across it. Where the skin has none (a face that is cut off or taken away), the carried place
// stays and `sd_mm` is larger. The preauricular points stay where they are carried: in front of the ear the skin of a
// 1 mm MRI has no feature that marks the place (the tragus is a fold of a voxel or two that closing the outline fills),
// so a search there would only seem exact. All three are to be confirmed by the operator. `sd_mm` is a judgement from
// how far people differ after an affine fit and how exactly the mark itself can be told, not a measurement.
std::vector<Landmark> propose_fiducials(const ScanFromMni& scan_from_mni, const SurfaceIndex& scalp);

// The inion, for the 10-20 measurement only: the template's, carried over and moved to the nearest scalp. Not refined:
// the bony knob hardly shows on the skin. An inion 10 mm too low moves the vertex back by 5 mm.
Landmark propose_inion(const ScanFromMni& scan_from_mni, const SurfaceIndex& scalp);

// Hand, face and leg of M1 on each side: published template coordinates carried over, moved outwards from the brain's
// middle to its hull, where the crowns of the gyri touch: not deep in a sulcus, and not drawn to the crown that happens
// to be nearest, which may be the one behind the central sulcus. The hand is the published mean hotspot of stimulation,
// not the middle of the hand knob. People differ by 6 to 8 mm along each axis, and the hotspot often lies in front of
// the hand knob (on the central sulcus in 45 % of hemispheres of healthy people and 25 % of people with pain: Ahdab et
// al. 2016, doi 10.1007/s10548-016-0486-2): these are places to begin, not targets.
std::vector<Landmark> propose_motor(const ScanFromMni& scan_from_mni, const SurfaceIndex& hull);

}  // namespace precentral
