// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/transition.h"

#include <cmath>

#include "data/error.h"

namespace precentral::cohort {

int relief_class(double relief_percent) {
    if (!(relief_percent >= -100.0 && relief_percent <= 100.0)) {
        throw InputError("Relief lies between -100 and 100 %.");
    }
    if (relief_percent < 10.0) return 0;
    if (relief_percent < 30.0) return 1;
    return relief_percent < 50.0 ? 2 : 3;
}

ReliefTransition relief_transition(std::span<const double> first, std::span<const double> second,
                                   double responder_percent) {
    if (first.size() != second.size()) throw InputError("The two sessions differ in their number of patients.");
    ReliefTransition out;
    int gained = 0, lost = 0, stayed_with = 0, stayed_without = 0;
    for (std::size_t i = 0; i < first.size(); ++i) {
        if (std::isnan(first[i])) {
            ++out.basis.missing;
            continue;
        }
        const int before = relief_class(first[i]);
        if (std::isnan(second[i])) {
            ++out.stopped;
            continue;
        }
        const int after = relief_class(second[i]);
        ++out.counts[static_cast<std::size_t>(before)][static_cast<std::size_t>(after)];
        const bool was = first[i] >= responder_percent, is = second[i] >= responder_percent;
        ++(was ? (is ? stayed_with : lost) : (is ? gained : stayed_without));
    }
    out.responders = mcnemar(gained, lost, stayed_with + stayed_without);
    out.basis.method = "transition of relief between two sessions";
    out.basis.n = out.responders.basis.n;
    if (out.stopped > 0) {
        out.basis.exclusions.push_back(std::to_string(out.stopped) + " stopped before the second session");
    }
    out.worst = wilson(gained + stayed_with, out.basis.n + out.stopped);
    out.as_continued = static_cast<double>(gained + stayed_with) / out.basis.n;
    return out;
}

}  // namespace precentral::cohort
