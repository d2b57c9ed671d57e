// SPDX-License-Identifier: Apache-2.0
#include "registration/fit_error.h"

#include <Eigen/Eigenvalues>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace precentral {
namespace {

// Distribution function of chi-square with three degrees of freedom.
double chi_square_3(double x) {
    if (x <= 0.0) return 0.0;
    return std::erf(std::sqrt(0.5 * x)) - std::sqrt(2.0 * x / std::numbers::pi) * std::exp(-0.5 * x);
}

// The variances of the error along directions spread over the sphere. They are even in each axis, so one octant is
// enough; midpoint rule in cos(theta) and phi.
std::vector<double> variances_around(const Eigen::Vector3d& variances) {
    constexpr int kSteps = 32;
    std::vector<double> out;
    out.reserve(kSteps * kSteps);
    for (int i = 0; i < kSteps; ++i) {
        const double z = (i + 0.5) / kSteps;
        const double in_plane = 1.0 - z * z;
        for (int j = 0; j < kSteps; ++j) {
            const double phi = (j + 0.5) / kSteps * 0.5 * std::numbers::pi;
            const double c = std::cos(phi);
            out.push_back(in_plane * (c * c * variances[0] + (1.0 - c * c) * variances[1]) + z * z * variances[2]);
        }
    }
    return out;
}

// Share of the error within radius r.
double share_within(double r, const std::vector<double>& variances) {
    double sum = 0.0;
    for (const double along : variances) sum += along > 0.0 ? chi_square_3(r * r / along) : 1.0;
    return sum / static_cast<double>(variances.size());
}

}  // namespace

double error_radius_mm(const Eigen::Matrix3d& covariance_mm2, double probability) {
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> eigen(covariance_mm2, Eigen::EigenvaluesOnly);
    const Eigen::Vector3d variances = eigen.eigenvalues().cwiseMax(0.0);
    const double scale = std::sqrt(variances.sum());
    if (!(scale > 0.0) || !std::isfinite(scale)) return scale;
    const std::vector<double> around = variances_around(variances);
    // Regula falsi with Illinois' halving, within a bracket that always holds the answer.
    double low = 0.0;
    double high = 10.0 * scale;
    double below = -probability;
    double above = share_within(high, around) - probability;
    for (int i = 0; i < 60 && high - low > 1e-10 * scale; ++i) {
        // Half-way at first: the share is flat far out.
        const double middle = i < 4 ? 0.5 * (low + high) : (low * above - high * below) / (above - below);
        const double off = share_within(middle, around) - probability;
        if (std::abs(off) < 1e-12) return middle;
        if (off < 0.0) {
            low = middle;
            below = off;
            above *= 0.5;
        } else {
            high = middle;
            above = off;
            below *= 0.5;
        }
    }
    return 0.5 * (low + high);
}

TargetError predict_error(const Matrix6& covariance, const Eigen::Vector3d& about, const Eigen::Vector3d& target) {
    const Eigen::Matrix<double, 3, 6> j = motion_of_point(target, about);
    TargetError out;
    out.covariance_mm2 = j * covariance * j.transpose();
    out.rms_mm = std::sqrt(out.covariance_mm2.trace());
    out.p95_mm = error_radius_mm(out.covariance_mm2, 0.95);
    out.angle_deg = std::sqrt(covariance.topLeftCorner<3, 3>().trace()) * 180.0 / std::numbers::pi;
    return out;
}

PoseCovariance<Scan> covariance_of_point_fit(const std::vector<Point<Scan>>& points, double sigma_mm) {
    PoseCovariance<Scan> out;
    for (const Point<Scan>& p : points) out.about.xyz += p.xyz / static_cast<double>(points.size());
    Matrix6 information = Matrix6::Zero();
    for (const Point<Scan>& p : points) {
        const Eigen::Matrix<double, 3, 6> j = motion_of_point(p.xyz, out.about.xyz);
        information += j.transpose() * j;
    }
    out.matrix = sigma_mm * sigma_mm * information.inverse();
    return out;
}

double fitzpatrick_error_mm(const std::vector<Point<Scan>>& points, const Point<Scan>& target, double fle_mm) {
    const double count = static_cast<double>(points.size());
    Eigen::Vector3d mean = Eigen::Vector3d::Zero();
    for (const Point<Scan>& p : points) mean += p.xyz / count;
    Eigen::Matrix3d scatter = Eigen::Matrix3d::Zero();
    for (const Point<Scan>& p : points) scatter += (p.xyz - mean) * (p.xyz - mean).transpose();
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> axes(scatter);
    double sum = 0.0;
    for (int k = 0; k < 3; ++k) {
        const Eigen::Vector3d axis = axes.eigenvectors().col(k);
        const double d2 = (target.xyz - mean).cross(axis).squaredNorm();
        double f2 = 0.0;
        for (const Point<Scan>& p : points) f2 += (p.xyz - mean).cross(axis).squaredNorm() / count;
        sum += d2 / f2;
    }
    return fle_mm * std::sqrt((1.0 + sum / 3.0) / count);
}

double fitzpatrick_residual_mm(std::size_t count, double fle_mm) {
    return fle_mm * std::sqrt(1.0 - 2.0 / static_cast<double>(count));
}

}  // namespace precentral
