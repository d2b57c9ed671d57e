// SPDX-License-Identifier: Apache-2.0
// An intensity to go by where no motor threshold can be had (a deafferented or paretic side), by a named rule. What it
// gives is not a measured threshold and says so. Any thread.
#pragma once

#include <string>

namespace precentral {

struct ThresholdSubstitute {
    double rmt_mso = 0.0;   // % of stimulator output, not rounded
    bool reachable = true;  // at most 100 %
    std::string rule;       // "contralateral", "distance", "fixed": kept with whatever is given under it
    std::string reason;     // what was done, with numbers and source
};

// The threshold of the other side, as it is.
ThresholdSubstitute threshold_of_other_side(double other_rmt_mso);
// That of the other side, or of another area, for the depth of this cortex: dose_by_distance.
ThresholdSubstitute threshold_by_distance(double other_rmt_mso, double other_depth_mm, double this_depth_mm);
// What somebody has decided; who and why are not empty.
ThresholdSubstitute threshold_fixed(double rmt_mso, const std::string& who, const std::string& why);
// All throw InputError for a threshold outside 1–100 %, and for depths as dose_by_distance does.

}  // namespace precentral
