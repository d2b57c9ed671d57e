// SPDX-License-Identifier: Apache-2.0
// The coil pose that brings most field to a cortical target: flat on the scalp, hair between.
#pragma once

#include <optional>

#include "data/progress.h"
#include "imaging/surface.h"
#include "navigation/efield/target_field.h"

namespace precentral {

struct PoseSearchOptions {
    double hair_mm = 0.0;    // between scalp and coil, 0–30
    double reach_mm = 40.0;  // of coil centres from the scalp's place nearest to the target, 5–80
    // The field along this direction counts (a sulcal normal, for instance), not its whole size. Need not be unit.
    std::optional<Direction<Scan>> along;
};

struct FoundPose {
    Transform<Scan, Coil> scan_from_coil;
    double v_per_m = 0.0;       // at the target for 1 A/µs; along `along` when given
    Direction<Scan> direction;  // of the field there, unit
    int poses_tried = 0;
    FieldOrigin origin;
};

// The coil's centre `hair_mm` above the scalp's point, +z along the inward normal of the 20 mm patch it rests on.
// yaw_deg turns +y about +z from a direction of the caller's own, `forward`, laid into the tangent plane.
Transform<Scan, Coil> coil_on_scalp(const SurfaceIndex& scalp, const Point<Scan>& seat, const Direction<Scan>& forward,
                                    double yaw_deg, double hair_mm);

// First every 4 mm and 15°, then finer around the best few. Of two poses half a turn apart that bring the same, the one
// with its handle to the back. Well under a second. Throws InputError for options out of
// range, or when there is no scalp within 60 mm of the target; Cancelled.
FoundPose strongest_pose(const SurfaceIndex& scalp, const TargetField& target, const PoseSearchOptions& options = {},
                         const Progress& progress = {});

}  // namespace precentral
