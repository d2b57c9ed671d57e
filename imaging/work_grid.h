// SPDX-License-Identifier: Apache-2.0
// The grid that heads are worked on: cubic voxels along the axes of scan space. Whatever the file's own axes are,
// oblique or left-handed, everything after this step is the same.
#pragma once

#include <vector>

#include "imaging/volume.h"

namespace precentral {

struct WorkGrid {
    std::array<int, 3> dims{};
    Point<Scan> first;  // centre of the first voxel
    double spacing_mm = 1.0;

    std::size_t count() const {
        return static_cast<std::size_t>(dims[0]) * static_cast<std::size_t>(dims[1]) *
               static_cast<std::size_t>(dims[2]);
    }
    std::size_t index(int i, int j, int k) const {
        return static_cast<std::size_t>(i) +
               static_cast<std::size_t>(dims[0]) *
                   (static_cast<std::size_t>(j) + static_cast<std::size_t>(dims[1]) * static_cast<std::size_t>(k));
    }
    Point<Scan> place(int i, int j, int k) const { return {first.xyz + spacing_mm * Eigen::Vector3d(i, j, k)}; }
    AffineMap<Scan, Voxel> scan_from_voxel() const;
};

using Field = std::vector<float>;         // one value a voxel, i fastest
using Mask = std::vector<unsigned char>;  // 0 or 1

// A grid that covers the box of the volume and `pad_mm` around it.
WorkGrid grid_around(const Volume& volume, double spacing_mm, double pad_mm);

// The part of `grid` within [low, high], at least one voxel.
WorkGrid cropped(const WorkGrid& grid, const Point<Scan>& low, const Point<Scan>& high);

// Trilinear; `outside` where the volume does not reach.
Field resampled(const Volume& volume, const WorkGrid& grid, float outside = 0.0F);
Field resampled(const Field& field, const WorkGrid& from, const WorkGrid& to, float outside = 0.0F);

// Trilinear at voxel coordinates of `grid`; `outside` beyond the outermost voxel centres.
float sampled(const Field& field, const WorkGrid& grid, const Eigen::Vector3d& voxel, float outside = 0.0F);

}  // namespace precentral
