// SPDX-License-Identifier: Apache-2.0
// Intervals and tests by drawing again from the data; the same seed gives the same answer on any number of cores.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "data/cohort/basis.h"
#include "data/progress.h"

namespace precentral::cohort {

struct ResampleSettings {
    int times = 2000;
    std::uint64_t seed = 1;
};

struct Bootstrap {
    Basis basis;
    Estimate estimate;  // percentile limits (definition 7 of quantiles)
    double standard_error = 0.0;
    double bias = 0.0;  // mean of the resamples less the estimate
    int undefined = 0;  // resamples in which the statistic has no value (NaN)
};

// Draws whole patients with replacement. `statistic` gets the numbers of the rows drawn (0 … n - 1, some twice), may
// give NaN, is called from several threads and must not throw. Efron, Ann Stat 1979;7:1, doi:10.1214/aos/1176344552.
// Throws InputError when n < 2, times < 100, or the statistic of all rows is NaN.
Bootstrap bootstrap(int n, const std::function<double(std::span<const int>)>& statistic,
                    const ResampleSettings& settings = {}, double level = 0.95, const Progress& progress = {});

struct PermutationTest {
    Basis basis;
    double difference = 0.0;  // mean of `first` less mean of `second`
    double p = 1.0;           // (1 + as large) / (1 + times), two-sided: Phipson & Smyth, Stat Appl Genet Mol Biol
                              // 2010;9:39, doi:10.2202/1544-6115.1585
};

// The means of two groups under exchange of labels. NaN is missing. Throws InputError when a group is empty.
PermutationTest permutation_test(std::span<const double> first, std::span<const double> second,
                                 const ResampleSettings& settings = {}, const Progress& progress = {});

struct CutOptimism {
    Basis basis;
    double cut = 0.0;       // Youden's, on these data
    double apparent = 0.0;  // sensitivity + specificity - 1 at it, on these data
    double optimism = 0.0;  // mean over resamples: of the cut chosen there, there less here
    double corrected = 0.0;
    Estimate cut_spread;  // percentile limits of the cut over the resamples
};

// How much of Youden's index is owed to choosing the cut on the data it is judged on. Efron, J Am Stat Assoc
// 1983;78:316, doi:10.1080/01621459.1983.10477973; Harrell et al., Stat Med 1996;15:361,
// doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4. Throws as roc.
CutOptimism youden_optimism(std::span<const double> score, std::span<const double> outcome,
                            const ResampleSettings& settings = {}, double level = 0.95);

}  // namespace precentral::cohort
