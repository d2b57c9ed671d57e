// SPDX-License-Identifier: Apache-2.0
#include "registration/pivot.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <numbers>
#include <sstream>

#include "registration/small_motion.h"

namespace precentral {
namespace {

using Poses = std::vector<Eigen::Isometry3d>;

constexpr std::size_t kFewestPoses = 10;
constexpr double kSmallestSingular = 0.06;  // of [R -I] a pose; about that many radians of tilt
constexpr int kRounds = 5;
constexpr double kGoodRms_mm = 0.5;
constexpr double kPoorRms_mm = 1.5;
constexpr double kGoodError_mm = 0.3;
constexpr double kPoorError_mm = 1.0;
constexpr double kWideTilt_deg = 30.0;
constexpr double kManyLeftOut = 0.2;

std::string hundredths(double value) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(2) << value;
    return out.str();
}

Matrix6 normal_matrix(const Poses& poses, const std::vector<bool>& keep) {
    Matrix6 normal = Matrix6::Zero();
    for (std::size_t i = 0; i < poses.size(); ++i) {
        if (!keep[i]) continue;
        Eigen::Matrix<double, 3, 6> row;
        row << poses[i].linear(), -Eigen::Matrix3d::Identity();
        normal += row.transpose() * row;
    }
    return normal;
}

Vector6 solve_kept(const Poses& poses, const std::vector<bool>& keep) {
    Vector6 right = Vector6::Zero();
    for (std::size_t i = 0; i < poses.size(); ++i) {
        if (!keep[i]) continue;
        right.head<3>() -= poses[i].linear().transpose() * poses[i].translation();
        right.tail<3>() += poses[i].translation();
    }
    return normal_matrix(poses, keep).ldlt().solve(right);
}

std::vector<double> tip_distances(const Poses& poses, const Vector6& solution) {
    std::vector<double> out;
    for (const Eigen::Isometry3d& pose : poses) out.push_back((pose * solution.head<3>() - solution.tail<3>()).norm());
    return out;
}

double smallest_singular(const Poses& poses, const std::vector<bool>& keep) {
    const double kept = static_cast<double>(std::count(keep.begin(), keep.end(), true));
    const Eigen::SelfAdjointEigenSolver<Matrix6> eigen(normal_matrix(poses, keep), Eigen::EigenvaluesOnly);
    return std::sqrt(std::max(eigen.eigenvalues()[0], 0.0) / kept);
}

double tilt_range_deg(const Poses& poses, const std::vector<bool>& keep, const Eigen::Vector3d& tip) {
    if (tip.norm() < 1e-9) return 0.0;
    // The widest pair is found among the directions farthest from their mean; all pairs would be slow for long takes.
    std::vector<Eigen::Vector3d> along;
    Eigen::Vector3d mean = Eigen::Vector3d::Zero();
    for (std::size_t i = 0; i < poses.size(); ++i) {
        if (!keep[i]) continue;
        along.push_back(poses[i].linear() * tip.normalized());
        mean += along.back();
    }
    const auto farthest_from = [&](const Eigen::Vector3d& d) {
        return *std::min_element(along.begin(), along.end(), [&](const Eigen::Vector3d& a, const Eigen::Vector3d& b) {
            return a.dot(d) < b.dot(d);
        });
    };
    const Eigen::Vector3d first = farthest_from(mean);
    const Eigen::Vector3d second = farthest_from(first);
    return std::acos(std::clamp(first.dot(second), -1.0, 1.0)) * 180.0 / std::numbers::pi;
}

[[noreturn]] void refuse_still_pointer() {
    throw InputError(
        "The pointer was not tilted enough to find its tip; rest the tip in a dimple and tilt the pointer "
        "by 30 degrees or more to all sides.");
}

void judge(PivotSolution& out) {
    out.verdict = Verdict::good;
    const auto add = [&](Verdict verdict, std::string reason) {
        out.verdict = worse(out.verdict, verdict);
        out.reasons.push_back(std::move(reason));
    };
    if (out.rms_mm > kGoodRms_mm) {
        add(out.rms_mm > kPoorRms_mm ? Verdict::poor : Verdict::fair,
            "The tip wandered by " + hundredths(out.rms_mm) +
                " mm (rms) while it should have rested; hold it in a "
                "dimple, and check the pointer's markers.");
    }
    if (out.tip_error_mm > kGoodError_mm) {
        add(out.tip_error_mm > kPoorError_mm ? Verdict::poor : Verdict::fair,
            "The tip is known to " + hundredths(out.tip_error_mm) + " mm only; tilt further and take more poses.");
    }
    if (out.tilt_range_deg < kWideTilt_deg) {
        add(Verdict::fair, "The pointer was tilted by " + hundredths(out.tilt_range_deg) + " degrees in all; " +
                               hundredths(kWideTilt_deg) + " or more is surer.");
    }
    if (out.given - out.kept > static_cast<int>(kManyLeftOut * out.given)) {
        add(Verdict::fair, std::to_string(out.given - out.kept) + " of " + std::to_string(out.given) +
                               " poses were left out because the tip had moved; take it again.");
    }
}

}  // namespace

PivotSolution solve_pivot(const Poses& poses) {
    if (poses.size() < kFewestPoses) {
        throw InputError("The pivot calibration needs at least " + std::to_string(kFewestPoses) + " poses; there are " +
                         std::to_string(poses.size()) + ".");
    }
    for (std::size_t i = 0; i < poses.size(); ++i) {
        if (!poses[i].matrix().allFinite()) {
            throw InputError("Pose " + std::to_string(i + 1) + " contains a value that is not a number.");
        }
    }
    std::vector<bool> keep(poses.size(), true);
    if (smallest_singular(poses, keep) < kSmallestSingular) refuse_still_pointer();

    Vector6 solution = solve_kept(poses, keep);
    for (int round = 0; round < kRounds; ++round) {
        const std::vector<double> distance = tip_distances(poses, solution);
        std::vector<double> sorted = distance;
        std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
        // The median length of a normal error in three dimensions is 1.538 sigma.
        const double sigma = sorted[sorted.size() / 2] / 1.538;
        const double limit = std::max(3.5 * sigma, 0.05);
        std::vector<bool> next(poses.size());
        for (std::size_t i = 0; i < poses.size(); ++i) next[i] = distance[i] <= limit;
        if (next == keep) break;
        keep = next;
        if (smallest_singular(poses, keep) < kSmallestSingular) refuse_still_pointer();
        solution = solve_kept(poses, keep);
    }

    PivotSolution out;
    out.given = static_cast<int>(poses.size());
    out.tip_in_body = solution.head<3>();
    out.pivot = solution.tail<3>();
    const std::vector<double> distance = tip_distances(poses, solution);
    double sum = 0.0;
    for (std::size_t i = 0; i < poses.size(); ++i) {
        if (!keep[i]) continue;
        sum += distance[i] * distance[i];
        ++out.kept;
    }
    out.rms_mm = std::sqrt(sum / out.kept);
    const double variance = sum / (3.0 * out.kept - 6.0);
    const Matrix6 inverse = normal_matrix(poses, keep).inverse();
    out.tip_error_mm = std::sqrt(variance * inverse.topLeftCorner<3, 3>().trace());
    out.tilt_range_deg = tilt_range_deg(poses, keep, out.tip_in_body);
    judge(out);
    return out;
}

}  // namespace precentral
