// SPDX-License-Identifier: Apache-2.0
// A 3D image with its place in the patient's scan space.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "data/frames.h"

namespace precentral {

// Samples are float, i (first index) fastest; shared and never changed once made.
struct Volume {
    std::array<int, 3> dims{};
    AffineMap<Scan, Voxel> scan_from_voxel;
    std::shared_ptr<const std::vector<float>> samples;

    std::size_t count() const {
        return static_cast<std::size_t>(dims[0]) * static_cast<std::size_t>(dims[1]) *
               static_cast<std::size_t>(dims[2]);
    }
    float at(int i, int j, int k) const {
        return (*samples)[static_cast<std::size_t>(i) +
                          static_cast<std::size_t>(dims[0]) *
                              (static_cast<std::size_t>(j) +
                               static_cast<std::size_t>(dims[1]) * static_cast<std::size_t>(k))];
    }
    Eigen::Vector3d spacing_mm() const { return scan_from_voxel.affine().linear().colwise().norm(); }
};

}  // namespace precentral
