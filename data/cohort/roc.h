// SPDX-License-Identifier: Apache-2.0
// How well a score separates those with an outcome from those without.
#pragma once

#include <span>

#include "data/cohort/basis.h"

namespace precentral::cohort {

struct Roc {
    Basis basis;
    int with = 0;  // with the outcome
    int without = 0;
    // Area under the curve; a higher score speaks for the outcome. DeLong et al., Biometrics 1988;44:837,
    // doi:10.2307/2531595; limits held within 0 … 1. R: pROC::ci.auc.
    Estimate auc;
    double standard_error = 0.0;
    // Youden, Cancer 1950;3:32, doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3: largest sensitivity +
    // specificity - 1 over cuts halfway between neighbouring scores, of equal ones the most specific. Chosen on the
    // data it is judged on: optimistic.
    double cut = 0.0;                   // at or above it the outcome is foretold
    Estimate sensitivity, specificity;  // Wilson
};

// Outcome 1 or 0, NaN missing. Throws InputError when the lengths differ, an outcome is neither, or all complete rows
// have the same outcome.
Roc roc(std::span<const double> score, std::span<const double> outcome, double level = 0.95);

struct RocComparison {
    Basis basis;
    double first_auc = 0.0;
    double second_auc = 0.0;
    Estimate difference;  // first - second
    double z = 0.0;
    double p = 1.0;  // NaN with a reason when the difference has no variance
};

// Two scores of the same patients by DeLong's covariance; rows complete in all three. R: pROC::roc.test(paired = TRUE).
RocComparison compare_rocs(std::span<const double> first, std::span<const double> second,
                           std::span<const double> outcome, double level = 0.95);

}  // namespace precentral::cohort
