// SPDX-License-Identifier: Apache-2.0
// Logistic regression by maximum likelihood, or by Firth's penalised likelihood where groups are separated.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/cohort/basis.h"

namespace precentral::cohort {

struct Predictor {
    std::string name;
    std::vector<double> values;  // NaN missing
};

enum class LogisticMethod {
    maximum_likelihood,  // iteratively reweighted least squares. R: glm(family = binomial)
    firth,               // Firth, Biometrika 1993;80:27, doi:10.1093/biomet/80.1.27; intervals by the profile of the
                         // penalised likelihood: Heinze & Schemper, Stat Med 2002;21:2409, doi:10.1002/sim.1047
};

struct LogisticCoefficient {
    std::string name;   // "(intercept)" first
    Estimate log_odds;  // profile limits; exp() gives odds ratios
    Estimate wald;      // the same estimate with Wald limits
    double standard_error = 0.0;
    double p = 1.0;  // likelihood ratio (of the penalised likelihood for Firth)
    double wald_p = 1.0;
};

struct LogisticFit {
    Basis basis;
    int with = 0;                 // with the outcome
    double log_likelihood = 0.0;  // penalised for Firth
    std::vector<LogisticCoefficient> coefficients;
};

// Rows complete in all columns; outcome 1 or 0. Throws InputError: lengths differ, one outcome class, no complete row,
// predictors that determine each other, or groups separated by the predictors (maximum likelihood; says to use Firth).
LogisticFit fit_logistic(const std::vector<Predictor>& predictors, std::span<const double> outcome,
                         LogisticMethod method = LogisticMethod::maximum_likelihood, double level = 0.95);

}  // namespace precentral::cohort
