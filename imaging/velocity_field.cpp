// SPDX-License-Identifier: Apache-2.0
#include "imaging/velocity_field.h"

#include <algorithm>
#include <cmath>

#include "imaging/parallel.h"
#include "imaging/voxel_ops.h"

namespace precentral {
namespace {

using Eigen::Vector3d;
using Eigen::Vector3f;

constexpr int kStepsPerUnit = 8;
constexpr float kSmallStepVoxels = 0.25F;  // of the first step that is doubled

std::size_t at(int i) { return static_cast<std::size_t>(i); }

Vector3d velocity(const VelocityField& field, const Vector3d& place_mm) {
    const Vector3d voxel = (place_mm - field.grid.first.xyz) / field.grid.spacing_mm;
    return sampled(field.arrows, field.grid.dims, voxel.cast<float>()).head<3>().cast<double>();
}

// Along one axis: whole rows at once, so that the loops run over neighbouring memory.
void smooth_along(std::vector<Arrow>& arrows, const std::array<int, 3>& dims, int axis,
                  const std::vector<float>& kernel) {
    const int radius = static_cast<int>(kernel.size() / 2);
    const std::size_t row = at(dims[0]);
    const std::size_t slice = row * at(dims[1]);
    const int count = dims[at(axis)];
    // For the first axis a "row" is one voxel and the lines are taken one by one.
    const std::size_t width = axis == 0 ? 1 : row;
    const std::size_t stride = axis == 0 ? 1 : axis == 1 ? row : slice;
    const int planes = axis == 1 ? dims[2] : dims[1];
    for_each_part(axis == 0 ? dims[2] : planes, [&](int part) {
        std::vector<Arrow> copy(width * at(count));
        std::vector<Arrow> sum(width);
        const int lines = axis == 0 ? dims[1] : 1;
        for (int line = 0; line < lines; ++line) {
            Arrow* plane =
                arrows.data() + (axis == 0 ? at(part) * slice + at(line) * row : at(part) * (axis == 1 ? slice : row));
            for (int n = 0; n < count; ++n) std::copy_n(plane + at(n) * stride, width, copy.data() + at(n) * width);
            for (int n = 0; n < count; ++n) {
                std::fill(sum.begin(), sum.end(), Arrow::Zero());
                const int from = std::max(-radius, -n);
                const int to = std::min(radius, count - 1 - n);
                for (int t = from; t <= to; ++t) {
                    const float weight = kernel[at(t + radius)];
                    const Arrow* source = copy.data() + at(n + t) * width;
                    for (std::size_t i = 0; i < width; ++i) sum[i] += weight * source[i];
                }
                std::copy_n(sum.data(), width, plane + at(n) * stride);
            }
        }
    });
}

}  // namespace

Arrow sampled(const std::vector<Arrow>& arrows, const std::array<int, 3>& dims, const Vector3f& voxel) {
    const Vector3f low = voxel.array().floor();
    if (!(low[0] >= 0.0F && low[1] >= 0.0F && low[2] >= 0.0F)) return Arrow::Zero();
    const int i = static_cast<int>(low[0]);
    const int j = static_cast<int>(low[1]);
    const int k = static_cast<int>(low[2]);
    if (i >= dims[0] - 1 || j >= dims[1] - 1 || k >= dims[2] - 1) return Arrow::Zero();
    const Vector3f f = voxel - low;
    const std::size_t row = at(dims[0]);
    const std::size_t slice = row * at(dims[1]);
    const Arrow* a = arrows.data() + at(i) + row * at(j) + slice * at(k);
    const float gx = 1.0F - f[0];
    const Arrow c00 = gx * a[0] + f[0] * a[1];
    const Arrow c10 = gx * a[row] + f[0] * a[row + 1];
    const Arrow c01 = gx * a[slice] + f[0] * a[slice + 1];
    const Arrow c11 = gx * a[slice + row] + f[0] * a[slice + row + 1];
    return (1.0F - f[2]) * ((1.0F - f[1]) * c00 + f[1] * c10) + f[2] * ((1.0F - f[1]) * c01 + f[1] * c11);
}

Vector3d carried(const VelocityField& field, const Vector3d& place_mm, double time) {
    const int steps = std::max(1, static_cast<int>(std::ceil(std::abs(time) * kStepsPerUnit)));
    const double h = time / steps;
    Vector3d p = place_mm;
    for (int step = 0; step < steps; ++step) {
        const Vector3d a = velocity(field, p);
        const Vector3d b = velocity(field, p + 0.5 * h * a);
        const Vector3d c = velocity(field, p + 0.5 * h * b);
        const Vector3d d = velocity(field, p + h * c);
        p += h / 6.0 * (a + 2.0 * b + 2.0 * c + d);
    }
    return p;
}

std::vector<Arrow> displacement(const VelocityField& field, double time) {
    const auto& dims = field.grid.dims;
    const auto per_voxel = static_cast<float>(time / field.grid.spacing_mm);
    float longest = 0.0F;
    for (const Arrow& arrow : field.arrows) longest = std::max(longest, arrow.squaredNorm());
    longest = std::sqrt(longest) * std::abs(per_voxel);
    int doublings = 0;
    while (std::ldexp(longest, -doublings) > kSmallStepVoxels && doublings < 12) ++doublings;
    const float scale = std::ldexp(per_voxel, -doublings);
    std::vector<Arrow> moved(field.arrows.size());
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] = scale * field.arrows[i];
    std::vector<Arrow> twice(moved.size());
    for (int n = 0; n < doublings; ++n) {
        for_each_part(dims[2], [&](int k) {
            std::size_t index = field.grid.index(0, 0, k);
            for (int j = 0; j < dims[1]; ++j) {
                for (int i = 0; i < dims[0]; ++i, ++index) {
                    const Arrow& step = moved[index];
                    const Vector3f there =
                        Vector3f(static_cast<float>(i), static_cast<float>(j), static_cast<float>(k)) + step.head<3>();
                    twice[index] = step + sampled(moved, dims, there);
                }
            }
        });
        moved.swap(twice);
    }
    const auto back_to_mm = static_cast<float>(field.grid.spacing_mm);
    for (Arrow& arrow : moved) arrow *= back_to_mm;
    return moved;
}

