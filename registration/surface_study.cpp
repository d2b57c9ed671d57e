// SPDX-License-Identifier: Apache-2.0
#include "registration/surface_study.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <numbers>
#include <random>

#include "data/error.h"
#include "imaging/parallel.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr double kFold_mm = 25.0;  // a place that meets the surface again within this is no place for a stylus
constexpr double kLiftLeast_mm = 3.0;
constexpr double kLiftMost_mm = 10.0;
constexpr double kFailed_mm = 10.0;
constexpr double kFailedBounds = 4.0;
constexpr double kEllipsoid95 = 7.8147;  // chi-square with three degrees of freedom

Vector3d normal3(std::mt19937& random, double sigma) {
    std::normal_distribution<double> normal(0.0, sigma);
    const double x = normal(random);
    const double y = normal(random);
    return {x, y, normal(random)};
}

Vector3d direction(std::mt19937& random) { return normal3(random, 1.0).normalized(); }

// Triangles a stylus reaches, drawn in proportion to their area.
class Reach {
public:
    Reach(const SurfaceIndex& scalp, const SurfaceStudy& study) : scalp_(scalp) {
        const Surface& s = scalp.surface();
        std::vector<double> area(s.triangles.size(), 0.0);
        bool any = false;
        for (std::size_t t = 0; t < s.triangles.size(); ++t) {
            const Vector3d a = corner(t, 0);
            const Vector3d face = (corner(t, 1) - a).cross(corner(t, 2) - a);
            const Point<Scan> middle{(a + corner(t, 1) + corner(t, 2)) / 3.0};
            if (!(face.norm() > 0.0) || !study.in_reach(middle)) continue;
            const Vector3d out = face.normalized();
            if (scalp.first_hit({middle.xyz + 0.1 * out}, {out}, kFold_mm)) continue;
            area[t] = 0.5 * face.norm();
            any = true;
        }
        if (!any) throw InputError("No part of the scalp is in reach of the simulated stylus.");
        triangle_ = std::discrete_distribution<std::size_t>(area.begin(), area.end());
    }

    SurfacePoint draw(std::mt19937& random) const {
        std::uniform_real_distribution<double> uniform(0.0, 1.0);
        auto pick = triangle_;
        const std::size_t t = pick(random);
        double a = uniform(random);
        double b = uniform(random);
        if (a + b > 1.0) {
            a = 1.0 - a;
            b = 1.0 - b;
        }
        const Vector3d at = corner(t, 0) + a * (corner(t, 1) - corner(t, 0)) + b * (corner(t, 2) - corner(t, 0));
        return scalp_.closest({at});
    }

private:
    const Vector3d& corner(std::size_t t, std::size_t c) const {
        const Surface& s = scalp_.surface();
        return s.vertices[static_cast<std::size_t>(s.triangles[t][c])].xyz;
    }
    const SurfaceIndex& scalp_;
    std::discrete_distribution<std::size_t> triangle_;
};

struct Outcome {
    std::vector<SurfaceStudyError> errors;
    double ms = 0.0;
};

double thread_ms() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

Outcome run(const SurfaceIndex& scalp, const Reach& reach, const SurfaceStudy& study, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    Eigen::Isometry3d truth = Eigen::Isometry3d::Identity();
    truth.linear() = Eigen::AngleAxisd(std::numbers::pi * uniform(random), direction(random)).toRotationMatrix();
    truth.translation() = 150.0 * direction(random);

    std::vector<Point<Head>> touched;
    Matrix6 information = Matrix6::Zero();
    const Vector3d about = study.turned_about.xyz;
    for (int i = 0; i < study.points; ++i) {
        const SurfacePoint on = reach.draw(random);
        const bool lifted = uniform(random) < study.outlier_share;
        const double lift_mm = kLiftLeast_mm + (kLiftMost_mm - kLiftLeast_mm) * uniform(random);
        const Vector3d at = on.point.xyz + (lifted ? lift_mm : 0.0) * on.normal.xyz + normal3(random, study.noise_mm);
        touched.push_back({truth.inverse() * at});
        if (lifted) continue;
        Vector6 g;
        g << (on.point.xyz - about).cross(on.normal.xyz), on.normal.xyz;
        information += g * g.transpose() / (study.noise_mm * study.noise_mm);
    }
    const Matrix6 bound = information.ldlt().solve(Matrix6::Identity());

    Vector6 off;
    off << study.start_deg * std::numbers::pi / 180.0 * direction(random), study.start_mm * direction(random);
    const Transform<Scan, Head> start(isometry_of_motion(off, about) * truth);

    Outcome out;
    const double began = thread_ms();
    const SurfaceFit fit = fit_surface(touched, scalp, start, {}, study.fit);
    out.ms = thread_ms() - began;
    const Transform<Scan, Head> true_pose(truth);
    for (const Point<Scan>& target : study.targets) {
        const Vector3d e = (fit.scan_from_head * (true_pose.inverse() * target) - target).xyz;
        const TargetError stated = predict_error(fit.covariance, target);
        SurfaceStudyError error;
        error.error_mm = e.norm();
        error.angle_deg = angle_between_deg(fit.scan_from_head, true_pose);
        error.predicted_rms_mm = stated.rms_mm;
        error.predicted_angle_deg = stated.angle_deg;
        error.bound_rms_mm = predict_error(bound, about, target.xyz).rms_mm;
        error.within_ellipsoid = e.dot(stated.covariance_mm2.ldlt().solve(e)) < kEllipsoid95;
        error.within_p95 = e.norm() < stated.p95_mm;
        error.failed = e.norm() > std::max(kFailed_mm, kFailedBounds * error.bound_rms_mm);
        out.errors.push_back(error);
    }
    return out;
}

