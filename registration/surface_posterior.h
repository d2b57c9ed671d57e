// SPDX-License-Identifier: Apache-2.0
// What few touched points leave possible: mean and spread of the pose given the points, by sampling.
//
// With few points the cost around its minimum is no paraboloid: which point was lifted off is open, the noise is hardly
// known, and the surface curves within the uncertainty. The posterior p(pose | points) with a flat prior on the pose
// (or about the start given, very weakly; and the fiducials', and the offset's) is then sampled: importance sampling
// from Student-t proposals that adapt to the weighted samples (Cappé et al. 2004, doi 10.1198/106186004X12803),
// antithetic and from a fixed seed. The noise of a point and the share of lifted points are summed out on a grid at
// every sample. Its mean has the least mean square error among estimators that move with the head, and its spread is
// right on average whatever the pose (Pitman 1939, doi 10.1093/biomet/30.3-4.391: location family; the pose acts as a
// group on the data).
#pragma once

#include <Eigen/Geometry>
#include <optional>
#include <vector>

#include "imaging/surface.h"
#include "registration/small_motion.h"
#include "registration/surface_fit.h"
#include "registration/surface_solver.h"

namespace precentral {

// A minimum of the robust cost and its curvature: where the sampling begins.
struct PosteriorMode {
    Eigen::Isometry3d scan_from_head = Eigen::Isometry3d::Identity();
    SurfaceOffsets offsets;
    PoseCovariance<Scan> covariance;
};

struct SurfacePosterior {
    Eigen::Isometry3d scan_from_head = Eigen::Isometry3d::Identity();  // mean
    SurfaceOffsets offsets;
    PoseCovariance<Scan> covariance;
    double noise_mm = 0.0;           // mean of the noise of one point
    double effective_samples = 0.0;  // Kish: (sum w)^2 / sum w^2
};

// More points than this need no sampling: the paraboloid is right.
inline constexpr std::size_t kMostPointsToSample = 120;

// `modes`: the best first. nullopt when the samples do not settle (the modes are then all there is to say). Pure and
// the same every time; about 20 000 distances to the scalp, 15 ms.
std::optional<SurfacePosterior> sample_posterior(const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp,
                                                 const std::vector<FiducialPrior>& fiducials,
                                                 const SurfaceFitOptions& options,
                                                 const std::optional<Eigen::Isometry3d>& start,
                                                 const std::vector<PosteriorMode>& modes);

// What is reported of the solutions found (the best first): with few points the posterior's mean and spread, else the
// best solution and its curvature.
SurfaceFit describe_sampled(const SurfaceSolver& solver, const std::vector<Point<Head>>& touched,
                            const SurfaceIndex& scalp, const std::vector<FiducialPrior>& fiducials,
                            const SurfaceFitOptions& options, const std::optional<Eigen::Isometry3d>& start,
                            const std::vector<SurfaceSolution>& modes);

}  // namespace precentral
