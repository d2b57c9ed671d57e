// SPDX-License-Identifier: Apache-2.0
#include "registration/point_fit.h"

#include <Eigen/Cholesky>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <limits>

#include "data/error.h"
#include "registration/small_motion.h"

namespace precentral {
namespace {

using Points = std::vector<Eigen::Vector3d>;

constexpr double kSmallestSpread_mm = 1.0;    // below it all points are one spot to any tracker
constexpr double kSmallestWidthRatio = 0.05;  // second to first spread; below it the points are a line
constexpr double kNotDefined = std::numeric_limits<double>::quiet_NaN();

// Spread (rms, mm) of weighted points along their principal axes, widest first.
Eigen::Vector3d spread_of(const Points& points, const std::vector<double>& weights) {
    double total = 0.0;
    Eigen::Vector3d mean = Eigen::Vector3d::Zero();
    for (std::size_t i = 0; i < points.size(); ++i) {
        total += weights[i];
        mean += weights[i] * points[i];
    }
    mean /= total;
    Eigen::Matrix3d scatter = Eigen::Matrix3d::Zero();
    for (std::size_t i = 0; i < points.size(); ++i) {
        const Eigen::Vector3d d = points[i] - mean;
        scatter += weights[i] / total * d * d.transpose();
    }
    // Singular values of a symmetric positive matrix are its eigenvalues, sorted downwards.
    return scatter.jacobiSvd().singularValues().cwiseMax(0.0).cwiseSqrt();
}

bool is_line(const Eigen::Vector3d& spread) { return spread[1] < kSmallestWidthRatio * spread[0]; }

struct Kabsch {
    Eigen::Isometry3d proper = Eigen::Isometry3d::Identity();
    double proper_rms_mm = 0.0;
    double best_rms_mm = 0.0;  // when a reflection is allowed; smaller than proper_rms_mm only if one fits better
};

double weighted_rms(const Points& from, const Points& to, const std::vector<double>& weights,
                    const Eigen::Matrix3d& turn, const Eigen::Vector3d& shift) {
    double sum = 0.0;
    double total = 0.0;
    for (std::size_t i = 0; i < from.size(); ++i) {
        sum += weights[i] * (turn * from[i] + shift - to[i]).squaredNorm();
        total += weights[i];
    }
    return std::sqrt(sum / total);
}

Kabsch solve(const Points& from, const Points& to, const std::vector<double>& weights) {
    double total = 0.0;
    Eigen::Vector3d from_mean = Eigen::Vector3d::Zero();
    Eigen::Vector3d to_mean = Eigen::Vector3d::Zero();
    for (std::size_t i = 0; i < from.size(); ++i) {
        total += weights[i];
        from_mean += weights[i] * from[i];
        to_mean += weights[i] * to[i];
    }
    from_mean /= total;
    to_mean /= total;
    Eigen::Matrix3d h = Eigen::Matrix3d::Zero();
    for (std::size_t i = 0; i < from.size(); ++i) {
        h += weights[i] / total * (from[i] - from_mean) * (to[i] - to_mean).transpose();
    }
    const Eigen::JacobiSVD<Eigen::Matrix3d> svd(h, Eigen::ComputeFullU | Eigen::ComputeFullV);
    const Eigen::Matrix3d& u = svd.matrixU();
    const Eigen::Matrix3d& v = svd.matrixV();
    const double handedness = (v * u.transpose()).determinant() < 0.0 ? -1.0 : 1.0;
    const Eigen::Matrix3d turn = v * Eigen::Vector3d(1.0, 1.0, handedness).asDiagonal() * u.transpose();

    Kabsch out;
    out.proper.linear() = turn;
    out.proper.translation() = to_mean - turn * from_mean;
    out.proper_rms_mm = weighted_rms(from, to, weights, turn, out.proper.translation());
    const Eigen::Matrix3d any = v * u.transpose();
    out.best_rms_mm = weighted_rms(from, to, weights, any, to_mean - any * from_mean);
    return out;
}

void require_pairs(const Points& from, const Points& to) {
    if (from.size() != to.size()) {
        throw InputError("The two sets of points do not pair up: " + std::to_string(from.size()) + " against " +
                         std::to_string(to.size()) + ".");
    }
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (!from[i].allFinite() || !to[i].allFinite()) {
            throw InputError("Point " + std::to_string(i + 1) +
                             " has a coordinate that is not a number; touch or pick it again.");
        }
    }
}

std::vector<double> usable_weights(const std::vector<double>& weights, std::size_t count) {
    if (!weights.empty() && weights.size() != count) {
        throw InputError("There are " + std::to_string(weights.size()) + " weights for " + std::to_string(count) +
                         " pairs of points.");
    }
    std::vector<double> out = weights.empty() ? std::vector<double>(count, 1.0) : weights;
    std::size_t counting = 0;
    for (const double w : out) {
        if (!std::isfinite(w) || w < 0.0) throw InputError("A weight of a point must be a number of 0 or more.");
        if (w > 0.0) ++counting;
    }
    if (counting < 3) {
        throw InputError("A rigid fit needs at least three pairs of points; there are " + std::to_string(counting) +
                         ".");
    }
    return out;
}

void require_shape(const Points& from, const Points& to, const std::vector<double>& weights) {
    for (const Points* points : {&from, &to}) {
        const Eigen::Vector3d spread = spread_of(*points, weights);
        if (spread[0] < kSmallestSpread_mm) {
            throw InputError(
                "The points lie on one spot, so they do not say how the head is turned; "
                "touch points far apart (nasion and both ears).");
        }
        if (is_line(spread)) {
            throw InputError(
                "The points lie on one line, so the turn about that line is unknown; "
                "add a point well away from it.");
        }
    }
}

// One set is the mirror image of the other when a reflection fits far better than any rotation and both sets are thick
// enough for that not to be chance.
void require_same_hand(const Points& from, const Points& to, const std::vector<double>& weights, const Kabsch& fit) {
    const double thickness = std::min(spread_of(from, weights)[2], spread_of(to, weights)[2]);
    if (fit.best_rms_mm < 0.5 * fit.proper_rms_mm && thickness > 2.0 * fit.best_rms_mm + 1e-6) {
        throw InputError(
            "One set of points is the mirror image of the other (left and right are swapped in one of "
            "them); check the order of the points and the orientation of the image.");
    }
}

std::vector<double> residuals(const Points& from, const Points& to, const Eigen::Isometry3d& pose) {
    std::vector<double> out;
    out.reserve(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) out.push_back((pose * from[i] - to[i]).norm());
    return out;
}

bool defines_a_fit(const Points& from, const Points& to, const std::vector<double>& weights) {
    if (std::count_if(weights.begin(), weights.end(), [](double w) { return w > 0.0; }) < 3) return false;
    return !is_line(spread_of(from, weights)) && !is_line(spread_of(to, weights));
}

Eigen::Isometry3d refine_anisotropic(const Points& from, const Points& to,
                                     const std::vector<Eigen::Matrix3d>& information, Eigen::Isometry3d pose) {
    for (int iteration = 0; iteration < 50; ++iteration) {
        Eigen::Vector3d centre = Eigen::Vector3d::Zero();
        for (const Eigen::Vector3d& p : from) centre += pose * p / static_cast<double>(from.size());
        Matrix6 normal = Matrix6::Zero();
        Vector6 gradient = Vector6::Zero();
        for (std::size_t i = 0; i < from.size(); ++i) {
            const Eigen::Vector3d q = pose * from[i];
            const Eigen::Matrix<double, 3, 6> j = motion_of_point(q, centre);
            normal += j.transpose() * information[i] * j;
            gradient += j.transpose() * information[i] * (q - to[i]);
        }
        const Vector6 motion = -normal.ldlt().solve(gradient);
        if (!motion.allFinite()) break;
        pose = isometry_of_motion(motion, centre) * pose;
        if (motion.tail<3>().norm() < 1e-12 && motion.head<3>().norm() < 1e-14) break;
    }
    return pose;
}

}  // namespace

