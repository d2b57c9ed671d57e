// SPDX-License-Identifier: Apache-2.0
// Proportions, rank tests, correlations and ROC against R 4.2.2 and pROC 1.18.0 (tests/data/cohort_reference.R).
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "data/cohort/proportions.h"
#include "data/cohort/ranks.h"
#include "data/cohort/roc.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

using Values = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kClosed = 1e-9;

const Values kBefore{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
const Values kAfter{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
const Values kTiedA{10, 20, 20, 30, 40, 0, 50, 10, 30, 60}, kTiedB{0, 10, 30, 10, 20, 0, 20, 20, 10, 30};
const Values kScore{10, 35, 20, 50, 5, 30, 70, 30, 15, 0, 60, 45, 10, 25, 40, 30, 55, 5, 20, 80};
const Values kFirst{5, 10, 20, 30, 10, 40, 20, 10, 25, 5, 35, 15, 20, 5, 30, 10, 20, 0, 25, 30};
const Values kOutcome{0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1};

// binom.test(81, 193), prop.test(81, 193, correct = FALSE), binom.test(0, 1000).
TEST(CohortProportions, AgreeWithR) {
    const auto exact = clopper_pearson(81, 193).share, score = wilson(81, 193).share;
    EXPECT_NEAR(exact.low, 0.349193998989596, kClosed);
    EXPECT_NEAR(exact.high, 0.492690273769851, kClosed);
    EXPECT_NEAR(score.low, 0.352296591079951, kClosed);
    EXPECT_NEAR(score.high, 0.490216260705818, kClosed);
    EXPECT_EQ(clopper_pearson(0, 1000).share.low, 0.0);
    EXPECT_NEAR(clopper_pearson(0, 1000).share.high, 0.00368208389686567, kClosed);
    // Pommier 2018 (doi:10.3171/2017.12.JNS171333): predictive values 9 of 9 and 3 of 3.
    EXPECT_NEAR(clopper_pearson(9, 9).share.low, 0.664, 5e-4);
    EXPECT_NEAR(clopper_pearson(3, 3).share.low, 0.292, 5e-4);
    EXPECT_EQ(wilson(9, 9).share.high, 1.0);
    EXPECT_THROW(wilson(0, 0), InputError);
    EXPECT_THROW(clopper_pearson(3, 2), InputError);
}

// binom.test(3, 13)$p.value; mid-p takes dbinom(3, 13, 0.5) off.
TEST(CohortProportions, McNemarAgreesWithR) {
    const auto m = mcnemar(10, 3, 40);
    EXPECT_NEAR(m.exact_p, 0.092285156250, 1e-12);
    EXPECT_NEAR(m.mid_p, 0.057373046875, 1e-12);
    EXPECT_EQ(m.basis.n, 53);
    EXPECT_EQ(mcnemar(3, 10, 0).mid_p, m.mid_p);
    EXPECT_EQ(mcnemar(4, 4, 0).exact_p, 1.0);
    EXPECT_EQ(mcnemar(0, 0, 7).exact_p, 1.0);
    EXPECT_FALSE(mcnemar(0, 0, 7).basis.reason.empty());
    EXPECT_THROW(mcnemar(0, 0, 0), InputError);
}

// wilcox.test of the two examples of Hollander & Wolfe in R's help page, then with ties (exact = FALSE).
TEST(CohortRanks, WilcoxonAgreesWithR) {
    const auto paired = signed_rank(kBefore, kAfter);
    EXPECT_EQ(paired.statistic, 40.0);
    EXPECT_NEAR(paired.p, 0.0390625, 1e-12);
    const auto two = rank_sum(Values{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46},
                              Values{1.15, 0.88, 0.90, 0.74, 1.21});
    EXPECT_EQ(two.statistic, 35.0);
    EXPECT_NEAR(two.p, 0.254412254412254, 1e-12);
    const auto tied = signed_rank(kTiedA, kTiedB);
    EXPECT_EQ(tied.statistic, 40.0);
    EXPECT_NEAR(tied.p, 0.0412487630949053, kClosed);
    EXPECT_EQ(tied.basis.n, 9);
    ASSERT_EQ(tied.basis.exclusions.size(), 1u);
    const auto tied_two = rank_sum(kTiedA, kTiedB);
    EXPECT_EQ(tied_two.statistic, 69.0);
    EXPECT_NEAR(tied_two.p, 0.153362864893815, kClosed);
}

// cor.test; Spearman with exact = FALSE where there are ties.
TEST(CohortRanks, CorrelationsAgreeWithR) {
    const auto p = pearson(kTiedA, kTiedB);
    EXPECT_NEAR(p.r.value, 0.62639845030399210, kClosed);
    EXPECT_NEAR(p.r.low, -0.00532997649998968, kClosed);
    EXPECT_NEAR(p.r.high, 0.90076556804744379, kClosed);
    EXPECT_NEAR(p.p, 0.05265264272582769, kClosed);
    const auto s = spearman(kTiedA, kTiedB);
    EXPECT_NEAR(s.r.value, 0.593204582435823, kClosed);
    EXPECT_NEAR(s.p, 0.070659587721133, kClosed);
    // cor.test(1:6, c(2,1,4,3,6,5), method = "spearman"): rho 0.82857, exact p 0.05833 = 42 / 720.
    const auto exact = spearman(Values{1, 2, 3, 4, 5, 6}, Values{2, 1, 4, 3, 6, 5});
    EXPECT_NEAR(exact.r.value, 29.0 / 35.0, kClosed);
    EXPECT_NEAR(exact.p, 42.0 / 720.0, 1e-12);
}

// friedman.test(RoundingTimes), the example of R's help page.
TEST(CohortRanks, FriedmanAgreesWithR) {
    std::vector<Values> rows{{5.40, 5.50, 5.55}, {5.85, 5.70, 5.75}, {5.20, 5.60, 5.50}, {5.55, 5.50, 5.40},
                             {5.90, 5.85, 5.70}, {5.45, 5.55, 5.60}, {5.40, 5.40, 5.35}, {5.45, 5.50, 5.35},
                             {5.25, 5.15, 5.00}, {5.85, 5.80, 5.70}, {5.25, 5.20, 5.10}, {5.65, 5.55, 5.45},
                             {5.60, 5.35, 5.45}, {5.05, 5.00, 4.95}, {5.50, 5.50, 5.40}, {5.45, 5.55, 5.50},
                             {5.55, 5.55, 5.35}, {5.45, 5.50, 5.55}, {5.50, 5.45, 5.25}, {5.65, 5.60, 5.40},
                             {5.70, 5.65, 5.55}, {6.30, 6.30, 6.25}};
    rows.push_back({1.0, kNan, 2.0});
    const auto f = friedman(rows);
    EXPECT_NEAR(f.statistic, 11.14285714285714235, kClosed);
    EXPECT_NEAR(f.p, 0.00380504077551136, kClosed);
    EXPECT_EQ(f.basis.n, 22);
    EXPECT_EQ(f.basis.missing, 1);
    EXPECT_EQ(friedman({{1, 1}, {2, 2}}).p, 1.0);
    EXPECT_THROW(friedman({{1, 2}, {1, 2, 3}}), InputError);
    EXPECT_THROW(friedman({{kNan, 1}}), InputError);
    EXPECT_THROW(friedman({}), InputError);
}

// p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.9), "BH")
TEST(CohortRanks, BenjaminiHochbergAgreesWithR) {
    const auto q = benjamini_hochberg(Values{0.01, 0.04, kNan, 0.03, 0.005, 0.9});
    const Values expected{0.025, 0.05, kNan, 0.05, 0.025, 0.9};
    for (std::size_t i = 0; i < q.size(); ++i) {
        if (std::isnan(expected[i])) {
            EXPECT_TRUE(std::isnan(q[i]));
        } else {
            EXPECT_NEAR(q[i], expected[i], 1e-12);
        }
    }
    EXPECT_THROW(benjamini_hochberg(Values{1.5}), InputError);
    EXPECT_TRUE(benjamini_hochberg({}).empty());
}

TEST(CohortRanks, DegenerateDataIsSaid) {
    EXPECT_FALSE(signed_rank(Values{1, 2}, Values{1, 2}).basis.reason.empty());
    EXPECT_FALSE(rank_sum(Values{1, 1}, Values{1, 1}).basis.reason.empty());
    EXPECT_THROW(signed_rank(Values{kNan}, Values{1}), InputError);
    EXPECT_THROW(signed_rank(Values{1, 2}, Values{1}), InputError);
    EXPECT_THROW(rank_sum(Values{kNan, kNan}, Values{1}), InputError);
    EXPECT_TRUE(std::isnan(pearson(Values{1, 1, 1, 1}, Values{1, 2, 3, 4}).r.value));
    EXPECT_TRUE(std::isnan(spearman(Values{1, 1, 1, 1}, Values{1, 2, 3, 4}).p));
    EXPECT_THROW(pearson(Values{1, 2, kNan}, Values{1, 2, 3}), InputError);
    EXPECT_EQ(pearson(Values{1, 2, 3, 4}, Values{2, 4, 6, 8}).p, 0.0);
}

// Under no difference a test of 5 % rejects 5 % at most, exact or not; 2000 seeded samples.
TEST(CohortRanks, WilcoxonHoldsItsLevel) {
    std::mt19937_64 random(4);
    std::normal_distribution<double> normal;
    int rejected = 0;
    for (int round = 0; round < 2000; ++round) {
        Values a(12), b(15);
        for (double& v : a) v = normal(random);
        for (double& v : b) v = normal(random);
        rejected += rank_sum(a, b).p < 0.05;
    }
    EXPECT_GT(rejected, 60);
    EXPECT_LT(rejected, 130);
}

// pROC: ci.auc, roc.test(method = "delong", paired = TRUE), coords("best").
TEST(CohortRoc, AgreesWithPRoc) {
    const auto score = roc(kScore, kOutcome), first = roc(kFirst, kOutcome);
    EXPECT_NEAR(score.auc.value, 0.8939393939393940, kClosed);
    EXPECT_NEAR(score.auc.low, 0.7499466086565161, kClosed);
    EXPECT_EQ(score.auc.high, 1.0);
    EXPECT_NEAR(score.standard_error, 0.0734670567513866, kClosed);
    EXPECT_NEAR(first.auc.value, 0.737373737373737, kClosed);
    EXPECT_NEAR(first.auc.low, 0.510056496553757, kClosed);
    EXPECT_NEAR(first.auc.high, 0.964690978193718, kClosed);
    EXPECT_EQ(score.cut, 32.5);
    EXPECT_NEAR(score.sensitivity.value, 7.0 / 9.0, kClosed);
    EXPECT_NEAR(score.specificity.value, 10.0 / 11.0, kClosed);
    const auto both = compare_rocs(kScore, kFirst, kOutcome);
    EXPECT_NEAR(both.z, 1.252691419943059, kClosed);
    EXPECT_NEAR(both.p, 0.210318029711016, kClosed);
}

TEST(CohortRoc, IsTheMannWhitneyStatistic) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 20; ++round) {
        Values score, outcome, with, without;
        for (int i = 0; i < 40; ++i) {
            const double y = i < 2 ? i : static_cast<double>(random() % 2), s = static_cast<double>(random() % 12) + y;
            score.push_back(s);
            outcome.push_back(y);
            (y > 0.5 ? with : without).push_back(s);
        }
        const double pairs = static_cast<double>(with.size() * without.size());
        EXPECT_NEAR(roc(score, outcome).auc.value, rank_sum(with, without).statistic / pairs, 1e-12);
        for (double& s : score) s = -s;
        EXPECT_NEAR(roc(score, outcome).auc.value, 1.0 - rank_sum(with, without).statistic / pairs, 1e-12);
    }
}

