// SPDX-License-Identifier: Apache-2.0
#include "registration/recheck.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <numbers>
#include <sstream>

#include "data/error.h"
#include "registration/small_motion.h"

namespace precentral {
namespace {

constexpr double kSurely = 0.01;        // a motion less likely than this by chance is one
constexpr double kOddLandmark = 16.27;  // chi-square, 3 degrees of freedom, 99.9 %
constexpr double kGood_mm = 2.0;
constexpr double kFair_mm = 4.0;
constexpr double kDegrees = 180.0 / std::numbers::pi;

std::string tenths(double value) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(1) << value;
    return out.str();
}

// Share of chi-square with six degrees of freedom above x, in closed form.
double chance_of_six(double x) {
    const double h = 0.5 * std::max(x, 0.0);
    return std::exp(-h) * (1.0 + h + 0.5 * h * h);
}

struct Pairs {
    std::vector<std::string> names;
    std::vector<Eigen::Vector3d> then, now;
};

Pairs pair_up(const std::vector<NamedPoint<Head>>& then, const std::vector<NamedPoint<Head>>& now) {
    Pairs out;
    for (const NamedPoint<Head>& n : now) {
        const auto match =
            std::find_if(then.begin(), then.end(), [&](const NamedPoint<Head>& t) { return t.name == n.name; });
        if (match == then.end()) {
            throw InputError("\"" + n.name + "\" was not touched when the head was registered; touch one that was.");
        }
        out.names.push_back(n.name);
        out.then.push_back(match->point.xyz);
        out.now.push_back(n.point.xyz);
    }
    return out;
}

// Of the motion that takes now to then, about the landmarks' centre; both touches of a pair are in error.
PoseCovariance<Scan> covariance_of(const std::vector<Eigen::Vector3d>& points, double touch_error_mm) {
    std::vector<Point<Scan>> at;
    at.reserve(points.size());
    for (const Eigen::Vector3d& p : points) at.push_back({p});
    return covariance_of_point_fit(at, touch_error_mm * std::sqrt(2.0 / 3.0));
}

void require_usable(const Point<Scan>& target, const RecheckOptions& options) {
    if (!target.xyz.allFinite()) throw InputError("The target has a coordinate that is not a number.");
    if (!(options.touch_error_mm > 0.0)) throw InputError("The expected error of a touch must be above 0 mm.");
}

}  // namespace

Recheck check_registration(const Transform<Scan, Head>& scan_from_head, const std::vector<NamedPoint<Head>>& then,
                           const std::vector<NamedPoint<Head>>& now, const Point<Scan>& target,
                           const RecheckOptions& options) {
    require_usable(target, options);
    const Pairs pairs = pair_up(then, now);
    const RigidFit fit = fit_rigid(pairs.now, pairs.then);
    const PoseCovariance<Scan> covariance = covariance_of(pairs.then, options.touch_error_mm);
    const Eigen::Vector3d target_in_head = (scan_from_head.inverse() * target).xyz;
    const TargetError by_chance = predict_error(covariance.matrix, covariance.about.xyz, target_in_head);

    Recheck out;
    out.then_from_now = Transform<Head, Head>(fit.to_from_from);
    out.drift_mm = (fit.to_from_from * target_in_head - target_in_head).norm();
    const Eigen::AngleAxisd turn(fit.to_from_from.linear());
    out.drift_deg = turn.angle() * kDegrees;
    out.drift_error_mm = by_chance.rms_mm;
    out.drift_error_deg = by_chance.angle_deg;
    Vector6 motion;
    motion << turn.angle() * turn.axis(), fit.to_from_from * covariance.about.xyz - covariance.about.xyz;
    out.chance = chance_of_six(motion.dot(covariance.matrix.ldlt().solve(motion)));

    std::string odd;
    const double variance = options.touch_error_mm * options.touch_error_mm * 2.0 / 3.0;
    double left_chi_square = 0.0;
    for (std::size_t i = 0; i < pairs.names.size(); ++i) {
        out.landmarks.push_back(
            {pairs.names[i], (pairs.now[i] - pairs.then[i]).norm(), fit.residual_mm[i], fit.left_out_mm[i]});
        left_chi_square += fit.residual_mm[i] * fit.residual_mm[i] / variance;
    }
    // Beyond chance against where the others put it; the others are in error too.
    double worst = kOddLandmark;
    for (std::size_t i = 0; i < pairs.names.size(); ++i) {
        if (std::isnan(fit.left_out_mm[i])) continue;
        std::vector<Eigen::Vector3d> others = pairs.then;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        const PoseCovariance<Scan> without = covariance_of(others, options.touch_error_mm);
        const Eigen::Matrix<double, 3, 6> there = motion_of_point(pairs.then[i], without.about.xyz);
        const double chi_square = fit.left_out_mm[i] * fit.left_out_mm[i] /
                                  (variance + (there * without.matrix * there.transpose()).trace() / 3.0);
        if (chi_square < worst) continue;
        worst = chi_square;
        odd = pairs.names[i];
    }

    const auto add = [&](RecheckVerdict verdict, std::string reason) {
        out.verdict = verdict;
        out.reasons.push_back(std::move(reason));
    };
    const std::string moved = "the target lies " + tenths(out.drift_mm) + " mm and " + tenths(out.drift_deg) +
                              " degrees from where it was (touching alone: " + tenths(out.drift_error_mm) + " mm, " +
                              tenths(out.drift_error_deg) + " degrees)";
    const bool far = out.drift_mm > options.drift_mm || out.drift_deg > options.drift_deg;
    const double freedom = 3.0 * static_cast<double>(pairs.names.size()) - 6.0;
    if (!odd.empty()) {
        add(RecheckVerdict::touch_again, odd + " disagrees with the other landmarks; touch it again.");
    } else if (left_chi_square > freedom + 3.1 * std::sqrt(2.0 * freedom) + 3.0) {
        add(RecheckVerdict::touch_again,
            "The landmarks do not keep their distances to each other; touch them again, with the tip on the same "
            "spots.");
    } else if (far && out.chance < kSurely) {
        add(RecheckVerdict::reference_slipped,
            "The landmarks moved together: " + moved + ". The head reference has slipped; register again.");
    } else if (far) {
        add(RecheckVerdict::register_again,
            "It may have drifted: " + moved + "; touch more landmarks to be sure, or register again.");
    } else if (out.chance < kSurely) {
        add(RecheckVerdict::fine, "It moved a little, within what is accepted: " + moved + ".");
    } else if (out.drift_error_mm > options.drift_mm) {
        add(RecheckVerdict::touch_again, "These landmarks cannot show a drift of " + tenths(options.drift_mm) +
                                             " mm at the target; touch one more, far from the others.");
    }
    return out;
}

