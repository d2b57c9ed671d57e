// SPDX-License-Identifier: Apache-2.0
// Rigid fit of points touched on the head to the scalp surface of the scan: robust point-to-surface least squares with
// the fiducials as a Gaussian prior.
//
// Minimise over the pose (and, when asked, the offset of all points and the further one of those over hair)
//     sum_i rho((d_i - offset_i) / s) s^2 / v  +  sum_k |q_k - p_k|^2 / sigma_k^2  +  (offset - offset_mm)^2 /
//     offset_sigma_mm^2
// d_i = signed distance of touched point i from the surface, linearised as n^T [-[q - c]x  I] (Chen & Medioni 1992,
// doi 10.1016/0262-8856(92)90066-C). rho(u) = -log(exp(-u^2/2) + k): normal noise among outliers spread evenly over
// 10 mm, so a stylus that lifted off counts for nothing. k follows from the share of outliers, estimated apart outside
// and inside the skin, because lift-off and hair are one-sided and would pull a symmetric fit outwards. The scale s is
// 1.4826 times the median |d_i - offset|, held wide at first and frozen near the solution, so that the cost then only
// falls. v is the variance of one point as it weighs against the prior. Covariance: Huber's M-estimator formula (Huber
// 1981, doi 10.1002/0471725250, 7.6) joined with the prior.
// With 120 points or fewer that cost is no paraboloid: mean and covariance then come from samples of the posterior
// (surface_posterior.h), in which an `initial` pose without fiducials counts as a guess good to about 12 mm and 12
// degrees an axis. The result is the same every time; ~10 ms for 300 points with fiducials, ~45 ms for 50.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/frames.h"
#include "imaging/surface.h"
#include "registration/fit_error.h"
#include "registration/verdict.h"

namespace precentral {

// A landmark touched on the patient and known in the scan.
struct FiducialPrior {
    Point<Head> touched;
    Point<Scan> picked;
    double sigma_mm = 2.2;  // a axis, of both sides together
};

struct SurfaceFitOptions {
    double surface_sigma_mm = 1.1;  // expected noise of one touched point along the normal; a weak guess is enough
    double offset_mm = 0.0;         // how far outside the scan's skin the tip rests (hair); negative = pressed in
    double offset_sigma_mm = 0.0;   // how unsure that is; above 0 the fit estimates the offset too
    // Hair lies under some of the points: it holds those `hair_mm` further off, estimated too when its sigma is above
    // 0.
    std::vector<bool> under_hair;  // one a touched point; empty = none
    double hair_mm = 0.0;
    double hair_sigma_mm = 0.0;
    int max_iterations = 80;
    double convergence_mm = 1e-5;  // stop when a step moves the points by less
};

struct SurfaceFit {
    Transform<Scan, Head> scan_from_head;
    double rms_mm = 0.0;                // of the points kept, to the surface (less the offset)
    std::vector<double> residual_mm;    // one a point, signed: positive outside
    std::vector<std::size_t> left_out;  // points further than three times the noise: they count little or nothing
    double noise_mm = 0.0;              // standard deviation of one point, as estimated here
    double offset_mm = 0.0;             // as given, or as estimated
    double hair_mm = 0.0;               // likewise
    PoseCovariance<Scan> covariance;
    double weakest_mm = 0.0;  // standard deviation of the least certain motion, in mm at the points
    int iterations = 0;
    bool converged = false;
    Verdict verdict = Verdict::poor;
    std::vector<std::string> reasons;  // sentences; empty when there is nothing to say
};

// Start: `initial` when given; else the paired-point fit of three or more fiducials; else every orientation is tried.
// Without fiducials, poses around `initial` are tried too. Throws InputError when a coordinate is not finite, the scalp
// is empty, or there are too few points (6 without fiducials, 1 with three fiducials or more).
SurfaceFit fit_surface(const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp,
                       const std::optional<Transform<Scan, Head>>& initial,
                       const std::vector<FiducialPrior>& fiducials = {}, const SurfaceFitOptions& options = {});

}  // namespace precentral
