// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/local_sphere.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "data/error.h"

namespace precentral {
namespace {

using Eigen::Vector3d;
constexpr double kHuberMm = 3.0;
constexpr double kRefitMm = 5.0;

}  // namespace

FittedSphere fit_sphere(const std::vector<Point<Scan>>& points) {
    const auto n = static_cast<Eigen::Index>(points.size());
    const char* unfit = "These points do not lie on a sphere of a head's size; no local sphere can be fitted.";
    if (n < 4) throw InputError("A sphere needs at least four points.");
    Vector3d mean = Vector3d::Zero();
    for (const auto& p : points) mean += p.xyz / static_cast<double>(n);
    Eigen::Matrix4d normal = Eigen::Matrix4d::Zero();
    Eigen::Vector4d right = Eigen::Vector4d::Zero();
    for (const auto& p : points) {
        const Vector3d d = p.xyz - mean;
        const Eigen::Vector4d row(2.0 * d.x(), 2.0 * d.y(), 2.0 * d.z(), 1.0);
        normal += row * row.transpose();
        right += row * d.squaredNorm();
    }
    const Eigen::FullPivLU<Eigen::Matrix4d> lu(normal);
    if (!(lu.rcond() > 1e-12)) throw InputError(unfit);
    const Eigen::Vector4d start = lu.solve(right);
    Vector3d centre = start.head<3>();
    double radius = std::sqrt(std::max(0.0, start[3] + centre.squaredNorm()));
    double rms = 0.0;
    for (int step = 0; step < 4; ++step) {
        Eigen::Matrix4d hessian = Eigen::Matrix4d::Zero();
        Eigen::Vector4d gradient = Eigen::Vector4d::Zero();
        double weights = 0.0;
        double squares = 0.0;
        for (const auto& p : points) {
            const Vector3d d = p.xyz - mean - centre;
            const double distance = d.norm();
            const double off = distance - radius;
            const double weight = std::abs(off) <= kHuberMm ? 1.0 : kHuberMm / std::abs(off);
            Eigen::Vector4d row;
            row << -d / std::max(distance, 1e-9), -1.0;
            hessian += weight * row * row.transpose();
            gradient += weight * off * row;
            weights += weight;
            squares += weight * off * off;
        }
        rms = std::sqrt(squares / weights);
        if (step == 3) break;
        const Eigen::Vector4d change = hessian.ldlt().solve(-gradient);
        centre += change.head<3>();
        radius += change[3];
    }
    if (!centre.allFinite() || !(radius >= 30.0 && radius <= 200.0)) throw InputError(unfit);
    return {{mean + centre}, radius, rms};
}

FittedSphere fit_local_sphere(const Surface& surface, const Point<Scan>& near_to, double reach_mm) {
    double nearest = std::numeric_limits<double>::infinity();
    for (const auto& vertex : surface.vertices) nearest = std::min(nearest, distance_mm(vertex, near_to));
    const double reach = std::max(reach_mm, nearest + 60.0);
    std::vector<Point<Scan>> patch;
    for (const auto& vertex : surface.vertices) {
        if (distance_mm(vertex, near_to) <= reach) patch.push_back(vertex);
    }
    return fit_sphere(patch);
}

SphereFollowingCoil::SphereFollowingCoil(Surface surface, double reach_mm)
    : surface_(std::move(surface)), reach_mm_(reach_mm) {}

bool SphereFollowingCoil::follow(const Point<Scan>& coil_centre) {
    if (sphere_ && distance_mm(coil_centre, fitted_at_) <= kRefitMm) return false;
    sphere_ = fit_local_sphere(surface_, coil_centre, reach_mm_);
    fitted_at_ = coil_centre;
    return true;
}

const FittedSphere& SphereFollowingCoil::sphere() const {
    if (!sphere_) throw Error("No sphere has been fitted yet: the coil has not been seen.");
    return *sphere_;
}

}  // namespace precentral
