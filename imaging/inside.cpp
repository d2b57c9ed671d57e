// SPDX-License-Identifier: Apache-2.0
#include "imaging/inside.h"

#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

using Eigen::Vector2d;
using Eigen::Vector3d;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

double cross(const Vector2d& a, const Vector2d& b) { return a.x() * b.y() - a.y() * b.x(); }

}  // namespace

Mask voxels_inside(const Surface& closed, const Volume& image) {
    Mask out(image.count(), 0);
    const Eigen::Affine3d voxel_from_scan = image.scan_from_voxel.affine().inverse();
    // Rows run along i. They are looked at a hair beside the voxel centres, so that none passes through an edge that
    // two triangles share, where it would count twice or never.
    constexpr double kHairJ = 1.23456e-7;
    constexpr double kHairK = 2.71828e-7;
    std::vector<std::vector<float>> crossings(at(image.dims[1]) * at(image.dims[2]));
    for (const auto& t : closed.triangles) {
        std::array<Vector3d, 3> p;
        for (std::size_t c = 0; c < 3; ++c) {
            p[c] = voxel_from_scan * closed.vertices[at(t[c])].xyz - Vector3d(0.0, kHairJ, kHairK);
        }
        const auto range = [&](Eigen::Index axis) {
            const auto [low, high] = std::minmax({p[0][axis], p[1][axis], p[2][axis]});
            const double last = image.dims[static_cast<std::size_t>(axis)] - 1;
            return std::array<int, 2>{static_cast<int>(std::ceil(std::clamp(low, 0.0, last + 1.0))),
                                      static_cast<int>(std::floor(std::clamp(high, -1.0, last)))};
        };
        const auto [j_low, j_high] = range(1);
        const auto [k_low, k_high] = range(2);
        const Vector2d a = p[0].tail<2>();
        const Vector2d ab = p[1].tail<2>() - a;
        const Vector2d ac = p[2].tail<2>() - a;
        const double area = cross(ab, ac);
        if (area == 0.0) continue;  // seen along the row, it has no inside
        for (int k = k_low; k <= k_high; ++k) {
            for (int j = j_low; j <= j_high; ++j) {
                const Vector2d ap = Vector2d(j, k) - a;
                const double v = cross(ap, ac) / area;
                const double w = cross(ab, ap) / area;
                if (v < 0.0 || w < 0.0 || v + w > 1.0) continue;
                const double i = p[0].x() + v * (p[1].x() - p[0].x()) + w * (p[2].x() - p[0].x());
                crossings[at(j) + at(image.dims[1]) * at(k)].push_back(static_cast<float>(i));
            }
        }
    }
    for (std::size_t row = 0; row < crossings.size(); ++row) {
        auto& through = crossings[row];
        std::sort(through.begin(), through.end());
        for (std::size_t c = 0; c + 1 < through.size(); c += 2) {
            const int first = std::max(0, static_cast<int>(std::ceil(through[c])));
            const int last = std::min(image.dims[0] - 1, static_cast<int>(std::floor(through[c + 1])));
            for (int i = first; i <= last; ++i) out[at(i) + at(image.dims[0]) * row] = 1;
        }
    }
    return out;
}

}  // namespace precentral
