// SPDX-License-Identifier: Apache-2.0
#include "imaging/scalp.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "data/error.h"
#include "imaging/decimate.h"
#include "imaging/iso_surface.h"
#include "imaging/mesh_measures.h"
#include "imaging/orientation.h"
#include "imaging/voxel_ops.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr double kSpacingMm = 1.5;
constexpr double kClosingMm = 6.0;
constexpr double kPadMm = 15.0;  // more than the closing radius, or the mask would grow into the border
constexpr int kTriangles = 60000;
constexpr double kSmallestHeadMl = 1000.0;
constexpr double kLidWarnedOfCm2 = 4.0;
constexpr double kCrownToShoulderMm = 190.0;  // what is cut further below the crown is neck or shoulder, not head

// How much of the head lies against each face of the image's own box: where the field of view cuts it.
std::vector<std::string> lids(const Volume& t1, const WorkGrid& grid, const Mask& head) {
    const Eigen::Affine3d voxel_from_grid = t1.scan_from_voxel.affine().inverse() * grid.scan_from_voxel().affine();
    const Vector3d reach = grid.spacing_mm * t1.spacing_mm().cwiseInverse();  // one grid step in voxels
    std::array<double, 6> area_cm2{};
    const double voxel_face_cm2 = grid.spacing_mm * grid.spacing_mm / 100.0;
    const auto last_set = std::find(head.rbegin(), head.rend(), 1);
    const auto crown = static_cast<int>(static_cast<std::size_t>(head.rend() - last_set - 1) / grid.index(0, 0, 1));
    const int lowest = std::max(0, crown - static_cast<int>(kCrownToShoulderMm / grid.spacing_mm));
    for (int k = lowest; k < grid.dims[2]; ++k) {
        for (int j = 0; j < grid.dims[1]; ++j) {
            for (int i = 0; i < grid.dims[0]; ++i) {
                if (head[grid.index(i, j, k)] == 0) continue;
                const Vector3d voxel = voxel_from_grid * Vector3d(i, j, k);
                for (std::size_t axis = 0; axis < 3; ++axis) {
                    const auto a = static_cast<Eigen::Index>(axis);
                    if (std::abs(voxel[a]) <= 0.5 * reach[a]) area_cm2[2 * axis] += voxel_face_cm2;
                    if (std::abs(voxel[a] - (t1.dims[axis] - 1)) <= 0.5 * reach[a]) {
                        area_cm2[2 * axis + 1] += voxel_face_cm2;
                    }
                }
            }
        }
    }
    std::vector<std::string> out;
    const std::string letters = orientation_letters(t1.scan_from_voxel);
    for (std::size_t face = 0; face < 6; ++face) {
        if (area_cm2[face] < kLidWarnedOfCm2) continue;
        const std::string toward = "RLAPSI";
        const std::size_t high_side = toward.find(letters[face / 2]);
        const std::size_t side = face % 2 == 1 ? high_side : (high_side ^ 1U);
        if (toward[side] == 'I') continue;  // every head scan ends at the neck
        const std::array<const char*, 6> names = {"right", "left", "front", "back", "top", "bottom"};
        std::array<char, 200> text{};
        std::snprintf(text.data(), text.size(),
                      "The field of view cuts the head at the %s (%.0f cm²); the scalp is flat there and must not be "
                      "touched for registration.",
                      names[side], area_cm2[face]);
        out.emplace_back(text.data());
    }
    return out;
}

}  // namespace

Scalp extract_scalp(const Volume& t1, const std::string& file, const Progress& progress) {
    Scalp out;
    progress.at(0.0, "Reading the head's outline");
    out.grid = grid_around(t1, kSpacingMm, kPadMm);
    if (out.grid.count() > (std::size_t{1} << 27)) {
        throw InputError("The field of view of " + file + " is far larger than a head; crop it to the head.");
    }
    // Air outside the field of view: the lowest value there is.
    const float air = *std::min_element(t1.samples->begin(), t1.samples->end());
    Field field = resampled(t1, out.grid, air);
    smooth(field, out.grid.dims, 1.0 / kSpacingMm);
    // Voxels outside the field of view say nothing about where air ends: only those inside are asked.
    const WorkGrid inside = cropped(out.grid, {out.grid.first.xyz + Vector3d::Constant(kPadMm)},
                                    {out.grid.place(out.grid.dims[0], out.grid.dims[1], out.grid.dims[2]).xyz -
                                     Vector3d::Constant(kPadMm + kSpacingMm)});
    const Field seen = resampled(field, out.grid, inside, air);
    out.threshold = air + 0.5F * (otsu_threshold(seen) - air);

    progress.at(0.3, "Closing the head's outline");
    const Mask bright = largest_part(above(field, out.threshold), out.grid.dims);
    out.head = closed(bright, out.grid.dims, kClosingMm / kSpacingMm);
    fill_holes(out.head, out.grid.dims);
    out.head = largest_part(out.head, out.grid.dims);
    const double voxel_ml = std::pow(kSpacingMm, 3) / 1000.0;
    const double head_ml = static_cast<double>(count_of(out.head)) * voxel_ml;
    const double seen_ml = static_cast<double>(seen.size()) * voxel_ml;
    if (head_ml < kSmallestHeadMl) {
        throw InputError("No head was found in " + file + ": give a T1 of the whole head, with the scalp.");
    }
    if (head_ml > 0.97 * seen_ml) {
        throw InputError("No air was found around the head in " + file +
                         ": the scalp cannot be told from the background. Give a T1 of the whole head.");
    }
    out.warnings = lids(t1, out.grid, out.head);

    progress.at(0.6, "Meshing the scalp");
    // The image itself places the skin between voxels; the mask decides what is inside. Twice the threshold is enough
    // contrast, so that bright fat does not pull the surface outwards.
    const float threshold = out.threshold - air;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const float value = field[i] - air;
        if (out.head[i] != 0) {
            field[i] = value > threshold ? std::min(value, 2.0F * threshold) : 2.0F * threshold;
        } else {
            field[i] = value > threshold ? 0.0F : std::max(0.0F, value);
        }
    }
    smooth(field, out.grid.dims, 0.7);
    Surface mesh = iso_surface(field, out.grid, threshold);
    taubin_smooth(mesh, 15);
    progress.at(0.8, "Simplifying the scalp");
    out.surface = decimated(mesh, kTriangles);
    const MeshMeasures measures = measured(out.surface);
    if (!measures.watertight() || measures.shells != 1) {
        throw Error("The scalp of " + file + " could not be closed (" + std::to_string(measures.open_edges) +
                    " open edges, " + std::to_string(measures.non_manifold_edges) + " pinched edges).");
    }
    progress.at(1.0, "Scalp done");
    return out;
}

}  // namespace precentral
