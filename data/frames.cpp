// SPDX-License-Identifier: Apache-2.0
#include "data/frames.h"

#include <Eigen/SVD>
#include <string>

#include "data/error.h"

namespace precentral {
namespace {

constexpr double kOrthonormalTolerance = 1e-3;

void require_finite_homogeneous(const Eigen::Matrix4d& m, std::string_view source) {
    if (!m.allFinite()) {
        throw InputError("The matrix from " + std::string(source) + " contains a value that is not a number.");
    }
    const Eigen::RowVector4d last_row(0.0, 0.0, 0.0, 1.0);
    if ((m.row(3) - last_row).cwiseAbs().maxCoeff() > 1e-6) {
        throw InputError("The matrix from " + std::string(source) +
                         " is not a spatial transform: its last row must be 0 0 0 1.");
    }
}

}  // namespace

Eigen::Isometry3d rigid_from_matrix(const Eigen::Matrix4d& m, std::string_view source) {
    require_finite_homogeneous(m, source);
    const Eigen::Matrix3d linear = m.topLeftCorner<3, 3>();
    const double departure = (linear.transpose() * linear - Eigen::Matrix3d::Identity()).cwiseAbs().maxCoeff();
    if (departure > kOrthonormalTolerance) {
        throw InputError("The matrix from " + std::string(source) +
                         " is not rigid: it scales or shears (departure from orthonormal " + std::to_string(departure) +
                         ").");
    }
    if (linear.determinant() < 0.0) {
        throw InputError("The matrix from " + std::string(source) + " is left-handed: it would swap left and right.");
    }
    const Eigen::JacobiSVD<Eigen::Matrix3d> svd(linear, Eigen::ComputeFullU | Eigen::ComputeFullV);
    Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
    out.linear() = svd.matrixU() * svd.matrixV().transpose();
    out.translation() = m.topRightCorner<3, 1>();
    return out;
}

Eigen::Affine3d affine_from_matrix(const Eigen::Matrix4d& m, std::string_view source) {
    require_finite_homogeneous(m, source);
    const Eigen::Matrix3d linear = m.topLeftCorner<3, 3>();
    const double volume = linear.determinant();
    const double scale = linear.norm();
    if (!(std::abs(volume) > 1e-9 * scale * scale * scale)) {
        throw InputError("The matrix from " + std::string(source) + " cannot be inverted.");
    }
    return Eigen::Affine3d(m);
}

}  // namespace precentral
