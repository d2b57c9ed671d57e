// SPDX-License-Identifier: Apache-2.0
#include "registration/surface_solver.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "registration/small_motion.h"

namespace precentral {
namespace {

constexpr double kOutlierReach_mm = 10.0;
constexpr double kFewestOutliers = 0.005;  // of all points, on either side
constexpr double kMostOutliers = 0.4;
constexpr double kScoreOutliers = 0.02;  // k of the robust cost that compares solutions
constexpr double kNarrowing = 0.6;       // of the first, wide scale, an iteration
constexpr double kSmallestScale = 0.4;   // of the expected noise
constexpr double kScoreScale_mm = 2.0;
constexpr double kPriorPoints = 8.0;       // weight of the expected noise against the measured one, in points
constexpr double kFarthestSigma_mm = 1e3;  // an uncertainty larger than a head is as good as no knowledge

// rho(u) = -log((exp(-u^2/2) + k) / (1 + k)): normal noise among outliers spread evenly over kOutlierReach_mm.
double share_of_noise(double u, double k) {
    const double e = std::exp(-0.5 * u * u);
    return e / (e + k);
}
double rho_of(double u, double k) { return -std::log((std::exp(-0.5 * u * u) + k) / (1.0 + k)); }
double slope_of(double u, double k) {
    const double w = share_of_noise(u, k);
    return w - u * u * w * (1.0 - w);
}

double median_scale_mm(const std::vector<PlacedPoint>& placed) {
    if (placed.empty()) return 0.0;
    std::vector<double> size;
    size.reserve(placed.size());
    for (const PlacedPoint& p : placed) size.push_back(std::abs(p.residual_mm));
    const auto middle = size.begin() + static_cast<std::ptrdiff_t>(size.size() / 2);
    std::nth_element(size.begin(), middle, size.end());
    // Fitting six numbers makes few residuals look small.
    const double n = static_cast<double>(placed.size());
    return 1.4826 * *middle * std::sqrt(n / std::max(n - 6.0, 0.5 * n));
}

Vector8 row_of(const PlacedPoint& p, const Eigen::Vector3d& centre) {
    Vector8 row;
    row << (p.at - centre).cross(p.normal), p.normal, -1.0, p.under_hair ? -1.0 : 0.0;
    return row;
}

// k of the robust cost for outliers of a given share of the points.
double level_of(double share, double scale_mm) {
    return share / (1.0 - share) * scale_mm * std::sqrt(2.0 * std::numbers::pi) / kOutlierReach_mm;
}

// One step of expectation and maximisation for the share of outliers on each side.
RobustCost re_estimated(const std::vector<PlacedPoint>& placed, const RobustCost& before, double scale_mm) {
    double outside = 0.0;
    double inside = 0.0;
    const double n = static_cast<double>(std::max<std::size_t>(placed.size(), 1));
    for (const PlacedPoint& p : placed) {
        const double outlying = 1.0 - share_of_noise(p.residual_mm / scale_mm, before.level(p.residual_mm));
        (p.residual_mm > 0.0 ? outside : inside) += outlying / n;
    }
    RobustCost out;
    out.scale_mm = scale_mm;
    out.outside = level_of(std::clamp(outside, kFewestOutliers, kMostOutliers), scale_mm);
    out.inside = level_of(std::clamp(inside, kFewestOutliers, kMostOutliers), scale_mm);
    return out;
}

// What the points say about themselves at a given robust cost.
struct Noise {
    double variance_mm2 = 0.0;  // of one point, as it enters the covariance
    double mean_slope = 1.0;
};

Noise noise_of(const std::vector<PlacedPoint>& placed, const RobustCost& cost, double fitted, double expected_mm) {
    const double n = static_cast<double>(placed.size());
    double slope = 0.0;
    double square = 0.0;
    for (const PlacedPoint& p : placed) {
        const double u = p.residual_mm / cost.scale_mm;
        const double k = cost.level(p.residual_mm);
        slope += slope_of(u, k) / n;
        square += std::pow(u * share_of_noise(u, k), 2) / n;
    }
    Noise out;
    out.mean_slope = std::max(slope, 0.2);
    const double free = std::max(n - fitted, 0.0);
    const double measured =
        cost.scale_mm * cost.scale_mm * square / (out.mean_slope * out.mean_slope) * n / std::max(free, 1.0);
    out.variance_mm2 = (kPriorPoints * expected_mm * expected_mm + free * measured) / (kPriorPoints + free);
    return out;
}

}  // namespace

SurfaceSolver::SurfaceSolver(const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp,
                             const std::vector<FiducialPrior>& fiducials, const SurfaceFitOptions& options)
    : touched_(touched), scalp_(scalp), fiducials_(fiducials), options_(options) {
    const double n = static_cast<double>(std::max<std::size_t>(touched.size(), 1));
    for (const Point<Head>& p : touched) centre_in_head_ += p.xyz / n;
    double sum = 0.0;
    for (const Point<Head>& p : touched) sum += (p.xyz - centre_in_head_).squaredNorm() / n;
    for (const FiducialPrior& f : fiducials) {
        sum = std::max(sum, 0.5 * (f.touched.xyz - centre_in_head_).squaredNorm());
    }
    radius_mm_ = std::max(std::sqrt(sum), 10.0);
}

std::vector<PlacedPoint> SurfaceSolver::place(const Eigen::Isometry3d& pose, const SurfaceOffsets& offsets) const {
    std::vector<PlacedPoint> out;
    out.reserve(touched_.size());
    for (std::size_t i = 0; i < touched_.size(); ++i) {
        const Point<Scan> at{pose * touched_[i].xyz};
        const SurfacePoint near = scalp_.closest(at);
        const bool under_hair = !options_.under_hair.empty() && options_.under_hair[i];
        out.push_back({at.xyz, near.normal.xyz, near.distance_mm - offsets.of(under_hair), under_hair});
    }
    return out;
}

Eigen::Vector3d SurfaceSolver::centre_of(const Eigen::Isometry3d& pose) const { return pose * centre_in_head_; }

void SurfaceSolver::add_prior(const Eigen::Isometry3d& pose, const Eigen::Vector3d& centre,
                              const SurfaceOffsets& offsets, Matrix8& information, Vector8& gradient) const {
    for (const FiducialPrior& f : fiducials_) {
        const Eigen::Vector3d q = pose * f.touched.xyz;
        const Eigen::Matrix<double, 3, 6> j = motion_of_point(q, centre);
        const double weight = 1.0 / (f.sigma_mm * f.sigma_mm);
        information.topLeftCorner<6, 6>() += weight * j.transpose() * j;
        gradient.head<6>() += weight * j.transpose() * (q - f.picked.xyz);
    }
    const auto hold = [&](Eigen::Index k, double value, double expected, double sigma) {
        if (sigma > 0.0) {
            information(k, k) += 1.0 / (sigma * sigma);
            gradient[k] += (value - expected) / (sigma * sigma);
        } else {
            information.row(k).setZero();
            information.col(k).setZero();
            information(k, k) = 1.0;
            gradient[k] = 0.0;
        }
    };
    hold(6, offsets.all_mm, options_.offset_mm, options_.offset_sigma_mm);
    hold(7, offsets.hair_mm, options_.hair_mm, options_.hair_sigma_mm);
}

double SurfaceSolver::prior_cost(const Eigen::Isometry3d& pose, const SurfaceOffsets& offsets) const {
    double sum = 0.0;
    for (const FiducialPrior& f : fiducials_) {
        sum += 0.5 * (pose * f.touched.xyz - f.picked.xyz).squaredNorm() / (f.sigma_mm * f.sigma_mm);
    }
    if (options_.offset_sigma_mm > 0.0) {
        sum += 0.5 * std::pow((offsets.all_mm - options_.offset_mm) / options_.offset_sigma_mm, 2);
    }
    if (options_.hair_sigma_mm > 0.0) {
        sum += 0.5 * std::pow((offsets.hair_mm - options_.hair_mm) / options_.hair_sigma_mm, 2);
    }
    return sum;
}

SurfaceSolution SurfaceSolver::solve(const Eigen::Isometry3d& start, int max_iterations, double first_mm) const {
    SurfaceSolution now;
    now.scan_from_head = start;
    now.offsets = {options_.offset_mm, options_.hair_mm};
    now.placed = place(now.scan_from_head, now.offsets);

    bool frozen = false;
    double objective_mm2 = 1.0;
    double damping = 1e-9;
    const auto cost_of = [&](const SurfaceSolution& s) {
        double sum = prior_cost(s.scan_from_head, s.offsets);
        for (const PlacedPoint& p : s.placed) {
            sum += now.robust.scale_mm * now.robust.scale_mm / objective_mm2 *
                   rho_of(p.residual_mm / now.robust.scale_mm, now.robust.level(p.residual_mm));
        }
        return sum;
    };

    for (int iteration = 0; iteration < max_iterations; ++iteration) {
        now.iterations = iteration + 1;
        const double wide_mm = first_mm * std::pow(kNarrowing, iteration);
        if (!frozen) {
            const double scale_mm =
                std::max({median_scale_mm(now.placed), kSmallestScale * options_.surface_sigma_mm, wide_mm});
            now.robust = re_estimated(now.placed, now.robust, scale_mm);
            const Noise noise = noise_of(now.placed, now.robust, 6.0, options_.surface_sigma_mm);
            objective_mm2 = std::max(noise.variance_mm2, 1e-6) * noise.mean_slope;
        }
        const Eigen::Vector3d centre = centre_of(now.scan_from_head);
        Matrix8 information = Matrix8::Zero();
        Vector8 gradient = Vector8::Zero();
        for (const PlacedPoint& p : now.placed) {
            const Vector8 row = row_of(p, centre);
            const double weight =
                share_of_noise(p.residual_mm / now.robust.scale_mm, now.robust.level(p.residual_mm)) / objective_mm2;
            information += weight * row * row.transpose();
            gradient += weight * p.residual_mm * row;
        }
        add_prior(now.scan_from_head, centre, now.offsets, information, gradient);

        // Solve with rotations counted in mm at the points, so that damping treats all six alike.
        Vector8 unit = Vector8::Ones();
        unit.head<3>().setConstant(1.0 / radius_mm_);
        const Matrix8 scaled = unit.asDiagonal() * information * unit.asDiagonal();
        const double cost = frozen ? cost_of(now) : 0.0;
        bool moved = false;
        double step_mm = 0.0;
        while (true) {
            const Matrix8 damped =
                scaled + (damping * scaled.topLeftCorner<6, 6>().trace() + 1e-12) * Matrix8::Identity();
            Vector8 step = -(unit.asDiagonal() * damped.ldlt().solve(unit.asDiagonal() * gradient));
            if (!step.allFinite()) break;
            step_mm = std::max(step.head<3>().norm() * radius_mm_, step.segment<3>(3).norm());
            // Further than this the linearisation means nothing.
            if (step_mm > 20.0) step *= 20.0 / step_mm;

            SurfaceSolution next = now;
            next.scan_from_head = isometry_of_motion(step.head<6>(), centre) * now.scan_from_head;
            next.offsets.all_mm += options_.offset_sigma_mm > 0.0 ? step[6] : 0.0;
            next.offsets.hair_mm += options_.hair_sigma_mm > 0.0 ? step[7] : 0.0;
            next.placed = place(next.scan_from_head, next.offsets);
            if (!frozen || cost_of(next) <= cost * (1.0 + 1e-12)) {
                now = std::move(next);
                damping = std::max(damping * 0.1, 1e-9);
                moved = true;
                break;
            }
            damping = std::max(damping * 10.0, 1e-4);
            if (step_mm < options_.convergence_mm || damping > 1e3) break;
        }
        if (frozen && (step_mm < options_.convergence_mm || !moved)) {
            now.converged = true;
            break;
        }
        if (!frozen && (step_mm < 0.1 || iteration > 20) && wide_mm < now.robust.scale_mm + 1e-9) frozen = true;
    }
    return now;
}

double SurfaceSolver::score(const SurfaceSolution& solution) const {
    double sum = 0.0;
    for (const PlacedPoint& p : solution.placed) sum += rho_of(p.residual_mm / kScoreScale_mm, kScoreOutliers);
    sum += prior_cost(solution.scan_from_head, solution.offsets);
    return sum / static_cast<double>(std::max<std::size_t>(solution.placed.size(), 1));
}

void SurfaceSolver::move(SurfaceSolution& solution, const Eigen::Isometry3d& scan_from_head,
                         const SurfaceOffsets& offsets) const {
    solution.scan_from_head = scan_from_head;
    solution.offsets = offsets;
    solution.placed = place(scan_from_head, offsets);
}

SurfaceFit SurfaceSolver::describe(const SurfaceSolution& solution, const PoseCovariance<Scan>* covariance) const {
    SurfaceFit out;
    out.scan_from_head = Transform<Scan, Head>(solution.scan_from_head);
    out.offset_mm = solution.offsets.all_mm;
    out.hair_mm = solution.offsets.hair_mm;
    out.iterations = solution.iterations;
    out.converged = solution.converged;

    const Eigen::Vector3d centre = centre_of(solution.scan_from_head);
    Matrix8 geometry = Matrix8::Zero();
    for (const PlacedPoint& p : solution.placed) {
        const Vector8 row = row_of(p, centre);
        geometry += row * row.transpose();
    }
    Vector8 unit = Vector8::Ones();
    unit.head<3>().setConstant(1.0 / radius_mm_);
    const auto information_at = [&](double variance_mm2) {
        Matrix8 information = geometry / variance_mm2;
        Vector8 ignored = Vector8::Zero();
        add_prior(solution.scan_from_head, centre, solution.offsets, information, ignored);
        return Matrix8(unit.asDiagonal() * information * unit.asDiagonal());
    };

    // How many numbers the points themselves had to pay for depends on their noise, and the other way round.
    Noise noise = noise_of(solution.placed, solution.robust, 6.0, options_.surface_sigma_mm);
    Matrix8 information = information_at(noise.variance_mm2);
    const Matrix8 from_points = unit.asDiagonal() * Matrix8(geometry / noise.variance_mm2) * unit.asDiagonal();
    const double fitted =
        (information + 1e-9 * Matrix8::Identity()).ldlt().solve(from_points).topLeftCorner<6, 6>().trace();
    noise = noise_of(solution.placed, solution.robust, fitted, options_.surface_sigma_mm);
    information = information_at(noise.variance_mm2);
    out.noise_mm = std::sqrt(noise.variance_mm2);

    const Eigen::SelfAdjointEigenSolver<Matrix8> eigen(information);
    const Vector8 variances =
        eigen.eigenvalues().cwiseMax(1.0 / (kFarthestSigma_mm * kFarthestSigma_mm)).cwiseInverse();
    const Matrix8 covariance_mm = eigen.eigenvectors() * variances.asDiagonal() * eigen.eigenvectors().transpose();
    const Matrix6 turns_in_mm = unit.head<6>().asDiagonal();
    out.covariance.matrix = turns_in_mm * covariance_mm.topLeftCorner<6, 6>() * turns_in_mm;
    out.covariance.about = {centre};
    if (covariance != nullptr) out.covariance = *covariance;
    const Matrix6 back = turns_in_mm.diagonal().cwiseInverse().asDiagonal();
    const Matrix6 motions_mm = back * out.covariance.matrix * back;
    out.weakest_mm =
        std::sqrt(Eigen::SelfAdjointEigenSolver<Matrix6>(motions_mm, Eigen::EigenvaluesOnly).eigenvalues()[5]);

    double sum = 0.0;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < solution.placed.size(); ++i) {
        const double r = solution.placed[i].residual_mm;
        out.residual_mm.push_back(r);
        if (std::abs(r) > 3.0 * solution.robust.scale_mm) {
            out.left_out.push_back(i);
        } else {
            sum += r * r;
            ++kept;
        }
    }
    out.rms_mm = kept > 0 ? std::sqrt(sum / static_cast<double>(kept)) : 0.0;
    return out;
}

}  // namespace precentral