void require_usable(const SurfaceStudy& study) {
    if (study.points < 6) throw InputError("The study needs at least 6 points a fit.");
    if (study.seeds < 1) throw InputError("The study needs at least one seed.");
    if (study.targets.empty()) throw InputError("The study needs a target.");
    if (!study.in_reach) throw InputError("The study must say which part of the scalp is in reach.");
    if (!(study.noise_mm > 0.0) || !(study.outlier_share >= 0.0) || !(study.outlier_share < 1.0)) {
        throw InputError("The noise must be above 0 mm and the share of outliers between 0 and 1.");
    }
}

}  // namespace

SurfaceStudyResult study_surface_fit(const SurfaceIndex& scalp, const SurfaceStudy& study, const Progress& progress) {
    require_usable(study);
    const Reach reach(scalp, study);
    std::vector<Outcome> outcomes(static_cast<std::size_t>(study.seeds));
    constexpr int kBatch = 20;
    for (int first = 0; first < study.seeds; first += kBatch) {
        progress.at(static_cast<double>(first) / study.seeds, "fitting");
        for_each_part(std::min(kBatch, study.seeds - first), [&](int i) {
            outcomes[static_cast<std::size_t>(first) + static_cast<std::size_t>(i)] =
                run(scalp, reach, study, study.first_seed + static_cast<unsigned>(first + i));
        });
    }

    SurfaceStudyResult out;
    std::vector<double> errors;
    double square = 0.0, bound = 0.0, predicted = 0.0, angle = 0.0, predicted_angle = 0.0;
    for (const Outcome& o : outcomes) {
        out.ms_per_fit += o.ms / study.seeds;
        for (const SurfaceStudyError& e : o.errors) {
            errors.push_back(e.error_mm);
            square += e.error_mm * e.error_mm;
            bound += e.bound_rms_mm * e.bound_rms_mm;
            predicted += e.predicted_rms_mm * e.predicted_rms_mm;
            angle += e.angle_deg * e.angle_deg;
            predicted_angle += e.predicted_angle_deg * e.predicted_angle_deg;
            out.within_ellipsoid += e.within_ellipsoid ? 1.0 : 0.0;
            out.within_p95 += e.within_p95 ? 1.0 : 0.0;
            out.failed += e.failed ? 1 : 0;
            out.each.push_back(e);
        }
    }
    std::sort(errors.begin(), errors.end());
    const double n = static_cast<double>(errors.size());
    out.rms_mm = std::sqrt(square / n);
    out.bound_mm = std::sqrt(bound / n);
    out.ratio = out.rms_mm / out.bound_mm;
    out.median_mm = errors[errors.size() / 2];
    out.p95_mm = errors[std::min(errors.size() - 1, errors.size() * 95 / 100)];
    out.largest_mm = errors.back();
    out.angle_rms_deg = std::sqrt(angle / n);
    out.predicted_over_true = std::sqrt(predicted / square);
    out.predicted_over_true_angle = std::sqrt(predicted_angle / angle);
    out.within_ellipsoid /= n;
    out.within_p95 /= n;
    return out;
}

}  // namespace precentral
