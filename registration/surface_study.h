// SPDX-License-Identifier: Apache-2.0
// How well fit_surface does on simulated touches of a real scalp whose pose is known, beside the best any estimator
// could do.
#pragma once

#include <functional>
#include <vector>

#include "data/frames.h"
#include "data/progress.h"
#include "imaging/surface.h"
#include "registration/surface_fit.h"

namespace precentral {

struct SurfaceStudy {
    int points = 50;
    double start_mm = 10.0;      // how far off the start is: shifted by this, and turned by the angle, both in random
    double start_deg = 10.0;     // directions, about `turned_about`
    double outlier_share = 0.0;  // of the points, lifted 3-10 mm off the skin
    double noise_mm = 1.0;       // of a touched point, a axis
    int seeds = 100;
    unsigned first_seed = 1;
    Point<Scan> turned_about;
    std::vector<Point<Scan>> targets;                  // where the error is looked at
    std::function<bool(const Point<Scan>&)> in_reach;  // of a stylus; a place that faces another fold never is
    SurfaceFitOptions fit;
};

// One fit at one target.
struct SurfaceStudyError {
    double error_mm = 0.0;
    double angle_deg = 0.0;
    double predicted_rms_mm = 0.0;
    double predicted_angle_deg = 0.0;
    double bound_rms_mm = 0.0;      // Cramér-Rao at the truth, from the points that were not lifted off
    bool within_ellipsoid = false;  // the stated 95 % one
    bool within_p95 = false;        // the stated 95 % radius
    bool failed = false;            // off by more than four times the bound and more than 10 mm: another pose
};

struct SurfaceStudyResult {
    double rms_mm = 0.0;
    double bound_mm = 0.0;
    double ratio = 0.0;  // of the two
    double median_mm = 0.0;
    double p95_mm = 0.0;
    double largest_mm = 0.0;
    double angle_rms_deg = 0.0;
    double predicted_over_true = 0.0;        // root mean squares, at the targets
    double predicted_over_true_angle = 0.0;  // the same of the angle
    double within_ellipsoid = 0.0;           // share of fits
    double within_p95 = 0.0;
    int failed = 0;
    double ms_per_fit = 0.0;              // processor time on one core
    std::vector<SurfaceStudyError> each;  // in the order of seeds, targets within
};

// The bound: sigma^2 (sum g g^T)^-1 over the touched places, g = n^T [-[q - c]x  I], propagated to the target. The same
// study gives the same numbers on any number of cores, the time aside. Throws InputError for a study without points,
// seeds, targets or places in reach, Cancelled on request.
SurfaceStudyResult study_surface_fit(const SurfaceIndex& scalp, const SurfaceStudy& study,
                                     const Progress& progress = {});

}  // namespace precentral
