// SPDX-License-Identifier: Apache-2.0
// How a patch of cortex is looked at: straight from outside, midline up, without perspective, so that a millimetre is
// the same everywhere and "front" is at the left on the left side.
#pragma once

#include <Eigen/Core>

#include "data/records.h"

namespace precentral {

struct CortexView {
    Point<Scan> centre;
    Direction<Scan> right, up, outward;  // unit, orthogonal; outward points to the eye
    double width_mm = 60.0;              // of the picture
    double aspect = 1.5;                 // width / height
    double height_mm() const { return width_mm / aspect; }
    // -1: the picture's left edge is towards the front, +1: the right edge.
    int front = -1;

    // In units of the picture: (0, 0) top left, (1, 1) bottom right.
    Eigen::Vector2d project(const Point<Scan>& p) const;
    bool contains(const Point<Scan>& p, double margin) const;
};

// Looks along the target's coil axis at its point on the cortex. Throws InputError where front has no meaning (coil
// straight at the forehead or the back of the head).
CortexView view_of(const TargetRecord& target, double width_mm, double aspect);

}  // namespace precentral
