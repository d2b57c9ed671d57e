// SPDX-License-Identifier: Apache-2.0
#include "imaging/brain.h"

#include <algorithm>
#include <cmath>

#include "data/error.h"
#include "imaging/decimate.h"
#include "imaging/iso_surface.h"
#include "imaging/mesh_measures.h"
#include "imaging/parallel.h"
#include "imaging/voxel_ops.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr double kMarginMm = 16.0;    // around the template's brain, for the closing and for what the affine misses
constexpr double kTrustMm = 7.0;      // how far the template's outline may be off
constexpr double kTrustWarpMm = 3.0;  // … when it was bent to the brain
constexpr float kSureMm = 1.5F;       // … deeper inside the bent outline than this is brain whatever its brightness
constexpr double kNeckMm = 2.0;       // half of what must join a part to the brain
constexpr double kSulcusMm = 4.0;     // sulci up to twice this wide are inside the mask
constexpr double kDeepMm = 12.0;      // further inside than this, the surface is of no interest (ventricles)
constexpr double kShadingMm = 22.0;   // shading changes over distances longer than this
constexpr double kHullGridMm = 1.0;
constexpr double kHullSmoothMm = 5.0;    // moves a surface of 70 mm radius in by 0.4 mm
constexpr double kHullClosingMm = 10.0;  // fissures up to twice this wide are bridged
constexpr int kTriangles = 60000;

// Three classes of brightness around a fluid, a grey and a white mean (k-means, one dimension).
struct Tissue {
    float fluid = 0.0F;
    float grey = 0.0F;
    float white = 0.0F;
    float fluid_to_grey() const { return 0.5F * (fluid + grey); }
};

Tissue tissue_of(const Field& samples) {
    Tissue t{quantile(samples, 0.04), quantile(samples, 0.40), quantile(samples, 0.80)};
    for (int round = 0; round < 30; ++round) {
        std::array<double, 3> sum{};
        std::array<double, 3> count{};
        for (const float value : samples) {
            const std::size_t c = value < 0.5F * (t.fluid + t.grey) ? 0 : value < 0.5F * (t.grey + t.white) ? 1 : 2;
            sum[c] += static_cast<double>(value);
            count[c] += 1.0;
        }
        const auto mean = [&](std::size_t c, float before) {
            return count[c] > 0.0 ? static_cast<float>(sum[c] / count[c]) : before;
        };
        t = {mean(0, t.fluid), mean(1, t.grey), mean(2, t.white)};
    }
    return t;
}

// Signed distance to the template's brain in mm, positive inside, on the patient's grid.
Field carried_depth(const WorkGrid& grid, const TemplateMatch& match, const VelocityField* warp, const Template& from) {
    const Field inside = squared_distance(from.brain, from.t1.dims, 0);
    const Field outside = squared_distance(from.brain, from.t1.dims, 1);
    Field depth(inside.size());
    for (std::size_t i = 0; i < depth.size(); ++i) {
        depth[i] = inside[i] > 0.0F ? std::sqrt(inside[i]) - 0.5F : 0.5F - std::sqrt(outside[i]);
    }
    const WorkGrid source = grid_around(from.t1, 1.0, 0.0);
    const Eigen::Affine3d mni_from_grid = match.mni_from_scan.affine() * grid.scan_from_voxel().affine();
    const Eigen::Affine3d voxel_from_mni = from.t1.scan_from_voxel.affine().inverse();
    const std::vector<Arrow> bend = warp != nullptr ? displacement(*warp, -1.0) : std::vector<Arrow>();
    // Distances measured in the template are shorter or longer in the patient by the stretch of the map.
    const auto scale = static_cast<float>(1.0 / std::cbrt(match.mni_from_scan.affine().linear().determinant()));
    Field out(grid.count());
    for_each_part(grid.dims[2], [&](int k) {
        for (int j = 0; j < grid.dims[1]; ++j) {
            for (int i = 0; i < grid.dims[0]; ++i) {
                Vector3d mni = mni_from_grid * Vector3d(i, j, k);
                if (warp != nullptr) {
                    const Vector3d voxel = (mni - warp->grid.first.xyz) / warp->grid.spacing_mm;
                    mni += sampled(bend, warp->grid.dims, voxel.cast<float>()).head<3>().cast<double>();
                }
                out[grid.index(i, j, k)] = scale * sampled(depth, source, voxel_from_mni * mni, -1000.0F);
            }
        }
    });
    return out;
}

