// SPDX-License-Identifier: Apache-2.0
// The affine map from a patient's scan to template space.
//
// The template is Colin27 (ch2 and its brain, ch2bet, of the package mricron-data): one man's head averaged over 27
// scans, which defines MNI coordinates well enough for an affine map (Holmes et al. 1998,
// doi 10.1097/00004728-199803000-00032).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/progress.h"
#include "imaging/scalp.h"

namespace precentral {

struct Template {
    Volume t1;   // its scan space is Mni
    Mask brain;  // of the voxels of t1; without holes
};

// Reads ch2.nii.gz and ch2bet.nii.gz from `folder`. Throws InputError saying which package holds them when they are
// missing.
Template load_template(const std::filesystem::path& folder);

// Of the two files of the template; what was made with another template can be told apart by it. Throws as
// load_template.
std::string template_sha256(const std::filesystem::path& folder);

struct TemplateMatch {
    AffineMap<Mni, Scan> mni_from_scan;
    // Correlation of the two images over the brain: about 0.6 and above for another T1, 1 for the same image.
    double correlation = 0.0;
    bool same_head = false;  // the patient is the template itself
};

// Mutual information of the whole head, from nine starting tilts (6 mm, similarity), then 4 mm and 3 mm (affine), at
// last of the brain alone (2.5 mm, affine). The same input gives the same map, on any number of cores. Throws
// InputError naming `file` when the two cannot be laid over each other.
TemplateMatch match_template(const Volume& t1, const Scalp& scalp, const Template& to, const std::string& file,
                             const Progress& progress = {});

}  // namespace precentral
