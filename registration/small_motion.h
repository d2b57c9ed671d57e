// SPDX-License-Identifier: Apache-2.0
// Small rigid motions about a centre, the unknowns of every iterative fit here: (rotation vector in rad, shift in mm).
#pragma once

#include <Eigen/Core>
#include <Eigen/Geometry>

namespace precentral {

using Vector6 = Eigen::Matrix<double, 6, 1>;
using Matrix6 = Eigen::Matrix<double, 6, 6>;

// [v]x, so that skew(v) * w = v x w.
inline Eigen::Matrix3d skew(const Eigen::Vector3d& v) {
    Eigen::Matrix3d m;
    m << 0.0, -v.z(), v.y(), v.z(), 0.0, -v.x(), -v.y(), v.x(), 0.0;
    return m;
}

// How a point moves with the motion: dq = [-[q - centre]x  I] * motion.
inline Eigen::Matrix<double, 3, 6> motion_of_point(const Eigen::Vector3d& q, const Eigen::Vector3d& centre) {
    Eigen::Matrix<double, 3, 6> j;
    j << -skew(q - centre), Eigen::Matrix3d::Identity();
    return j;
}

// The motion as an isometry, to be applied on the left of a pose.
inline Eigen::Isometry3d isometry_of_motion(const Vector6& motion, const Eigen::Vector3d& centre) {
    const Eigen::Vector3d turn = motion.head<3>();
    const double angle = turn.norm();
    Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
    if (angle > 0.0) out.linear() = Eigen::AngleAxisd(angle, turn / angle).toRotationMatrix();
    out.translation() = centre + motion.tail<3>() - out.linear() * centre;
    return out;
}

}  // namespace precentral