// The box of the template's brain in the patient's scan, with a margin.
WorkGrid brain_grid(const Volume& t1, const TemplateMatch& match, const Template& from) {
    Vector3d low = Vector3d::Constant(1e30);
    Vector3d high = -low;
    const Eigen::Affine3d scan_from_template =
        match.mni_from_scan.affine().inverse() * from.t1.scan_from_voxel.affine();
    std::size_t at = 0;
    for (int k = 0; k < from.t1.dims[2]; ++k) {
        for (int j = 0; j < from.t1.dims[1]; ++j) {
            for (int i = 0; i < from.t1.dims[0]; ++i) {
                if (from.brain[at++] == 0) continue;
                const Vector3d place = scan_from_template * Vector3d(i, j, k);
                low = low.cwiseMin(place);
                high = high.cwiseMax(place);
            }
        }
    }
    const Vector3d margin = Vector3d::Constant(kMarginMm);
    return cropped(grid_around(t1, 1.0, kMarginMm), {low - margin}, {high + margin});
}

// Divides out slow shading, so that white matter is equally bright everywhere: white matter's own brightness, spread to
// where there is none (normalised convolution), twice.
void take_out_shading(Field& field, const WorkGrid& grid, const Field& depth, Tissue& tissue) {
    WorkGrid coarse = grid;
    coarse.spacing_mm = 4.0;
    for (std::size_t a = 0; a < 3; ++a) coarse.dims[a] = std::max(2, (grid.dims[a] + 3) / 4);
    for (int round = 0; round < 2; ++round) {
        const float low = tissue.grey + 0.6F * (tissue.white - tissue.grey);
        const float high = tissue.white + 0.8F * (tissue.white - tissue.grey);
        Field weight(coarse.count(), 0.0F);
        Field value(coarse.count(), 0.0F);
        for (int k = 0; k < grid.dims[2]; ++k) {
            for (int j = 0; j < grid.dims[1]; ++j) {
                for (int i = 0; i < grid.dims[0]; ++i) {
                    const std::size_t from = grid.index(i, j, k);
                    if (depth[from] < 4.0F || field[from] < low || field[from] > high) continue;
                    const std::size_t to =
                        coarse.index(std::min(i / 4, coarse.dims[0] - 1), std::min(j / 4, coarse.dims[1] - 1),
                                     std::min(k / 4, coarse.dims[2] - 1));
                    weight[to] += 1.0F;
                    value[to] += field[from];
                }
            }
        }
        smooth(weight, coarse.dims, kShadingMm / coarse.spacing_mm);
        smooth(value, coarse.dims, kShadingMm / coarse.spacing_mm);
        const float most = *std::max_element(weight.begin(), weight.end());
        Field gain(coarse.count());
        for (std::size_t i = 0; i < gain.size(); ++i) {
            // Where white matter is far away the shading fades to none.
            const float trust = 0.01F * most;
            gain[i] = tissue.white * (weight[i] + trust) / (value[i] + trust * tissue.white);
        }
        const Field fine = resampled(gain, coarse, grid, 1.0F);
        Field inside;
        for (std::size_t i = 0; i < field.size(); ++i) {
            field[i] *= fine[i];
            if (depth[i] > 0.0F) inside.push_back(field[i]);
        }
        tissue = tissue_of(inside);
    }
}

Surface hull_of(const Mask& mask, const WorkGrid& grid) {
    WorkGrid coarse = grid;
    coarse.spacing_mm = kHullGridMm;
    for (std::size_t a = 0; a < 3; ++a) {
        coarse.dims[a] = static_cast<int>(grid.dims[a] * grid.spacing_mm / kHullGridMm) + 1;
    }
    const Field fine(mask.begin(), mask.end());
    const Mask bridged = closed(above(resampled(fine, grid, coarse), 0.5F), coarse.dims, kHullClosingMm / kHullGridMm);
    Field field(bridged.begin(), bridged.end());
    smooth(field, coarse.dims, kHullSmoothMm / kHullGridMm);
    Surface out = iso_surface(field, coarse, 0.5F);
    taubin_smooth(out, 15);
    out.normals = vertex_normals(out.vertices, out.triangles);
    return out;
}

}  // namespace

