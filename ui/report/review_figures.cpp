// SPDX-License-Identifier: Apache-2.0
#include "ui/report/review_figures.h"

#include <algorithm>

#include "ui/report/wording.h"

namespace precentral {

ReviewFigures::ReviewFigures(const ReviewFacts& facts, const ReviewInput& review)
    : relief(facts), threshold(facts), cortex(facts, review.head, review.head_missing) {
    const int treated = facts.treated();
    int known = 0, thresholds = 0, placed = 0;
    std::string method;
    for (const VisitFacts& visit : facts.visits) {
        known += visit.treated() && visit.relief_percent ? 1 : 0;
        thresholds += visit.threshold ? 1 : 0;
        placed += visit.aim_median ? 1 : 0;
        if (visit.threshold) method = printable(visit.threshold->method, 22);
    }
    const bool to_scale = VisitAxis(facts.visits, ReliefFigure::kAxisLeft, 362.0).to_scale();
    relief_words = {"Relief, %, and how long it lasted, days",
                    "known after " + std::to_string(known) + " of " + std::to_string(treated)};
    threshold_words = {"Resting motor threshold, % output", "95 % interval" + (method.empty() ? "" : " · " + method)};
    if (!to_scale && facts.visits.size() > 1) threshold_words.aside += " · days not to scale";
    cortex_words = {"Where each session stimulated", ""};
    cortex_caption = "Medians of " + count_words(placed, "session", "sessions") + "; shade: relief";
    if (facts.first_treated < 0) return;

    const auto words_of = [](const VisitFacts& visit) {
        return FigureWords{"Session " + std::to_string(visit.visit) + ", coil against plan",
                           short_day(visit.started) + " · n " + std::to_string(visit.given)};
    };
    const VisitFacts& first_visit = facts.visits[static_cast<std::size_t>(facts.first_treated)];
    first.emplace(first_visit, review.rules.tolerance);
    first_words = words_of(first_visit);
    if (facts.last_treated == facts.first_treated) return;
    const VisitFacts& last_visit = facts.visits[static_cast<std::size_t>(facts.last_treated)];
    last.emplace(last_visit, review.rules.tolerance);
    last_words = words_of(last_visit);
}

}  // namespace precentral
