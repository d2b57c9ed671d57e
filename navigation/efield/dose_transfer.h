// SPDX-License-Identifier: Apache-2.0
// The intensity for an area other than the one the motor threshold came from.
#pragma once

#include <optional>
#include <string>

namespace precentral {

struct DoseTransfer {
    double percent_mso = 0.0;  // not rounded, may exceed 100
    bool reachable = true;     // at most 100 %
    std::string reason;        // what was done, with its numbers and source
};

// By depth: 3 % of the stimulator's output a millimetre (Stokes et al. 2005, doi 10.1152/jn.00067.2005, measured with a
// 70 mm figure-of-eight). Distances from the scalp (or the coil, on both sides) to the cortex, mm. Throws InputError
// for an intensity outside 1–150 or distances outside 0–60.
DoseTransfer dose_by_distance(double percent_mso, double from_distance_mm, double to_distance_mm);

// By field: the intensity that brings to the new place the field the old one gets at `percent_mso`. Fields in V/m for
// the same current rate, from the same head model, each at its own pose. Throws InputError for fields that are not
// above 0.
DoseTransfer dose_by_field(double percent_mso, double from_v_per_m, double to_v_per_m);

}  // namespace precentral
