// SPDX-License-Identifier: Apache-2.0
#include "imaging/deface.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "data/error.h"
#include "imaging/mesh_measures.h"
#include "imaging/voxel_ops.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr double kFloorMm = 30.0;
constexpr double kBeyondBrainMm = 35.0;
constexpr double kMarginGridMm = 1.5;

Vector3d in_box(const KeptBox& box, const Point<Scan>& p) {
    const Direction<Scan> d = p - box.origin;
    return {d.dot(box.right), d.dot(box.front), d.dot(box.up)};
}

std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace

bool KeptBox::holds(const Point<Scan>& p) const {
    const Vector3d place = in_box(*this, p);
    return (place.array() >= low_mm.array()).all() && (place.array() <= high_mm.array()).all();
}

std::string KeptBox::words() const {
    std::array<char, 1400> text{};
    std::snprintf(
        text.data(), text.size(),
        "Kept is a box in the head's own axes, and every voxel within %.0f mm of the brain.\n"
        "Everything else (face, eyes, ears, jaw, neck, and what is around the head) was replaced by air.\n"
        "Origin, half way between the preauricular points (scan, RAS mm): %.1f %.1f %.1f\n"
        "Right: %.4f %.4f %.4f   Front: %.4f %.4f %.4f   Up: %.4f %.4f %.4f\n"
        "From the origin the box reaches %.0f mm to the left and %.0f mm to the right, %.0f mm back and %.0f mm to the "
        "front, and from %.0f mm to %.0f mm up; up is measured from the plane of nasion and preauricular points.\n"
        "The brain is unchanged to the last bit. The image is pseudonymous, not anonymous, and can no longer be "
        "registered to the person.\n",
        brain_margin_mm, origin.xyz.x(), origin.xyz.y(), origin.xyz.z(), right.xyz.x(), right.xyz.y(), right.xyz.z(),
        front.xyz.x(), front.xyz.y(), front.xyz.z(), up.xyz.x(), up.xyz.y(), up.xyz.z(), -low_mm.x(), high_mm.x(),
        -low_mm.y(), high_mm.y(), low_mm.z(), high_mm.z());
    return text.data();
}

KeptBox kept_box(const Point<Scan>& nasion, const Point<Scan>& left_preauricular, const Point<Scan>& right_preauricular,
                 const Surface& brain) {
    const Direction<Scan> across = right_preauricular - left_preauricular;
    KeptBox box;
    box.origin.xyz = 0.5 * (left_preauricular.xyz + right_preauricular.xyz);
    const Direction<Scan> ahead = nasion - box.origin;
    const double ears_mm = across.norm();
    if (!(ears_mm > 70.0 && ears_mm < 220.0 && ahead.norm() > 40.0 && ahead.norm() < 180.0)) {
        throw InputError("The face cannot be taken off: nasion and preauricular points are not those of a head.");
    }
    box.right = across.normalized();
    const Direction<Scan> straight = ahead - ahead.dot(box.right) * box.right;
    if (straight.norm() < 0.5 * ahead.norm()) {
        throw InputError("The face cannot be taken off: nasion and preauricular points are nearly on one line.");
    }
    box.front = straight.normalized();
    box.up = box.right.cross(box.front);
    if (brain.empty()) throw InputError("The face cannot be taken off without a brain to keep.");
    box.low_mm.setConstant(std::numeric_limits<double>::infinity());
    box.high_mm = -box.low_mm;
    for (const auto& vertex : brain.vertices) {
        const Vector3d place = in_box(box, vertex);
        box.low_mm = box.low_mm.cwiseMin(place);
        box.high_mm = box.high_mm.cwiseMax(place);
    }
    if (!(box.high_mm.z() > kFloorMm + 20.0)) {
        throw InputError(
            "The face cannot be taken off: the brain is not above the nasion and the preauricular points. Are left and "
            "right exchanged?");
    }
    box.low_mm.array() -= kBeyondBrainMm;
    box.high_mm.array() += kBeyondBrainMm;
    box.low_mm.z() = kFloorMm;
    return box;
}

Volume defaced(const Volume& t1, const Mask& brain, const KeptBox& box) {
    if (brain.size() != t1.count()) throw InputError("The brain mask and the image are not of the same size.");
    if (count_of(brain) == 0) throw InputError("The face cannot be taken off without a brain to keep.");
    // The margin on even voxels, whatever the image's own are.
    Volume brain_volume{t1.dims, t1.scan_from_voxel, {}};
    brain_volume.samples = std::make_shared<const std::vector<float>>(brain.begin(), brain.end());
    const WorkGrid grid = grid_around(t1, kMarginGridMm, box.brain_margin_mm + 2.0 * kMarginGridMm);
    const Mask near_brain =
        dilated(above(resampled(brain_volume, grid), 0.5F), grid.dims, box.brain_margin_mm / kMarginGridMm);
    const Field near_field(near_brain.begin(), near_brain.end());
    const Eigen::Affine3d grid_from_voxel = grid.scan_from_voxel().affine().inverse() * t1.scan_from_voxel.affine();

    const float air = *std::min_element(t1.samples->begin(), t1.samples->end());
    std::vector<float> samples = *t1.samples;
    std::size_t index = 0;
    for (int k = 0; k < t1.dims[2]; ++k) {
        for (int j = 0; j < t1.dims[1]; ++j) {
            for (int i = 0; i < t1.dims[0]; ++i, ++index) {
                const Vector3d voxel(i, j, k);
                if (brain[index] != 0 || box.holds(t1.scan_from_voxel * Point<Voxel>{voxel})) continue;
                if (sampled(near_field, grid, grid_from_voxel * voxel) > 0.5F) continue;
                samples[index] = air;
            }
        }
    }
    return {t1.dims, t1.scan_from_voxel, std::make_shared<const std::vector<float>>(std::move(samples))};
}

Surface defaced(const Surface& surface, const KeptBox& box) {
    Surface out;
    std::vector<int> renumbered(surface.vertices.size(), -1);
    for (std::size_t v = 0; v < surface.vertices.size(); ++v) {
        if (!box.holds(surface.vertices[v])) continue;
        renumbered[v] = static_cast<int>(out.vertices.size());
        out.vertices.push_back(surface.vertices[v]);
    }
    for (const auto& t : surface.triangles) {
        const std::array<int, 3> moved = {renumbered[at(t[0])], renumbered[at(t[1])], renumbered[at(t[2])]};
        if (*std::min_element(moved.begin(), moved.end()) >= 0) out.triangles.push_back(moved);
    }
    out.normals = vertex_normals(out.vertices, out.triangles);
    return out;
}

}  // namespace precentral
