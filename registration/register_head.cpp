// SPDX-License-Identifier: Apache-2.0
#include "registration/register_head.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <limits>
#include <set>
#include <sstream>

#include "data/error.h"
#include "registration/scalp_words.h"
#include "registration/surface_posterior.h"
#include "registration/surface_solver.h"
#include "registration/surface_verdict.h"

namespace precentral {
namespace {

constexpr double kContradiction = 21.11;       // chi-square, 3 degrees of freedom, 99.99 %
constexpr std::size_t kPointsToOverrule = 30;  // scalp points needed before they may overrule a fiducial
constexpr double kSizeMismatch = 0.12;
constexpr double kNotATouch_mm = 40.0;
constexpr double kBadSurface_mm = 3.0;
constexpr double kBadSurfaceLeftOut = 0.2;
constexpr double kNearTarget_mm = 50.0;  // a target on the cortex lies 15-25 mm under the scalp
constexpr std::size_t kFewestNear = 4;
constexpr double kReach_mm = 15.0;  // how far below the lowest touched point one can still touch

std::string tenths(double value) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(1) << value;
    return out.str();
}

struct Fiducials {
    std::vector<std::string> names;
    std::vector<FiducialPrior> priors;
};

Fiducials pair_up(const std::vector<NamedPoint<Head>>& in_head, const std::vector<NamedPoint<Scan>>& in_scan,
                  double sigma_mm) {
    std::set<std::string> seen;
    for (const NamedPoint<Scan>& s : in_scan) {
        if (!seen.insert(s.name).second) {
            throw InputError("The fiducial \"" + s.name + "\" is picked twice in the scan; keep one of them.");
        }
    }
    Fiducials out;
    for (const NamedPoint<Head>& h : in_head) {
        const auto match =
            std::find_if(in_scan.begin(), in_scan.end(), [&](const NamedPoint<Scan>& s) { return s.name == h.name; });
        if (match == in_scan.end()) {
            throw InputError("The fiducial \"" + h.name + "\" was touched but is not picked in the scan.");
        }
        if (!h.point.xyz.allFinite() || !match->point.xyz.allFinite()) {
            throw InputError("The fiducial \"" + h.name +
                             "\" has a coordinate that is not a number; touch and pick it again.");
        }
        out.names.push_back(h.name);
        out.priors.push_back({h.point, match->point, sigma_mm});
    }
    return out;
}

std::vector<FiducialPrior> chosen(const std::vector<FiducialPrior>& all, const std::vector<bool>& use) {
    std::vector<FiducialPrior> out;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (use[i]) out.push_back(all[i]);
    }
    return out;
}

PointFit<Scan, Head> fit_fiducials(const std::vector<FiducialPrior>& priors) {
    std::vector<Point<Head>> touched;
    std::vector<Point<Scan>> picked;
    for (const FiducialPrior& f : priors) {
        touched.push_back(f.touched);
        picked.push_back(f.picked);
    }
    return fit_points(touched, picked);
}

PoseCovariance<Scan> fiducial_covariance(const std::vector<FiducialPrior>& priors, double sigma_mm) {
    std::vector<Point<Scan>> picked;
    for (const FiducialPrior& f : priors) picked.push_back(f.picked);
    return covariance_of_point_fit(picked, sigma_mm);
}

// 99 % quantile of chi-square (Wilson & Hilferty 1931, doi 10.1073/pnas.17.12.684).
double chi_square_99(double freedom) {
    const double a = 2.0 / (9.0 * freedom);
    return freedom * std::pow(1.0 - a + 2.3263 * std::sqrt(a), 3);
}

struct LeftOut {
    double distance_mm = std::numeric_limits<double>::quiet_NaN();
    double chi_square = 0.0;
};

// How far fiducial f lies from where a fit made without it puts it, in mm and against what both errors explain.
LeftOut compare(const FiducialPrior& f, const Transform<Scan, Head>& pose, const PoseCovariance<Scan>& covariance) {
    const Point<Scan> placed = pose * f.touched;
    const Eigen::Vector3d off = (placed - f.picked).xyz;
    Eigen::Matrix3d expected = predict_error(covariance, placed).covariance_mm2;
    expected += f.sigma_mm * f.sigma_mm * Eigen::Matrix3d::Identity();
    return {off.norm(), off.dot(expected.ldlt().solve(off))};
}

