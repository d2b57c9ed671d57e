// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/placed_coil.h"

namespace precentral {
namespace {

constexpr double kMetre = 1e-3;

void put(Vectors3f& to, std::size_t i, const Eigen::Vector3d& v) {
    to.x[i] = static_cast<float>(v.x());
    to.y[i] = static_cast<float>(v.y());
    to.z[i] = static_cast<float>(v.z());
}

}  // namespace

DipolesAboutSphere placed(const CoilModel& coil, const Transform<Scan, Coil>& scan_from_coil,
                          const Point<Scan>& centre) {
    DipolesAboutSphere out;
    for (const MagneticDipole& dipole : coil.dipoles) {
        out.add(kMetre * ((scan_from_coil * dipole.position).xyz - centre.xyz),
                scan_from_coil.rotation() * dipole.moment);
    }
    return out;
}

DipolesAboutSphere in_coil_axes(const CoilModel& coil) {
    DipolesAboutSphere out;
    for (const MagneticDipole& dipole : coil.dipoles) out.add(kMetre * dipole.position.xyz, dipole.moment);
    return out;
}

CoilPoses seen_from(const Point<Scan>& centre, const std::vector<Transform<Scan, Coil>>& scan_from_coil) {
    CoilPoses out;
    for (Vectors3f* v : {&out.x_axis, &out.y_axis, &out.z_axis, &out.origin_m}) v->resize(scan_from_coil.size());
    for (std::size_t i = 0; i < scan_from_coil.size(); ++i) {
        put(out.x_axis, i, scan_from_coil[i].x_axis().xyz);
        put(out.y_axis, i, scan_from_coil[i].y_axis().xyz);
        put(out.z_axis, i, scan_from_coil[i].z_axis().xyz);
        put(out.origin_m, i, kMetre * (scan_from_coil[i].origin().xyz - centre.xyz));
    }
    return out;
}

Vectors3f seen_from(const Point<Scan>& centre, const std::vector<Point<Scan>>& points) {
    Vectors3f out;
    out.resize(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) put(out, i, kMetre * (points[i].xyz - centre.xyz));
    return out;
}

}  // namespace precentral
