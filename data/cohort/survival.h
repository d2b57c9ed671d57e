// SPDX-License-Identifier: Apache-2.0
// Time to an event with censoring: curves, comparison of groups, competing events, proportional hazards.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/cohort/basis.h"
#include "data/cohort/logistic.h"

namespace precentral::cohort {

// Times in any one unit, at or above 0; events 0 (censored), 1 (the event), 2 … (competing causes); NaN is missing.
// Everything here throws InputError when the lengths differ, a time is negative or infinite, an event is not such a
// number, or no row is complete.

struct SurvivalStep {
    double time = 0.0;
    int at_risk = 0;
    int events = 0;
    Estimate survival;            // log-log limits; NaN limits where survival is 0 (there the log-log law has none)
    double standard_error = 0.0;  // Greenwood, of the survival
};

struct SurvivalCurve {
    Basis basis;
    int events = 0;
    std::vector<SurvivalStep> steps;  // at each time with an event
    Estimate median;                  // of time; NaN where the curve or its limit does not come down to one half
};

// Kaplan & Meier, J Am Stat Assoc 1958;53:457, doi:10.1080/01621459.1958.10501452; limits on the log(-log) scale with
// Greenwood's variance. R: survfit(conf.type = "log-log"). Events are 0 or 1.
SurvivalCurve kaplan_meier(std::span<const double> time, std::span<const double> event, double level = 0.95);

struct LogRank {
    Basis basis;
    std::vector<int> observed;     // events a group
    std::vector<double> expected;  // events a group if all had the same hazard
    double chi_square = 0.0;
    int degrees = 0;
    double p = 1.0;
};

// Groups numbered from 0. Mantel, Cancer Chemother Rep 1966;50:163. R: survdiff. Throws InputError with fewer than two
// groups; without an event p is 1 with the reason.
LogRank log_rank(std::span<const double> time, std::span<const double> event, std::span<const int> group);

struct HazardRatio {
    std::string name;
    Estimate log_hazard;  // Wald limits; exp() gives hazard ratios
    double standard_error = 0.0;
    double p = 1.0;  // Wald
};

struct CoxFit {
    Basis basis;
    int events = 0;
    double null_log_likelihood = 0.0;
    double log_likelihood = 0.0;
    double score_test = 0.0;  // chi-square with one degree of freedom a predictor
    std::vector<HazardRatio> predictors;
};

// Cox, J R Stat Soc B 1972;34:187, doi:10.1111/j.2517-6161.1972.tb00899.x; ties by Efron, J Am Stat Assoc 1977;72:557,
// doi:10.1080/01621459.1977.10480613. R: coxph(ties = "efron"). Throws InputError without an event, with predictors
// that determine each other, and where one orders the events so that its coefficient has no maximum.
CoxFit cox(std::span<const double> time, std::span<const double> event, const std::vector<Predictor>& predictors,
           double level = 0.95);

struct IncidenceStep {
    double time = 0.0;
    int at_risk = 0;
    double free = 1.0;                   // share without any event
    std::vector<double> incidence;       // a cause, cause 1 first
    std::vector<double> standard_error;  // a cause, infinitesimal jackknife
};

struct CumulativeIncidence {
    Basis basis;
    std::vector<IncidenceStep> steps;  // at each time with an event
};

// Aalen & Johansen, Scand J Stat 1978;5:141; standard errors from the influence of each patient, as R's
// survfit(Surv(time, factor(cause)) ~ 1) gives them.
CumulativeIncidence aalen_johansen(std::span<const double> time, std::span<const double> cause);

}  // namespace precentral::cohort
