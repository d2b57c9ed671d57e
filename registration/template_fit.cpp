// SPDX-License-Identifier: Apache-2.0
#include "registration/template_fit.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>
#include <numbers>
#include <optional>
#include <sstream>

#include "data/error.h"
#include "imaging/mesh_measures.h"
#include "registration/small_motion.h"

namespace precentral {
namespace {

using Eigen::Vector3d;
using Matrix9 = Eigen::Matrix<double, 9, 9>;
using Vector9 = Eigen::Matrix<double, 9, 1>;

constexpr double kTukey = 4.7;      // of the noise: beyond it a point has no say
constexpr double kVertex_mm = 5.0;  // how well the vertex is found on a head
constexpr std::size_t kManyPoints = 30;
constexpr double kPoorRms_mm = 6.0;
constexpr double kOddScale = 0.15;

std::string tenths(double value) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(1) << value;
    return out.str();
}

// How the head's skin is stretched: q = middle + S (u - middle), u on the template.
struct Stretch {
    Vector3d middle = Vector3d::Zero();
    Vector3d log_scale = Vector3d::Zero();
    Vector3d scale() const { return log_scale.array().exp(); }
    Vector3d out(const Vector3d& u) const { return middle + scale().cwiseProduct(u - middle); }
    Vector3d back(const Vector3d& q) const { return middle + (q - middle).cwiseQuotient(scale()); }
};

// A touched point against the stretched scalp, mm in the patient.
struct Touch {
    double distance_mm = 0.0;
    Vector3d normal = Vector3d::Zero();
};

Touch against(const SurfaceIndex& scalp, const Stretch& stretch, const Vector3d& q) {
    const SurfacePoint on = scalp.closest({stretch.back(q)});
    Touch out;
    // A normal goes with the inverse of the stretch.
    out.normal = on.normal.xyz.cwiseQuotient(stretch.scale()).normalized();
    out.distance_mm = out.normal.dot(q - stretch.out(on.point.xyz));
    return out;
}

// Points within reach of one another share their misfit: how many independent ones there are.
double independent_points(const std::vector<Point<Head>>& points, double reach_mm) {
    double sum = 0.0;
    for (const Point<Head>& a : points) {
        double like = 0.0;
        for (const Point<Head>& b : points) {
            like += std::exp(-0.5 * (a - b).xyz.squaredNorm() / (0.25 * reach_mm * reach_mm));
        }
        sum += 1.0 / like;
    }
    return sum;
}

struct Pairs {
    std::vector<std::string> names;
    std::vector<Vector3d> touched, on_template;
};

Pairs pair_up(const TemplateHead& head, const std::vector<NamedPoint<Head>>& fiducials) {
    Pairs out;
    for (const NamedPoint<Head>& f : fiducials) {
        const auto match = std::find_if(head.fiducials.begin(), head.fiducials.end(),
                                        [&](const NamedPoint<Scan>& t) { return t.name == f.name; });
        if (match == head.fiducials.end()) {
            throw InputError("The template head has no fiducial \"" + f.name + "\"; touch one that it has.");
        }
        out.names.push_back(f.name);
        out.touched.push_back(f.point.xyz);
        out.on_template.push_back(match->point.xyz);
    }
    return out;
}

// One row of the derivative of a place of the head by (turn, shift, log scales); the stretch moves the template's side.
Eigen::Matrix<double, 3, 9> place_row(const Vector3d& q, const Vector3d& about, const Vector3d& middle) {
    Eigen::Matrix<double, 3, 9> row;
    row.leftCols<6>() = motion_of_point(q, about);
    row.rightCols<3>() = -Eigen::Matrix3d((q - middle).asDiagonal());
    return row;
}

}  // namespace

TargetError TemplateFit::error_on_scalp(const Point<Scan>& at) const {
    const Eigen::Matrix<double, 3, 9> row = place_row(at.xyz, about.xyz, middle.xyz);
    TargetError out;
    out.covariance_mm2 = row * covariance * row.transpose();
    out.rms_mm = std::sqrt(out.covariance_mm2.trace());
    out.p95_mm = error_radius_mm(out.covariance_mm2, 0.95);
    out.angle_deg = std::sqrt(covariance.topLeftCorner<3, 3>().trace()) * 180.0 / std::numbers::pi;
    return out;
}

