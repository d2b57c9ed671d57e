// SPDX-License-Identifier: Apache-2.0
#include "registration/tip_rests.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <numbers>
#include <optional>
#include <sstream>

namespace precentral {
namespace {

using Eigen::Vector3d;
using Poses = std::vector<Eigen::Isometry3d>;

constexpr double kCandidateRms_mm = 1.0;
constexpr double kGoodError_mm = 0.5;
constexpr double kGoodRms_mm = 1.0;

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

Vector3d median_of(const std::vector<Vector3d>& points) {
    Vector3d out;
    for (Eigen::Index axis = 0; axis < 3; ++axis) {
        std::vector<double> values;
        values.reserve(points.size());
        for (const Vector3d& p : points) values.push_back(p[axis]);
        out[axis] = median(std::move(values));
    }
    return out;
}

// The tip as windows of poses see it; a window over a motion through the air has no tip at rest and says nothing.
std::optional<Vector3d> first_tip(const Poses& poses, const TipRestOptions& options) {
    std::vector<Vector3d> tips;
    const std::size_t window = options.fewest_poses;
    for (std::size_t first = 0; first + window <= poses.size(); first += std::max<std::size_t>(1, window / 5)) {
        try {
            const auto from = poses.begin() + static_cast<std::ptrdiff_t>(first);
            const PivotSolution s = solve_pivot(Poses(from, from + static_cast<std::ptrdiff_t>(window)));
            if (s.rms_mm < kCandidateRms_mm && s.tilt_range_deg > options.fewest_tilt_deg)
                tips.push_back(s.tip_in_body);
        } catch (const InputError&) {
            continue;  // not tilted enough: a pause
        }
    }
    if (tips.empty()) return std::nullopt;
    return median_of(tips);
}

double turned_deg(const Poses& poses, std::size_t first, std::size_t last) {
    double most = 0.0;
    for (std::size_t i = first; i <= last; ++i) {
        most = std::max(most, Eigen::AngleAxisd(poses[first].linear().transpose() * poses[i].linear()).angle());
    }
    return most * 180.0 / std::numbers::pi;
}

// Longest runs in which the tip stays where the run began to rest.
std::vector<TipRest> rests_of(const Poses& poses, const Vector3d& tip, const TipRestOptions& options) {
    std::vector<Vector3d> at;
    for (const Eigen::Isometry3d& pose : poses) at.push_back(pose * tip);
    std::vector<TipRest> out;
    for (std::size_t first = 0; first + options.fewest_poses <= poses.size();) {
        std::vector<Vector3d> run(at.begin() + static_cast<std::ptrdiff_t>(first),
                                  at.begin() + static_cast<std::ptrdiff_t>(first + options.fewest_poses));
        Vector3d middle = median_of(run);
        const bool rests = std::all_of(run.begin(), run.end(),
                                       [&](const Vector3d& p) { return (p - middle).norm() < options.still_mm; });
        if (!rests) {
            ++first;
            continue;
        }
        std::size_t last = first + options.fewest_poses - 1;
        while (last + 1 < poses.size() && (at[last + 1] - middle).norm() < options.still_mm) {
            run.push_back(at[++last]);
            if (run.size() % options.fewest_poses == 0) middle = median_of(run);
        }
        if (turned_deg(poses, first, last) > options.fewest_tilt_deg) out.push_back({first, last, middle, 0.0, 0});
        first = last + 1;
    }
    return out;
}

// Tip and rests together; poses beyond three times the noise of their rest are left out.
Vector3d solve_together(const Poses& poses, std::vector<TipRest>& rests, Vector3d tip) {
    for (int round = 0; round < 4; ++round) {
        // With the rests eliminated: sum over rests of the scatter of R_i, t_i about their means.
        Eigen::Matrix3d normal = Eigen::Matrix3d::Zero();
        Vector3d right = Vector3d::Zero();
        for (TipRest& rest : rests) {
            std::vector<double> distance;
            for (std::size_t i = rest.first; i <= rest.last; ++i) distance.push_back((poses[i] * tip - rest.at).norm());
            const double limit = std::max(3.5 * median(distance) / 1.538, 0.05);
            Eigen::Matrix3d r_mean = Eigen::Matrix3d::Zero();
            Vector3d t_mean = Vector3d::Zero();
            double count = 0.0;
            std::vector<std::size_t> kept;
            for (std::size_t i = rest.first; i <= rest.last; ++i) {
                if (distance[i - rest.first] > limit) continue;
                kept.push_back(i);
                r_mean += poses[i].linear();
                t_mean += poses[i].translation();
                count += 1.0;
            }
            r_mean /= count;
            t_mean /= count;
            for (const std::size_t i : kept) {
                const Eigen::Matrix3d r = poses[i].linear() - r_mean;
                normal += r.transpose() * r;
                right -= r.transpose() * (poses[i].translation() - t_mean);
            }
            rest.kept = static_cast<int>(kept.size());
        }
        tip = normal.ldlt().solve(right);
        for (TipRest& rest : rests) {
            std::vector<Vector3d> at;
            for (std::size_t i = rest.first; i <= rest.last; ++i) at.push_back(poses[i] * tip);
            const Vector3d middle = median_of(at);
            std::vector<double> distance;
            distance.reserve(at.size());
            for (const Vector3d& p : at) distance.push_back((p - middle).norm());
            const double limit = std::max(3.5 * median(distance) / 1.538, 0.05);
            Vector3d sum = Vector3d::Zero();
            double square = 0.0;
            double count = 0.0;
            for (const Vector3d& p : at) {
                if ((p - middle).norm() > limit) continue;
                sum += p;
                count += 1.0;
            }
            rest.at = sum / count;
            for (const Vector3d& p : at) square += (p - middle).norm() > limit ? 0.0 : (p - rest.at).squaredNorm();
            rest.rms_mm = std::sqrt(square / count);
        }
    }
    return tip;
}

std::string tenths(double value) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(1) << value;
    return out.str();
}

}  // namespace

