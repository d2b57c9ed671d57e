// SPDX-License-Identifier: Apache-2.0
#include "imaging/work_grid.h"

#include <algorithm>
#include <cmath>

#include "imaging/parallel.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

float trilinear(const float* samples, const std::array<int, 3>& dims, const Vector3d& voxel, float outside) {
    std::array<int, 3> low{};
    std::array<float, 3> part{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const double x = voxel[static_cast<Eigen::Index>(axis)];
        const double last = dims[axis] - 1;
        // A rounding error beyond the outermost centre is still inside.
        if (!(x > -1e-6) || !(x < last + 1e-6)) return outside;
        low[axis] = std::clamp(static_cast<int>(x), 0, std::max(0, dims[axis] - 2));
        part[axis] = static_cast<float>(std::clamp(x - low[axis], 0.0, 1.0));
    }
    const auto row = static_cast<std::size_t>(dims[0]);
    const auto slice = row * static_cast<std::size_t>(dims[1]);
    const std::size_t di = dims[0] > 1 ? 1 : 0;
    const std::size_t dj = dims[1] > 1 ? row : 0;
    const std::size_t dk = dims[2] > 1 ? slice : 0;
    const float* p = samples + static_cast<std::size_t>(low[0]) + row * static_cast<std::size_t>(low[1]) +
                     slice * static_cast<std::size_t>(low[2]);
    const auto mix = [](float a, float b, float u) { return a + u * (b - a); };
    const float near = mix(mix(p[0], p[di], part[0]), mix(p[dj], p[dj + di], part[0]), part[1]);
    const float far = mix(mix(p[dk], p[dk + di], part[0]), mix(p[dk + dj], p[dk + dj + di], part[0]), part[1]);
    return mix(near, far, part[2]);
}

Field resampled_through(const float* samples, const std::array<int, 3>& dims, const Eigen::Affine3d& voxel_from_grid,
                        const WorkGrid& grid, float outside) {
    Field out(grid.count());
    const Vector3d step = voxel_from_grid.linear().col(0);
    for_each_part(grid.dims[2], [&](int k) {
        for (int j = 0; j < grid.dims[1]; ++j) {
            const Vector3d start = voxel_from_grid * Vector3d(0.0, j, k);
            float* to = out.data() + grid.index(0, j, k);
            for (int i = 0; i < grid.dims[0]; ++i) to[i] = trilinear(samples, dims, start + i * step, outside);
        }
    });
    return out;
}

}  // namespace

AffineMap<Scan, Voxel> WorkGrid::scan_from_voxel() const {
    Eigen::Affine3d map = Eigen::Affine3d::Identity();
    map.linear() *= spacing_mm;
    map.translation() = first.xyz;
    return AffineMap<Scan, Voxel>(map);
}

WorkGrid grid_around(const Volume& volume, double spacing_mm, double pad_mm) {
    Vector3d low = Vector3d::Constant(1e30);
    Vector3d high = -low;
    for (int corner = 0; corner < 8; ++corner) {
        const Point<Voxel> voxel{{(corner & 1) != 0 ? volume.dims[0] - 1.0 : 0.0,
                                  (corner & 2) != 0 ? volume.dims[1] - 1.0 : 0.0,
                                  (corner & 4) != 0 ? volume.dims[2] - 1.0 : 0.0}};
        const Vector3d place = (volume.scan_from_voxel * voxel).xyz;
        low = low.cwiseMin(place);
        high = high.cwiseMax(place);
    }
    // Voxel centres of an upright image of the same spacing fall on voxel centres of the grid, so that nothing blurs.
    const double pad_voxels = std::ceil(pad_mm / spacing_mm);
    WorkGrid grid;
    grid.spacing_mm = spacing_mm;
    grid.first.xyz = low - Vector3d::Constant(pad_voxels * spacing_mm);
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const double extent = high[static_cast<Eigen::Index>(axis)] - low[static_cast<Eigen::Index>(axis)];
        grid.dims[axis] = static_cast<int>(std::ceil(extent / spacing_mm - 1e-6) + 2.0 * pad_voxels) + 1;
    }
    return grid;
}

WorkGrid cropped(const WorkGrid& grid, const Point<Scan>& low, const Point<Scan>& high) {
    WorkGrid out = grid;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const auto a = static_cast<Eigen::Index>(axis);
        const int last = grid.dims[axis] - 1;
        const int from =
            std::clamp(static_cast<int>(std::floor((low.xyz[a] - grid.first.xyz[a]) / grid.spacing_mm)), 0, last);
        const int to =
            std::clamp(static_cast<int>(std::ceil((high.xyz[a] - grid.first.xyz[a]) / grid.spacing_mm)), from, last);
        out.first.xyz[a] = grid.first.xyz[a] + from * grid.spacing_mm;
        out.dims[axis] = to - from + 1;
    }
    return out;
}

Field resampled(const Volume& volume, const WorkGrid& grid, float outside) {
    const Eigen::Affine3d voxel_from_grid = volume.scan_from_voxel.affine().inverse() * grid.scan_from_voxel().affine();
    return resampled_through(volume.samples->data(), volume.dims, voxel_from_grid, grid, outside);
}

Field resampled(const Field& field, const WorkGrid& from, const WorkGrid& to, float outside) {
    const Eigen::Affine3d voxel_from_grid = from.scan_from_voxel().affine().inverse() * to.scan_from_voxel().affine();
    return resampled_through(field.data(), from.dims, voxel_from_grid, to, outside);
}

float sampled(const Field& field, const WorkGrid& grid, const Vector3d& voxel, float outside) {
    return trilinear(field.data(), grid.dims, voxel, outside);
}

}  // namespace precentral
