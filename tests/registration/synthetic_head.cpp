// SPDX-License-Identifier: Apache-2.0
#include "tests/registration/synthetic_head.h"

#include <array>
#include <cmath>
#include <map>
#include <numbers>

namespace precentral::testing {
namespace {

using Eigen::Vector3d;

struct Bump {
    Vector3d direction;
    double height_mm;
    double width;  // radians
};

double radius_along(const Vector3d& u) {
    static const std::array<Bump, 10> kBumps{Bump{Vector3d(0.0, 1.0, -0.42).normalized(), 20.0, 0.10},   // nose
                                             Bump{Vector3d(0.0, 1.0, -0.25).normalized(), 9.0, 0.07},    // nose bridge
                                             Bump{Vector3d(-0.28, 1.0, -0.08).normalized(), 5.0, 0.14},  // brows
                                             Bump{Vector3d(0.28, 1.0, -0.08).normalized(), 5.0, 0.14},
                                             Bump{Vector3d(-0.33, 1.0, -0.24).normalized(), -5.0, 0.11},  // eyes
                                             Bump{Vector3d(0.33, 1.0, -0.24).normalized(), -5.0, 0.11},
                                             Bump{Vector3d(0.0, 0.9, -0.95).normalized(), 9.0, 0.20},     // chin
                                             Bump{Vector3d(0.0, -1.0, -0.15).normalized(), 6.0, 0.35},    // occiput
                                             Bump{Vector3d(-1.0, -0.05, -0.35).normalized(), 7.0, 0.10},  // ears
                                             Bump{Vector3d(1.0, -0.05, -0.35).normalized(), 7.0, 0.10}};
    const double ellipsoid =
        1.0 / std::sqrt(std::pow(u.x() / 75.0, 2) + std::pow(u.y() / 95.0, 2) + std::pow(u.z() / 90.0, 2));
    double r = ellipsoid;
    for (const Bump& b : kBumps) {
        const double angle2 = 2.0 * (1.0 - u.dot(b.direction));
        r += b.height_mm * std::exp(-0.5 * angle2 / (b.width * b.width));
    }
    return r;
}

const Vector3d kCentre(1.0, -12.0, 8.0);

}  // namespace

Point<Scan> on_synthetic_head(const Vector3d& direction) {
    const Vector3d u = direction.normalized();
    return {kCentre + radius_along(u) * u};
}

Surface synthetic_head(int subdivisions) {
    const double g = std::numbers::phi;
    std::vector<Vector3d> directions{{-1, g, 0},  {1, g, 0},  {-1, -g, 0}, {1, -g, 0}, {0, -1, g},  {0, 1, g},
                                     {0, -1, -g}, {0, 1, -g}, {g, 0, -1},  {g, 0, 1},  {-g, 0, -1}, {-g, 0, 1}};
    for (Vector3d& d : directions) d.normalize();
    std::vector<std::array<int, 3>> triangles{{0, 11, 5}, {0, 5, 1},  {0, 1, 7},   {0, 7, 10}, {0, 10, 11},
                                              {1, 5, 9},  {5, 11, 4}, {11, 10, 2}, {10, 7, 6}, {7, 1, 8},
                                              {3, 9, 4},  {3, 4, 2},  {3, 2, 6},   {3, 6, 8},  {3, 8, 9},
                                              {4, 9, 5},  {2, 4, 11}, {6, 2, 10},  {8, 6, 7},  {9, 8, 1}};
    for (int level = 0; level < subdivisions; ++level) {
        std::map<std::pair<int, int>, int> middles;
        const auto middle = [&](int a, int b) {
            const auto [found, fresh] = middles.try_emplace(std::minmax(a, b), static_cast<int>(directions.size()));
            if (fresh) {
                const Vector3d sum = directions[static_cast<std::size_t>(a)] + directions[static_cast<std::size_t>(b)];
                directions.push_back(sum.normalized());
            }
            return found->second;
        };
        std::vector<std::array<int, 3>> finer;
        for (const auto& [a, b, c] : triangles) {
            const int ab = middle(a, b);
            const int bc = middle(b, c);
            const int ca = middle(c, a);
            finer.insert(finer.end(), {{a, ab, ca}, {b, bc, ab}, {c, ca, bc}, {ab, bc, ca}});
        }
        triangles = std::move(finer);
    }
    Surface out;
    out.triangles = triangles;
    for (const Vector3d& d : directions) out.vertices.push_back(on_synthetic_head(d));
    out.normals.resize(out.vertices.size());
    for (const auto& t : triangles) {
        const auto at = [&](int k) {
            return out.vertices[static_cast<std::size_t>(t[static_cast<std::size_t>(k)])].xyz;
        };
        const Vector3d area = (at(1) - at(0)).cross(at(2) - at(0));
        for (const int v : t) out.normals[static_cast<std::size_t>(v)].xyz += area;
    }
    for (Direction<Scan>& n : out.normals) n = n.normalized();
    return out;
}

Point<Scan> hand_area() { return {kCentre + Vector3d(-38.0, -8.0, 55.0)}; }

std::vector<NamedPoint<Scan>> true_fiducials() {
    return {{"nasion", on_synthetic_head(Vector3d(0.0, 1.0, -0.18))},
            {"left ear", on_synthetic_head(Vector3d(-1.0, 0.02, -0.40))},
            {"right ear", on_synthetic_head(Vector3d(1.0, 0.02, -0.40))}};
}

Vector3d random_normal3(std::mt19937& random, double sigma) {
    std::normal_distribution<double> normal(0.0, 1.0);
    const double x = normal(random);
    const double y = normal(random);
    const double z = normal(random);
    return sigma * Vector3d(x, y, z);
}

const SurfaceIndex& head() {
    static const SurfaceIndex index(synthetic_head(5));
    return index;
}

Eigen::Isometry3d random_pose(std::mt19937& random, double max_angle_deg, double max_shift_mm) {
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    const double angle = uniform(random) * max_angle_deg * std::numbers::pi / 180.0;
    const Vector3d axis = random_normal3(random, 1.0).normalized();
    Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
    out.linear() = Eigen::AngleAxisd(angle, axis).toRotationMatrix();
    out.translation() = max_shift_mm * uniform(random) * random_normal3(random, 1.0).normalized();
    return out;
}

Trial make_trial(const Surface& head, unsigned seed, const TrialOptions& options) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    Trial out;
    out.scan_from_head = Transform<Scan, Head>(random_pose(random, 180.0, 200.0));
    const Transform<Head, Scan> head_from_scan = out.scan_from_head.inverse();

