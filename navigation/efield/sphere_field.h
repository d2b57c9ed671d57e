// SPDX-License-Identifier: Apache-2.0
// The field magnetic dipoles induce in a spherically symmetric conductor, in closed form.
//
// With the sphere's centre as origin, r a dipole of changing moment ṁ outside, p a point inside, a = r − p:
//   F = a (R a + a·r),  ∇F = (a²/R + a·r/a + 2a + 2R) r − (a + 2R + a·r/a) p
//   E(p) = μ0/4π p × Σ [ (ṁ·∇F) r / F² − ṁ / F ]
// Sarvas 1987 (doi 10.1088/0031-9155/32/1/004) by reciprocity; Heller and van Hulsteyn 1992 (doi
// 10.1016/S0006-3495(92)81587-4). It has no radial part and does not depend on the radial course of the conductivity.
// Metres, A·m²/s, V/m. With moments for 1 A the result is the field for 1 A/s.
//
// The float loops have a version each for the vector units a processor may have, chosen when the program starts. Each
// lane works on one point (or pose) and no multiplication is fused with an addition, so all versions give the same
// bits. Any thread.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

namespace precentral {

struct DipolesAboutSphere {
    std::vector<Eigen::Vector3d> positions_m;  // from the sphere's centre
    std::vector<Eigen::Vector3d> moments;
    void add(const Eigen::Vector3d& position_m, const Eigen::Vector3d& moment) {
        positions_m.push_back(position_m);
        moments.push_back(moment);
    }
};

Eigen::Vector3d sphere_field(const DipolesAboutSphere& dipoles, const Eigen::Vector3d& point_m);

// −∂A/∂t of the same dipoles with no conductor.
Eigen::Vector3d vacuum_field(const DipolesAboutSphere& dipoles, const Eigen::Vector3d& point_m);

// The magnetic field, T, at `at_m` outside of a current dipole `moment` (A·m) at `source_m` inside the sphere
// (Sarvas 1987). Reciprocity: sphere_field · moment = −Σ B · ṁ.
Eigen::Vector3d sphere_magnetic_field(const Eigen::Vector3d& source_m, const Eigen::Vector3d& moment,
                                      const Eigen::Vector3d& at_m);

// Three arrays of the same length.
struct Vectors3f {
    std::vector<float> x, y, z;
    std::size_t size() const { return x.size(); }
    void resize(std::size_t count) {
        x.resize(count);
        y.resize(count);
        z.resize(count);
    }
    Eigen::Vector3d at(std::size_t i) const { return {x[i], y[i], z[i]}; }
};

// Field of all dipoles at many points. `out` is overwritten; points_m are from the sphere's centre.
void sphere_field(const DipolesAboutSphere& dipoles, const Vectors3f& points_m, Vectors3f& out);
void vacuum_field(const DipolesAboutSphere& dipoles, const Vectors3f& points_m, Vectors3f& out);

// A coil at many poses, seen from the sphere's centre.
struct CoilPoses {
    Vectors3f x_axis, y_axis, z_axis;  // of the coil
    Vectors3f origin_m;
};

// Field at each of a few points for each pose: out[point].at(pose).
void sphere_field_of_poses(const DipolesAboutSphere& coil, const CoilPoses& poses,
                           const std::vector<Eigen::Vector3d>& points_m, std::vector<Vectors3f>& out);

}  // namespace precentral
