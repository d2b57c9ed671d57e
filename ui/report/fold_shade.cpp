// SPDX-License-Identifier: Apache-2.0
#include "ui/report/fold_shade.h"

#include <algorithm>
#include <cmath>

namespace precentral {

namespace {

struct Edges {
    std::vector<int> start;  // of each vertex's neighbours in `to`
    std::vector<int> to;
};

Edges edges_of(const Surface& surface) {
    Edges edges;
    const std::size_t n = surface.vertices.size();
    edges.start.assign(n + 1, 0);
    for (const auto& t : surface.triangles) {
        for (const int v : t) edges.start[static_cast<std::size_t>(v) + 1] += 2;
    }
    for (std::size_t i = 0; i < n; ++i) edges.start[i + 1] += edges.start[i];
    edges.to.resize(static_cast<std::size_t>(edges.start[n]));
    std::vector<int> next(edges.start.begin(), edges.start.end() - 1);
    for (const auto& t : surface.triangles) {
        for (std::size_t k = 0; k < 3; ++k) {
            int& at = next[static_cast<std::size_t>(t[k])];
            edges.to[static_cast<std::size_t>(at++)] = t[(k + 1) % 3];
            edges.to[static_cast<std::size_t>(at++)] = t[(k + 2) % 3];
        }
    }
    return edges;
}

template <class Value>
std::vector<float> around(const Edges& edges, Value value) {
    const std::size_t n = edges.start.size() - 1;
    std::vector<float> mean(n, 0.0F);
    for (std::size_t i = 0; i < n; ++i) {
        const int from = edges.start[i], to = edges.start[i + 1];
        double sum = 0.0;
        for (int e = from; e < to; ++e)
            sum += value(i, static_cast<std::size_t>(edges.to[static_cast<std::size_t>(e)]));
        if (to > from) mean[i] = static_cast<float>(sum / (to - from));
    }
    return mean;
}

void smooth(const Edges& edges, std::vector<float>& values, int turns) {
    for (int turn = 0; turn < turns; ++turn) {
        const std::vector<float> mean =
            around(edges, [&](std::size_t, std::size_t j) { return static_cast<double>(values[j]); });
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.5F * (values[i] + mean[i]);
    }
}

// Rank in [0, 1] of each value between two quantiles: the same picture for any scanner's units.
void stretch(std::vector<float>& values, double low_share, double high_share) {
    if (values.empty()) return;
    std::vector<float> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](double share) {
        return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    };
    const float low = at(low_share), high = at(high_share);
    for (float& v : values) v = high > low ? std::clamp((v - low) / (high - low), 0.0F, 1.0F) : 0.0F;
}

float sample(const Volume& volume, const AffineMap<Voxel, Scan>& voxel_from_scan, const Point<Scan>& p) {
    const Eigen::Vector3d v = (voxel_from_scan * p).xyz;
    const Eigen::Vector3d base(std::floor(v.x()), std::floor(v.y()), std::floor(v.z()));
    const Eigen::Vector3d part = v - base;
    double sum = 0.0;
    for (int corner = 0; corner < 8; ++corner) {
        const int di = corner & 1, dj = (corner >> 1) & 1, dk = (corner >> 2) & 1;
        const int i = std::clamp(static_cast<int>(base.x()) + di, 0, volume.dims[0] - 1);
        const int j = std::clamp(static_cast<int>(base.y()) + dj, 0, volume.dims[1] - 1);
        const int k = std::clamp(static_cast<int>(base.z()) + dk, 0, volume.dims[2] - 1);
        const double weight = (di != 0 ? part.x() : 1.0 - part.x()) * (dj != 0 ? part.y() : 1.0 - part.y()) *
                              (dk != 0 ? part.z() : 1.0 - part.z());
        sum += weight * static_cast<double>(volume.at(i, j, k));
    }
    return static_cast<float>(sum);
}

}  // namespace

std::vector<float> fold_shade(const HeadModel& head) {
    const Surface& brain = head.brain;
    if (brain.empty() || brain.normals.size() != brain.vertices.size()) {
        return std::vector<float>(brain.vertices.size(), 0.0F);
    }
    const Edges edges = edges_of(brain);
    std::vector<float> shade = around(edges, [&](std::size_t i, std::size_t j) {
        const Eigen::Vector3d off = brain.vertices[j].xyz - brain.vertices[i].xyz;
        return off.dot(brain.normals[i].xyz) / std::max(off.squaredNorm(), 1e-6);  // positive: the neighbour is higher
    });
    smooth(edges, shade, 4);
    stretch(shade, 0.35, 0.97);
    if (!head.t1.samples || head.t1.samples->size() != head.t1.count() || head.t1.count() == 0) return shade;

    const AffineMap<Voxel, Scan> voxel_from_scan = head.t1.scan_from_voxel.inverse();
    std::vector<float> fluid(brain.vertices.size(), 0.0F);
    for (std::size_t i = 0; i < brain.vertices.size(); ++i) {
        for (const double depth_mm : {1.5, 2.5, 3.5, 4.5}) {
            fluid[i] -= sample(head.t1, voxel_from_scan, brain.vertices[i] - depth_mm * brain.normals[i]);
        }
    }
    smooth(edges, fluid, 2);
    stretch(fluid, 0.40, 0.98);
    for (std::size_t i = 0; i < shade.size(); ++i) shade[i] = std::max(0.55F * shade[i], fluid[i]);
    return shade;
}

}  // namespace precentral