    for (const NamedPoint<Scan>& f : true_fiducials()) {
        const Point<Scan> touched{f.point.xyz + random_normal3(random, options.touch_error_mm / std::sqrt(3.0))};
        const Point<Scan> picked{f.point.xyz + random_normal3(random, options.pick_error_mm / std::sqrt(3.0))};
        out.fiducials_in_head.push_back({f.name, head_from_scan * touched});
        out.fiducials_in_scan.push_back({f.name, picked});
    }

    // Triangles in proportion to their area, within what a stylus reaches: the hair-bearing scalp down to ear level,
    // and the middle of the face.
    const auto corner = [&](std::size_t t, std::size_t k) {
        return head.vertices[static_cast<std::size_t>(head.triangles[t][k])].xyz;
    };
    std::vector<double> scalp_area;
    std::vector<double> face_area;
    for (std::size_t t = 0; t < head.triangles.size(); ++t) {
        const double area = 0.5 * (corner(t, 1) - corner(t, 0)).cross(corner(t, 2) - corner(t, 0)).norm();
        const Vector3d d = (corner(t, 0) + corner(t, 1) + corner(t, 2)) / 3.0 - kCentre;
        scalp_area.push_back(d.z() > -5.0 ? area : 0.0);
        face_area.push_back(d.y() > 60.0 && d.z() > -55.0 && d.z() < 5.0 && std::abs(d.x()) < 38.0 ? area : 0.0);
    }
    std::discrete_distribution<std::size_t> on_scalp(scalp_area.begin(), scalp_area.end());
    std::discrete_distribution<std::size_t> on_face(face_area.begin(), face_area.end());
    for (int i = 0; i < options.scalp_points; ++i) {
        const std::size_t t = options.face && i % 4 == 0 ? on_face(random) : on_scalp(random);
        double a = uniform(random);
        double b = uniform(random);
        if (a + b > 1.0) {
            a = 1.0 - a;
            b = 1.0 - b;
        }
        const Vector3d on_head = corner(t, 0) + a * (corner(t, 1) - corner(t, 0)) + b * (corner(t, 2) - corner(t, 0));
        const Vector3d normal = (corner(t, 1) - corner(t, 0)).cross(corner(t, 2) - corner(t, 0)).normalized();
        const bool lifted = uniform(random) < options.lift_off_share;
        const double off_mm = lifted ? 3.0 + 7.0 * uniform(random) : 0.0;
        const Point<Scan> touched{on_head + off_mm * normal + random_normal3(random, options.noise_mm)};
        out.scalp_points.push_back(head_from_scan * touched);
    }
    return out;
}

}  // namespace precentral::testing
