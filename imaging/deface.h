// SPDX-License-Identifier: Apache-2.0
// A copy of a head without its face, for data that leave the site.
//
// Faces in MRI are recognised: of defaced scans, programs still matched 28 to 38 % to photographs (Schwarz et al. 2021,
// doi 10.1016/j.neuroimage.2021.117845). What leaves here has lost face, eyes, ears, jaw and neck, not only the nose.
// It is pseudonymous, not anonymous, and can no longer be registered to the person: navigate on the original.
#pragma once

#include <string>

#include "imaging/surface.h"
#include "imaging/volume.h"
#include "imaging/work_grid.h"

namespace precentral {

// Kept: the box in the head's own axes, and every voxel within `brain_margin_mm` of the brain wherever it is.
struct KeptBox {
    Point<Scan> origin;                // half way between the preauricular points
    Direction<Scan> right, front, up;  // unit, perpendicular; front towards the nasion
    Eigen::Vector3d low_mm, high_mm;   // of the box, along right, front and up, from the origin
    double brain_margin_mm = 5.0;
    bool holds(const Point<Scan>& p) const;
    // For people: what is kept and what is not, with the numbers.
    std::string words() const;
};

// The box whose floor is 30 mm above the plane of nasion and preauricular points (eyes reach 15 mm, ears 25 mm above
// it), and which ends 35 mm beyond the brain at the other sides. Throws InputError when the three are on one line or
// nearer to each other than on any head, and when the brain is empty or not above them.
KeptBox kept_box(const Point<Scan>& nasion, const Point<Scan>& left_preauricular, const Point<Scan>& right_preauricular,
                 const Surface& brain);

// All voxels that are not kept become air (the lowest value of the image). Voxels of `brain` (one value a voxel of
// `t1`) keep their value to the last bit. Throws InputError when the mask is empty or of another size.
Volume defaced(const Volume& t1, const Mask& brain, const KeptBox& box);

// The part of a surface within the box: open where it is cut. May be empty.
Surface defaced(const Surface& surface, const KeptBox& box);

}  // namespace precentral