// Fits of scalp points with a choice of the fiducials, all from near the same pose.
class JointFit {
public:
    JointFit(const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp, const Fiducials& fiducials,
             const RegistrationOptions& options)
        : touched_(touched), scalp_(scalp), fiducials_(fiducials), options_(options.surface) {}

    SurfaceFit from_scratch(const std::vector<bool>& use) const {
        return fit_surface(touched_, scalp_, std::nullopt, chosen(fiducials_.priors, use), options_);
    }
    SurfaceFit from(const Transform<Scan, Head>& start, const std::vector<bool>& use) const {
        const std::vector<FiducialPrior> priors = chosen(fiducials_.priors, use);
        const SurfaceSolver solver(touched_, scalp_, priors, options_);
        return solver.describe(solver.solve(start.isometry(), options_.max_iterations, 0.0));
    }
    // The same, described as fit_surface does.
    SurfaceFit settled(const Transform<Scan, Head>& start, const std::vector<bool>& use) const {
        const std::vector<FiducialPrior> priors = chosen(fiducials_.priors, use);
        const SurfaceSolver solver(touched_, scalp_, priors, options_);
        const SurfaceSolution solution = solver.solve(start.isometry(), options_.max_iterations, 0.0);
        return describe_sampled(solver, touched_, scalp_, priors, options_, std::nullopt, {solution});
    }
    std::vector<LeftOut> each_left_out(const SurfaceFit& fit, const std::vector<bool>& use) const {
        std::vector<LeftOut> out;
        for (std::size_t k = 0; k < use.size(); ++k) {
            std::vector<bool> others = use;
            others[k] = false;
            const std::size_t points =
                touched_.size() + 3 * static_cast<std::size_t>(std::count(others.begin(), others.end(), true));
            if (points < 7) {  // the rest does not hold the head
                out.emplace_back();
            } else if (!use[k]) {
                out.push_back(compare(fiducials_.priors[k], fit.scan_from_head, fit.covariance));
            } else {
                const SurfaceFit without = from(fit.scan_from_head, others);
                out.push_back(compare(fiducials_.priors[k], without.scan_from_head, without.covariance));
            }
        }
        return out;
    }

private:
    const std::vector<Point<Head>>& touched_;
    const SurfaceIndex& scalp_;
    const Fiducials& fiducials_;
    const SurfaceFitOptions& options_;
};

void add(RegistrationResult& result, Verdict verdict, std::string reason) {
    result.verdict = worse(result.verdict, verdict);
    result.reasons.push_back(std::move(reason));
}

void compare_sizes(const std::vector<FiducialPrior>& priors, RegistrationResult& result) {
    if (priors.size() < 3) return;
    double in_head = 0.0;
    double in_scan = 0.0;
    for (std::size_t i = 0; i < priors.size(); ++i) {
        for (std::size_t j = i + 1; j < priors.size(); ++j) {
            in_head += (priors[i].touched - priors[j].touched).xyz.squaredNorm();
            in_scan += (priors[i].picked - priors[j].picked).xyz.squaredNorm();
        }
    }
    const double ratio = std::sqrt(in_head / in_scan);
    if (std::abs(ratio - 1.0) < kSizeMismatch) return;
    add(result, Verdict::poor,
        "The fiducials touched lie " + tenths(100.0 * std::abs(ratio - 1.0)) + " % " +
            (ratio > 1.0 ? "further apart" : "closer together") +
            " than in the scan; check that they are the same places, and the units of both.");
}

// Two fiducials touched in the wrong order fit each other perfectly; the scalp tells.
void look_for_a_swap(const Fiducials& fiducials, const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp,
                     const SurfaceFitOptions& options, RegistrationResult& result) {
    for (std::size_t i = 0; i < fiducials.priors.size(); ++i) {
        for (std::size_t j = i + 1; j < fiducials.priors.size(); ++j) {
            std::vector<FiducialPrior> swapped = fiducials.priors;
            std::swap(swapped[i].touched, swapped[j].touched);
            const SurfaceFit fit = fit_surface(touched, scalp, std::nullopt, swapped, options);
            const bool on_scalp =
                fit.rms_mm < kBadSurface_mm &&
                static_cast<double>(fit.left_out.size()) < kBadSurfaceLeftOut * static_cast<double>(touched.size());
            const bool in_place = std::all_of(swapped.begin(), swapped.end(), [&](const FiducialPrior& f) {
                return distance_mm(fit.scan_from_head * f.touched, f.picked) < 0.5 * kNotATouch_mm;
            });
            if (!on_scalp || !in_place) continue;
            add(result, Verdict::poor,
                "Head and scan agree to " + tenths(fit.rms_mm) + " mm with \"" + fiducials.names[i] + "\" and \"" +
                    fiducials.names[j] + "\" exchanged: they were touched in the wrong order; touch them again.");
            return;
        }
    }
}

