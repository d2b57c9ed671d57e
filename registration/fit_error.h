// SPDX-License-Identifier: Apache-2.0
// How wrong a fit is expected to be at a place that was not touched. The residual of a fit says nothing about it
// (Fitzpatrick 2009, doi 10.1117/12.813601); its covariance does.
//
// All functions are pure; call them from any thread. They do not throw.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "data/frames.h"
#include "registration/small_motion.h"

namespace precentral {

// Of a pose to_from_from: the covariance of the small motion (rotation vector in rad, shift in mm), in F = To and about
// the point `about`, that takes the fitted pose to the true one.
template <class F>
struct PoseCovariance {
    Matrix6 matrix = Matrix6::Zero();
    Point<F> about;
};

struct TargetError {
    Eigen::Matrix3d covariance_mm2 = Eigen::Matrix3d::Zero();  // of the error vector at the target
    double rms_mm = 0.0;                                       // expected root mean square of its length
    double p95_mm = 0.0;                                       // its length is below this in 95 % of such fits
    double angle_deg = 0.0;  // expected root mean square angle between the fitted and the true pose
};

// Radius of the sphere about zero that holds `probability` (0 < p < 1) of a normal error of this covariance, mm.
// P(|e| < r) is the mean over directions u on the unit sphere of F3(r^2 / (u^T C u)), F3 = distribution function of
// chi-square with 3 degrees of freedom (write e = s C^1/2 u with s^2 chi-square, independent of u).
double error_radius_mm(const Eigen::Matrix3d& covariance_mm2, double probability);

// First-order propagation: C_target = J C J^T with J = [-[x - about]x  I].
TargetError predict_error(const Matrix6& covariance, const Eigen::Vector3d& about, const Eigen::Vector3d& target);

template <class F>
TargetError predict_error(const PoseCovariance<F>& covariance, const Point<F>& target) {
    return predict_error(covariance.matrix, covariance.about.xyz, target.xyz);
}

// Covariance of an equally weighted paired-point fit whose points are each off by `sigma_mm` a axis (both sides of a
// pair together). `points` in the frame fitted to.
PoseCovariance<Scan> covariance_of_point_fit(const std::vector<Point<Scan>>& points, double sigma_mm);

// Expected rms error at `target` of a fit of paired points with localisation error `fle_mm` (rms length of the 3-D
// error of a pair): <TRE^2> = FLE^2 / N * (1 + 1/3 sum_k d_k^2 / f_k^2), d_k the target's distance from principal axis
// k of the points and f_k their rms distance from it. Fitzpatrick, West & Maurer 1998, doi 10.1109/42.736021.
double fitzpatrick_error_mm(const std::vector<Point<Scan>>& points, const Point<Scan>& target, double fle_mm);

// Expected rms residual of the same fit: <FRE^2> = (1 - 2/N) FLE^2.
double fitzpatrick_residual_mm(std::size_t count, double fle_mm);

}  // namespace precentral
