// SPDX-License-Identifier: Apache-2.0
#include "registration/block_calibration.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <numbers>
#include <sstream>

#include "data/error.h"
#include "registration/small_motion.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr std::size_t kFewestFrames = 5;
constexpr double kFarFrame = 4.0;  // times the median deviation
constexpr double kDegrees = 180.0 / std::numbers::pi;
constexpr double kLeastWorth = 0.05;  // of the scaled normal matrix: below it tip and block cannot be told apart
constexpr double kGoodTip_mm = 0.5;

std::string hundredths(double value) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(2) << value;
    return out.str();
}

Eigen::Isometry3d mean_pose(const std::vector<Eigen::Isometry3d>& poses, const std::vector<bool>& keep) {
    Eigen::Matrix3d turn = Eigen::Matrix3d::Zero();
    Vector3d shift = Vector3d::Zero();
    double count = 0.0;
    for (std::size_t i = 0; i < poses.size(); ++i) {
        if (!keep[i]) continue;
        turn += poses[i].linear();
        shift += poses[i].translation();
        count += 1.0;
    }
    const Eigen::JacobiSVD<Eigen::Matrix3d> svd(turn, Eigen::ComputeFullU | Eigen::ComputeFullV);
    Vector3d hand(1.0, 1.0, (svd.matrixU() * svd.matrixV().transpose()).determinant());
    Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
    out.linear() = svd.matrixU() * hand.asDiagonal() * svd.matrixV().transpose();
    out.translation() = shift / count;
    return out;
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

CoilCalibration calibrate_coil_in_block(const std::vector<Transform<CoilBody, Block>>& seen,
                                        const Transform<Block, Coil>& block_from_coil,
                                        const BlockCalibrationOptions& options) {
    if (seen.size() < kFewestFrames) {
        throw InputError("The calibration in the block needs at least " + std::to_string(kFewestFrames) +
                         " frames that show coil and block; there are " + std::to_string(seen.size()) + ".");
    }
    if (!block_from_coil.matrix().allFinite())
        throw InputError("The block's seat contains a value that is not a number.");
    std::vector<Eigen::Isometry3d> poses;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        poses.push_back((seen[i] * block_from_coil).isometry());
        if (!poses.back().matrix().allFinite()) {
            throw InputError("Frame " + std::to_string(i + 1) + " contains a value that is not a number.");
        }
    }
    std::vector<bool> keep(poses.size(), true);
    Eigen::Isometry3d mean = mean_pose(poses, keep);
    std::vector<double> off_mm;
    std::vector<double> off_deg;
    for (int round = 0; round < 3; ++round) {
        off_mm.clear();
        off_deg.clear();
        for (const Eigen::Isometry3d& pose : poses) {
            off_mm.push_back((pose.translation() - mean.translation()).norm());
            off_deg.push_back(Eigen::AngleAxisd(mean.linear().transpose() * pose.linear()).angle() * kDegrees);
        }
        const double far_mm = std::max(kFarFrame * median(off_mm), 0.02);
        const double far_deg = std::max(kFarFrame * median(off_deg), 0.02);
        for (std::size_t i = 0; i < poses.size(); ++i) keep[i] = off_mm[i] <= far_mm && off_deg[i] <= far_deg;
        mean = mean_pose(poses, keep);
    }

    CoilCalibration out;
    out.coil_body_from_coil = Transform<CoilBody, Coil>(mean);
    out.residual_mm = off_mm;
    out.left_out_mm = off_mm;
    double square_mm = 0.0;
    double square_deg = 0.0;
    double kept = 0.0;
    for (std::size_t i = 0; i < poses.size(); ++i) {
        if (!keep[i]) continue;
        square_mm += off_mm[i] * off_mm[i];
        square_deg += off_deg[i] * off_deg[i];
        kept += 1.0;
    }
    out.rms_mm = std::sqrt(square_mm / kept);
    out.centre_error_mm = std::hypot(out.rms_mm / std::sqrt(kept), options.seat_error_mm);
    out.angle_error_deg = std::hypot(std::sqrt(square_deg / kept / kept), options.seat_error_deg);
    out.verdict = Verdict::good;
    const auto add = [&](Verdict verdict, std::string reason) {
        out.verdict = worse(out.verdict, verdict);
        out.reasons.push_back(std::move(reason));
    };
    const CoilCalibrationOptions& limits = options.limits;
    if (out.centre_error_mm > limits.good_mm || out.angle_error_deg > limits.good_deg) {
        const bool poor = out.centre_error_mm > limits.fair_mm || out.angle_error_deg > limits.fair_deg;
        add(poor ? Verdict::poor : Verdict::fair, "The coil is known to " + hundredths(out.centre_error_mm) +
                                                      " mm and " + hundredths(out.angle_error_deg) +
                                                      " degrees; hold it still in the seat and take more frames.");
    }
    const auto left_out = static_cast<double>(std::count(keep.begin(), keep.end(), false));
    if (left_out > 0.2 * static_cast<double>(keep.size())) {
        add(Verdict::fair,
            hundredths(100.0 * left_out / static_cast<double>(keep.size())) +
                " % of the frames lie apart from the others: the coil moved in the seat; take it again.");
    }
    return out;
}