void by_fiducials_alone(const Fiducials& fiducials, double sigma_mm, RegistrationResult& result) {
    const PointFit<Scan, Head> fit = fit_fiducials(fiducials.priors);
    const std::size_t count = fiducials.priors.size();
    result.scan_from_head = fit.to_from_from;
    result.rms_mm = fit.rms_mm;
    double chi_square = 0.0;
    for (const double r : fit.residual_mm) chi_square += r * r / (sigma_mm * sigma_mm);
    const double freedom = 3.0 * static_cast<double>(count) - 6.0;
    double inflation = 1.0;
    if (chi_square > chi_square_99(freedom)) {
        inflation = std::sqrt(chi_square / freedom);
        add(result, Verdict::fair,
            "The fiducials disagree by " + tenths(fit.rms_mm) +
                " mm (rms), more than touching and picking explain; "
                "touch them again.");
    }
    result.covariance = fiducial_covariance(fiducials.priors, inflation * sigma_mm);
    for (std::size_t i = 0; i < count; ++i) {
        result.fiducials.push_back({fiducials.names[i], fit.residual_mm[i], fit.left_out_mm[i]});
    }
    add(result, Verdict::fair, "Only fiducials were touched; points on the scalp and the face would make it surer.");
}

void by_scalp(const Fiducials& fiducials, const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp,
              const RegistrationOptions& options, RegistrationResult& result) {
    const std::size_t count = fiducials.priors.size();
    const JointFit joint(touched, scalp, fiducials, options);
    std::vector<bool> use(count, true);
    SurfaceFit fit = joint.from_scratch(use);
    std::vector<LeftOut> left_out = joint.each_left_out(fit, use);
    for (std::size_t removed = 0; removed < count / 2 && touched.size() >= kPointsToOverrule; ++removed) {
        const auto worst = std::max_element(left_out.begin(), left_out.end(), [&](const LeftOut& a, const LeftOut& b) {
            const auto used = [&](const LeftOut& x) { return use[static_cast<std::size_t>(&x - left_out.data())]; };
            return (used(a) ? a.chi_square : -1.0) < (used(b) ? b.chi_square : -1.0);
        });
        if (worst->chi_square < kContradiction) break;
        use[static_cast<std::size_t>(worst - left_out.begin())] = false;
        // Anew, because the point that was wrong also gave the start.
        fit = joint.from(fit.scan_from_head, use);
        left_out = joint.each_left_out(fit, use);
    }
    if (std::find(use.begin(), use.end(), false) != use.end()) fit = joint.settled(fit.scan_from_head, use);
    judge_surface_fit(touched, scalp, fit);

    result.scan_from_head = fit.scan_from_head;
    result.rms_mm = fit.rms_mm;
    result.covariance = fit.covariance;
    result.noise_mm = fit.noise_mm;
    result.surface_residual_mm = fit.residual_mm;
    result.surface_left_out = fit.left_out;
    result.verdict = worse(result.verdict, fit.verdict);
    result.reasons.insert(result.reasons.end(), fit.reasons.begin(), fit.reasons.end());
    for (std::size_t k = 0; k < count; ++k) {
        const FiducialPrior& f = fiducials.priors[k];
        result.fiducials.push_back(
            {fiducials.names[k], distance_mm(fit.scan_from_head * f.touched, f.picked), left_out[k].distance_mm});
        if (use[k] && left_out[k].chi_square < kContradiction) continue;
        const std::string off = fiducials.names[k] + " disagrees with the surface by " +
                                tenths(left_out[k].distance_mm) + " mm: touch it again, or leave it out";
        if (use[k]) {
            add(result, Verdict::poor, off + ".");
        } else {
            result.fiducials_left_out.push_back(fiducials.names[k]);
            add(result, Verdict::fair, off + " (it has no say in this fit).");
        }
    }
    // No hand misses a landmark by this much: the head lies wrong as a whole.
    const bool wrong =
        std::any_of(left_out.begin(), left_out.end(), [](const LeftOut& x) { return x.distance_mm > kNotATouch_mm; });
    if (wrong) add(result, Verdict::poor, "Fiducials and scalp points contradict each other; check their names.");
    const bool bad =
        wrong || fit.rms_mm > kBadSurface_mm ||
        static_cast<double>(fit.left_out.size()) > kBadSurfaceLeftOut * static_cast<double>(touched.size());
    if (bad && count >= 3) look_for_a_swap(fiducials, touched, scalp, options.surface, result);
}

