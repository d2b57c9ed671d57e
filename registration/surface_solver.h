// SPDX-License-Identifier: Apache-2.0
// The iteration inside fit_surface, from one start. See surface_fit.h for what is minimised.
#pragma once

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <vector>

#include "imaging/surface.h"
#include "registration/surface_fit.h"

namespace precentral {

// Pose, offset, further offset over hair.
using Matrix8 = Eigen::Matrix<double, 8, 8>;
using Vector8 = Eigen::Matrix<double, 8, 1>;

struct SurfaceOffsets {
    double all_mm = 0.0;
    double hair_mm = 0.0;
    double of(bool under_hair) const { return all_mm + (under_hair ? hair_mm : 0.0); }
};

// A touched point placed on the scan.
struct PlacedPoint {
    Eigen::Vector3d at = Eigen::Vector3d::Zero();
    Eigen::Vector3d normal = Eigen::Vector3d::Zero();  // of the scalp nearest to it
    double residual_mm = 0.0;                          // signed distance less the offset
    bool under_hair = false;
};

// s and k of the robust cost; k differs for points outside and inside the skin, because a stylus that lifts off is
// always outside.
struct RobustCost {
    double scale_mm = 1.0;
    double outside = 0.02;
    double inside = 0.02;
    double level(double residual_mm) const { return residual_mm > 0.0 ? outside : inside; }
};

struct SurfaceSolution {
    Eigen::Isometry3d scan_from_head = Eigen::Isometry3d::Identity();
    SurfaceOffsets offsets;
    std::vector<PlacedPoint> placed;
    RobustCost robust;
    int iterations = 0;
    bool converged = false;
};

class SurfaceSolver {
public:
    static constexpr double kWideScale_mm = 5.0;

    // Keeps references: the arguments must outlive the solver.
    SurfaceSolver(const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp,
                  const std::vector<FiducialPrior>& fiducials, const SurfaceFitOptions& options);

    // `wide_mm`: smallest robust scale of the first iteration, narrowed at each; 0 when the start is near the solution.
    SurfaceSolution solve(const Eigen::Isometry3d& start, int max_iterations, double wide_mm = kWideScale_mm) const;

    // Mean of the robust cost at a fixed scale over the points, plus the prior: compares solutions from different
    // starts.
    double score(const SurfaceSolution& solution) const;

    // The same solution with its points placed by another pose.
    void move(SurfaceSolution& solution, const Eigen::Isometry3d& scan_from_head, const SurfaceOffsets& offsets) const;

    // Fills covariance (that of the curvature, unless one is given), noise, weakest motion, rms, residuals and left_out
    // from a solution.
    SurfaceFit describe(const SurfaceSolution& solution, const PoseCovariance<Scan>* covariance = nullptr) const;

private:
    std::vector<PlacedPoint> place(const Eigen::Isometry3d& pose, const SurfaceOffsets& offsets) const;
    Eigen::Vector3d centre_of(const Eigen::Isometry3d& pose) const;
    void add_prior(const Eigen::Isometry3d& pose, const Eigen::Vector3d& centre, const SurfaceOffsets& offsets,
                   Matrix8& information, Vector8& gradient) const;
    double prior_cost(const Eigen::Isometry3d& pose, const SurfaceOffsets& offsets) const;

    const std::vector<Point<Head>>& touched_;
    const SurfaceIndex& scalp_;
    const std::vector<FiducialPrior>& fiducials_;
    const SurfaceFitOptions& options_;
    Eigen::Vector3d centre_in_head_ = Eigen::Vector3d::Zero();
    double radius_mm_ = 1.0;  // rms distance of the points from their centre
};

}  // namespace precentral
