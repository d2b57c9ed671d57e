// SPDX-License-Identifier: Apache-2.0
#include "imaging/deformable_match.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "imaging/parallel.h"
#include "imaging/voxel_ops.h"

namespace precentral {
namespace {

using Eigen::Vector3d;
using Eigen::Vector3f;

constexpr double kMarginMm = 16.0;
constexpr double kRimMm = 6.0;        // of what is around the brain that helps to lay it right
constexpr double kFlatShare = 0.08;   // spread below this share of the whole image's counts as noise
constexpr double kBrainRimMm = 1.5;   // fluid over the gyri
constexpr double kFluidShare = 0.05;  // of the brain's voxels are as dark as fluid
constexpr double kShadingMm = 40.0;
constexpr int kPatience = 6;          // steps over which the difference must fall
constexpr double kLeastFall = 0.002;  // by this share

// The template's brain and a margin, on cubic voxels.
WorkGrid box_of(const Template& to, double spacing_mm) {
    Vector3d low = Vector3d::Constant(1e30);
    Vector3d high = -low;
    std::size_t index = 0;
    for (int k = 0; k < to.t1.dims[2]; ++k) {
        for (int j = 0; j < to.t1.dims[1]; ++j) {
            for (int i = 0; i < to.t1.dims[0]; ++i) {
                if (to.brain[index++] == 0) continue;
                const Vector3d place = (to.t1.scan_from_voxel * Point<Voxel>{Vector3d(i, j, k)}).xyz;
                low = low.cwiseMin(place);
                high = high.cwiseMax(place);
            }
        }
    }
    WorkGrid grid;
    grid.spacing_mm = spacing_mm;
    grid.first.xyz = low - Vector3d::Constant(kMarginMm);
    for (std::size_t a = 0; a < 3; ++a) {
        const auto axis = static_cast<Eigen::Index>(a);
        grid.dims[a] = static_cast<int>(std::ceil((high[axis] - low[axis] + 2.0 * kMarginMm) / spacing_mm)) + 1;
    }
    return grid;
}

// Smoothed on its own voxels to what the grid can hold, then taken over.
Field taken_over(const Volume& volume, const Eigen::Affine3d& volume_from_grid_place, const WorkGrid& grid) {
    Volume calm = volume;
    Field samples = *volume.samples;
    const double sigma_mm = 0.5 * grid.spacing_mm;
    const double spacing = volume.spacing_mm().minCoeff();
    if (sigma_mm > 0.4 * spacing) smooth(samples, volume.dims, sigma_mm / spacing);
    calm.samples = std::make_shared<const std::vector<float>>(std::move(samples));
    calm.scan_from_voxel = AffineMap<Scan, Voxel>(volume_from_grid_place.inverse() * volume.scan_from_voxel.affine());
    return resampled(calm, grid);
}

// (value - local mean) / local spread, over what the weight covers.
Field evened(const Field& field, const Field& weight, const std::array<int, 3>& dims, double sigma_voxels) {
    Field w = weight;
    Field mean(field.size());
    Field square(field.size());
    double sum = 0.0;
    double sum2 = 0.0;
    double count = 0.0;
    for (std::size_t i = 0; i < field.size(); ++i) {
        mean[i] = w[i] * field[i];
        square[i] = mean[i] * field[i];
        sum += static_cast<double>(mean[i]);
        sum2 += static_cast<double>(square[i]);
        count += static_cast<double>(w[i]);
    }
    const double spread = std::sqrt(std::max(0.0, sum2 / count - sum * sum / (count * count)));
    const auto floor = static_cast<float>(kFlatShare * kFlatShare * spread * spread + 1e-12);
    smooth(w, dims, sigma_voxels);
    smooth(mean, dims, sigma_voxels);
    smooth(square, dims, sigma_voxels);
    Field out(field.size());
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (w[i] < 0.02F) continue;
        const float m = mean[i] / w[i];
        const float variance = std::max(0.0F, square[i] / w[i] - m * m);
        out[i] = std::clamp((field[i] - m) / std::sqrt(variance + floor), -3.0F, 3.0F);
    }
    return out;
}

// Takes out shading, and leaves nothing outside the brain brighter than the fluid around it: a scalp beside a coil must
// not be taken for cortex. `weight` says where the brain is (0 to 1).
void leave_brain(Field& field, const Field& brain, const std::array<int, 3>& dims, double shading_voxels) {
    even_out(field, dims, above(brain, 0.9F), shading_voxels);
    Field inside;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (brain[i] > 0.9F) inside.push_back(field[i]);
    }
    if (inside.empty()) return;
    const float fluid = quantile(inside, kFluidShare);
    const float most = 1.15F * quantile(std::move(inside), 0.95);
    for (std::size_t i = 0; i < field.size(); ++i) {
        const float limit = fluid + std::clamp(2.0F * brain[i], 0.0F, 1.0F) * (most - fluid);
        field[i] = std::min(field[i], limit);
    }
}