// Points all round hold the head; those near the target show whether the scan's skin is right just there.
void judge_points_near(const Point<Scan>& target, const std::vector<Point<Head>>& touched, const SurfaceIndex& scalp,
                       RegistrationResult& result) {
    const SurfacePoint above = scalp.closest(target);
    if (std::abs(above.distance_mm) > kNearTarget_mm) return;  // no target of this head's cortex
    std::size_t near = 0;
    for (std::size_t i = 0; i < touched.size(); ++i) {
        const bool counts = std::find(result.surface_left_out.begin(), result.surface_left_out.end(), i) ==
                            result.surface_left_out.end();
        if (counts && distance_mm(result.scan_from_head * touched[i], target) < kNearTarget_mm) ++near;
    }
    if (near >= kFewestNear) return;
    add(result, Verdict::fair,
        (near == 0 ? std::string("No point was")
                   : "Only " + std::to_string(near) + (near == 1 ? " point was" : " points were")) +
            " touched within 5 cm of the target; touch the " +
            place_in_words(above.point, upper_head_centre(scalp.surface())) + " too.");
}

double lowest_z_mm(const RegistrationResult& result, const Fiducials& fiducials,
                   const std::vector<Point<Head>>& touched) {
    double lowest = std::numeric_limits<double>::infinity();
    for (const Point<Head>& p : touched) lowest = std::min(lowest, (result.scan_from_head * p).xyz.z());
    for (const FiducialPrior& f : fiducials.priors) lowest = std::min(lowest, f.picked.xyz.z());
    return lowest - kReach_mm;
}

}  // namespace

RegistrationResult register_head(const std::vector<NamedPoint<Head>>& fiducials_in_head,
                                 const std::vector<NamedPoint<Scan>>& fiducials_in_scan,
                                 const std::vector<Point<Head>>& scalp_points, const SurfaceIndex& scalp,
                                 const Point<Scan>& target, const RegistrationOptions& options) {
    const auto began = std::chrono::steady_clock::now();
    if (!target.xyz.allFinite()) throw InputError("The target has a coordinate that is not a number.");
    if (!(options.touch_error_mm > 0.0) || !(options.pick_error_mm >= 0.0)) {
        throw InputError("The expected errors of touching and picking fiducials must be numbers above 0 mm.");
    }
    const double sigma_mm = std::hypot(options.touch_error_mm, options.pick_error_mm) / std::sqrt(3.0);
    const Fiducials fiducials = pair_up(fiducials_in_head, fiducials_in_scan, sigma_mm);

    RegistrationResult result;
    result.verdict = Verdict::good;
    result.surface_points = static_cast<int>(scalp_points.size());
    if (fiducials.priors.size() >= 3) {
        const PointFit<Scan, Head> alone = fit_fiducials(fiducials.priors);
        result.fiducial_rms_mm = alone.rms_mm;
        result.scan_from_head_by_fiducials = alone.to_from_from;
    }
    compare_sizes(fiducials.priors, result);
    if (scalp_points.empty()) {
        by_fiducials_alone(fiducials, sigma_mm, result);
    } else {
        by_scalp(fiducials, scalp_points, scalp, options, result);
        judge_points_near(target, scalp_points, scalp, result);
    }

    result.target = predict_error(result.covariance, target);
    if (!scalp.surface().empty()) {
        const double noise_mm = result.noise_mm > 0.0 ? result.noise_mm : options.surface.surface_sigma_mm;
        result.next =
            next_touch(result.covariance, scalp, target, lowest_z_mm(result, fiducials, scalp_points), noise_mm);
    }
    if (result.target.rms_mm > options.good_rms_mm) {
        std::string reason = "The error to expect at the target is " + tenths(result.target.rms_mm) +
                             " mm, more than " + tenths(options.good_rms_mm) + " mm";
        if (result.next) reason += "; touch next: " + result.next->words;
        add(result, result.target.rms_mm > options.fair_rms_mm ? Verdict::poor : Verdict::fair, reason + ".");
    }
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return result;
}

}  // namespace precentral
