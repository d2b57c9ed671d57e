// SPDX-License-Identifier: Apache-2.0
#include "imaging/decimate.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <queue>

#include "imaging/mesh_measures.h"

namespace precentral {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// Sum of squared distances to planes, as x'Ax + 2b'x + c, in coordinates relative to the middle of the surface.
struct Quadric {
    Matrix3d a = Matrix3d::Zero();
    Vector3d b = Vector3d::Zero();
    double c = 0.0;

    void add_plane(const Vector3d& normal, const Vector3d& on_it, double weight) {
        const double d = -normal.dot(on_it);
        a += weight * normal * normal.transpose();
        b += weight * d * normal;
        c += weight * d * d;
    }
    void add(const Quadric& other) {
        a += other.a;
        b += other.b;
        c += other.c;
    }
    double at(const Vector3d& x) const { return x.dot(a * x) + 2.0 * b.dot(x) + c; }
};

struct Collapse {
    double cost;
    int from, to;
    int from_version, to_version;
    // The cheapest on top; equal costs in the order of their vertices, so that the result is always the same.
    bool operator<(const Collapse& other) const {
        if (cost != other.cost) return cost > other.cost;
        if (to != other.to) return to > other.to;
        return from > other.from;
    }
};

class Decimation {
public:
    explicit Decimation(const Surface& surface);
    void run(int wanted);
    Surface result() const;

private:
    Vector3d best_place(int a, int b) const;
    void offer(int a, int b);
    void neighbours(int v, std::vector<int>& out) const;
    bool keeps_topology(int a, int b);
    bool folds(int v, int other, const Vector3d& place) const;
    void collapse(int from, int to, const Vector3d& place);

