// SPDX-License-Identifier: Apache-2.0
#include "navigation/placement.h"

#include <cmath>
#include <numbers>

#include "data/error.h"

namespace precentral {
namespace {

constexpr double kPatchRadiusMm = 20.0;
constexpr double kDegrees = 180.0 / std::numbers::pi;

}  // namespace

TangentFrame tangent_frame(const Direction<Scan>& outward, Side side) {
    TangentFrame frame;
    frame.outward = outward.normalized();
    const Direction<Scan> anterior{Eigen::Vector3d::UnitY()};
    const Direction<Scan> in_plane = anterior - anterior.dot(frame.outward) * frame.outward;
    if (!(in_plane.norm() > 1e-3)) {
        throw InputError(
            "This place looks straight to the front or the back of the head; no coil angle can be given there.");
    }
    frame.front = in_plane.normalized();
    // Towards the midline is towards the patient's right from the left hemisphere, and the reverse.
    const Direction<Scan> across = frame.front.cross(frame.outward);  // points to the right where outward is up
    frame.midline = side == Side::left ? across : -across;
    return frame;
}

Transform<Scan, Coil> coil_over(const SurfaceIndex& scalp, const Point<Scan>& cortex, double yaw_deg, Side side) {
    SurfacePoint seat = scalp.closest(cortex);
    Direction<Scan> normal = scalp.patch_normal(seat.point, kPatchRadiusMm);
    // Walk the seat until the scalp's normal there passes through the cortex point.
    for (int i = 0; i < 20; ++i) {
        const auto hit = scalp.first_hit(cortex + 60.0 * normal, -normal, 60.0);
        if (!hit) break;
        const double moved_mm = distance_mm(hit->point, seat.point);
        seat = *hit;
        normal = scalp.patch_normal(seat.point, kPatchRadiusMm);
        if (moved_mm < 0.01) break;
    }
    const TangentFrame frame = tangent_frame(normal, side);
    const double yaw = yaw_deg / kDegrees;
    const Direction<Scan> y = std::cos(yaw) * frame.front + std::sin(yaw) * frame.midline;
    const Direction<Scan> z = -frame.outward;
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.linear().col(0) = y.cross(z).xyz;
    pose.linear().col(1) = y.xyz;
    pose.linear().col(2) = z.xyz;
    pose.translation() = seat.point.xyz;
    return Transform<Scan, Coil>(pose);
}

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