TEST(CohortRoc, DegenerateDataIsSaid) {
    EXPECT_THROW(roc(Values{1, 2}, Values{1, 1}), InputError);
    EXPECT_THROW(roc(Values{1, 2}, Values{0, 0}), InputError);
    EXPECT_THROW(roc(Values{kNan, kNan}, Values{0, 1}), InputError);
    EXPECT_THROW(roc(Values{1, 2}, Values{0, 2}), InputError);
    EXPECT_THROW(roc({}, {}), InputError);
    const auto perfect = roc(Values{1, 2, 3, 4, kNan}, Values{0, 0, 1, 1, 1});
    EXPECT_EQ(perfect.auc.value, 1.0);
    EXPECT_EQ(perfect.cut, 2.5);
    EXPECT_EQ(perfect.basis.missing, 1);
    EXPECT_NE(perfect.basis.reason.find("certainty"), std::string::npos);
    const auto flat = roc(Values{2, 2, 2, 2}, Values{0, 1, 0, 1});
    EXPECT_EQ(flat.auc.value, 0.5);
    EXPECT_TRUE(std::isnan(flat.cut));
    EXPECT_TRUE(std::isnan(compare_rocs(kScore, kScore, kOutcome).p));
    EXPECT_TRUE(std::isnan(roc(Values{1, 2, 3}, Values{0, 0, 1}).standard_error));
}

}  // namespace
}  // namespace precentral::cohort