    Vector3d middle_ = Vector3d::Zero();
    std::vector<Vector3d> places_;
    std::vector<Quadric> quadrics_;
    std::vector<int> versions_;
    std::vector<char> on_border_;  // vertices of an open edge stay where they are
    std::vector<std::vector<int>> triangles_of_;
    std::vector<std::array<int, 3>> triangles_;
    std::vector<char> alive_;
    int alive_count_ = 0;
    std::priority_queue<Collapse> queue_;
    std::vector<int> ring_a_, ring_b_;
};

Decimation::Decimation(const Surface& surface)
    : quadrics_(surface.vertices.size()),
      versions_(surface.vertices.size(), 0),
      on_border_(surface.vertices.size(), 0),
      triangles_of_(surface.vertices.size()),
      triangles_(surface.triangles),
      alive_(surface.triangles.size(), 1),
      alive_count_(static_cast<int>(surface.triangles.size())) {
    for (const auto& vertex : surface.vertices) middle_ += vertex.xyz / static_cast<double>(surface.vertices.size());
    places_.reserve(surface.vertices.size());
    for (const auto& vertex : surface.vertices) places_.push_back(vertex.xyz - middle_);
    std::vector<std::array<int, 2>> edges;
    edges.reserve(triangles_.size() * 3);
    for (int i = 0; i < static_cast<int>(triangles_.size()); ++i) {
        const auto& t = triangles_[at(i)];
        const Vector3d face = (places_[at(t[1])] - places_[at(t[0])]).cross(places_[at(t[2])] - places_[at(t[0])]);
        const double twice_area = face.norm();
        for (std::size_t c = 0; c < 3; ++c) {
            triangles_of_[at(t[c])].push_back(i);
            if (twice_area > 0.0) quadrics_[at(t[c])].add_plane(face / twice_area, places_[at(t[0])], twice_area / 6.0);
            edges.push_back({std::min(t[c], t[(c + 1) % 3]), std::max(t[c], t[(c + 1) % 3])});
        }
    }
    std::sort(edges.begin(), edges.end());
    for (std::size_t i = 0; i < edges.size();) {
        std::size_t end = i + 1;
        while (end < edges.size() && edges[end] == edges[i]) ++end;
        if (end - i != 2) on_border_[at(edges[i][0])] = on_border_[at(edges[i][1])] = 1;
        i = end;
    }
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    for (const auto& edge : edges) offer(edge[0], edge[1]);
}

// The place of least error; a slight pull to the middle of the edge decides where the surface is flat.
Vector3d Decimation::best_place(int a, int b) const {
    const Vector3d half = 0.5 * (places_[at(a)] + places_[at(b)]);
    Quadric sum = quadrics_[at(a)];
    sum.add(quadrics_[at(b)]);
    const double pull = 1e-3 * sum.a.trace() + 1e-12;
    const Matrix3d m = sum.a + pull * Matrix3d::Identity();
    const Vector3d place = m.ldlt().solve(pull * half - sum.b);
    // Never far from the edge it replaces.
    const double reach = 2.0 * (places_[at(a)] - places_[at(b)]).norm();
    return place.allFinite() && (place - half).norm() <= reach ? place : half;
}

void Decimation::offer(int a, int b) {
    if (on_border_[at(a)] != 0 || on_border_[at(b)] != 0) return;
    const int from = std::max(a, b);
    const int to = std::min(a, b);
    const Vector3d place = best_place(from, to);
    Quadric sum = quadrics_[at(from)];
    sum.add(quadrics_[at(to)]);
    // A small share of the squared edge length keeps triangles even where the surface is flat.
    const double cost =
        std::max(0.0, sum.at(place)) + 1e-4 * sum.a.trace() * (places_[at(a)] - places_[at(b)]).squaredNorm();
    queue_.push({cost, from, to, versions_[at(from)], versions_[at(to)]});
}

void Decimation::neighbours(int v, std::vector<int>& out) const {
    out.clear();
    for (const int i : triangles_of_[at(v)]) {
        for (const int corner : triangles_[at(i)]) {
            if (corner != v) out.push_back(corner);
        }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
}

// The link condition (Dey, Edelsbrunner, Guha and Nekhayev 1999): the ends of the edge share exactly the two vertices
// opposite to it, and the surface is more than a tetrahedron.
bool Decimation::keeps_topology(int a, int b) {
    neighbours(a, ring_a_);
    neighbours(b, ring_b_);
    int shared = 0;
    for (std::size_t i = 0, j = 0; i < ring_a_.size() && j < ring_b_.size();) {
        if (ring_a_[i] < ring_b_[j]) {
            ++i;
        } else if (ring_b_[j] < ring_a_[i]) {
            ++j;
        } else {
            ++shared;
            ++i;
            ++j;
        }
    }
    return shared == 2 && ring_a_.size() + ring_b_.size() > 6;
}

// Whether moving v to `place` would turn one of its triangles (those without `other`) by more than 78 degrees, or leave
// it a sliver.
bool Decimation::folds(int v, int other, const Vector3d& place) const {
    for (const int i : triangles_of_[at(v)]) {
        const auto& t = triangles_[at(i)];
        if (t[0] == other || t[1] == other || t[2] == other) continue;
        std::array<Vector3d, 3> p;
        for (std::size_t c = 0; c < 3; ++c) p[c] = places_[at(t[c])];
        const Vector3d before = (p[1] - p[0]).cross(p[2] - p[0]);
        for (std::size_t c = 0; c < 3; ++c) {
            if (t[c] == v) p[c] = place;
        }
        const Vector3d after = (p[1] - p[0]).cross(p[2] - p[0]);
        if (after.dot(before) <= 0.2 * after.norm() * before.norm() && before.norm() > 1e-12) return true;
        const double longest =
            std::max({(p[1] - p[0]).squaredNorm(), (p[2] - p[1]).squaredNorm(), (p[0] - p[2]).squaredNorm()});
        if (after.norm() < 0.02 * longest) return true;
    }
    return false;
}

void Decimation::collapse(int from, int to, const Vector3d& place) {
    places_[at(to)] = place;
    quadrics_[at(to)].add(quadrics_[at(from)]);
    ++versions_[at(to)];
    ++versions_[at(from)];
    for (const int i : triangles_of_[at(from)]) {
        auto& t = triangles_[at(i)];
        if (t[0] == to || t[1] == to || t[2] == to) {
            alive_[at(i)] = 0;
            --alive_count_;
            for (const int corner : t) {
                if (corner == from) continue;
                auto& list = triangles_of_[at(corner)];
                list.erase(std::find(list.begin(), list.end(), i));
            }
        } else {
            std::replace(t.begin(), t.end(), from, to);
            triangles_of_[at(to)].push_back(i);
        }
    }
    triangles_of_[at(from)].clear();
    neighbours(to, ring_a_);
    for (const int n : ring_a_) offer(to, n);
}

void Decimation::run(int wanted) {
    while (alive_count_ > wanted && !queue_.empty()) {
        const Collapse next = queue_.top();
        queue_.pop();
        if (next.from_version != versions_[at(next.from)] || next.to_version != versions_[at(next.to)]) continue;
        if (!keeps_topology(next.from, next.to)) continue;
        const Vector3d place = best_place(next.from, next.to);
        if (folds(next.from, next.to, place) || folds(next.to, next.from, place)) continue;
        collapse(next.from, next.to, place);
    }
}

Surface Decimation::result() const {
    Surface out;
    std::vector<int> renumbered(places_.size(), -1);
    for (std::size_t i = 0; i < triangles_.size(); ++i) {
        if (alive_[i] == 0) continue;
        std::array<int, 3> moved{};
        for (std::size_t c = 0; c < 3; ++c) {
            int& to = renumbered[at(triangles_[i][c])];
            if (to < 0) {
                to = static_cast<int>(out.vertices.size());
                out.vertices.push_back({places_[at(triangles_[i][c])] + middle_});
            }
            moved[c] = to;
        }
        out.triangles.push_back(moved);
    }
    out.normals = vertex_normals(out.vertices, out.triangles);
    return out;
}

}  // namespace

Surface decimated(const Surface& surface, int triangles) {
    if (static_cast<int>(surface.triangles.size()) <= std::max(triangles, 4)) {
        Surface same = surface;
        if (same.normals.size() != same.vertices.size()) same.normals = vertex_normals(same.vertices, same.triangles);
        return same;
    }
    require_usable(surface, "memory");
    Decimation decimation(surface);
    decimation.run(std::max(triangles, 4));
    return decimation.result();
}

}  // namespace precentral
