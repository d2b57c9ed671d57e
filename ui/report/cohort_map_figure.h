// SPDX-License-Identifier: Apache-2.0
// A cohort's map drawn on the cortex, looked at over the left motor area.
#pragma once

#include "ui/report/cohort_figure.h"
#include "ui/report/cohort_map_files.h"
#include "ui/report/cohort_map_ground.h"

namespace precentral {

struct MapPicture {
    std::string file, title, subtitle, footer;
    std::string unit;            // beside the scale, "percentage points"
    std::vector<double> values;  // one a vertex, NaN outside the coverage
    std::vector<double> p;       // corrected; empty, or places below 0.05 are outlined
    bool both_signs = true;      // else from 0 up
};

// Throws InputError when the ground has no surface or no value is known.
CohortFigure map_figure(const MapGround& ground, const MapPicture& picture);

}  // namespace precentral
