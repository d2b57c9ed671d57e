// SPDX-License-Identifier: Apache-2.0
// Odds ratios against R 4.2.2 (tests/data/cohort_reference.R prints every value) and against published ones. Both
// tables are synthetic, chosen to reproduce published odds ratios: they are not the authors' data.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "data/cohort/odds_ratio.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

constexpr TwoByTwo kCentralPeripheral{88, 27, 48, 30};
constexpr TwoByTwo kIschaemicHaemorrhagic{44, 8, 18, 11};

void expect_ratio(const OddsRatio& r, double value, double low, double high, double relative) {
    EXPECT_NEAR(r.odds_ratio.value, value, relative * value) << r.basis.method;
    EXPECT_NEAR(r.odds_ratio.low, low, relative * low) << r.basis.method;
    EXPECT_NEAR(r.odds_ratio.high, high, relative * high) << r.basis.method;
}

double hundredths(double value) { return std::round(100.0 * value) / 100.0; }

// Thomas et al., Eur J Pain 2025;29:e4763 (abstract): 2.03 [1.04;4.00] and 3.36 [1.17;10.05].
TEST(CohortOdds, GivesThePublishedRatiosByTheMethodThatReproducesThem) {
    const auto first = odds_ratio(kCentralPeripheral, OddsMethod::fisher).odds_ratio;
    EXPECT_DOUBLE_EQ(hundredths(first.value), 2.03);
    EXPECT_DOUBLE_EQ(hundredths(first.low), 1.04);
    EXPECT_DOUBLE_EQ(hundredths(first.high), 4.00);
    const auto second = odds_ratio(kIschaemicHaemorrhagic, OddsMethod::profile).odds_ratio;
    EXPECT_DOUBLE_EQ(hundredths(second.value), 3.36);
    EXPECT_DOUBLE_EQ(hundredths(second.low), 1.17);
    EXPECT_DOUBLE_EQ(hundredths(second.high), 10.05);
}

// fisher.test(matrix(c(88,27,48,30),2,byrow=TRUE)): 2.029269 [1.035583; 4.003483]; R's root finder stops at 1e-4, so
// the values are those of exact_ratio() of the script, which solves the same equations to the end.
TEST(CohortOdds, AgreesWithRForCentralAgainstPeripheral) {
    const auto all = odds_ratios(kCentralPeripheral);
    ASSERT_EQ(all.size(), 4u);
    expect_ratio(all[0], 88.0 * 30.0 / (27.0 * 48.0), 1.0874, 3.816, 5e-5);
    expect_ratio(all[1], 2.02925009983214, 1.03557885613369, 4.00341430095429, 1e-8);
    EXPECT_NEAR(all[1].p, 0.0360922059660384, 1e-10);
    expect_ratio(all[2], 2.02744556467343, 1.08084152763199, 3.83033928215484, 1e-8);
    expect_ratio(all[3], 2.03703703703704, 1.08923349624541, 3.83653062172655, 1e-8);
    EXPECT_NEAR(all[3].p, 0.0259239660497991, 1e-9);
    for (const auto& r : all) EXPECT_EQ(r.basis.n, 193);
}

TEST(CohortOdds, AgreesWithRForIschaemicAgainstHaemorrhagic) {
    const auto all = odds_ratios(kIschaemicHaemorrhagic);
    expect_ratio(all[0], 44.0 * 11.0 / (8.0 * 18.0), 1.1609, 9.7313, 5e-5);
    EXPECT_NEAR(all[0].p, 0.0254, 5e-5);
    expect_ratio(all[1], 3.30583679952284, 1.02045264720458, 11.24060870191759, 1e-8);
    EXPECT_NEAR(all[1].p, 0.0295893462180113, 1e-9);
    expect_ratio(all[2], 3.28878214361142, 1.13333275273727, 9.99277490776068, 1e-8);
    expect_ratio(all[3], 3.36111111111105, 1.17403996591574, 10.05284163038821, 1e-8);
    EXPECT_NEAR(all[3].p, 0.023901786830929, 1e-9);
}