TargetError TemplateFit::error_of_template_place(const Point<Scan>& at) const {
    TargetError out = error_on_scalp(at);
    out.covariance_mm2 += anatomy_sigma_mm * anatomy_sigma_mm * Eigen::Matrix3d::Identity();
    out.rms_mm = std::sqrt(out.covariance_mm2.trace());
    out.p95_mm = error_radius_mm(out.covariance_mm2, 0.95);
    return out;
}

TemplateFit fit_template(const TemplateHead& head, const std::vector<NamedPoint<Head>>& fiducials,
                         const std::vector<Point<Head>>& scalp_points, const TemplateFitOptions& options) {
    const Pairs pairs = pair_up(head, fiducials);
    for (std::size_t i = 0; i < scalp_points.size(); ++i) {
        if (scalp_points[i].xyz.allFinite()) continue;
        throw InputError("Touched point " + std::to_string(i + 1) +
                         " has a coordinate that is not a number; touch it again.");
    }
    Eigen::Isometry3d pose = fit_rigid(pairs.touched, pairs.on_template).to_from_from;
    const SurfaceIndex scalp(head.scalp);
    Stretch stretch;
    for (const Vector3d& f : pairs.on_template) stretch.middle += f / static_cast<double>(pairs.names.size());

    const double independent = independent_points(scalp_points, options.misfit_reach_mm);
    const double alike = std::max(1.0, static_cast<double>(scalp_points.size()) / std::max(independent, 1.0));
    const double point_mm = std::hypot(options.touch_error_mm, options.misfit_mm);
    const double variance =
        options.touch_error_mm * options.touch_error_mm + options.misfit_mm * options.misfit_mm * alike;
    const double fiducial_variance = options.fiducial_error_mm * options.fiducial_error_mm / 3.0;

    Matrix9 information;
    Vector3d about;
    for (int iteration = 0; iteration < 60; ++iteration) {
        const double wide = std::max(1.0, 4.0 * std::pow(0.7, iteration));  // let all points pull at first
        about = Vector3d::Zero();
        for (const Vector3d& f : pairs.touched) about += pose * f / static_cast<double>(pairs.names.size());
        information.setZero();
        Vector9 gradient = Vector9::Zero();
        for (const Point<Head>& p : scalp_points) {
            const Vector3d q = pose * p.xyz;
            const Touch touch = against(scalp, stretch, q);
            const double u = touch.distance_mm / (kTukey * wide * point_mm);
            if (std::abs(u) >= 1.0) continue;
            const double weight = std::pow(1.0 - u * u, 2) / variance;
            const Vector9 row = place_row(q, about, stretch.middle).transpose() * touch.normal;
            information += weight * row * row.transpose();
            gradient += weight * touch.distance_mm * row;
        }
        for (std::size_t k = 0; k < pairs.names.size(); ++k) {
            const Vector3d q = pose * pairs.touched[k];
            const Eigen::Matrix<double, 3, 9> row = place_row(q, about, stretch.middle);
            information += row.transpose() * row / fiducial_variance;
            gradient += row.transpose() * (q - stretch.out(pairs.on_template[k])) / fiducial_variance;
        }
        for (Eigen::Index axis = 0; axis < 3; ++axis) {
            const double prior = 1.0 / (options.scale_sigma * options.scale_sigma);
            information(6 + axis, 6 + axis) += prior;
            gradient[6 + axis] += prior * stretch.log_scale[axis];
        }
        Vector9 step = -information.ldlt().solve(gradient);
        if (!step.allFinite()) throw Error("The template head could not be fitted; touch the fiducials again.");
        const double length =
            std::max({100.0 * step.head<3>().norm(), step.segment<3>(3).norm(), 100.0 * step.tail<3>().norm()});
        if (length > 15.0) step *= 15.0 / length;
        pose = isometry_of_motion(Vector6(step.head<6>()), about) * pose;
        stretch.log_scale += step.tail<3>();
        if (length < 1e-7 && wide <= 1.0) break;
    }

    TemplateFit out;
    out.scan_from_head = Transform<Scan, Head>(pose);
    out.scale = stretch.scale();
    out.anatomy_sigma_mm = options.anatomy_sigma_mm;
    out.about.xyz = about;
    out.middle.xyz = stretch.middle;
    out.covariance = information.ldlt().solve(Matrix9::Identity());
    Eigen::Affine3d stretched = Eigen::Affine3d::Identity();
    stretched.translate(stretch.middle).scale(out.scale).translate(-stretch.middle);
    out.scan_from_mni = AffineMap<Scan, Mni>(stretched * head.mni_from_template.inverse().affine());
    out.scalp.triangles = head.scalp.triangles;
    for (const Point<Scan>& v : head.scalp.vertices) out.scalp.vertices.push_back({stretched * v.xyz});
    out.scalp.normals = vertex_normals(out.scalp.vertices, out.scalp.triangles);
    double square = 0.0;
    for (const Point<Head>& p : scalp_points) square += std::pow(against(scalp, stretch, pose * p.xyz).distance_mm, 2);
    if (!scalp_points.empty()) out.rms_mm = std::sqrt(square / static_cast<double>(scalp_points.size()));
    for (std::size_t k = 0; k < pairs.names.size(); ++k) {
        const double off = (pose * pairs.touched[k] - stretch.out(pairs.on_template[k])).norm();
        out.fiducials.push_back({pairs.names[k], off, std::numeric_limits<double>::quiet_NaN()});
    }

    out.verdict = Verdict::fair;
    const auto add = [&](Verdict verdict, std::string reason) {
        out.verdict = worse(out.verdict, verdict);
        out.reasons.push_back(std::move(reason));
    };
    add(Verdict::fair,
        "This is a template's head stretched to the patient's size, not a scan of the patient: what lies "
        "under the scalp is known to about " +
            tenths(std::sqrt(3.0) * options.anatomy_sigma_mm) + " mm (rms).");
    if (scalp_points.size() < kManyPoints) {
        add(Verdict::fair, "Only " + std::to_string(scalp_points.size()) + " scalp points were touched; " +
                               std::to_string(kManyPoints) + " over the whole head tell its shape.");
    }
    if (out.rms_mm > kPoorRms_mm) {
        add(Verdict::poor, "The points lie " + tenths(out.rms_mm) +
                               " mm (rms) off the stretched template; touch the fiducials again.");
    }
    if (stretch.log_scale.cwiseAbs().maxCoeff() > kOddScale) {
        add(Verdict::poor, "The template would have to be stretched by " +
                               tenths(100.0 * (stretch.log_scale.cwiseAbs().array().exp().maxCoeff() - 1.0)) +
                               " %; check the fiducials and the units.");
    }
    return out;
}

