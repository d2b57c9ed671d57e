// SPDX-License-Identifier: Apache-2.0
#include "imaging/normalisation.h"

#include <algorithm>
#include <limits>

#include "imaging/parallel.h"
#include "imaging/voxel_ops.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

// The second method sees only what is coarse: 4 mm voxels, a wide window, stiff steps.
DeformableSettings second_method() {
    DeformableSettings out;
    out.grids_mm = {4.0};
    out.most_steps = {80};
    out.window_mm = 9.0;
    out.step_sigma_voxels = 3.0;
    return out;
}

template <class Value>
Volume on_template(const Template& to, const Value& value_at_mni) {
    Volume out = to.t1;
    auto samples = std::make_shared<std::vector<float>>(to.t1.count());
    const std::size_t row = static_cast<std::size_t>(to.t1.dims[0]);
    const std::size_t slice = row * static_cast<std::size_t>(to.t1.dims[1]);
    for_each_part(to.t1.dims[2], [&](int k) {
        std::size_t at = slice * static_cast<std::size_t>(k);
        for (int j = 0; j < to.t1.dims[1]; ++j) {
            for (int i = 0; i < to.t1.dims[0]; ++i, ++at) {
                (*samples)[at] = value_at_mni((to.t1.scan_from_voxel * Point<Voxel>{Vector3d(i, j, k)}).xyz);
            }
        }
    });
    out.samples = std::move(samples);
    return out;
}

}  // namespace

Point<Mni> Normalisation::mni(const Point<Scan>& place) const { return {carried(bend, (affine * place).xyz, -1.0)}; }

Point<Scan> Normalisation::scan(const Point<Mni>& place) const {
    return affine.inverse() * Point<Mni>{carried(bend, place.xyz, 1.0)};
}

double Normalisation::spread_mm(const Point<Mni>& place) const {
    const Point<Scan> other = affine.inverse() * Point<Mni>{carried(second, place.xyz, 1.0)};
    return (scan(place).xyz - other.xyz).norm();
}

Normalisation normalise(const Volume& t1, const TemplateMatch& match, const BrainMask& rough, const Template& to,
                        const Progress& progress) {
    Normalisation out;
    out.affine = match.mni_from_scan;
    out.correlation = match.correlation;
    const auto part = [&](double from, double share) {
        Progress inner;
        inner.stop = progress.stop;
        inner.report = [&progress, from, share](double fraction, std::string_view doing) {
            if (progress.report) progress.report(from + share * fraction, doing);
        };
        return inner;
    };
    out.second = match_deformable(t1, match.mni_from_scan, rough, to, second_method(), part(0.0, 0.15));
    out.bend = match_deformable(t1, match.mni_from_scan, rough, to, {}, part(0.15, 0.8));
    const Field volume_change = jacobian(displacement(out.bend, 1.0), out.bend.grid);
    Volume brain = to.t1;
    brain.samples = std::make_shared<const std::vector<float>>(to.brain.begin(), to.brain.end());
    const Mask inside = above(resampled(brain, out.bend.grid), 0.0F);
    out.least_jacobian = std::numeric_limits<double>::infinity();
    out.largest_jacobian = 0.0;
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (inside[i] == 0) continue;
        out.least_jacobian = std::min(out.least_jacobian, static_cast<double>(volume_change[i]));
        out.largest_jacobian = std::max(out.largest_jacobian, static_cast<double>(volume_change[i]));
    }
    progress.at(1.0, "Template space found");
    return out;
}

Volume in_template_space(const Volume& t1, const Normalisation& by, const Template& to) {
    const Eigen::Affine3d voxel_from_mni = t1.scan_from_voxel.affine().inverse() * by.affine.affine().inverse();
    const std::vector<Arrow> moved = displacement(by.bend, 1.0);
    WorkGrid voxels;
    voxels.dims = t1.dims;
    return on_template(to, [&](const Vector3d& mni) {
        const Vector3d at = (mni - by.bend.grid.first.xyz) / by.bend.grid.spacing_mm;
        const Arrow arrow = sampled(moved, by.bend.grid.dims, at.cast<float>());
        return sampled(*t1.samples, voxels, voxel_from_mni * (mni + arrow.head<3>().cast<double>()));
    });
}

Volume jacobian_map(const Normalisation& of, const Template& to) {
    const Field change = jacobian(displacement(of.bend, 1.0), of.bend.grid);
    return on_template(to, [&](const Vector3d& mni) {
        const Vector3d at = (mni - of.bend.grid.first.xyz) / of.bend.grid.spacing_mm;
        return sampled(change, of.bend.grid, at, 1.0F);
    });
}

}  // namespace precentral
