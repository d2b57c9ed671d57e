// SPDX-License-Identifier: Apache-2.0
// How relief moves between two sessions, for those seen at both.
#pragma once

#include <array>
#include <span>

#include "data/cohort/basis.h"
#include "data/cohort/proportions.h"

namespace precentral::cohort {

// Classes of relief in %: below 10, 10 to below 30, 30 to below 50, 50 and above.
inline constexpr int kReliefClasses = 4;
// Throws InputError when the relief is outside -100 … 100.
int relief_class(double relief_percent);

struct ReliefTransition {
    Basis basis;
    std::array<std::array<int, kReliefClasses>, kReliefClasses> counts{};  // [class before][class after]
    int stopped = 0;                                                       // seen at the first, not at the second
    McNemar responders;                                                    // relief at or above the cut
    // Share of responders at the second among all seen at the first, when everyone who stopped is counted a
    // non-responder, and when they are counted a responder as often as those who continued.
    Proportion worst;
    double as_continued = 0.0;
};

// Relief in % of the same patients at two sessions, NaN missing. Only those continued are observed at the second: the
// choice to stop depends on relief, so show the bounds. Throws InputError when the lengths differ or nobody has both.
ReliefTransition relief_transition(std::span<const double> first, std::span<const double> second,
                                   double responder_percent = 10.0);

}  // namespace precentral::cohort