TipOnBlock calibrate_tip_on_block(const std::vector<BlockTouch>& touches, const Point<Stylus>& tip_guess) {
    if (touches.size() < 4) {
        throw InputError("The tip needs touches of at least four of the block's dimples; there are " +
                         std::to_string(touches.size()) + ".");
    }
    std::vector<Vector3d> on_block;
    on_block.reserve(touches.size());
    for (const BlockTouch& t : touches) on_block.push_back(t.dimple.xyz);
    Vector3d tip = tip_guess.xyz;
    const auto touched = [&] {
        std::vector<Vector3d> out;
        out.reserve(touches.size());
        for (const BlockTouch& t : touches) out.push_back(t.reference_from_stylus.isometry() * tip);
        return out;
    };
    TipOnBlock out;
    Eigen::Isometry3d block = fit_rigid(on_block, touched()).to_from_from;
    Eigen::Matrix<double, 9, 9> normal;
    Eigen::Matrix<double, 9, 1> unit = Eigen::Matrix<double, 9, 1>::Ones();
    for (int iteration = 0; iteration < 50; ++iteration) {
        Vector3d centre = Vector3d::Zero();
        for (const Vector3d& b : on_block) centre += block * b / static_cast<double>(on_block.size());
        double radius = 0.0;
        for (const Vector3d& b : on_block) radius = std::max(radius, (block * b - centre).norm());
        unit.segment<3>(3).setConstant(1.0 / radius);
        normal.setZero();
        Eigen::Matrix<double, 9, 1> gradient = Eigen::Matrix<double, 9, 1>::Zero();
        for (std::size_t i = 0; i < touches.size(); ++i) {
            const Eigen::Isometry3d& pose = touches[i].reference_from_stylus.isometry();
            const Vector3d q = block * on_block[i];
            Eigen::Matrix<double, 3, 9> row;
            row << pose.linear(), -motion_of_point(q, centre);
            normal += row.transpose() * row;
            gradient += row.transpose() * (pose * tip - q);
        }
        const Eigen::Matrix<double, 9, 9> scaled = unit.asDiagonal() * normal * unit.asDiagonal();
        const Eigen::SelfAdjointEigenSolver<Eigen::Matrix<double, 9, 9>> eigen(scaled, Eigen::EigenvaluesOnly);
        if (eigen.eigenvalues()[0] < kLeastWorth * kLeastWorth * static_cast<double>(touches.size())) {
            throw InputError(
                "The pointer was held the same way at every dimple, so its tip cannot be told from the block's place; "
                "turn it by 60 degrees or more between touches.");
        }
        const Eigen::Matrix<double, 9, 1> step =
            -(unit.asDiagonal() * scaled.ldlt().solve(unit.asDiagonal() * gradient));
        tip += step.head<3>();
        block = isometry_of_motion(Vector6(step.tail<6>()), centre) * block;
        if (step.head<3>().norm() < 1e-11 && step.tail<3>().norm() < 1e-11) break;
    }
    double sum = 0.0;
    for (std::size_t i = 0; i < touches.size(); ++i) {
        out.residual_mm.push_back((touches[i].reference_from_stylus.isometry() * tip - block * on_block[i]).norm());
        sum += out.residual_mm.back() * out.residual_mm.back();
    }
    out.tip.xyz = tip;
    out.reference_from_block = Transform<Head, Block>(block);
    out.rms_mm = std::sqrt(sum / static_cast<double>(touches.size()));
    const double freedom = 3.0 * static_cast<double>(touches.size()) - 9.0;
    const Eigen::Matrix<double, 9, 9> inverse = normal.ldlt().solve(Eigen::Matrix<double, 9, 9>::Identity());
    out.tip_error_mm = std::sqrt(sum / freedom * inverse.topLeftCorner<3, 3>().trace());
    out.verdict = Verdict::good;
    if (out.tip_error_mm > kGoodTip_mm) {
        out.verdict = out.tip_error_mm > 2.0 * kGoodTip_mm ? Verdict::poor : Verdict::fair;
        out.reasons.push_back("The tip is known to " + hundredths(out.tip_error_mm) +
                              " mm; touch more dimples and turn the pointer more between them.");
    }
    return out;
}

}  // namespace precentral
