// SPDX-License-Identifier: Apache-2.0
// The field of one coil at one cortical target, for thousands of poses at once.
//
// In the sphere this is the closed form, vectorised over poses. With the inner skull, the correction at the target is a
// fixed weighted sum of the sphere's field through the shell; by reciprocity that sum is the magnetic field of currents
// on the shell, smooth where the coil is, so a few dozen probe places chosen by pivoted QR carry it.
//
// const calls from any thread.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "navigation/efield/coil.h"
#include "navigation/efield/cortical_field.h"
#include "navigation/efield/local_sphere.h"
#include "navigation/efield/shell_modes.h"

namespace precentral {

class TargetField {
public:
    TargetField(const CoilModel& coil, const FittedSphere& sphere, const Point<Scan>& target);
    // About a second for 2560 triangles. Throws InputError when the modes are of another coil, or the target lies
    // outside the shell.
    TargetField(const CoilModel& coil, const ShellModes& modes, const Point<Scan>& target);

    // V/m for 1 A/µs at each pose; overwrites `out`.
    void at(const std::vector<Transform<Scan, Coil>>& poses, Vectors3f& out) const;

    // Share of `full_v_per_m` (for 1 A/µs; at the best pose) each pose brings to the target: along `preferred` when
    // given, not below 0; of the whole field otherwise. Not capped at 1. Throws InputError unless `full_v_per_m` > 0.
    std::vector<double> shares(const std::vector<Transform<Scan, Coil>>& poses, double full_v_per_m,
                               const std::optional<Direction<Scan>>& preferred = std::nullopt) const;

    const Point<Scan>& target() const { return target_; }
    const FieldOrigin& origin() const { return origin_; }
    // Of the probes against the modes: the worst of the poses held out, as a share of the strongest field; 0 for the
    // sphere.
    double probe_error() const { return probe_error_; }
    std::size_t probes() const { return points_m_.size() - 1; }

private:
    void choose_probes(const CoilModel& coil, const ShellModes& modes);

    DipolesAboutSphere coil_;  // in its own axes, driven at 1 A/µs
    Point<Scan> centre_;
    Point<Scan> target_;
    std::vector<Eigen::Vector3d> points_m_;  // the target, then the probes, from the centre
    std::vector<Eigen::Vector3d> normals_;   // of the probes
    Eigen::Matrix3Xd weights_;               // of the probes' normal field
    FieldOrigin origin_;
    double probe_error_ = 0.0;
};

}  // namespace precentral
