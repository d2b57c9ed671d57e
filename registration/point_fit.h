// SPDX-License-Identifier: Apache-2.0
// Rigid fit of paired points: p_in_to[i] ~ to_from_from * p_in_from[i].
//
// Minimise sum_i w_i |R p_i + t - q_i|^2. With H = sum_i w_i (p_i - p_mean)(q_i - q_mean)^T = U S V^T the optimum is
// R = V diag(1, 1, det(V U^T)) U^T, t = q_mean - R p_mean: a rotation, never a reflection.
// Arun, Huang & Blostein 1987, doi 10.1109/TPAMI.1987.4767965; Umeyama 1991, doi 10.1109/34.88573.
//
// All functions are pure; call them from any thread. They throw InputError in one sentence when the numbers of points
// differ, fewer than three pairs count, a coordinate is not finite, the points lie on one spot or one line, or one set
// is the mirror image of the other. Three points always lie in a plane, so a mirrored set of three cannot be told
// from a turned one here; the scalp tells (register_head).
#pragma once

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <string>
#include <vector>

#include "data/frames.h"

namespace precentral {

template <class F>
struct NamedPoint {
    std::string name;
    Point<F> point;
};

struct RigidFit {
    Eigen::Isometry3d to_from_from = Eigen::Isometry3d::Identity();
    std::vector<double> residual_mm;  // one a pair, |to_from_from * from - to|
    // The same, when the fit is made without that pair. NaN where the other pairs do not define a fit (fewer than
    // three of them, or on one line).
    std::vector<double> left_out_mm;
    double rms_mm = 0.0;  // weighted root mean square of residual_mm; says nothing about the error elsewhere
};

// `weights`: one a pair, >= 0, relative; empty = all equal. A pair of weight 0 gets residuals but no say.
RigidFit fit_rigid(const std::vector<Eigen::Vector3d>& from, const std::vector<Eigen::Vector3d>& to,
                   const std::vector<double>& weights = {});

// Minimise sum_i r_i^T C_i^-1 r_i with C_i the covariance (mm^2) of the error of pair i seen in To; Gauss-Newton from
// the fit above. Throws InputError also when a C_i is not positive definite. rms_mm is unweighted.
RigidFit fit_rigid_anisotropic(const std::vector<Eigen::Vector3d>& from, const std::vector<Eigen::Vector3d>& to,
                               const std::vector<Eigen::Matrix3d>& covariances_mm2);

template <class F>
std::vector<Eigen::Vector3d> coordinates_of(const std::vector<Point<F>>& points) {
    std::vector<Eigen::Vector3d> out;
    out.reserve(points.size());
    for (const Point<F>& p : points) out.push_back(p.xyz);
    return out;
}

template <class To, class From>
struct PointFit {
    Transform<To, From> to_from_from;
    std::vector<double> residual_mm;
    std::vector<double> left_out_mm;
    double rms_mm = 0.0;
};

template <class To, class From>
PointFit<To, From> fit_points(const std::vector<Point<From>>& from, const std::vector<Point<To>>& to,
                              const std::vector<double>& weights = {}) {
    RigidFit fit = fit_rigid(coordinates_of(from), coordinates_of(to), weights);
    return {Transform<To, From>(fit.to_from_from), std::move(fit.residual_mm), std::move(fit.left_out_mm), fit.rms_mm};
}

template <class To, class From>
PointFit<To, From> fit_points_anisotropic(const std::vector<Point<From>>& from, const std::vector<Point<To>>& to,
                                          const std::vector<Eigen::Matrix3d>& covariances_mm2) {
    RigidFit fit = fit_rigid_anisotropic(coordinates_of(from), coordinates_of(to), covariances_mm2);
    return {Transform<To, From>(fit.to_from_from), std::move(fit.residual_mm), std::move(fit.left_out_mm), fit.rms_mm};
}

}  // namespace precentral