BrainMask find_brain(const Volume& t1, const TemplateMatch& match, const VelocityField* warp, const Template& from,
                     const std::string& file, const Progress& progress) {
    BrainMask out;
    progress.at(0.0, "Carrying the template's brain over");
    out.grid = brain_grid(t1, match, from);
    const WorkGrid& grid = out.grid;
    const auto& dims = grid.dims;
    const float air = *std::min_element(t1.samples->begin(), t1.samples->end());
    out.field = resampled(t1, grid, air);
    Field& field = out.field;
    for (float& value : field) value -= air;
    const Field depth = carried_depth(grid, match, warp, from);

    progress.at(0.3, "Telling grey matter from fluid");
    even_out(field, dims, above(depth, 2.0F), kShadingMm / grid.spacing_mm);
    Field inside;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (depth[i] > 0.0F) inside.push_back(field[i]);
    }
    if (inside.size() < 300000) throw InputError("The brain is not inside the field of view of " + file + ".");
    Tissue tissue = tissue_of(inside);
    take_out_shading(field, grid, depth, tissue);
    const float threshold = tissue.fluid_to_grey();
    out.fluid_to_grey = threshold;
    const double trust_mm = warp != nullptr ? kTrustWarpMm : kTrustMm;
    const float too_bright = tissue.white + 1.2F * (tissue.white - tissue.grey);  // fat, marrow, vessels

    progress.at(0.6, "Cutting the brain free");
    Field calm = field;
    smooth(calm, dims, 0.6);
    Mask bright(field.size());
    for (std::size_t i = 0; i < field.size(); ++i) {
        const bool may_be = depth[i] > -trust_mm && calm[i] > threshold && (calm[i] < too_bright || depth[i] > 4.0F);
        bright[i] = may_be ? 1 : 0;
    }
    const Mask core = largest_part(eroded(bright, dims, kNeckMm), dims);
    const Field from_core = squared_distance(core, dims, 1);
    Mask& tissue_mask = out.tissue;
    tissue_mask.resize(field.size());
    const auto reach = static_cast<float>((kNeckMm + 1.0) * (kNeckMm + 1.0));
    for (std::size_t i = 0; i < field.size(); ++i) tissue_mask[i] = bright[i] != 0 && from_core[i] <= reach ? 1 : 0;
    tissue_mask = largest_part(tissue_mask, dims);
    out.mask = closed(tissue_mask, dims, kSulcusMm);
    if (warp != nullptr) {
        for (std::size_t i = 0; i < depth.size(); ++i) {
            if (depth[i] > kSureMm) out.mask[i] = 1;
        }
        out.mask = largest_part(out.mask, dims);
    }
    fill_holes(out.mask, dims);
    out.volume_ml = static_cast<double>(count_of(out.mask)) * std::pow(grid.spacing_mm, 3) / 1000.0;
    double carried = 0.0;
    double both = 0.0;
    for (std::size_t i = 0; i < depth.size(); ++i) {
        if (depth[i] <= 0.0F) continue;
        carried += 1.0;
        both += out.mask[i];
    }
    out.overlap = 2.0 * both / (carried + static_cast<double>(count_of(out.mask)));
    if (out.volume_ml < 500.0 || out.volume_ml > 2500.0) {
        throw InputError("No brain of plausible size was found in " + file + " (" +
                         std::to_string(static_cast<int>(out.volume_ml)) + " ml).");
    }

    return out;
}

Brain brain_surfaces(BrainMask brain, const std::string& file, const Progress& progress) {
    progress.at(0.0, "Meshing the brain");
    Brain out;
    const WorkGrid& grid = brain.grid;
    const auto& dims = grid.dims;
    Field& field = brain.field;
    const Mask& tissue_mask = brain.tissue;
    const float threshold = brain.fluid_to_grey;
    out.hull = hull_of(brain.mask, grid);
    const Field from_outside = squared_distance(brain.mask, dims, 0);
    const Mask near_tissue = dilated(tissue_mask, dims, 1.5);
    constexpr auto kDeep = static_cast<float>(kDeepMm * kDeepMm);
    const float full = 2.0F * threshold;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (from_outside[i] > kDeep) {
            field[i] = full;
        } else if (near_tissue[i] == 0) {
            field[i] = 0.0F;
        } else if (tissue_mask[i] == 0) {
            field[i] = std::clamp(field[i], 0.0F, threshold);  // beside the tissue, but cut off from it
        } else {
            field[i] = std::clamp(field[i], 0.0F, full);
        }
    }
    smooth(field, dims, 0.7);
    Surface mesh = iso_surface(field, grid, threshold);
    if (mesh.empty()) throw InputError("No brain was found in " + file + ".");
    taubin_smooth(mesh, 10);
    progress.at(0.5, "Simplifying the brain");
    out.surface = decimated(mesh, kTriangles);
    progress.at(1.0, "Brain done");
    return out;
}

}  // namespace precentral
