// SPDX-License-Identifier: Apache-2.0
// A smooth map of space onto itself that can be undone: the flow of a velocity field that does not change over time.
//
// Following the field for a unit of time carries each point; following it backwards carries it back. As long as the
// field is smooth the map neither folds nor tears (Arsigny et al. 2006, doi 10.1007/11866565_113).
#pragma once

#include <vector>

#include "data/progress.h"
#include "imaging/work_grid.h"

namespace precentral {

// x, y, z in mm; the fourth number is always 0 (four floats are read at once).
using Arrow = Eigen::Vector4f;

struct VelocityField {
    WorkGrid grid;              // in the space whose points it carries
    std::vector<Arrow> arrows;  // mm per unit of time, one a voxel, i fastest; still outside the grid
};

// Where a point is after `time` (1 forwards, -1 back). Fourth-order Runge–Kutta, eight steps a unit of time: there and
// back is exact to well under 0.01 mm for a field without folds.
Eigen::Vector3d carried(const VelocityField& field, const Eigen::Vector3d& place_mm, double time);

// How far each voxel of the grid moves in `time`, mm, by repeated doubling of a small step.
std::vector<Arrow> displacement(const VelocityField& field, double time);

// Determinant of the derivative of place + displacement at each voxel (central differences); 1 outside and at the rim.
// Above 0 everywhere: nothing folds.
Field jacobian(const std::vector<Arrow>& displacement, const WorkGrid& grid);

// Trilinear, at voxel coordinates; zero beyond the outermost voxel centres.
Arrow sampled(const std::vector<Arrow>& arrows, const std::array<int, 3>& dims, const Eigen::Vector3f& voxel);

// Separable Gaussian, cut at three sigma; nothing moves outside the grid.
void smooth(std::vector<Arrow>& arrows, const std::array<int, 3>& dims, double sigma_voxels);

// The same field on another grid of the same space.
VelocityField on_grid(const VelocityField& field, const WorkGrid& grid);

}  // namespace precentral
