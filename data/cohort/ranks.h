// SPDX-License-Identifier: Apache-2.0
// Tests and correlations of paired or grouped values that lean on ranks. NaN is a missing value: a pair or a row
// with one is left out and counted.
#pragma once

#include <span>
#include <vector>

#include "data/cohort/basis.h"

namespace precentral::cohort {

// Ranks from 1, ties share their mean rank. No NaN among the values.
std::vector<double> mid_ranks(std::span<const double> values);

struct RankTest {
    Basis basis;
    double statistic = 0.0;
    double p = 1.0;  // two-sided; NaN with a reason when the data cannot say
};

// Wilcoxon signed-rank of first - second; the statistic is the sum of the ranks of positive differences. Differences of
// 0 are left out. Exact for fewer than 50 pairs without ties or zeros, else normal with tie and continuity correction.
// Wilcoxon, Biometrics Bull 1945;1:80, doi:10.2307/3001968. R: wilcox.test(paired = TRUE). Throws InputError when the
// lengths differ or no pair is complete.
RankTest signed_rank(std::span<const double> first, std::span<const double> second);
// Wilcoxon rank-sum (Mann-Whitney); the statistic counts the pairs in which `first` is larger (ties a half). Exact when
// both groups are below 50 without ties. R: wilcox.test. Throws InputError when a group is empty.
RankTest rank_sum(std::span<const double> first, std::span<const double> second);
// Friedman test, rows are patients and columns the occasions, corrected for ties; chi-square law. Friedman, J Am Stat
// Assoc 1937;32:675, doi:10.1080/01621459.1937.10503522. R: friedman.test. Throws InputError when rows differ in
// length, there are fewer than two columns, or no row is complete.
RankTest friedman(const std::vector<std::vector<double>>& rows);

struct Correlation {
    Basis basis;
    Estimate r;  // NaN with a reason when one variable does not vary
    double p = 1.0;
};

// Interval by Fisher's z for n > 3, t test. R: cor.test. Both throw InputError when the lengths differ or fewer than
// three pairs are complete.
Correlation pearson(std::span<const double> x, std::span<const double> y, double level = 0.95);
// Pearson's r of the mid-ranks. Exact p over all orders for n <= 9 without ties, else by t; no interval. R: cor.test
// (method = "spearman"), which has another approximation for n > 9 unless exact = FALSE.
Correlation spearman(std::span<const double> x, std::span<const double> y);

// Adjusted p values, in the order given; NaN stays NaN and is not counted. Benjamini & Hochberg, J R Stat Soc B
// 1995;57:289, doi:10.1111/j.2517-6161.1995.tb02031.x. R: p.adjust(method = "BH"). Throws InputError outside 0 … 1.
std::vector<double> benjamini_hochberg(std::span<const double> p);

}  // namespace precentral::cohort