RigidFit fit_rigid(const Points& from, const Points& to, const std::vector<double>& weights) {
    require_pairs(from, to);
    const std::vector<double> w = usable_weights(weights, from.size());
    require_shape(from, to, w);
    const Kabsch fit = solve(from, to, w);
    require_same_hand(from, to, w, fit);

    RigidFit out;
    out.to_from_from = fit.proper;
    out.rms_mm = fit.proper_rms_mm;
    out.residual_mm = residuals(from, to, fit.proper);
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::vector<double> others = w;
        others[i] = 0.0;
        const bool defined = defines_a_fit(from, to, others);
        out.left_out_mm.push_back(defined ? (solve(from, to, others).proper * from[i] - to[i]).norm() : kNotDefined);
    }
    return out;
}

RigidFit fit_rigid_anisotropic(const Points& from, const Points& to,
                               const std::vector<Eigen::Matrix3d>& covariances_mm2) {
    if (covariances_mm2.size() != from.size()) {
        throw InputError("There are " + std::to_string(covariances_mm2.size()) + " covariances for " +
                         std::to_string(from.size()) + " pairs of points.");
    }
    std::vector<Eigen::Matrix3d> information;
    std::vector<double> weights;
    for (const Eigen::Matrix3d& c : covariances_mm2) {
        const Eigen::LLT<Eigen::Matrix3d> llt(c);
        if (!c.allFinite() || llt.info() != Eigen::Success) {
            throw InputError("A covariance of a point must be symmetric and positive.");
        }
        information.push_back(llt.solve(Eigen::Matrix3d::Identity()));
        weights.push_back(3.0 / c.trace());
    }
    RigidFit out = fit_rigid(from, to, weights);
    out.to_from_from = refine_anisotropic(from, to, information, out.to_from_from);
    out.residual_mm = residuals(from, to, out.to_from_from);
    double sum = 0.0;
    for (const double r : out.residual_mm) sum += r * r;
    out.rms_mm = std::sqrt(sum / static_cast<double>(from.size()));
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (std::isnan(out.left_out_mm[i])) continue;
        std::vector<Eigen::Matrix3d> others = information;
        others[i].setZero();
        const Eigen::Isometry3d without = refine_anisotropic(from, to, others, out.to_from_from);
        out.left_out_mm[i] = (without * from[i] - to[i]).norm();
    }
    return out;
}

}  // namespace precentral
