// SPDX-License-Identifier: Apache-2.0
// The smooth map without folds that lays the template's brain over the patient's, beyond what an affine map can.
//
// Both images are brought to the same local mean and spread, the bent one anew at every step, so that neither shading
// nor another contrast of the same kind matters (the difference of such images is what local correlation measures).
// From coarse to fine, each place moves down the difference of the two (second-order step with the mean of both
// gradients, Vercauteren et al. 2009, doi 10.1016/j.neuroimage.2008.10.040; on the logarithm of the map, Vercauteren et
// al. 2008, doi 10.1007/978-3-540-85988-8_90), and the step is smoothed.
#pragma once

#include "imaging/brain.h"
#include "imaging/velocity_field.h"

namespace precentral {

struct DeformableSettings {
    std::vector<double> grids_mm = {4.0, 2.0};
    std::vector<int> most_steps = {80, 50};
    double window_mm = 4.0;           // sigma of the window of the local mean and spread
    double step_sigma_voxels = 2.0;   // smoothing of each step
    double field_sigma_voxels = 0.7;  // smoothing of the whole field after each step
    double longest_step_voxels = 0.6;
};

// The field whose flow carries places of the template to the affinely moved patient: the patient's brightness at
// mni_from_scan⁻¹(carried(field, p, 1)) is the template's at p. The grid covers the template's brain and 16 mm around
// it. The same input gives the same field on any number of cores. Throws Cancelled.
VelocityField match_deformable(const Volume& t1, const AffineMap<Mni, Scan>& mni_from_scan, const BrainMask& brain,
                               const Template& to, const DeformableSettings& settings = {},
                               const Progress& progress = {});

}  // namespace precentral
