// SPDX-License-Identifier: Apache-2.0
#include "imaging/template_space.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "data/error.h"
#include "data/hash.h"
#include "imaging/mutual_information.h"
#include "imaging/volume_io.h"
#include "imaging/voxel_ops.h"

namespace precentral {
namespace {

using Eigen::Affine3d;
using Eigen::Vector3d;

constexpr double kGridMm = 2.0;
constexpr double kCrownDepthMm = 130.0;  // of the head below its top that the first guess looks at; leaves the neck out
constexpr double kShadingMm = 30.0;      // brightness that changes over longer distances than this is shading
constexpr double kLowestCorrelation = 0.2;

// The middle of the head's upper part, which does not depend on how much neck is in the image.
Vector3d crown_middle(const WorkGrid& grid, const Mask& head) {
    int top = grid.dims[2] - 1;
    const std::size_t slice = grid.index(0, 0, 1);
    const auto filled = [&](int k) {
        const auto from = head.begin() + static_cast<std::ptrdiff_t>(slice * static_cast<std::size_t>(k));
        return std::count(from, from + static_cast<std::ptrdiff_t>(slice), 1) > 100;
    };
    while (top > 0 && !filled(top)) --top;
    const int bottom = std::max(0, top - static_cast<int>(kCrownDepthMm / grid.spacing_mm));
    Vector3d sum = Vector3d::Zero();
    double count = 0.0;
    for (int k = bottom; k <= top; ++k) {
        for (int j = 0; j < grid.dims[1]; ++j) {
            for (int i = 0; i < grid.dims[0]; ++i) {
                if (head[grid.index(i, j, k)] == 0) continue;
                sum += grid.place(i, j, k).xyz;
                count += 1.0;
            }
        }
    }
    return count > 0.0 ? Vector3d(sum / count) : grid.place(grid.dims[0] / 2, grid.dims[1] / 2, grid.dims[2] / 2).xyz;
}

// An image smoothed for a level of the search.
struct Level {
    Field field;
    WorkGrid grid;
};
Level level_of(const Volume& volume, double sigma_mm) {
    Level out;
    out.grid = grid_around(volume, kGridMm, 0.0);
    Volume native = volume;
    Field samples = *volume.samples;
    // Smoothed on the image's own voxels first, so that the 2 mm grid does not fold fine detail into coarse.
    const double spacing = volume.spacing_mm().minCoeff();
    smooth(samples, volume.dims, 0.8 / spacing);
    native.samples = std::make_shared<const std::vector<float>>(std::move(samples));
    out.field = resampled(native, out.grid);
    smooth(out.field, out.grid.dims, std::sqrt(std::max(0.0, sigma_mm * sigma_mm - 0.64)) / kGridMm);
    return out;
}
Level smoother(const Level& level, double sigma_mm) {
    Level out = level;
    smooth(out.field, out.grid.dims, sigma_mm / kGridMm);
    return out;
}

std::array<std::filesystem::path, 2> template_files(const std::filesystem::path& folder) {
    std::array<std::filesystem::path, 2> out = {folder / "ch2.nii.gz", folder / "ch2bet.nii.gz"};
    for (const auto& path : out) {
        if (!std::filesystem::exists(path)) {
            throw InputError("The template " + path.string() +
                             " is missing; install the package mricron-data, or name the folder that holds it.");
        }
    }
    return out;
}

Field as_field(const Mask& mask) { return {mask.begin(), mask.end()}; }

// Pearson's correlation over fixed samples and the template under them.
double correlation(const std::vector<FixedSample>& fixed, const Level& moving, const Affine3d& moving_from_fixed) {
    double n = 0.0;
    double sx = 0.0;
    double sy = 0.0;
    double sxx = 0.0;
    double syy = 0.0;
    double sxy = 0.0;
    for (const auto& sample : fixed) {
        const Vector3d voxel = (moving_from_fixed * sample.place - moving.grid.first.xyz) / moving.grid.spacing_mm;
        const auto y = static_cast<double>(sampled(moving.field, moving.grid, voxel, -1.0F));
        if (y < 0.0) continue;
        const auto x = static_cast<double>(sample.value);
        n += 1.0;
        sx += x;
        sy += y;
        sxx += x * x;
        syy += y * y;
        sxy += x * y;
    }
    const double vx = n * sxx - sx * sx;
    const double vy = n * syy - sy * sy;
    return vx > 0.0 && vy > 0.0 ? (n * sxy - sx * sy) / std::sqrt(vx * vy) : 0.0;
}

}  // namespace

Template load_template(const std::filesystem::path& folder) {
    const auto [head_path, brain_path] = template_files(folder);
    Template out;
    out.t1 = read_volume(head_path);
    const Volume brain = read_volume(brain_path);
    if (brain.dims != out.t1.dims) {
        throw InputError("The template files ch2.nii.gz and ch2bet.nii.gz in " + folder.string() +
                         " do not belong together.");
    }
    out.brain = largest_part(above(*brain.samples, 0.0F), brain.dims);
    fill_holes(out.brain, brain.dims);
    return out;
}

std::string template_sha256(const std::filesystem::path& folder) {
    std::string both;
    for (const auto& path : template_files(folder)) both += sha256_of_file(path.string());
    return sha256_of(both);
}

TemplateMatch match_template(const Volume& t1, const Scalp& scalp, const Template& to, const std::string& file,
                             const Progress& progress) {
    progress.at(0.0, "Finding the head in template space");
    Level fixed = level_of(t1, 1.0);
    Level moving = level_of(to.t1, 1.0);
    // Coils near the head shade it; mutual information takes one brightness for one tissue.
    const Mask head = above(resampled(as_field(scalp.head), scalp.grid, fixed.grid), 0.5F);
    even_out(fixed.field, fixed.grid.dims, head, kShadingMm / kGridMm);
    const Mask moving_head = largest_part(above(moving.field, 0.5F * otsu_threshold(moving.field)), moving.grid.dims);
    even_out(moving.field, moving.grid.dims, moving_head, kShadingMm / kGridMm);
    // The head and a rim of air around it, on the fixed grid.
    const Mask rim = dilated(scalp.head, scalp.grid.dims, 8.0 / scalp.grid.spacing_mm);
    const Mask region = above(resampled(as_field(rim), scalp.grid, fixed.grid), 0.5F);
    const Level fixed_coarse = smoother(fixed, 3.0);
    const Level moving_coarse = smoother(moving, 3.0);

    // Several tilts of the head: each search finds the best map near it, the best of all is kept.
    const MutualInformation coarse(spread_samples(fixed_coarse.field, fixed.grid, region, 6.0), moving_coarse.field,
                                   moving.grid);
    const Vector3d fixed_middle = crown_middle(scalp.grid, scalp.head);
    const Vector3d moving_middle = crown_middle(moving.grid, moving_head);
    const std::array<Vector3d, 9> tilts_deg = {Vector3d(0, 0, 0),   Vector3d(-18, 0, 0), Vector3d(18, 0, 0),
                                               Vector3d(-36, 0, 0), Vector3d(36, 0, 0),  Vector3d(0, 18, 0),
                                               Vector3d(0, -18, 0), Vector3d(0, 0, 18),  Vector3d(0, 0, -18)};
    Match best;
    for (const Vector3d& tilt : tilts_deg) {
        Affine3d start = Affine3d::Identity();
        const double angle = tilt.norm() * 3.14159265358979323846 / 180.0;
        if (angle > 0.0) start.linear() = Eigen::AngleAxisd(angle, tilt.normalized()).toRotationMatrix();
        start.translation() = moving_middle - start.linear() * fixed_middle;
        const Match match = best_match(coarse, start, Freedom::similarity, 40, progress);
        if (match.information > best.information) best = match;
    }
    if (best.information < 0.0) {
        throw InputError(file + " could not be laid over the template: it does not look like a T1 of a head.");
    }

    progress.at(0.4, "Fitting the head to the template");
    {
        const MutualInformation middle(spread_samples(smoother(fixed, 1.7).field, fixed.grid, region, 4.0),
                                       smoother(moving, 1.7).field, moving.grid);
        best = best_match(middle, best.moving_from_fixed, Freedom::similarity, 40, progress);
        best = best_match(middle, best.moving_from_fixed, Freedom::affine, 40, progress);
    }
    progress.at(0.6, "Fitting the head to the template");
    {
        const MutualInformation fine(spread_samples(fixed.field, fixed.grid, region, 3.0), moving.field, moving.grid);
        best = best_match(fine, best.moving_from_fixed, Freedom::affine, 40, progress);
    }

    progress.at(0.8, "Fitting the brain to the template");
    const WorkGrid brain_grid = grid_around(to.t1, 1.0, 0.0);
    const Field near_brain = as_field(dilated(to.brain, to.t1.dims, 5.0));
    Mask brain_region(fixed.grid.count(), 0);
    for (int k = 0; k < fixed.grid.dims[2]; ++k) {
        for (int j = 0; j < fixed.grid.dims[1]; ++j) {
            for (int i = 0; i < fixed.grid.dims[0]; ++i) {
                const Vector3d place = best.moving_from_fixed * fixed.grid.place(i, j, k).xyz;
                const Vector3d voxel = to.t1.scan_from_voxel.affine().inverse() * place;
                if (sampled(near_brain, brain_grid, voxel) > 0.5F) brain_region[fixed.grid.index(i, j, k)] = 1;
            }
        }
    }
    const auto brain_samples = spread_samples(fixed.field, fixed.grid, brain_region, 2.5);
    if (brain_samples.size() < 5000) {
        throw InputError(file + " could not be laid over the template: no brain was found in it.");
    }
    const MutualInformation brain(brain_samples, moving.field, moving.grid);
    best = best_match(brain, best.moving_from_fixed, Freedom::affine, 60, progress);

    TemplateMatch out;
    out.mni_from_scan = AffineMap<Mni, Scan>(best.moving_from_fixed);
    out.correlation = correlation(brain_samples, moving, best.moving_from_fixed);
    out.same_head = out.correlation > 0.985;
    const double stretch = best.moving_from_fixed.linear().determinant();
    if (out.correlation < kLowestCorrelation || !(stretch > 0.3 && stretch < 4.0)) {
        throw InputError(file + " could not be laid over the template: it does not look like a T1 of a head.");
    }
    progress.at(1.0, "Template space found");
    return out;
}

}  // namespace precentral
