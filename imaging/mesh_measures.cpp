// SPDX-License-Identifier: Apache-2.0
#include "imaging/mesh_measures.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>

#include "data/error.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// Follows parents to the representative, halving the path on the way.
int root_of(std::vector<int>& parent, int i) {
    while (parent[at(i)] != i) {
        parent[at(i)] = parent[at(parent[at(i)])];
        i = parent[at(i)];
    }
    return i;
}

}  // namespace

std::vector<Direction<Scan>> vertex_normals(const std::vector<Point<Scan>>& vertices,
                                            const std::vector<std::array<int, 3>>& triangles) {
    std::vector<Direction<Scan>> normals(vertices.size());
    for (const auto& t : triangles) {
        const std::array<Vector3d, 3> p = {vertices[at(t[0])].xyz, vertices[at(t[1])].xyz, vertices[at(t[2])].xyz};
        const Vector3d face = (p[1] - p[0]).cross(p[2] - p[0]);
        const double twice_area = face.norm();
        if (!(twice_area > 0.0)) continue;
        for (std::size_t c = 0; c < 3; ++c) {
            const Vector3d a = p[(c + 1) % 3] - p[c];
            const Vector3d b = p[(c + 2) % 3] - p[c];
            const double angle = std::atan2(a.cross(b).norm(), a.dot(b));
            normals[at(t[c])].xyz += angle / twice_area * face;
        }
    }
    for (auto& normal : normals) {
        const double length = normal.norm();
        normal.xyz = length > 1e-12 ? Vector3d(normal.xyz / length) : Vector3d::UnitZ();
    }
    return normals;
}

MeshMeasures measured(const Surface& surface) {
    MeshMeasures out;
    // Every edge once per triangle that uses it: the vertex pair in ascending order, and the direction of use in bit 0.
    std::vector<std::uint64_t> edges;
    edges.reserve(surface.triangles.size() * 3);
    std::vector<int> parent(surface.vertices.size());
    std::iota(parent.begin(), parent.end(), 0);
    std::vector<char> used(surface.vertices.size(), 0);
    double volume_mm3 = 0.0;
    double area_mm2 = 0.0;
    for (const auto& t : surface.triangles) {
        for (std::size_t c = 0; c < 3; ++c) {
            const int a = t[c];
            const int b = t[(c + 1) % 3];
            const auto low = static_cast<std::uint64_t>(std::min(a, b));
            const auto high = static_cast<std::uint64_t>(std::max(a, b));
            edges.push_back((low << 33) | (high << 1) | (a < b ? 0U : 1U));
            used[at(a)] = 1;
            const int root_a = root_of(parent, a);
            const int root_b = root_of(parent, b);
            if (root_a != root_b) parent[at(std::max(root_a, root_b))] = std::min(root_a, root_b);
        }
        const Vector3d& p = surface.vertices[at(t[0])].xyz;
        const Vector3d& q = surface.vertices[at(t[1])].xyz;
        const Vector3d& r = surface.vertices[at(t[2])].xyz;
        volume_mm3 += p.dot(q.cross(r)) / 6.0;
        area_mm2 += 0.5 * (q - p).cross(r - p).norm();
    }
    std::sort(edges.begin(), edges.end());
    for (std::size_t i = 0; i < edges.size();) {
        std::size_t end = i + 1;
        while (end < edges.size() && (edges[end] >> 1) == (edges[i] >> 1)) ++end;
        const std::size_t uses = end - i;
        if (uses == 1) ++out.open_edges;
        if (uses > 2 || (uses == 2 && edges[i] == edges[i + 1])) ++out.non_manifold_edges;
        i = end;
    }
    for (std::size_t v = 0; v < parent.size(); ++v) {
        if (used[v] != 0 && parent[v] == static_cast<int>(v)) ++out.shells;
    }
    out.volume_ml = volume_mm3 / 1000.0;
    out.area_cm2 = area_mm2 / 100.0;
    return out;
}

void require_usable(const Surface& surface, const std::string& source) {
    if (surface.vertices.empty() || surface.triangles.empty()) {
        throw InputError("The surface from " + source + " has no triangles.");
    }
    const int count = static_cast<int>(surface.vertices.size());
    for (const auto& t : surface.triangles) {
        for (const int v : t) {
            if (v < 0 || v >= count) {
                throw InputError("The surface from " + source + " is broken: a triangle names vertex " +
                                 std::to_string(v) + " of " + std::to_string(count) + ".");
            }
        }
    }
    for (const auto& vertex : surface.vertices) {
        if (!vertex.xyz.allFinite()) {
            throw InputError("The surface from " + source + " has a coordinate that is not a number.");
        }
    }
}

}  // namespace precentral
