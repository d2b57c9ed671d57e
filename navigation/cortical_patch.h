// SPDX-License-Identifier: Apache-2.0
// Two coordinates on the cortex around an expected hotspot, and the coil poses that belong to them.
#pragma once

#include <Eigen/Core>

#include "data/frames.h"

namespace precentral {

// A patch of cortex with coordinates (u, v) in mm along it: u lateral, v anterior. Yaw is the angle
// of the coil's +y (the current) in the tangent plane, degrees, 0 = anterior, positive toward the midline; 45 is a
// handle pointing backward and to the side, on either hemisphere.
struct CorticalPatch {
    Point<Scan> centre;                 // on the cortex
    Direction<Scan> lateral;            // unit, tangent, away from the midline
    Direction<Scan> anterior;           // unit, tangent
    Direction<Scan> outward;            // unit, toward the scalp
    double curvature_radius_mm = 70.0;  // of the cortex here

    Point<Scan> site(const Eigen::Vector2d& uv_mm) const;
    Direction<Scan> outward_at(const Eigen::Vector2d& uv_mm) const;
    // The direction with that yaw, tangent at the site.
    Direction<Scan> along(const Eigen::Vector2d& uv_mm, double yaw_deg) const;
    // Where the line through `point` toward the centre of curvature meets the patch.
    Eigen::Vector2d uv_of(const Point<Scan>& point) const;
    double yaw_of(const Transform<Scan, Coil>& scan_from_coil) const;
    // The coil lying flat above a site at that distance.
    Transform<Scan, Coil> coil_pose(const Eigen::Vector2d& uv_mm, double yaw_deg, double depth_mm) const;
};

}  // namespace precentral
