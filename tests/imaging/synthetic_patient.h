// SPDX-License-Identifier: Apache-2.0
// A patient made from the template whose true place in the template is known: another pose and shape, another contrast,
// shading and noise.
#pragma once

#include <cstdint>

#include "imaging/template_space.h"

namespace precentral {

struct SyntheticPatient {
    Volume t1;                         // 1 mm voxels
    Mask brain;                        // of its voxels: the template's brain, carried
    std::vector<Eigen::Vector3f> mni;  // where each voxel truly lies

    // The true place of a template point, by fixed-point iteration.
    Point<Scan> scan_from_mni(const Point<Mni>& point) const;

    Eigen::Affine3d mni_from_bent = Eigen::Affine3d::Identity();
    std::vector<Eigen::Vector3f> bend;  // mm; the place in the template is mni_from_bent * (place + bend)
};

struct SyntheticSpread {
    double turn_deg = 7.0;
    double shift_mm = 6.0;
    double stretch = 0.05;
    double wide_bend_mm = 5.0;   // rms, over 22 mm
    double tight_bend_mm = 2.0;  // rms, over 9 mm
    double shading = 0.18;
    double noise = 0.02;  // Rician, of the brightest
};

SyntheticPatient synthetic_patient(const Template& from, std::uint64_t seed, const SyntheticSpread& spread = {});

// Labels of the template's voxels (nearest), carried by the truth.
std::vector<int> true_labels(const SyntheticPatient& patient, const Volume& labels);

// 2 |A ∩ B| / (|A| + |B|).
double dice(const Mask& a, const Mask& b);

}  // namespace precentral
