// SPDX-License-Identifier: Apache-2.0
// The places on a closed shell where an incident field is asked for, and the sums taken over them.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "imaging/surface.h"
#include "navigation/efield/triangle_charge.h"

namespace precentral {

struct ShellPlaces {
    // Throws InputError when the surface is not one closed shell with its normals outward, has triangles without area,
    // or more than 6000 of them.
    explicit ShellPlaces(const Surface& shell);

    // From n·E at the places (a column a field) to its integral with each vertex's linear function (a row a vertex).
    Eigen::MatrixXd weighted(const Eigen::MatrixXd& normal_field) const;

    std::vector<std::array<int, 3>> corners;  // of each triangle
    std::vector<ChargedTriangle> triangles;
    std::vector<Eigen::Vector3d> at_mm;    // three a triangle
    std::vector<Eigen::Vector3d> normals;  // unit, outward
    Eigen::VectorXd vertex_areas_mm2;      // ∫ of each vertex's linear function
};

}  // namespace precentral