TipRests find_tip_rests(const Poses& poses, const TipRestOptions& options) {
    for (std::size_t i = 0; i < poses.size(); ++i) {
        if (!poses[i].matrix().allFinite()) {
            throw InputError("Pose " + std::to_string(i + 1) + " contains a value that is not a number.");
        }
    }
    if (options.fewest_poses < 10) throw InputError("A rest of the tip needs at least 10 poses.");
    const std::optional<Vector3d> guess = first_tip(poses, options);
    TipRests out;
    if (guess) {
        out.tip_in_body = *guess;
        for (int round = 0; round < 2; ++round) {
            out.rests = rests_of(poses, out.tip_in_body, options);
            if (out.rests.empty()) break;
            out.tip_in_body = solve_together(poses, out.rests, out.tip_in_body);
        }
    }
    if (out.rests.empty()) {
        throw InputError(
            "The tip never rested while the pointer swivelled; put it into a dimple and tilt it by 30 degrees or more "
            "to "
            "all sides for a few seconds.");
    }

    double square = 0.0;
    double kept = 0.0;
    std::vector<Vector3d> single;
    for (const TipRest& rest : out.rests) {
        square += rest.rms_mm * rest.rms_mm * rest.kept;
        kept += rest.kept;
        try {
            const auto first = poses.begin() + static_cast<std::ptrdiff_t>(rest.first);
            const PivotSolution s =
                solve_pivot(Poses(first, first + static_cast<std::ptrdiff_t>(rest.last - rest.first + 1)));
            single.push_back(s.tip_in_body);
            if (out.rests.size() == 1) out.tip_error_mm = s.tip_error_mm;
        } catch (const InputError&) {
            continue;  // too little tilt to stand alone
        }
    }
    out.rms_mm = std::sqrt(square / kept);
    if (single.size() > 1) {
        double spread = 0.0;
        for (const Vector3d& tip : single) spread += (tip - out.tip_in_body).squaredNorm();
        const double n = static_cast<double>(single.size());
        out.tip_error_mm = std::sqrt(spread / (n * (n - 1.0)));
    }
    out.verdict = Verdict::good;
    if (out.tip_error_mm > kGoodError_mm) {
        out.verdict = out.tip_error_mm > 2.0 * kGoodError_mm ? Verdict::poor : Verdict::fair;
        out.reasons.push_back("The tip is known to " + tenths(out.tip_error_mm) + " mm only; tilt further.");
    }
    if (out.rms_mm > kGoodRms_mm) {
        out.verdict = worse(out.verdict, Verdict::fair);
        out.reasons.push_back("The tip wandered by " + tenths(out.rms_mm) + " mm (rms) while it should have rested.");
    }
    return out;
}

}  // namespace precentral
