// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "data/cohort/draws.h"
#include "data/cohort/resample.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

using Values = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double mean_of(const Values& values, std::span<const int> rows) {
    double sum = 0.0;
    for (const int row : rows) sum += values[static_cast<std::size_t>(row)];
    return sum / static_cast<double>(rows.size());
}

// The bootstrap's standard error of a mean is known: the population standard deviation over the root of n.
TEST(CohortResample, BootstrapOfAMean) {
    Values values;
    Draws draws(5);
    for (int i = 0; i < 60; ++i) values.push_back(draws.normal(30.0, 12.0));
    const auto statistic = [&](std::span<const int> rows) { return mean_of(values, rows); };
    const auto b = bootstrap(60, statistic, {20000, 3});
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / 60.0;
    double squares = 0.0;
    for (const double v : values) squares += (v - mean) * (v - mean);
    const double known = std::sqrt(squares / 60.0) / std::sqrt(60.0);
    EXPECT_NEAR(b.estimate.value, mean, 1e-12);
    EXPECT_NEAR(b.standard_error, known, 0.03 * known);
    EXPECT_NEAR(b.bias, 0.0, 0.05 * known);
    EXPECT_NEAR(b.estimate.low, mean - 1.96 * known, 0.15 * known);
    EXPECT_NEAR(b.estimate.high, mean + 1.96 * known, 0.15 * known);
    const auto again = bootstrap(60, statistic, {20000, 3});
    EXPECT_EQ(b.estimate.low, again.estimate.low);
    EXPECT_EQ(b.standard_error, again.standard_error);
    EXPECT_NE(bootstrap(60, statistic, {20000, 4}).estimate.low, b.estimate.low);
}

// All 252 ways to choose five of ten give p = 2/252 for groups that do not overlap.
TEST(CohortResample, PermutationAgreesWithAllOrders) {
    const Values first{11, 12, 13, 14, 15}, second{1, 2, 3, 4, 5};
    const auto test = permutation_test(first, second, {100000, 1});
    EXPECT_NEAR(test.p, 2.0 / 252.0, 4.0 * std::sqrt(2.0 / 252.0 / 100000.0));
    EXPECT_EQ(test.difference, 10.0);
    // Equal groups: every order is as large.
    EXPECT_EQ(permutation_test(Values{2, 2}, Values{2, 2, 2}).p, 1.0);
}

TEST(CohortResample, PermutationKeepsItsLevel) {
    int found = 0;
    for (int i = 0; i < 1000; ++i) {
        Draws draws(11, static_cast<std::uint64_t>(i));
        Values first, second;
        for (int k = 0; k < 12; ++k) first.push_back(std::round(draws.normal(3.0, 2.0)));
        for (int k = 0; k < 9; ++k) second.push_back(std::round(draws.normal(3.0, 2.0)));
        if (permutation_test(first, second, {199, 2}).p <= 0.05) ++found;
    }
    EXPECT_GE(found, 22);  // 4 standard errors either side of 50
    EXPECT_LE(found, 78);
}

// A score of chance: all of Youden's index is optimism.
TEST(CohortResample, OptimismOfAChanceScore) {
    double apparent = 0.0, corrected = 0.0;
    for (int i = 0; i < 40; ++i) {
        Draws draws(21, static_cast<std::uint64_t>(i));
        Values score, outcome;
        for (int k = 0; k < 40; ++k) {
            score.push_back(std::round(draws.normal(30.0, 20.0)));
            outcome.push_back(k < 16 ? 1.0 : 0.0);
        }
        const auto c = youden_optimism(score, outcome, {300, 1});
        EXPECT_NEAR(c.corrected, c.apparent - c.optimism, 1e-12);
        apparent += c.apparent / 40.0;
        corrected += c.corrected / 40.0;
    }
    EXPECT_GT(apparent, 0.15);
    EXPECT_LT(std::abs(corrected), 0.5 * apparent);
}

TEST(CohortResample, RefusesWhatSaysNothing) {
    const auto none = [](std::span<const int>) { return kNan; };
    EXPECT_THROW(bootstrap(10, none), InputError);
    EXPECT_THROW(bootstrap(1, [](std::span<const int>) { return 1.0; }), InputError);
    EXPECT_THROW(bootstrap(10, [](std::span<const int>) { return 1.0; }, {10, 1}), InputError);
    EXPECT_THROW(permutation_test(Values{kNan}, Values{1, 2}), InputError);
    EXPECT_THROW(youden_optimism(Values{1, 2, 3}, Values{1, 1, 1}), InputError);
    const auto missing = permutation_test(Values{1, kNan, 3}, Values{2, 4});
    EXPECT_EQ(missing.basis.missing, 1);
    EXPECT_EQ(missing.basis.n, 4);
}

}  // namespace
}  // namespace precentral::cohort
