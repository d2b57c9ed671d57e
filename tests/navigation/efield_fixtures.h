// SPDX-License-Identifier: Apache-2.0
// What the tests of the electric field share: poses, points, where the public coil files lie.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "imaging/mesh_measures.h"
#include "navigation/efield/inner_skull.h"
#include "navigation/seeded_random.h"

namespace precentral {

// PRECENTRAL_TEST_DATA, else ../shared/data beside the sources.
inline std::filesystem::path public_data() {
    const char* set = std::getenv("PRECENTRAL_TEST_DATA");
    return set != nullptr ? std::filesystem::path(set)
                          : std::filesystem::path(PRECENTRAL_SOURCE_DIR).parent_path() / "shared" / "data";
}

inline Eigen::Vector3d any_direction(SeededRandom& random) {
    return Eigen::Vector3d(draw_normal(random), draw_normal(random), draw_normal(random)).normalized();
}

// The coil flat on a ball about 0, its bottom face `radius_mm` from 0 along `up`.
inline Transform<Scan, Coil> on_ball(const Eigen::Vector3d& up, double radius_mm, double yaw) {
    const Eigen::Vector3d u = up.unitOrthogonal();
    const Eigen::Vector3d y = std::cos(yaw) * u + std::sin(yaw) * up.cross(u);
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.linear().col(0) = -y.cross(up);
    pose.linear().col(1) = y;
    pose.linear().col(2) = -up;
    pose.translation() = radius_mm * up;
    return Transform<Scan, Coil>(pose);
}

// Evenly over the part of a sphere within 60° of `up`.
inline std::vector<Point<Scan>> cap(const Eigen::Vector3d& up, double radius_mm, int count) {
    const Eigen::Matrix3d turn = Eigen::Quaterniond::FromTwoVectors(Eigen::Vector3d::UnitZ(), up).toRotationMatrix();
    std::vector<Point<Scan>> out;
    for (int i = 0; i < count; ++i) {
        const double z = 1.0 - 0.5 * (i + 0.5) / count;
        const double a = 2.399963229728653 * i;
        const double side = std::sqrt(1.0 - z * z);
        out.push_back({radius_mm * turn * Eigen::Vector3d(side * std::cos(a), side * std::sin(a), z)});
    }
    return out;
}

inline Surface ellipsoid(int triangles, const Eigen::Vector3d& half_axes_mm) {
    Surface out = geodesic_sphere(triangles);
    for (auto& v : out.vertices) v.xyz = v.xyz.cwiseProduct(half_axes_mm);
    out.normals = vertex_normals(out.vertices, out.triangles);
    return out;
}

}  // namespace precentral
