// SPDX-License-Identifier: Apache-2.0
#include "imaging/coil_seat.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/error.h"

namespace precentral {
namespace {

constexpr double kDegrees = 180.0 / std::numbers::pi;
constexpr double kWingMm = 45.0;        // from the coil's centre to the centre of a wing
constexpr double kWingRadiusMm = 50.0;  // windings of 44 mm and their housing
constexpr double kDeepMm = 60.0;        // further in it is another side of the head

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
    Direction<Scan> normal = scalp.patch_normal(seat.point, kCoilPatchRadiusMm);
    // Walk the seat until the scalp's normal there passes through the cortex point.
    for (int i = 0; i < 20; ++i) {
        const auto hit = scalp.first_hit(cortex + 60.0 * normal, -normal, 60.0);
        if (!hit) break;
        const double moved_mm = distance_mm(hit->point, seat.point);
        seat = *hit;
        normal = scalp.patch_normal(seat.point, kCoilPatchRadiusMm);
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

double through_face_mm(const Surface& scalp, const Transform<Scan, Coil>& scan_from_coil) {
    const Transform<Coil, Scan> coil_from_scan = scan_from_coil.inverse();
    double most = 0.0;
    for (const auto& vertex : scalp.vertices) {
        const Eigen::Vector3d p = (coil_from_scan * vertex).xyz;
        if (!(p.z() < -most) || p.z() < -kDeepMm) continue;
        const double beside = std::abs(p.x()) - kWingMm;
        if (beside * beside + p.y() * p.y() <= kWingRadiusMm * kWingRadiusMm) most = -p.z();
    }
    return most;
}

Transform<Scan, Coil> rested(const Surface& scalp, const Transform<Scan, Coil>& scan_from_coil) {
    Eigen::Isometry3d pose = scan_from_coil.isometry();
    pose.translation() -= through_face_mm(scalp, scan_from_coil) * scan_from_coil.z_axis().xyz;
    return Transform<Scan, Coil>(pose);
}

std::optional<double> scalp_cortex_mm(const SurfaceIndex& scalp, const SurfaceIndex& brain,
                                      const Transform<Scan, Coil>& scan_from_coil) {
    constexpr double kBackMm = 40.0;
    const Direction<Scan> inward = scan_from_coil.z_axis();
    const Point<Scan> start = scan_from_coil.origin() - kBackMm * inward;
    const auto skin = scalp.first_hit(start, inward, kBackMm + 60.0);
    const auto cortex = brain.first_hit(start, inward, kBackMm + 120.0);
    if (!skin || !cortex) return std::nullopt;
    return cortex->distance_mm - skin->distance_mm;
}

}  // namespace precentral
