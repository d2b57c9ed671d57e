// SPDX-License-Identifier: Apache-2.0
// How a coil lies on a head: tangential over a place of the cortex, handle at a given angle, its face on the skin.
#pragma once

#include <optional>

#include "data/records.h"
#include "imaging/surface.h"

namespace precentral {

// The patch of skin whose mean normal a coil is laid along: a figure-of-8 coil rests on its middle, not on one
// triangle.
inline constexpr double kCoilPatchRadiusMm = 20.0;

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
// position, handle back and to the side.
Transform<Scan, Coil> coil_over(const SurfaceIndex& scalp, const Point<Scan>& cortex, double yaw_deg, Side side);

// How far the head reaches through the face of a figure-of-eight coil with 70 mm wings (two discs of 50 mm radius whose
// centres are 45 mm to either side): mm along the coil's axis, 0 when nothing does. A tangential coil cannot come
// nearer to the head than this.
double through_face_mm(const Surface& scalp, const Transform<Scan, Coil>& scan_from_coil);

// The same pose drawn back along its axis until its face only touches the head.
Transform<Scan, Coil> rested(const Surface& scalp, const Transform<Scan, Coil>& scan_from_coil);

// From the scalp to the cortex along the coil's axis, mm; nothing when the axis misses one of them.
std::optional<double> scalp_cortex_mm(const SurfaceIndex& scalp, const SurfaceIndex& brain,
                                      const Transform<Scan, Coil>& scan_from_coil);

}  // namespace precentral