namespace {

// Along the skin from a point, first heading `along`, for `length_mm`.
SurfacePoint walked(const SurfaceIndex& scalp, SurfacePoint at, const Vector3d& along, double length_mm) {
    constexpr double kStep_mm = 0.5;
    const Vector3d plane = along.cross(at.normal.xyz).normalized();  // the walk stays in the plane it sets out in
    const int steps = std::max(1, static_cast<int>(std::ceil(length_mm / kStep_mm)));
    const double step = length_mm / steps;
    for (int i = 0; i < steps; ++i) {
        const Vector3d heading = at.normal.xyz.cross(plane).normalized();
        at = scalp.closest({at.point.xyz + step * heading});
    }
    return at;
}

}  // namespace

ScalpHotspot published_scalp_hotspot(const TemplateFit& fit, const SurfaceIndex& stretched_scalp, Side side) {
    const Eigen::Matrix3d to_scan = fit.scan_from_mni.affine().linear();
    const Vector3d up = to_scan.col(2).normalized();
    const Vector3d front = to_scan.col(1).normalized();
    const Vector3d right = to_scan.col(0).normalized();
    // Above the template's vertex, Cz.
    const Point<Scan> under = fit.scan_from_mni * Point<Mni>{{0.0, -18.0, 60.0}};
    const auto top = stretched_scalp.first_hit({under.xyz + 200.0 * up}, {-up}, 400.0);
    if (!top) throw Error("The stretched head has no scalp above its vertex.");
    ScalpHotspot out;
    const bool left = side == Side::left;
    const double lateral_mm = left ? 51.7 : 54.4;
    const double anterior_mm = left ? 5.6 : 7.2;
    out.lateral_sigma_mm = left ? 6.2 : 8.5;
    out.anterior_sigma_mm = left ? 7.8 : 8.5;
    const SurfacePoint beside = walked(stretched_scalp, *top, left ? Vector3d(-right) : right, lateral_mm);
    out.point = walked(stretched_scalp, beside, front, anterior_mm).point;
    out.rms_mm = std::sqrt(out.lateral_sigma_mm * out.lateral_sigma_mm + out.anterior_sigma_mm * out.anterior_sigma_mm +
                           2.0 * kVertex_mm * kVertex_mm + std::pow(fit.error_on_scalp(out.point).rms_mm, 2));
    out.source = left ? "measured from the vertex in 201 people, left hand area"
                      : "measured from the vertex in 45 people, right hand area";
    return out;
}

}  // namespace precentral
