// SPDX-License-Identifier: Apache-2.0
// Where a coil has to be to stimulate a place on the cortex: on the scalp above it, tangential, handle at a given
// angle.
#pragma once

#include "data/records.h"
#include "imaging/surface.h"
#include "navigation/session_view.h"

namespace precentral {

// Tangent directions at a place on the head, all unit: outward, to the front, to the midline. front and midline lie in
// the tangent plane; midline is perpendicular to front, on the side of the body's midline.
struct TangentFrame {
    Direction<Scan> outward;
    Direction<Scan> front;
    Direction<Scan> midline;
};

// `outward` need not be unit. The midline side follows `side`, the hemisphere. Degenerate only where outward points
// straight to the front or the back; throws InputError there.
TangentFrame tangent_frame(const Direction<Scan>& outward, Side side);

// Coil centre on the scalp where the scalp's normal (over a patch of 20 mm) passes through `cortex`; +z inward along
// it. yaw_deg: angle of coil +y (away from the handle) from the front towards the midline; 45 is the usual hand
// position, handle back and to the side. The patch: a figure-of-8 coil rests on its middle, not on one triangle.
Transform<Scan, Coil> coil_over(const SurfaceIndex& scalp, const Point<Scan>& cortex, double yaw_deg, Side side);

// Yaw of a coil pose, as above, degrees in (-180, 180].
double yaw_of(const Transform<Scan, Coil>& scan_from_coil, Side side);

// Coil centre above the scalp along the coil's axis, mm; negative when pressed in; distance to the nearest scalp
// point where the axis misses the head.
double gap_mm(const SurfaceIndex& scalp, const Transform<Scan, Coil>& scan_from_coil);

// Which way is which in the target's own axes.
TargetCompass compass_of(const Transform<Scan, Coil>& target, Side side);

}  // namespace precentral
