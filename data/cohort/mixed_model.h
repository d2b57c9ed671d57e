// SPDX-License-Identifier: Apache-2.0
// Linear mixed model: repeated values of patients, each patient with a level of their own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/cohort/basis.h"
#include "data/cohort/logistic.h"

namespace precentral::cohort {

struct FixedEffect {
    std::string name;  // "(intercept)" first
    Estimate effect;   // limits by Student's t
    double standard_error = 0.0;
    double degrees = 0.0;  // Satterthwaite; NaN with the basis's reason when patients do not differ (variance 0)
    double p = 1.0;
};

struct MixedFit {
    Basis basis;
    int patients = 0;
    std::vector<FixedEffect> effects;
    double patient_sd = 0.0;   // between patients
    double residual_sd = 0.0;  // within
    // Share of the variance that belongs to patients (intraclass correlation).
    double intraclass = 0.0;
    double log_likelihood = 0.0;  // restricted
};

// value = intercept + predictors + patient + rest, by restricted maximum likelihood (Patterson & Thompson, Biometrika
// 1971;58:545, doi:10.1093/biomet/58.3.545); degrees of freedom by Satterthwaite from the observed information, as
// lmerTest gives them (Kuznetsova et al., J Stat Softw 2017;82(13), doi:10.18637/jss.v082.i13). R: lmer(value ~ x +
// (1 | patient)). `patient` holds any number that is the same for the rows of one patient. Rows complete in all
// columns. Throws InputError: lengths differ, predictors that determine each other, fewer than two patients, no patient
// with two rows, no more rows than coefficients, values that do not vary.
MixedFit fit_mixed(std::span<const double> value, std::span<const int> patient,
                   const std::vector<Predictor>& predictors, double level = 0.95);

}  // namespace precentral::cohort
