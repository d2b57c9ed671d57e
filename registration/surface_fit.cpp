// SPDX-License-Identifier: Apache-2.0
#include "registration/surface_fit.h"

#include <algorithm>
#include <cmath>

#include "data/error.h"
#include "registration/point_fit.h"
#include "registration/surface_posterior.h"
#include "registration/surface_solver.h"
#include "registration/surface_start.h"
#include "registration/surface_verdict.h"

namespace precentral {
namespace {

constexpr std::size_t kCoarsePoints = 60;
constexpr int kCoarseIterations = 8;
constexpr std::size_t kFinalists = 6;
constexpr double kSamePose_deg = 5.0;
constexpr double kSamePose_mm = 8.0;
constexpr double kAmbiguousChiSquare = 6.0;  // a second placement this close in cost cannot be told apart
constexpr double kHopelessChiSquare = 25.0;  // one this far is out of the question

void require_usable(const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp,
                    const std::vector<FiducialPrior>& fiducials, const SurfaceFitOptions& options) {
    if (scalp.surface().empty()) throw InputError("The scalp surface is empty; make it from the scan first.");
    for (std::size_t i = 0; i < touched.size(); ++i) {
        if (!touched[i].xyz.allFinite()) {
            throw InputError("Touched point " + std::to_string(i + 1) +
                             " has a coordinate that is not a number; touch it again.");
        }
    }
    for (const FiducialPrior& f : fiducials) {
        if (!f.touched.xyz.allFinite() || !f.picked.xyz.allFinite() || !std::isfinite(f.sigma_mm) ||
            !(f.sigma_mm > 0.0)) {
            throw InputError("A fiducial has a coordinate or an error that is not a usable number.");
        }
    }
    if (!(options.surface_sigma_mm > 0.0) || !std::isfinite(options.offset_mm) || !(options.offset_sigma_mm >= 0.0)) {
        throw InputError("The expected noise of a touched point must be above 0 mm and the offset a number.");
    }
    if (!options.under_hair.empty() && options.under_hair.size() != touched.size()) {
        throw InputError("There are " + std::to_string(options.under_hair.size()) + " words on hair for " +
                         std::to_string(touched.size()) + " touched points.");
    }
    if (!std::isfinite(options.hair_mm) || !(options.hair_sigma_mm >= 0.0)) {
        throw InputError("The thickness of the hair must be a number.");
    }
    // One fiducial holds three of the six motions, two hold five.
    const std::size_t held = fiducials.empty() ? 0 : fiducials.size() == 1 ? 3 : fiducials.size() == 2 ? 5 : 6;
    const std::size_t needed = held >= 6 ? 1 : 6 - held;
    if (touched.size() < needed) {
        throw InputError("The surface fit needs at least " + std::to_string(needed) + " points on the scalp with " +
                         std::to_string(fiducials.size()) + " fiducials; there are " + std::to_string(touched.size()) +
                         ".");
    }
}

// Every k-th point, so that the whole path of the stylus is represented.
template <class T>
std::vector<T> thinned(const std::vector<T>& points, std::size_t count) {
    if (points.size() <= count) return points;
    std::vector<T> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(points[i * points.size() / count]);
    return out;
}

std::optional<Eigen::Isometry3d> start_from_fiducials(const std::vector<FiducialPrior>& fiducials) {
    if (fiducials.size() < 3) return std::nullopt;
    std::vector<Eigen::Vector3d> touched;
    std::vector<Eigen::Vector3d> picked;
    std::vector<double> weights;
    for (const FiducialPrior& f : fiducials) {
        touched.push_back(f.touched.xyz);
        picked.push_back(f.picked.xyz);
        weights.push_back(1.0 / (f.sigma_mm * f.sigma_mm));
    }
    return fit_rigid(touched, picked, weights).to_from_from;
}

bool same_pose(const Eigen::Isometry3d& a, const Eigen::Isometry3d& b, const Eigen::Vector3d& in_head) {
    const double angle = Eigen::AngleAxisd(a.linear().transpose() * b.linear()).angle() * 180.0 / 3.14159265358979;
    return angle < kSamePose_deg && (a * in_head - b * in_head).norm() < kSamePose_mm;
}

struct Candidate {
    SurfaceSolution solution;
    double score = 0.0;
};

// Coarse fits of few points from every start, then all points from the best different ones. The best first, then those
// not so much worse that few points could not mean them.
std::vector<SurfaceSolution> best_of(const std::vector<Eigen::Isometry3d>& starts,
                                     const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp,
                                     const std::vector<FiducialPrior>& fiducials, const SurfaceFitOptions& options,
                                     bool& ambiguous) {
    const std::vector<Point<Head>> few = thinned(touched, kCoarsePoints);
    SurfaceFitOptions coarse_options = options;
    coarse_options.under_hair = thinned(options.under_hair, kCoarsePoints);
    const SurfaceSolver coarse(few, scalp, fiducials, coarse_options);
    std::vector<Candidate> candidates;
    for (const Eigen::Isometry3d& start : starts) {
        Candidate c{coarse.solve(start, kCoarseIterations), 0.0};
        c.score = coarse.score(c.solution);
        candidates.push_back(std::move(c));
    }
    const auto better = [](const Candidate& a, const Candidate& b) { return a.score < b.score; };
    std::stable_sort(candidates.begin(), candidates.end(), better);

    const SurfaceSolver fine(touched, scalp, fiducials, options);
    const Eigen::Vector3d anchor = touched.front().xyz;
    std::vector<Candidate> finalists;
    std::vector<Eigen::Isometry3d> tried;
    for (const Candidate& c : candidates) {
        const Eigen::Isometry3d& pose = c.solution.scan_from_head;
        if (std::any_of(tried.begin(), tried.end(), [&](const auto& t) { return same_pose(t, pose, anchor); })) {
            continue;
        }
        tried.push_back(pose);
        Candidate f{fine.solve(pose, options.max_iterations), 0.0};
        f.score = fine.score(f.solution);
        finalists.push_back(std::move(f));
        if (finalists.size() == kFinalists) break;
    }
    std::stable_sort(finalists.begin(), finalists.end(), better);
    const double n = static_cast<double>(touched.size());
    std::vector<SurfaceSolution> out{finalists.front().solution};
    for (std::size_t i = 1; i < finalists.size(); ++i) {
        const double chi_square = 2.0 * n * (finalists[i].score - finalists[0].score);
        if (chi_square > kHopelessChiSquare ||
            same_pose(finalists[i].solution.scan_from_head, finalists[0].solution.scan_from_head, anchor)) {
            continue;
        }
        ambiguous = ambiguous || chi_square < kAmbiguousChiSquare;
        out.push_back(finalists[i].solution);
    }
    return out;
}

}  // namespace

SurfaceFit fit_surface(const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp,
                       const std::optional<Transform<Scan, Head>>& initial, const std::vector<FiducialPrior>& fiducials,
                       const SurfaceFitOptions& options) {
    require_usable(touched, scalp, fiducials, options);
    std::optional<Eigen::Isometry3d> start;
    if (initial) {
        if (!initial->matrix().allFinite()) throw InputError("The initial pose contains a value that is not a number.");
        start = initial->isometry();
    } else {
        start = start_from_fiducials(fiducials);
    }

    const SurfaceSolver solver(touched, scalp, fiducials, options);
    bool ambiguous = false;
    std::vector<SurfaceSolution> solutions;
    if (start && !fiducials.empty()) {
        solutions.push_back(solver.solve(*start, options.max_iterations));
    } else {
        const auto starts = start ? starts_around(*start, touched) : starts_everywhere(touched, scalp.surface());
        solutions = best_of(starts, touched, scalp, fiducials, options, ambiguous);
    }
    SurfaceFit fit = describe_sampled(solver, touched, scalp, fiducials, options,
                                      initial && fiducials.empty() ? start : std::nullopt, solutions);
    judge_surface_fit(touched, scalp, fit);
    if (ambiguous) {
        fit.verdict = Verdict::poor;
        fit.reasons.emplace_back(
            "The head fits almost equally well in another position; touch the nasion and both "
            "ears, or points on the nose bridge and brows.");
    }
    return fit;
}

}  // namespace precentral
