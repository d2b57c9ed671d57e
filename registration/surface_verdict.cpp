// SPDX-License-Identifier: Apache-2.0
#include "registration/surface_verdict.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "registration/scalp_words.h"

namespace precentral {
namespace {

constexpr std::size_t kFewPoints = 20;
constexpr double kManyLeftOut = 0.2;
constexpr double kPoorRms_mm = 3.0;
constexpr double kFairRms_mm = 2.0;
constexpr double kFairWeakest_mm = 2.0;
constexpr double kPoorWeakest_mm = 5.0;
constexpr double kOneSided = 0.9;
constexpr double kRegionBias_mm = 1.5;

std::string tenths(double value) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(1) << value;
    return out.str();
}

void add(SurfaceFit& fit, Verdict verdict, std::string reason) {
    fit.verdict = worse(fit.verdict, verdict);
    fit.reasons.push_back(std::move(reason));
}

// The least certain motion, named: a turn or a slide along the scan axes (x right, y front, z up).
std::string weakest_motion_in_words(const SurfaceFit& fit, double radius_mm) {
    Vector6 unit = Vector6::Ones();
    unit.head<3>().setConstant(radius_mm);
    const Matrix6 scaled = unit.asDiagonal() * fit.covariance.matrix * unit.asDiagonal();
    const Eigen::SelfAdjointEigenSolver<Matrix6> eigen(scaled);
    const Vector6 motion = eigen.eigenvectors().col(5);
    static constexpr std::array<const char*, 6> kWords{"nod forwards and back",      "lean to the left and right",
                                                       "turn to the left and right", "slide to the left and right",
                                                       "slide forwards and back",    "slide up and down"};
    Eigen::Index largest = 0;
    motion.cwiseAbs().maxCoeff(&largest);
    return kWords[static_cast<std::size_t>(largest)];
}

double rms_radius_mm(const std::vector<Point<Head>>& touched) {
    Eigen::Vector3d mean = Eigen::Vector3d::Zero();
    const double n = static_cast<double>(touched.size());
    for (const Point<Head>& p : touched) mean += p.xyz / n;
    double sum = 0.0;
    for (const Point<Head>& p : touched) sum += (p.xyz - mean).squaredNorm() / n;
    return std::max(std::sqrt(sum), 10.0);
}

void judge_coverage(const std::vector<Point<Head>>& touched, const Point<Scan>& centre, SurfaceFit& fit) {
    const double n = static_cast<double>(touched.size());
    if (touched.size() < 5) return;
    struct Side {
        int axis;
        double sign;
        const char* name;
        const char* other;
    };
    static constexpr std::array<Side, 4> kSides{
        Side{0, -1.0, "left half", "right half"}, Side{0, 1.0, "right half", "left half"},
        Side{1, -1.0, "back", "front (forehead, nose bridge)"}, Side{1, 1.0, "front", "back"}};
    for (const Side& side : kSides) {
        const auto count = std::count_if(touched.begin(), touched.end(), [&](const Point<Head>& p) {
            return side.sign * ((fit.scan_from_head * p).xyz - centre.xyz)[side.axis] > 0.0;
        });
        if (static_cast<double>(count) < kOneSided * n) continue;
        add(fit, Verdict::fair,
            std::to_string(count) + " of " + std::to_string(touched.size()) + " points are on the " + side.name +
                " of the head; touch the " + side.other + " too.");
    }
}

void judge_regions(const std::vector<Point<Head>>& touched, const Point<Scan>& centre, SurfaceFit& fit) {
    struct Region {
        double sum = 0.0;
        int count = 0;
    };
    std::array<Region, 6> regions{};
    std::array<std::string, 6> names{"right side", "left side", "front", "back", "top", "underside"};
    for (std::size_t i = 0; i < touched.size(); ++i) {
        if (std::abs(fit.residual_mm[i]) > 10.0) continue;
        const Eigen::Vector3d d = (fit.scan_from_head * touched[i]).xyz - centre.xyz;
        Eigen::Index axis = 0;
        d.cwiseAbs().maxCoeff(&axis);
        Region& region = regions[static_cast<std::size_t>(2 * axis + (d[axis] < 0.0 ? 1 : 0))];
        region.sum += fit.residual_mm[i];
        ++region.count;
    }
    for (std::size_t k = 0; k < regions.size(); ++k) {
        if (regions[k].count < 5) continue;
        const double mean = regions[k].sum / regions[k].count;
        if (std::abs(mean) < std::max(kRegionBias_mm, 3.0 * fit.noise_mm / std::sqrt(regions[k].count))) continue;
        add(fit, Verdict::fair,
            "The points on the " + names[k] + " of the head lie " + tenths(std::abs(mean)) + " mm " +
                (mean > 0.0 ? "outside" : "inside") +
                " the scan's skin as a whole; hair, a pressed stylus or a slipped reference would do that.");
    }
}

}  // namespace

void judge_surface_fit(const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp, SurfaceFit& fit) {
    fit.verdict = Verdict::good;
    const std::size_t count = touched.size();
    if (!fit.converged) add(fit, Verdict::poor, "The fit did not settle; touch more points over the whole head.");
    if (count < kFewPoints) {
        add(fit, Verdict::fair,
            "Only " + std::to_string(count) + " points were touched; " + std::to_string(kFewPoints) +
                " is the least, 200 with the face is good.");
    }
    if (static_cast<double>(fit.left_out.size()) > kManyLeftOut * static_cast<double>(count)) {
        add(fit, Verdict::poor,
            std::to_string(fit.left_out.size()) + " of " + std::to_string(count) +
                " points lie off the scalp; keep the tip on the skin, and check that this is the patient's scan.");
    }
    if (fit.rms_mm > kFairRms_mm) {
        add(fit, fit.rms_mm > kPoorRms_mm ? Verdict::poor : Verdict::fair,
            "The points follow the scalp only to " + tenths(fit.rms_mm) +
                " mm (rms); keep the tip on the skin, and check that this is the patient's scan.");
    }
    const Point<Scan> centre = upper_head_centre(scalp.surface());
    judge_coverage(touched, centre, fit);
    judge_regions(touched, centre, fit);
    if (fit.weakest_mm > kFairWeakest_mm) {
        add(fit, fit.weakest_mm > kPoorWeakest_mm ? Verdict::poor : Verdict::fair,
            "The points leave the head free to " + weakest_motion_in_words(fit, rms_radius_mm(touched)) + " by " +
                tenths(std::min(fit.weakest_mm, 99.0)) +
                " mm; touch where the head is not round: nose bridge, brows, ears, back of the head.");
    }
}

}  // namespace precentral
