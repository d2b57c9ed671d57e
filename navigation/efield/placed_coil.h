// SPDX-License-Identifier: Apache-2.0
// A coil's dipoles at a pose, seen from a sphere's centre in metres.
#pragma once

#include <vector>

#include "navigation/efield/coil.h"
#include "navigation/efield/sphere_field.h"

namespace precentral {

DipolesAboutSphere placed(const CoilModel& coil, const Transform<Scan, Coil>& scan_from_coil,
                          const Point<Scan>& centre);

// In the coil's own axes, metres: what sphere_field_of_poses takes.
DipolesAboutSphere in_coil_axes(const CoilModel& coil);
CoilPoses seen_from(const Point<Scan>& centre, const std::vector<Transform<Scan, Coil>>& scan_from_coil);

// Points from the centre, metres.
Vectors3f seen_from(const Point<Scan>& centre, const std::vector<Point<Scan>>& points);

}  // namespace precentral
