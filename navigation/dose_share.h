// SPDX-License-Identifier: Apache-2.0
// How much of its best effect a coil keeps at a cortical site when it is moved, lifted or turned: a closed form for a
// 70 mm figure-of-eight coil over a locally spherical head, fitted to the field of the coil in a sphere
// (Heller & van Hulsteyn 1992, doi 10.1016/S0006-3495(92)81587-4), 15 mm below the scalp:
//   lift 1/2/3/5 mm −4.2/−8.2/−12.1/−19.2 %, along the wings 2/3/5/10 mm −0.3/−0.8/−2.1/−8.4 %,
//   along the current 2/3/5/10 mm −0.2/−0.4/−1.0/−4.0 %, turned 5/10/20° −0.4/−1.5/−6.0 %.
// It fits that table within 0.3 points. Beyond about 35 mm and 60° it is an extrapolation.
#pragma once

#include "data/frames.h"

namespace precentral {

struct DoseModel {
    double along_wings_mm = 24.0;     // Gaussian SD along coil x
    double along_handle_mm = 35.0;    // Gaussian SD along coil y
    double per_mm_of_depth = 0.0425;  // relative loss for each mm the site lies deeper below the coil
};

// A place on the cortex and the direction of induced current that excites it best.
struct CorticalTarget {
    Point<Scan> site;
    Direction<Scan> preferred;       // unit, tangent to the cortex; compared with coil +y
    double nominal_depth_mm = 15.0;  // of the site below the coil's bottom face with the coil placed at its best
};

// Effect relative to the coil at its best: 1 when the site lies on the coil's axis at the nominal depth with the
// current along `preferred`; 0 when the current runs across or against it. Above 1 only for a coil nearer than nominal.
double relative_dose(const DoseModel& model, const Transform<Scan, Coil>& scan_from_coil, const CorticalTarget& target);

// The same, as a share: never above 1.
double dose_share(const DoseModel& model, const Transform<Scan, Coil>& scan_from_coil, const CorticalTarget& target);

}  // namespace precentral