Field jacobian(const std::vector<Arrow>& displacement, const WorkGrid& grid) {
    Field out(grid.count(), 1.0F);
    const std::size_t row = at(grid.dims[0]);
    const std::size_t slice = row * at(grid.dims[1]);
    const auto half = static_cast<float>(0.5 / grid.spacing_mm);
    for_each_part(grid.dims[2] - 2, [&](int part) {
        const int k = part + 1;
        for (int j = 1; j < grid.dims[1] - 1; ++j) {
            for (int i = 1; i < grid.dims[0] - 1; ++i) {
                const std::size_t index = grid.index(i, j, k);
                Eigen::Matrix3f d;
                d.col(0) = half * (displacement[index + 1] - displacement[index - 1]).head<3>();
                d.col(1) = half * (displacement[index + row] - displacement[index - row]).head<3>();
                d.col(2) = half * (displacement[index + slice] - displacement[index - slice]).head<3>();
                out[index] = (Eigen::Matrix3f::Identity() + d).determinant();
            }
        }
    });
    return out;
}

void smooth(std::vector<Arrow>& arrows, const std::array<int, 3>& dims, double sigma_voxels) {
    if (sigma_voxels <= 0.0) return;
    const std::vector<float> kernel = gaussian_kernel(sigma_voxels);
    for (int axis = 0; axis < 3; ++axis) smooth_along(arrows, dims, axis, kernel);
}

VelocityField on_grid(const VelocityField& field, const WorkGrid& grid) {
    VelocityField out{grid, std::vector<Arrow>(grid.count())};
    for_each_part(grid.dims[2], [&](int k) {
        for (int j = 0; j < grid.dims[1]; ++j) {
            for (int i = 0; i < grid.dims[0]; ++i) {
                const Vector3d voxel = (grid.place(i, j, k).xyz - field.grid.first.xyz) / field.grid.spacing_mm;
                out.arrows[grid.index(i, j, k)] = sampled(field.arrows, field.grid.dims, voxel.cast<float>());
            }
        }
    });
    return out;
}

}  // namespace precentral
