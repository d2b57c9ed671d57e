// SPDX-License-Identifier: Apache-2.0
// The centre of gravity of a map: the mean of the stimulated sites, each weighted with the response it brought
// (Wassermann et al. 1992, doi:10.1016/0168-5597(92)90094-R). It needs pulses spread evenly around the site; on a grid
// that is off centre it is pulled towards the grid.
#pragma once

#include <span>

#include "data/frames.h"

namespace precentral {

struct SitedResponse {
    Point<Scan> site;  // on the cortex below the coil
    double mep_uv = 0.0;
};

struct CentreOfGravity {
    Point<Scan> site;          // meaningless without responses
    double radius95_mm = 0.0;  // of 95 % of 400 resamples of the pulses (always the same ones)
    int responses = 0;         // of 50 µV or more; only these weigh
};

// Any thread.
CentreOfGravity centre_of_gravity(std::span<const SitedResponse> pulses);

}  // namespace precentral
