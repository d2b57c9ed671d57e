// SPDX-License-Identifier: Apache-2.0
// The figures of a cohort that are plots: each from its result, with its words and its numbers.
#pragma once

#include <array>
#include <span>
#include <string>

#include "data/cohort/describe.h"
#include "data/cohort/roc.h"
#include "data/cohort/survival.h"
#include "data/cohort/transition.h"
#include "ui/report/cohort_figure.h"

namespace precentral {

CohortFigure forest_figure(const cohort::Forest& forest);
// `score` and `outcome` are those the curve was made from; `fixed_cut` was chosen beforehand, not on these data: at or
// above it success is foretold, with exact intervals.
CohortFigure roc_figure(const cohort::Roc& roc, std::span<const double> score, std::span<const double> outcome,
                        const std::string& score_name, const std::string& outcome_name, double fixed_cut);
// Causes 1 and 2 stacked above those still free; `names` of the two. Faint where fewer than 10 are left.
// `free` is Kaplan and Meier's curve of the same patients to either cause, for the limits of those still free.
CohortFigure incidence_figure(const cohort::CumulativeIncidence& incidence, const cohort::SurvivalCurve& free,
                              const std::array<std::string, 2>& names);
// Relief of every patient, sorted; NaN left out and counted.
CohortFigure waterfall_figure(std::span<const double> relief);
// Share who had a first response by session, one curve a group.
struct NamedCurve {
    std::string name;
    cohort::SurvivalCurve curve;
};
CohortFigure first_response_figure(const std::vector<NamedCurve>& curves);
CohortFigure transition_figure(const cohort::ReliefTransition& transition, int first, int second);

}  // namespace precentral
