// SPDX-License-Identifier: Apache-2.0
// Where a coil has to be to stimulate a place on the cortex: on the scalp above it, tangential, handle at a given
// angle.
#pragma once

#include "data/records.h"
#include "imaging/coil_seat.h"
#include "navigation/session_view.h"

namespace precentral {

// Yaw of a coil pose, as above, degrees in (-180, 180].
double yaw_of(const Transform<Scan, Coil>& scan_from_coil, Side side);

// Coil centre above the scalp along the coil's axis, mm; negative when pressed in; distance to the nearest scalp
// point where the axis misses the head.
double gap_mm(const SurfaceIndex& scalp, const Transform<Scan, Coil>& scan_from_coil);

// Which way is which in the target's own axes.
TargetCompass compass_of(const Transform<Scan, Coil>& target, Side side);

}  // namespace precentral
