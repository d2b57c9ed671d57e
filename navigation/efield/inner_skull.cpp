// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/inner_skull.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "data/error.h"
#include "imaging/mesh_measures.h"
#include "imaging/parallel.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr int kSmoothing = 3;
constexpr int kPushes = 8;
constexpr double kFarthestMm = 200.0;

std::vector<std::vector<int>> neighbours_of(const Surface& surface) {
    std::vector<std::vector<int>> out(surface.vertices.size());
    for (const auto& t : surface.triangles) {
        for (std::size_t k = 0; k < 3; ++k) {
            out[static_cast<std::size_t>(t[k])].push_back(t[(k + 1) % 3]);
        }
    }
    return out;
}

}  // namespace

Surface geodesic_sphere(int triangles) {
    const int f = std::max(1, static_cast<int>(std::lround(std::sqrt(std::max(20, triangles) / 20.0))));
    const double golden = 0.5 * (1.0 + std::sqrt(5.0));
    const std::array<Vector3d, 12> corners{Vector3d(-1, golden, 0),  Vector3d(1, golden, 0),   Vector3d(-1, -golden, 0),
                                           Vector3d(1, -golden, 0),  Vector3d(0, -1, golden),  Vector3d(0, 1, golden),
                                           Vector3d(0, -1, -golden), Vector3d(0, 1, -golden),  Vector3d(golden, 0, -1),
                                           Vector3d(golden, 0, 1),   Vector3d(-golden, 0, -1), Vector3d(-golden, 0, 1)};
    static constexpr int kFaces[20][3] = {{0, 11, 5}, {0, 5, 1},  {0, 1, 7},   {0, 7, 10}, {0, 10, 11},
                                          {1, 5, 9},  {5, 11, 4}, {11, 10, 2}, {10, 7, 6}, {7, 1, 8},
                                          {3, 9, 4},  {3, 4, 2},  {3, 2, 6},   {3, 6, 8},  {3, 8, 9},
                                          {4, 9, 5},  {2, 4, 11}, {6, 2, 10},  {8, 6, 7},  {9, 8, 1}};
    Surface out;
    std::map<std::array<long, 3>, int> known;  // by place, so that faces share their edges
    const auto vertex = [&](const Vector3d& place) {
        const Vector3d unit = place.normalized();
        const std::array<long, 3> key{std::lround(1e7 * unit.x()), std::lround(1e7 * unit.y()),
                                      std::lround(1e7 * unit.z())};
        const auto [entry, fresh] = known.try_emplace(key, static_cast<int>(out.vertices.size()));
        if (fresh) out.vertices.push_back({unit});
        return entry->second;
    };
    for (const auto& face : kFaces) {
        const Vector3d& a = corners[static_cast<std::size_t>(face[0])];
        const Vector3d& b = corners[static_cast<std::size_t>(face[1])];
        const Vector3d& c = corners[static_cast<std::size_t>(face[2])];
        const auto at = [&](int i, int j) { return vertex((static_cast<double>(f - i - j) * a + i * b + j * c) / f); };
        for (int i = 0; i < f; ++i) {
            for (int j = 0; j < f - i; ++j) {
                out.triangles.push_back({at(i, j), at(i + 1, j), at(i, j + 1)});
                if (i + j + 2 <= f) out.triangles.push_back({at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)});
            }
        }
    }
    out.normals = vertex_normals(out.vertices, out.triangles);
    return out;
}

Surface inner_skull_around(const Surface& brain, int triangles, double gap_mm) {
    if (brain.vertices.empty()) throw InputError("There is no brain surface to put an inner skull around.");
    Vector3d low = brain.vertices.front().xyz;
    Vector3d high = low;
    for (const auto& v : brain.vertices) {
        low = low.cwiseMin(v.xyz);
        high = high.cwiseMax(v.xyz);
    }
    const Vector3d centre = 0.5 * (low + high);
    if (!centre.allFinite() || (high - centre).norm() > kFarthestMm) {
        throw InputError("The brain surface is larger than any head; are its units mm?");
    }
    Surface shell = geodesic_sphere(triangles);
    const auto around = neighbours_of(shell);
    const std::size_t count = shell.vertices.size();
    const double spacing = std::sqrt(16.0 * 3.14159265358979323846 / std::sqrt(3.0) /
                                     static_cast<double>(shell.triangles.size()));  // edge, radian
    const double within = std::cos(0.6 * spacing);

    std::vector<Vector3d> directions;
    std::vector<double> distances;
    for (const auto& v : brain.vertices) {
        const Vector3d d = v.xyz - centre;
        distances.push_back(d.norm());
        directions.push_back(d / std::max(distances.back(), 1e-9));
    }
    std::vector<double> radius(count, 0.0);
    constexpr int kParts = 16;
    for_each_part(kParts, [&](int part) {
        for (std::size_t i = count * static_cast<std::size_t>(part) / kParts;
             i < count * static_cast<std::size_t>(part + 1) / kParts; ++i) {
            for (std::size_t b = 0; b < directions.size(); ++b) {
                if (directions[b].dot(shell.vertices[i].xyz) >= within) radius[i] = std::max(radius[i], distances[b]);
            }
        }
    });
    const double farthest = *std::max_element(distances.begin(), distances.end());
    // Directions with no brain (never on a closed surface around its centre) keep a plausible distance.
    for (double& r : radius) r = r > 0.0 ? r : 0.7 * farthest;
    for (int round = 0; round < kSmoothing; ++round) {
        std::vector<double> next(count);
        for (std::size_t i = 0; i < count; ++i) {
            double mean = 0.0;
            for (const int j : around[i]) mean += radius[static_cast<std::size_t>(j)];
            next[i] = 0.5 * radius[i] + 0.5 * mean / static_cast<double>(around[i].size());
        }
        radius = next;
    }
    for (double& r : radius) r += gap_mm;
    const std::vector<Point<Scan>> unit = shell.vertices;
    const auto place = [&] {
        for (std::size_t i = 0; i < count; ++i) shell.vertices[i] = {centre + radius[i] * unit[i].xyz};
        shell.normals = vertex_normals(shell.vertices, shell.triangles);
    };
    place();
    for (int push = 0; push < kPushes; ++push) {
        const SurfaceIndex index(shell);
        std::vector<double> lift(count, 0.0);
        for (const auto& v : brain.vertices) {
            const SurfacePoint nearest = index.closest(v);
            const double missing = nearest.distance_mm + 0.5 * gap_mm;
            if (missing <= 0.0) continue;
            for (const int corner : shell.triangles[static_cast<std::size_t>(nearest.triangle)]) {
                double& own = lift[static_cast<std::size_t>(corner)];
                own = std::max(own, 1.1 * missing + 0.05);
            }
        }
        if (*std::max_element(lift.begin(), lift.end()) == 0.0) break;
        for (std::size_t i = 0; i < count; ++i) radius[i] += lift[i];
        place();
    }
    return shell;
}

}  // namespace precentral
