// SPDX-License-Identifier: Apache-2.0
// The odds ratio of a 2 × 2 table by four named methods, because the choice of method moves published limits.
#pragma once

#include <string>
#include <vector>

#include "data/cohort/basis.h"

namespace precentral::cohort {

// Row 1: `a` with the outcome, `b` without; row 2: `c` with, `d` without. Odds ratio a d / (b c).
struct TwoByTwo {
    int a = 0;
    int b = 0;
    int c = 0;
    int d = 0;
};

enum class OddsMethod {
    // Sample odds ratio, limits from the normal law of its logarithm, Wald test. Woolf, Ann Hum Genet 1955;19:251,
    // doi:10.1111/j.1469-1809.1955.tb01348.x.
    woolf,
    // Conditional maximum likelihood given both margins, exact limits (each tail half of 1 - level), Fisher's exact
    // test (sum of the tables no more likely than the observed one). R: fisher.test.
    fisher,
    // Median unbiased estimate, limits and test with half the probability of the observed table in each tail. Berry &
    // Armitage, The Statistician 1995;44:417, doi:10.2307/2348891.
    mid_p,
    // Sample odds ratio, limits where the likelihood ratio reaches the chi-square quantile, likelihood-ratio test.
    // R: confint(glm(family = binomial)). Venzon & Moolgavkar, Appl Stat 1988;37:87, doi:10.2307/2347496.
    profile,
};

struct OddsRatio {
    OddsMethod by = OddsMethod::fisher;
    Basis basis;
    Estimate odds_ratio;  // `high` may be infinite; NaN where `basis.reason` says that the method has no answer
    double p = 0.0;       // two-sided, of odds ratio 1
};

std::string name_of(OddsMethod method);  // woolf, fisher, midp, profile
// Throws InputError naming the methods there are.
OddsMethod odds_method_from(const std::string& name);

// Throws InputError when a count is negative or above 1 000 000, or when a row or a column is empty: then every odds
// ratio fits. Pure; any thread.
OddsRatio odds_ratio(const TwoByTwo& table, OddsMethod method, double level = 0.95);
// All four, in the order of the enumeration.
std::vector<OddsRatio> odds_ratios(const TwoByTwo& table, double level = 0.95);

}  // namespace precentral::cohort
