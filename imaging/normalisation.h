// SPDX-License-Identifier: Apache-2.0
// Between a patient's scan and template space, both ways: an affine map, bent to this brain.
#pragma once

#include "imaging/brain.h"
#include "imaging/deformable_match.h"

namespace precentral {

struct Normalisation {
    AffineMap<Mni, Scan> affine;  // mni_from_scan before bending
    VelocityField bend;           // carries template places to where the affine map puts the patient's
    VelocityField second;         // the same by a second, coarser method

    // Correlation of the two images over the brain, of the affine map alone: 0.6 and above for another T1.
    double correlation = 0.0;
    double overlap = 0.0;         // Dice, of the template's brain carried over and the brain found in the image
    double least_jacobian = 1.0;  // over the brain: above 0, nothing folds
    double largest_jacobian = 1.0;

    Point<Mni> mni(const Point<Scan>& place) const;
    Point<Scan> scan(const Point<Mni>& place) const;  // undoes mni() to within 0.01 mm

    // How far apart the two methods put a template place in the scan, mm: on a real head 2 to 8 mm, which is what such
    // maps are good for (two published methods differ as much). Not an error bound.
    double spread_mm(const Point<Mni>& place) const;
};

// Affine by `match`, then two deformable matches; `rough` is the brain found by the affine map alone. `overlap` is left
// to whoever finds the brain again with the bent map. Throws Cancelled.
Normalisation normalise(const Volume& t1, const TemplateMatch& match, const BrainMask& rough, const Template& to,
                        const Progress& progress = {});

// The patient's image on the template's voxels.
Volume in_template_space(const Volume& t1, const Normalisation& by, const Template& to);

// Volume change from template to scan at each of the template's voxels; 1 outside the brain's surroundings.
Volume jacobian_map(const Normalisation& of, const Template& to);

}  // namespace precentral
