// SPDX-License-Identifier: Apache-2.0
#include "navigation/placement.h"

#include <cmath>
#include <numbers>

namespace precentral {
namespace {

constexpr double kDegrees = 180.0 / std::numbers::pi;

}  // namespace

double yaw_of(const Transform<Scan, Coil>& scan_from_coil, Side side) {
    const TangentFrame frame = tangent_frame(-scan_from_coil.z_axis(), side);
    const Direction<Scan> y = scan_from_coil.y_axis();
    return std::atan2(y.dot(frame.midline), y.dot(frame.front)) * kDegrees;
}

double gap_mm(const SurfaceIndex& scalp, const Transform<Scan, Coil>& scan_from_coil) {
    constexpr double kBackMm = 40.0;
    const Direction<Scan> inward = scan_from_coil.z_axis();
    const auto hit = scalp.first_hit(scan_from_coil.origin() - kBackMm * inward, inward, kBackMm + 150.0);
    if (hit) return hit->distance_mm - kBackMm;
    return scalp.closest(scan_from_coil.origin()).distance_mm;
}

TargetCompass compass_of(const Transform<Scan, Coil>& target, Side side) {
    const TangentFrame frame = tangent_frame(-target.z_axis(), side);
    const auto in_target = [&](const Direction<Scan>& d) {
        const Direction<Coil> local = target.inverse() * d;
        return Eigen::Vector2d(local.xyz.head<2>()).normalized();
    };
    return {in_target(frame.midline), in_target(frame.front)};
}

}  // namespace precentral