Volume as_volume(const Mask& mask, const Volume& like) {
    Volume out = like;
    out.samples = std::make_shared<const std::vector<float>>(mask.begin(), mask.end());
    return out;
}

float value_at(const Field& field, const std::array<int, 3>& dims, const Vector3f& voxel) {
    const Vector3f low = voxel.array().floor();
    if (!(low[0] >= 0.0F && low[1] >= 0.0F && low[2] >= 0.0F)) return 0.0F;
    const int i = static_cast<int>(low[0]);
    const int j = static_cast<int>(low[1]);
    const int k = static_cast<int>(low[2]);
    if (i >= dims[0] - 1 || j >= dims[1] - 1 || k >= dims[2] - 1) return 0.0F;
    const Vector3f f = voxel - low;
    const auto row = static_cast<std::size_t>(dims[0]);
    const std::size_t slice = row * static_cast<std::size_t>(dims[1]);
    const float* a = field.data() + static_cast<std::size_t>(i) + row * static_cast<std::size_t>(j) +
                     slice * static_cast<std::size_t>(k);
    const float c00 = a[0] + f[0] * (a[1] - a[0]);
    const float c10 = a[row] + f[0] * (a[row + 1] - a[row]);
    const float c01 = a[slice] + f[0] * (a[slice + 1] - a[slice]);
    const float c11 = a[slice + row] + f[0] * (a[slice + row + 1] - a[slice + row]);
    const float c0 = c00 + f[1] * (c10 - c00);
    const float c1 = c01 + f[1] * (c11 - c01);
    return c0 + f[2] * (c1 - c0);
}

Field moved(const Field& field, const WorkGrid& grid, const std::vector<Arrow>& by_mm) {
    Field out(field.size());
    const auto per_voxel = static_cast<float>(1.0 / grid.spacing_mm);
    for_each_part(grid.dims[2], [&](int k) {
        std::size_t index = grid.index(0, 0, k);
        for (int j = 0; j < grid.dims[1]; ++j) {
            for (int i = 0; i < grid.dims[0]; ++i, ++index) {
                const Vector3f there = Vector3f(static_cast<float>(i), static_cast<float>(j), static_cast<float>(k)) +
                                       per_voxel * by_mm[index].head<3>();
                out[index] = value_at(field, grid.dims, there);
            }
        }
    });
    return out;
}

// Nothing moves at the rim of the grid, so that the map is continuous where the grid ends.
void still_at_rim(VelocityField& field) {
    const auto& d = field.grid.dims;
    for (int k = 0; k < d[2]; ++k) {
        for (int j = 0; j < d[1]; ++j) {
            const bool whole_row = k == 0 || j == 0 || k == d[2] - 1 || j == d[1] - 1;
            for (int i = 0; i < d[0]; i += whole_row ? 1 : d[0] - 1) {
                field.arrows[field.grid.index(i, j, k)] = Arrow::Zero();
            }
        }
    }
}

