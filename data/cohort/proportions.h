// SPDX-License-Identifier: Apache-2.0
// Proportions: one with its interval, or two of the same patients compared.
#pragma once

#include "data/cohort/basis.h"

namespace precentral::cohort {

struct Proportion {
    Basis basis;
    Estimate share;  // 0 … 1
};

// Throw InputError unless 0 <= with <= n and n > 0.
// Score interval without continuity correction: Wilson, J Am Stat Assoc 1927;22:209,
// doi:10.1080/01621459.1927.10502953. R: prop.test(correct = FALSE).
Proportion wilson(int with, int n, double level = 0.95);
// Exact interval: Clopper & Pearson, Biometrika 1934;26:404, doi:10.1093/biomet/26.4.404. R: binom.test.
Proportion clopper_pearson(int with, int n, double level = 0.95);

struct McNemar {
    Basis basis;  // n: all pairs; the exclusions say how many pairs did not change
    int gained = 0;
    int lost = 0;
    double exact_p = 1.0;  // binomial on the changed pairs
    // Exact p less the probability of the observed split: Fagerland et al., BMC Med Res Methodol 2013;13:91,
    // doi:10.1186/1471-2288-13-91.
    double mid_p = 1.0;
};

// `gained` pairs went from without to with, `lost` the other way, `unchanged` stayed. Throws InputError when one is
// negative or there is no pair. With no change both p are 1 with the reason.
McNemar mcnemar(int gained, int lost, int unchanged);

}  // namespace precentral::cohort
