// SPDX-License-Identifier: Apache-2.0
#include "registration/surface_start.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace precentral {
namespace {

constexpr double kTurn_deg = 12.0;
constexpr int kOrientations = 288;
constexpr double kUpperHead_mm = 130.0;  // crown to about the ears

Eigen::Vector3d mean_of(const std::vector<Eigen::Vector3d>& points) {
    Eigen::Vector3d mean = Eigen::Vector3d::Zero();
    for (const Eigen::Vector3d& p : points) mean += p / static_cast<double>(points.size());
    return mean;
}

// Centre of the sphere through the points in algebraic least squares: 2 c . p + (r^2 - |c|^2) = |p|^2. Where a small
// patch leaves it undefined (a radius no head has), a head of 85 mm is put under the patch instead.
Eigen::Vector3d sphere_centre(const std::vector<Eigen::Vector3d>& points) {
    const Eigen::Vector3d mean = mean_of(points);
    Eigen::Matrix4d normal = Eigen::Matrix4d::Zero();
    Eigen::Vector4d right = Eigen::Vector4d::Zero();
    for (const Eigen::Vector3d& p : points) {
        const Eigen::Vector3d d = p - mean;
        const Eigen::Vector4d row(2.0 * d.x(), 2.0 * d.y(), 2.0 * d.z(), 1.0);
        normal += row * row.transpose();
        right += row * d.squaredNorm();
    }
    const Eigen::Vector4d solution = normal.ldlt().solve(right);
    const Eigen::Vector3d c = solution.head<3>();
    const double radius = std::sqrt(std::max(solution[3] + c.squaredNorm(), 0.0));
    if (!solution.allFinite() || c.norm() > 150.0) return mean;
    if (radius < 50.0 || radius > 150.0) return mean + (c.norm() > 1e-6 ? Eigen::Vector3d(85.0 * c.normalized()) : c);
    return mean + c;
}

}  // namespace

std::vector<Eigen::Isometry3d> starts_around(const Eigen::Isometry3d& scan_from_head,
                                             const std::vector<Point<Head>>& touched) {
    std::vector<Eigen::Vector3d> placed;
    for (const Point<Head>& p : touched) placed.push_back(scan_from_head * p.xyz);
    const Eigen::Vector3d centre = mean_of(placed);
    std::vector<Eigen::Isometry3d> out{scan_from_head};
    for (int axis = 0; axis < 3; ++axis) {
        for (const double sign : {-1.0, 1.0}) {
            const double angle = sign * kTurn_deg * std::numbers::pi / 180.0;
            Eigen::Isometry3d turn = Eigen::Isometry3d::Identity();
            turn.translate(centre).rotate(Eigen::AngleAxisd(angle, Eigen::Vector3d::Unit(axis))).translate(-centre);
            out.push_back(turn * scan_from_head);
        }
    }
    return out;
}

std::vector<Eigen::Isometry3d> starts_everywhere(const std::vector<Point<Head>>& touched, const Surface& scalp) {
    std::vector<Eigen::Vector3d> in_head;
    for (const Point<Head>& p : touched) in_head.push_back(p.xyz);
    double top = -std::numeric_limits<double>::infinity();
    for (const Point<Scan>& v : scalp.vertices) top = std::max(top, v.xyz.z());
    std::vector<Eigen::Vector3d> upper;
    for (const Point<Scan>& v : scalp.vertices) {
        if (v.xyz.z() > top - kUpperHead_mm) upper.push_back(v.xyz);
    }
    const Eigen::Vector3d from = sphere_centre(in_head);
    const Eigen::Vector3d to = sphere_centre(upper);

    std::vector<Eigen::Isometry3d> out;
    constexpr double kPhi = std::numbers::sqrt2;
    constexpr double kPsi = 1.533751168755204288118041;
    for (int i = 0; i < kOrientations; ++i) {
        const double s = i + 0.5;
        const double t = s / kOrientations;
        const double r = std::sqrt(t);
        const double rest = std::sqrt(1.0 - t);
        const double alpha = 2.0 * std::numbers::pi * s / kPhi;
        const double beta = 2.0 * std::numbers::pi * s / kPsi;
        const Eigen::Quaterniond q(rest * std::cos(beta), r * std::sin(alpha), r * std::cos(alpha),
                                   rest * std::sin(beta));
        Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
        pose.translate(to).rotate(q.normalized()).translate(-from);
        out.push_back(pose);
    }
    return out;
}

}  // namespace precentral
