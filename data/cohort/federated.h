// SPDX-License-Identifier: Apache-2.0
// Several centres answer one question without sharing a patient: each gives counts, the counts are combined.
#pragma once

#include <string>
#include <vector>

#include "data/cohort/describe.h"

namespace precentral::cohort {

// What a centre hands out: one row a comparison of the forest, with its four counts. A table in which one count is
// above 0 and below `fewest` is withheld whole, so that the count cannot be worked out from the others. Columns:
// centre, outcome, comparison, a, b, c, d, withheld.
std::string centre_summary(const Forest& forest, const std::string& centre, int fewest = 5);

struct Pooled {
    std::string comparison;
    Basis basis;          // n: patients of the tables used
    int centres = 0;      // with a table
    int withheld = 0;     // centres that had to keep theirs
    Estimate odds_ratio;  // NaN with the reason when no centre tells the groups apart
    double p = 1.0;
};

// Mantel-Haenszel odds ratio over the centres (J Natl Cancer Inst 1959;22:719), limits after Robins, Breslow &
// Greenland (Biometrics 1986;42:311, doi:10.2307/2531052), test without continuity correction. R:
// mantelhaen.test(correct = FALSE). `summaries` are what centre_summary wrote. Throws InputError: no summary, a centre
// twice, different outcomes, a count that is no whole number at or above 0.
std::vector<Pooled> combine(const std::vector<TableFile>& summaries, double level = 0.95);

}  // namespace precentral::cohort
