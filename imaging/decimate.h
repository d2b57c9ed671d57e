// SPDX-License-Identifier: Apache-2.0
// Fewer triangles for the same shape.
#pragma once

#include "imaging/surface.h"

namespace precentral {

// The surface with about `triangles` triangles (fewer than 4 are never asked for; a surface that is smaller already
// comes back as it is). Edges are collapsed in the order of the error they cause (Garland and Heckbert 1997,
// doi 10.1145/258734.258849); a collapse that would open, pinch or fold the surface is not made, so a closed surface
// stays closed with the same number of shells and handles. Normals are computed anew. The same input gives the same
// output.
Surface decimated(const Surface& surface, int triangles);

}  // namespace precentral