SlipHistory find_slip(const Transform<Scan, Head>& scan_from_head, const std::vector<TimedTouches>& touches,
                      const Point<Scan>& target, const RecheckOptions& options) {
    if (touches.size() < 2) throw InputError("A slip shows between two sets of touches; there are fewer.");
    SlipHistory out;
    for (std::size_t i = 1; i < touches.size(); ++i) {
        out.checks.push_back(
            check_registration(scan_from_head, touches.front().landmarks, touches[i].landmarks, target, options));
        if (out.slipped || out.checks.back().verdict != RecheckVerdict::reference_slipped) continue;
        // The last set before it that was still in place; one that could not be judged says nothing.
        std::size_t held = 0;
        for (std::size_t k = 1; k < i; ++k) held = out.checks[k - 1].verdict == RecheckVerdict::fine ? k : held;
        out.slipped = true;
        out.after = touches[held].when;
        out.before = touches[i].when;
        out.reasons.push_back("Between " + out.after + " and " + out.before + ": " + out.checks.back().reasons.front());
    }
    return out;
}

QuickRegistration register_quickly(const Transform<Scan, Head>& scan_from_head_then,
                                   const PoseCovariance<Scan>& covariance_then,
                                   const std::vector<NamedPoint<Head>>& then, const std::vector<NamedPoint<Head>>& now,
                                   const std::vector<Point<Head>>& scalp_points, const SurfaceIndex& scalp,
                                   const Point<Scan>& target, const RecheckOptions& options) {
    require_usable(target, options);
    const Pairs pairs = pair_up(then, now);
    const RigidFit fit = fit_rigid(pairs.now, pairs.then);
    QuickRegistration out;
    out.rms_mm = fit.rms_mm;
    out.scan_from_head = scan_from_head_then * Transform<Head, Head>(fit.to_from_from);
    out.verdict = Verdict::good;
    std::vector<Point<Scan>> in_scan;
    std::vector<FiducialPrior> priors;
    const double sigma = options.touch_error_mm * std::sqrt(2.0 / 3.0);
    for (std::size_t i = 0; i < pairs.names.size(); ++i) {
        in_scan.push_back(scan_from_head_then * Point<Head>{pairs.then[i]});
        priors.push_back({{pairs.now[i]}, in_scan.back(), sigma});
    }
    PoseCovariance<Scan> fresh = covariance_of_point_fit(in_scan, sigma);
    if (!scalp_points.empty()) {
        SurfaceFit surface = fit_surface(scalp_points, scalp, out.scan_from_head, priors);
        out.scan_from_head = surface.scan_from_head;
        fresh = surface.covariance;
        out.verdict = surface.verdict;
        out.reasons = std::move(surface.reasons);
    }
    // The errors of then carry over; both about the centre of the new ones.
    Matrix6 change = Matrix6::Identity();
    change.bottomLeftCorner<3, 3>() = -skew(fresh.about.xyz - covariance_then.about.xyz);
    out.covariance.about = fresh.about;
    out.covariance.matrix = fresh.matrix + change * covariance_then.matrix * change.transpose();
    out.target = predict_error(out.covariance, target);
    const double chi_square = fit.rms_mm * fit.rms_mm * static_cast<double>(pairs.names.size()) / (sigma * sigma);
    const double freedom = 3.0 * static_cast<double>(pairs.names.size()) - 6.0;
    if (chi_square > freedom + 3.1 * std::sqrt(2.0 * freedom) + 3.0) {
        out.verdict = worse(out.verdict, Verdict::poor);
        out.reasons.push_back("The landmarks do not keep their distances to each other (" + tenths(fit.rms_mm) +
                              " mm); touch them again.");
    }
    if (out.target.rms_mm > kGood_mm) {
        out.verdict = worse(out.verdict, out.target.rms_mm > kFair_mm ? Verdict::poor : Verdict::fair);
        out.reasons.push_back("The error to expect at the target is " + tenths(out.target.rms_mm) +
                              " mm; scalp points would make it surer.");
    }
    return out;
}

}  // namespace precentral
