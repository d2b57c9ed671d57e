// SPDX-License-Identifier: Apache-2.0
#include "imaging/peel.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "data/error.h"
#include "imaging/inside.h"
#include "imaging/iso_surface.h"
#include "imaging/mesh_measures.h"
#include "imaging/parallel.h"
#include "imaging/voxel_ops.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr double kSpacingMm = 1.5;
constexpr double kPadMm = 6.0;
constexpr double kSmoothingVoxels = 1.5;  // takes the voxel steps out of the mask
constexpr double kMostVoxels = 1 << 27;

// How far before the nearest voxel on the other side the skin lies, in voxels: half a voxel between neighbours, less
// the further away, since then more voxels of an oblique border compete for being the nearest. The fall was fitted to
// exact distances on real scalps (median error under 0.15 mm from 0 to 28 mm of depth).
float skin_before(float voxels_away) { return 0.5F / (1.0F + voxels_away / 3.0F); }

// Trilinear; 0 beyond the outermost voxel centres.
float value_at(const Volume& image, const Vector3d& voxel) {
    std::array<int, 3> low{};
    std::array<double, 3> part{};
    for (std::size_t a = 0; a < 3; ++a) {
        const double v = voxel[static_cast<Eigen::Index>(a)];
        if (!(v >= 0.0 && v <= image.dims[a] - 1)) return 0.0F;
        low[a] = std::min(static_cast<int>(v), std::max(0, image.dims[a] - 2));
        part[a] = v - low[a];
    }
    double sum = 0.0;
    for (int c = 0; c < 8; ++c) {
        double weight = 1.0;
        std::array<int, 3> at{};
        for (std::size_t a = 0; a < 3; ++a) {
            const int upper = (c >> a) & 1;
            at[a] = std::min(low[a] + upper, image.dims[a] - 1);
            weight *= upper == 1 ? part[a] : 1.0 - part[a];
        }
        if (weight > 0.0) sum += weight * static_cast<double>(image.at(at[0], at[1], at[2]));
    }
    return static_cast<float>(sum);
}

}  // namespace

Peel::Peel(const Surface& scalp) {
    require_usable(scalp, "the scalp");
    if (!measured(scalp).watertight()) throw InputError("The scalp is not closed, so nothing has a depth under it.");
    Vector3d low = scalp.vertices.front().xyz;
    Vector3d high = low;
    for (const auto& vertex : scalp.vertices) {
        low = low.cwiseMin(vertex.xyz);
        high = high.cwiseMax(vertex.xyz);
    }
    low.array() -= kPadMm;
    high.array() += kPadMm;
    const Vector3d voxels = ((high - low) / kSpacingMm).array().ceil() + 1.0;
    if (!(voxels.prod() < kMostVoxels)) throw InputError("The scalp is far larger than a head.");
    grid_.first.xyz = low;
    grid_.spacing_mm = kSpacingMm;
    grid_.dims = {static_cast<int>(voxels[0]), static_cast<int>(voxels[1]), static_cast<int>(voxels[2])};
    const Mask inside = voxels_inside(scalp, Volume{grid_.dims, grid_.scan_from_voxel(), {}});
    const Field to_air = squared_distance(inside, grid_.dims, 0);
    const Field to_head = squared_distance(inside, grid_.dims, 1);
    depth_mm_.resize(inside.size());
    const auto spacing = static_cast<float>(kSpacingMm);
    for (std::size_t i = 0; i < inside.size(); ++i) {
        const float voxels_away = std::sqrt(inside[i] != 0 ? to_air[i] : to_head[i]);
        const float away_mm = spacing * (voxels_away - skin_before(voxels_away));
        depth_mm_[i] = inside[i] != 0 ? away_mm : -away_mm;
    }
    smooth(depth_mm_, grid_.dims, kSmoothingVoxels);
    deepest_mm_ = static_cast<double>(*std::max_element(depth_mm_.begin(), depth_mm_.end()));
}

PaintedSurface Peel::at(double depth_mm, const Volume& image) const {
    if (!(depth_mm >= 0.0 && depth_mm < deepest_mm_)) {
        throw InputError("The depth under the scalp must be 0 to " + std::to_string(static_cast<int>(deepest_mm_)) +
                         " mm.");
    }
    PaintedSurface out;
    out.surface = iso_surface(depth_mm_, grid_, static_cast<float>(depth_mm));
    out.surface.normals = vertex_normals(out.surface.vertices, out.surface.triangles);
    out.values.resize(out.surface.vertices.size());
    const Eigen::Affine3d voxel_from_scan = image.scan_from_voxel.affine().inverse();
    constexpr int kParts = 16;
    for_each_part(kParts, [&](int part) {
        const std::size_t count = out.values.size();
        const auto p = static_cast<std::size_t>(part);
        for (std::size_t v = count * p / kParts; v < count * (p + 1) / kParts; ++v) {
            out.values[v] = value_at(image, voxel_from_scan * out.surface.vertices[v].xyz);
        }
    });
    return out;
}

}  // namespace precentral