// One step: where each voxel should move, in voxels; the weighted mean square difference is returned.
double step_of(const Field& fixed, const Field& moving, const Field& weight, const WorkGrid& grid, double longest,
               std::vector<Arrow>& step) {
    const auto row = static_cast<std::size_t>(grid.dims[0]);
    const std::size_t slice = row * static_cast<std::size_t>(grid.dims[1]);
    const auto slow = static_cast<float>(1.0 / (4.0 * longest * longest));
    std::vector<double> part_sum(static_cast<std::size_t>(grid.dims[2]), 0.0);
    std::vector<double> part_weight(part_sum.size(), 0.0);
    std::fill(step.begin(), step.end(), Arrow::Zero());
    for_each_part(grid.dims[2] - 2, [&](int part) {
        const int k = part + 1;
        double sum = 0.0;
        double total = 0.0;
        for (int j = 1; j < grid.dims[1] - 1; ++j) {
            std::size_t at = grid.index(1, j, k);
            for (int i = 1; i < grid.dims[0] - 1; ++i, ++at) {
                if (weight[at] <= 0.0F) continue;
                const float difference = fixed[at] - moving[at];
                sum += static_cast<double>(weight[at] * difference * difference);
                total += static_cast<double>(weight[at]);
                const Arrow slope(
                    0.25F * (fixed[at + 1] - fixed[at - 1] + moving[at + 1] - moving[at - 1]),
                    0.25F * (fixed[at + row] - fixed[at - row] + moving[at + row] - moving[at - row]),
                    0.25F * (fixed[at + slice] - fixed[at - slice] + moving[at + slice] - moving[at - slice]), 0.0F);
                const float below = slope.squaredNorm() + slow * difference * difference + 1e-4F;
                step[at] = (weight[at] * difference / below) * slope;
            }
        }
        part_sum[static_cast<std::size_t>(k)] = sum;
        part_weight[static_cast<std::size_t>(k)] = total;
    });
    double sum = 0.0;
    double total = 0.0;
    for (std::size_t k = 0; k < part_sum.size(); ++k) {
        sum += part_sum[k];
        total += part_weight[k];
    }
    return total > 0.0 ? sum / total : 0.0;
}

}  // namespace

VelocityField match_deformable(const Volume& t1, const AffineMap<Mni, Scan>& mni_from_scan, const BrainMask& brain,
                               const Template& to, const DeformableSettings& settings, const Progress& progress) {
    VelocityField field;
    const Volume around = as_volume(dilated(to.brain, to.t1.dims, kRimMm), to.t1);
    const Volume template_brain = as_volume(dilated(to.brain, to.t1.dims, kBrainRimMm), to.t1);
    Volume patient_brain;
    patient_brain.dims = brain.grid.dims;
    patient_brain.scan_from_voxel = brain.grid.scan_from_voxel();
    patient_brain = as_volume(dilated(brain.mask, brain.grid.dims, kBrainRimMm / brain.grid.spacing_mm), patient_brain);
    double work = 0.0;
    for (std::size_t level = 0; level < settings.grids_mm.size(); ++level) {
        work += settings.most_steps[level] / std::pow(settings.grids_mm[level], 3);
    }
    double done = 0.0;
    for (std::size_t level = 0; level < settings.grids_mm.size(); ++level) {
        const WorkGrid grid = box_of(to, settings.grids_mm[level]);
        field = field.arrows.empty() ? VelocityField{grid, std::vector<Arrow>(grid.count(), Arrow::Zero())}
                                     : on_grid(field, grid);
        Field weight = resampled(around, grid);
        smooth(weight, grid.dims, 1.0);
        const double window = settings.window_mm / grid.spacing_mm;
        const double shading = kShadingMm / grid.spacing_mm;
        const Eigen::Affine3d scan_from_mni = mni_from_scan.affine().inverse();
        Field fixed = taken_over(to.t1, Eigen::Affine3d::Identity(), grid);
        leave_brain(fixed, taken_over(template_brain, Eigen::Affine3d::Identity(), grid), grid.dims, shading);
        fixed = evened(fixed, weight, grid.dims, window);
        Field moving = taken_over(t1, scan_from_mni, grid);
        leave_brain(moving, taken_over(patient_brain, scan_from_mni, grid), grid.dims, shading);
        std::vector<Arrow> step(grid.count());
        std::vector<double> differences;
        const double share = 1.0 / std::pow(grid.spacing_mm, 3) / work;
        for (int n = 0; n < settings.most_steps[level]; ++n) {
            progress.at(std::min(1.0, done + n * share), "Bending the template to the brain");
            const Field now = evened(moved(moving, grid, displacement(field, 1.0)), weight, grid.dims, window);
            differences.push_back(step_of(fixed, now, weight, grid, settings.longest_step_voxels, step));
            if (n >= kPatience && differences[differences.size() - 1 - kPatience] - differences.back() <
                                      kLeastFall * differences.back()) {
                break;
            }
            smooth(step, grid.dims, settings.step_sigma_voxels);
            const auto mm = static_cast<float>(grid.spacing_mm);
            for (std::size_t i = 0; i < step.size(); ++i) field.arrows[i] += mm * step[i];
            smooth(field.arrows, grid.dims, settings.field_sigma_voxels);
            still_at_rim(field);
        }
        done += settings.most_steps[level] * share;
    }
    return field;
}

}  // namespace precentral