// Swapping the groups, or the outcomes, turns every ratio over and leaves every p.
TEST(CohortOdds, TurnsOverWithTheTable) {
    std::mt19937_64 random(9);
    for (int round = 0; round < 40; ++round) {
        const auto count = [&] { return 1 + static_cast<int>(random() % (round % 4 == 0 ? 400 : 25)); };
        const TwoByTwo t{count(), count(), count(), count()};
        const auto straight = odds_ratios(t), groups = odds_ratios({t.c, t.d, t.a, t.b}),
                   outcomes = odds_ratios({t.b, t.a, t.d, t.c});
        for (std::size_t i = 0; i < straight.size(); ++i) {
            const auto& e = straight[i].odds_ratio;
            expect_ratio(groups[i], 1.0 / e.value, 1.0 / e.high, 1.0 / e.low, 1e-7);
            expect_ratio(outcomes[i], 1.0 / e.value, 1.0 / e.high, 1.0 / e.low, 1e-7);
            EXPECT_NEAR(groups[i].p, straight[i].p, 1e-7);
            EXPECT_LE(e.low, e.value);
            EXPECT_GE(e.high, e.value);
            // The test and the interval of one method agree (Fisher's p orders tables otherwise than its limits).
            if (straight[i].by != OddsMethod::fisher) {
                EXPECT_EQ(straight[i].p<0.05, e.low> 1.0 || e.high < 1.0) << straight[i].basis.method;
            }
        }
        // Exact limits hold more than mid-p limits.
        EXPECT_LE(straight[1].odds_ratio.low, straight[2].odds_ratio.low);
        EXPECT_GE(straight[1].odds_ratio.high, straight[2].odds_ratio.high);
    }
}

// Pommier et al., J Neurosurg 2018, doi:10.3171/2017.12.JNS171333: 9 of 9 against 0 of 3, p = 0.0045.
TEST(CohortOdds, SaysWhatAnEmptyCellLeavesOpen) {
    const auto all = odds_ratios({9, 0, 0, 3});
    EXPECT_TRUE(std::isnan(all[0].odds_ratio.value));
    EXPECT_NE(all[0].basis.reason.find("above 0"), std::string::npos);
    EXPECT_NEAR(all[1].p, 1.0 / 220.0, 1e-12);
    for (std::size_t i = 1; i < all.size(); ++i) {
        EXPECT_TRUE(std::isinf(all[i].odds_ratio.value));
        EXPECT_TRUE(std::isinf(all[i].odds_ratio.high));
        EXPECT_GT(all[i].odds_ratio.low, 1.0) << all[i].basis.method;
        EXPECT_FALSE(all[i].basis.reason.empty());
    }
    for (const auto& r : odds_ratios({0, 9, 3, 1})) {
        if (r.by == OddsMethod::woolf) continue;
        EXPECT_EQ(r.odds_ratio.value, 0.0);
        EXPECT_EQ(r.odds_ratio.low, 0.0);
        EXPECT_TRUE(std::isfinite(r.odds_ratio.high));
    }
}

TEST(CohortOdds, RefusesTablesWithoutAnOddsRatio) {
    for (const TwoByTwo& t : {TwoByTwo{0, 0, 3, 4}, TwoByTwo{3, 4, 0, 0}, TwoByTwo{0, 3, 0, 4}, TwoByTwo{3, 0, 4, 0},
                              TwoByTwo{}, TwoByTwo{-1, 2, 3, 4}, TwoByTwo{2'000'000, 2, 3, 4}}) {
        EXPECT_THROW(odds_ratio(t, OddsMethod::profile), InputError);
    }
    EXPECT_THROW(odds_ratio({1, 2, 3, 4}, OddsMethod::fisher, 1.0), InputError);
    EXPECT_THROW(odds_method_from("wald"), InputError);
    for (const auto& r : odds_ratios({1, 2, 3, 4})) EXPECT_EQ(odds_method_from(name_of(r.by)), r.by);
}

// A large table keeps its precision: all methods approach Woolf's.
TEST(CohortOdds, LargeTablesAgreeAcrossMethods) {
    const auto all = odds_ratios({60000, 40000, 50000, 50000});
    for (const auto& r : all) expect_ratio(r, 1.5, all[0].odds_ratio.low, all[0].odds_ratio.high, 1e-4);
}

}  // namespace
}  // namespace precentral::cohort
