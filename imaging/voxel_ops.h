// SPDX-License-Identifier: Apache-2.0
// What is done voxel by voxel on a work grid: smoothing, thresholds, connected parts, distances.
// All results are the same on every machine, whatever its number of cores.
#pragma once

#include "imaging/work_grid.h"

namespace precentral {

// 2 · radius + 1 weights that add up to 1, cut at three sigma.
std::vector<float> gaussian_kernel(double sigma_voxels);

// Separable Gaussian, cut at three sigma; the border value continues outside.
void smooth(Field& field, const std::array<int, 3>& dims, double sigma_voxels);

// Divides out slow shading: within the mask, brightness is brought to the same local mean everywhere (a Gaussian of
// `sigma_voxels`; values above the 95th percentile count as that, so that fat does not darken what is beside it).
// Outside the mask the correction runs out smoothly.
void even_out(Field& field, const std::array<int, 3>& dims, const Mask& mask, double sigma_voxels);

// The threshold that parts two classes best (Otsu 1979, doi 10.1109/TSMC.1979.4310076), 256 bins over [lowest, the
// value below which 99.9 % of the samples lie], so that a few bright vessels do not stretch the scale.
float otsu_threshold(const Field& field);

// The value below which the given share (0 to 1) of the samples lie.
float quantile(Field samples, double share);

Mask above(const Field& field, float threshold);
std::size_t count_of(const Mask& mask);

// The largest part connected through faces; empty stays empty.
Mask largest_part(const Mask& mask, const std::array<int, 3>& dims);

// The mask and every hole in it that air from the border cannot reach through faces.
void fill_holes(Mask& mask, const std::array<int, 3>& dims);

// Squared Euclidean distance in voxels from each voxel to the nearest one whose mask equals `to` (Felzenszwalb and
// Huttenlocher 2012, doi 10.4086/toc.2012.v008a019). Where there is none, a very large number.
Field squared_distance(const Mask& mask, const std::array<int, 3>& dims, unsigned char to);

Mask dilated(const Mask& mask, const std::array<int, 3>& dims, double radius_voxels);
Mask eroded(const Mask& mask, const std::array<int, 3>& dims, double radius_voxels);
// Dilated, then eroded. The border must be further away than the radius.
Mask closed(const Mask& mask, const std::array<int, 3>& dims, double radius_voxels);

}  // namespace precentral
