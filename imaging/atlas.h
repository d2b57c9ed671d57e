// SPDX-License-Identifier: Apache-2.0
// What a place of template space is called in the atlases of the package mricron-data.
//
// The atlases are read where the package put them and are not part of this program. Cite, when their names are printed:
//  - AAL: Tzourio-Mazoyer et al. 2002, doi 10.1006/nimg.2001.0978. One brain (Colin27), 116 parts, left and right
//  apart.
//  - Brodmann: areas drawn on Colin27 as MRIcro shipped them (Rorden and Brett 2000, doi 10.1155/2000/421719), after
//    Brodmann 1909. Borders are approximate: cell layers do not show in an MRI.
//  - Harvard-Oxford cortical areas (the likeliest of each place, no lower limit, 1 mm): Desikan et al. 2006,
//    doi 10.1016/j.neuroimage.2006.01.021, of the Harvard Center for Morphometric Analysis, spread with FSL. They are
//    averages of 37 people, not parts of one brain.
// The package states BSD-3-Clause for all its files; the authors of AAL and of Harvard-Oxford have terms of their own
// for commercial use.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "imaging/volume.h"

namespace precentral {

struct AtlasLabel {
    std::string name;          // "Precentral_L", "Brodmann 4, left", "Precentral Gyrus, left"
    int value = 0;             // in the atlas's volume
    double distance_mm = 0.0;  // 0 inside; else from the point to the nearest voxel's centre that carries the label
};

// One atlas: a volume of numbers in template space, and what they are called. Const calls from any thread.
class Atlas {
public:
    // `names[v]` is the name of value v, empty for values without one. When `add_side`, ", left" or ", right" is added
    // by the side of the midline of the place found. Throws InputError naming the atlas when no voxel carries a name.
    Atlas(std::string name, const Volume& labels, std::vector<std::string> names, bool add_side);

    const std::string& name() const { return name_; }

    // The label at that place, or the nearest within `reach_mm` (default: a motor target proposed on a crown may lie
    // outside the template's cortex by a gyrus' height); nothing when there is none.
    std::optional<AtlasLabel> label_at(const Point<Mni>& p, double reach_mm = 15.0) const;

private:
    std::string name_;
    std::array<int, 3> dims_{};
    AffineMap<Mni, Voxel> mni_from_voxel_;
    AffineMap<Voxel, Mni> voxel_from_mni_;
    std::vector<unsigned char> values_;
    std::vector<std::string> names_;
    bool add_side_ = false;
};

// AAL, Brodmann and Harvard-Oxford of `folder` (kTemplateDir of imaging/head_model.h), in this order. Throws InputError
// naming the file and the package when one is missing or broken. ~0.4 s.
std::vector<Atlas> load_atlases(const std::filesystem::path& folder);

}  // namespace precentral
