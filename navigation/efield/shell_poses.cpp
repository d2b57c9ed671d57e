// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/shell_poses.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "imaging/parallel.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr double kLowestGapMm = 8.0;
constexpr double kHighestGapMm = 35.0;
constexpr double kLargestTilt = 0.35;  // radian
constexpr int kLifts = 4;

}  // namespace

std::vector<Transform<Scan, Coil>> draw_poses_over(const Surface& shell, const std::vector<std::size_t>& vertices,
                                                   const CoilModel& coil, int count, SeededRandom& random) {
    std::vector<Transform<Scan, Coil>> out;
    std::vector<Vector3d> upward;
    for (int i = 0; i < count; ++i) {
        const std::size_t v =
            vertices[static_cast<std::size_t>(draw_uniform(random) * static_cast<double>(vertices.size()))];
        const Vector3d n = shell.normals[v].xyz;
        const Vector3d any(draw_normal(random), draw_normal(random), draw_normal(random));
        const Vector3d up =
            (n + kLargestTilt * draw_uniform(random) * (any - any.dot(n) * n).normalized()).normalized();
        const double yaw = 2.0 * std::numbers::pi * draw_uniform(random);
        const Vector3d u = up.unitOrthogonal();
        const Vector3d y = std::cos(yaw) * u + std::sin(yaw) * up.cross(u);
        Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
        pose.linear().col(0) = -y.cross(up);
        pose.linear().col(1) = y;
        pose.linear().col(2) = -up;
        pose.translation() = shell.vertices[v].xyz + draw_uniform(random, kLowestGapMm, kHighestGapMm) * n;
        out.emplace_back(pose);
        upward.push_back(up);
    }
    const SurfaceIndex index(shell);
    for_each_part(count, [&](int i) {
        auto& pose = out[static_cast<std::size_t>(i)];
        for (int lift = 0; lift < kLifts; ++lift) {
            double nearest = 1e300;
            for (const MagneticDipole& dipole : coil.dipoles) {
                nearest = std::min(nearest, index.closest(pose * dipole.position).distance_mm);
            }
            if (nearest >= kLowestGapMm) break;
            Eigen::Isometry3d lifted = pose.isometry();
            lifted.translation() += (kLowestGapMm - nearest + 1.0) * upward[static_cast<std::size_t>(i)];
            pose = Transform<Scan, Coil>(lifted);
        }
    });
    return out;
}

}  // namespace precentral
