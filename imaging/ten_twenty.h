// SPDX-License-Identifier: Apache-2.0
// The sites of the international 10-20 system, and those of the 10-10 system between them, on a patient's own scalp.
//
// Jasper 1958 (The ten-twenty electrode system of the International Federation, Electroencephalogr Clin Neurophysiol
// 10:371-375) for the measurement; the 10-10 rows as Jurcak, Tsuzuki and Dan 2007 set them down without ambiguity
// (doi 10.1016/j.neuroimage.2006.09.024).
#pragma once

#include <string>
#include <vector>

#include "imaging/surface.h"

namespace precentral {

// The four places the measurement starts from. The inion is the external occipital protuberance in the midline.
struct TapeLandmarks {
    Point<Scan> nasion;
    Point<Scan> inion;
    Point<Scan> left_preauricular;
    Point<Scan> right_preauricular;
};

struct ScalpSite {
    std::string name;           // "Cz", "C3", "T7" (T3 of the old names; T8 T4, P7 T5, P8 T6), …
    Point<Scan> point;          // on the scalp
    Direction<Scan> normal;     // unit, outward, mean over 10 mm
    bool of_ten_twenty = true;  // one of the 21 sites of the 10-20 system; else of the 10-10 system
};

// Cz first: half way along the tape from the nasion to the inion and at the same time half way from one preauricular
// point to the other, by turns until it stands still. Then the midline, the coronal line through Cz, the line 10 %
// above the landmarks around the head (Fpz, T7, Oz, T8), each in steps of 10 %, and the rows between them. The
// landmarks are moved to the nearest scalp first. The same landmarks in a turned or shifted scan give the same sites
// turned or shifted, as long as the head's crown still points upwards in it.
//
// Throws InputError, saying which landmark, when one is more than 15 mm from the scalp or not a number, when left and
// right or front and back are exchanged, or when their distances are not those of a head.
std::vector<ScalpSite> ten_twenty_sites(const SurfaceIndex& scalp, const TapeLandmarks& landmarks);

// The site of that name; throws InputError when there is none.
const ScalpSite& site_named(const std::vector<ScalpSite>& sites, const std::string& name);

}  // namespace precentral
