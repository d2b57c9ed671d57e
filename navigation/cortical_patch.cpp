// SPDX-License-Identifier: Apache-2.0
#include "navigation/cortical_patch.h"

#include <cmath>

namespace precentral {
namespace {

constexpr double kDegree = 3.14159265358979323846 / 180.0;

}  // namespace

Direction<Scan> CorticalPatch::outward_at(const Eigen::Vector2d& uv_mm) const {
    const double length = uv_mm.norm();
    if (length < 1e-12) {
        return outward;
    }
    const double angle = length / curvature_radius_mm;
    const Direction<Scan> ahead = (uv_mm[0] / length) * lateral + (uv_mm[1] / length) * anterior;
    return std::cos(angle) * outward + std::sin(angle) * ahead;
}

Point<Scan> CorticalPatch::site(const Eigen::Vector2d& uv_mm) const {
    return centre + curvature_radius_mm * (outward_at(uv_mm) - outward);
}

Direction<Scan> CorticalPatch::along(const Eigen::Vector2d& uv_mm, double yaw_deg) const {
    const Direction<Scan> here = std::cos(yaw_deg * kDegree) * anterior - std::sin(yaw_deg * kDegree) * lateral;
    const double length = uv_mm.norm();
    if (length < 1e-12) {
        return here;
    }
    // Carried along the great circle to the site: only the part along the way tips over.
    const double angle = length / curvature_radius_mm;
    const Direction<Scan> ahead = (uv_mm[0] / length) * lateral + (uv_mm[1] / length) * anterior;
    const Direction<Scan> ahead_there = std::cos(angle) * ahead - std::sin(angle) * outward;
    return here + here.dot(ahead) * (ahead_there - ahead);
}

Eigen::Vector2d CorticalPatch::uv_of(const Point<Scan>& point) const {
    const Direction<Scan> from_pivot = point - (centre - curvature_radius_mm * outward);
    const Eigen::Vector2d sideways(from_pivot.dot(lateral), from_pivot.dot(anterior));
    const double length = sideways.norm();
    if (length < 1e-12) {
        return Eigen::Vector2d::Zero();
    }
    return curvature_radius_mm * std::atan2(length, from_pivot.dot(outward)) / length * sideways;
}

double CorticalPatch::yaw_of(const Transform<Scan, Coil>& scan_from_coil) const {
    const Eigen::Vector2d uv = uv_of(scan_from_coil.origin());
    const Direction<Scan> y = scan_from_coil.y_axis();
    return std::atan2(y.dot(along(uv, 90.0)), y.dot(along(uv, 0.0))) / kDegree;
}

Transform<Scan, Coil> CorticalPatch::coil_pose(const Eigen::Vector2d& uv_mm, double yaw_deg, double depth_mm) const {
    const Direction<Scan> up = outward_at(uv_mm);
    const Direction<Scan> y = along(uv_mm, yaw_deg);
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.linear().col(1) = y.xyz;
    pose.linear().col(2) = -up.xyz;
    pose.linear().col(0) = y.cross(-up).xyz;
    pose.translation() = (site(uv_mm) + depth_mm * up).xyz;
    return Transform<Scan, Coil>(pose);
}

}  // namespace precentral
