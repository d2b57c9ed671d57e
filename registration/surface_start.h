// SPDX-License-Identifier: Apache-2.0
// Poses to start a surface fit from when no fiducials say where the head is.
#pragma once

#include <Eigen/Geometry>
#include <vector>

#include "data/frames.h"
#include "imaging/surface.h"

namespace precentral {

// `scan_from_head` itself first, then turned by 12 degrees either way about each scan axis through the points' centre.
std::vector<Eigen::Isometry3d> starts_around(const Eigen::Isometry3d& scan_from_head,
                                             const std::vector<Point<Head>>& touched);

// Orientations spread evenly over all rotations (super-Fibonacci spiral: Alexa 2022, doi 10.1109/CVPR52688.2022.00811),
// each with the sphere through the touched points laid on the sphere through the upper part of the scalp.
std::vector<Eigen::Isometry3d> starts_everywhere(const std::vector<Point<Head>>& touched, const Surface& scalp);

}  // namespace precentral
