// SPDX-License-Identifier: Apache-2.0
// Whether the analyses find what was planted, as often as calculation says, and nothing where nothing was.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/cohort/synthetic.h"
#include "data/cohort/target_map.h"

namespace precentral::cohort {

struct PowerStudySettings {
    int cohorts = 200;  // with the planted effects, and as many without
    int patients = 193;
    std::uint64_t seed = 1;
    int permutations = 500;  // of each map; 0 leaves the maps out
};

struct PowerFinding {
    std::string test;
    int cohorts = 0;
    int found = 0;           // p < 0.05
    int found_null = 0;      // the same in cohorts in which nothing was planted
    double predicted = 0.0;  // share that should be found; NaN where there is no calculation
    std::string by;          // the calculation
};

// Predictions: for relief against distance the noncentral t law at the correlation of a large cohort (200 000 patients)
// of the same truth; for two shares of responders the exact sum over all tables with the planted shares; for maps of
// relief Gaussian fields with the correlations of a large cohort (40 000), for the map of responders, which is not
// Gaussian, cohorts drawn from it. Throws InputError unless there are 10 to 10 000 cohorts of 20 patients or more.
std::vector<PowerFinding> power_study(const PowerStudySettings& settings, const Progress& progress = {});

// A patch of places over the left motor cortex, 4 mm apart, for maps of synthetic cohorts without a surface.
MapPlaces synthetic_patch();
// Targets, relief after session 4, and response (above 30 %) of those who completed the test period.
MapPatients map_patients(const std::vector<SyntheticPatient>& patients);

}  // namespace precentral::cohort
