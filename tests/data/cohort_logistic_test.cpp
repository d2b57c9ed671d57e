// SPDX-License-Identifier: Apache-2.0
// Logistic regression against R 4.2.2 glm(), and Firth's against its definition maximised in R
// (tests/data/cohort_reference.R).
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "data/cohort/logistic.h"
#include "data/cohort/odds_ratio.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

using Values = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
const Predictor kScore{"score", {10, 35, 20, 50, 5, 30, 70, 30, 15, 0, 60, 45, 10, 25, 40, 30, 55, 5, 20, 80}};
const Predictor kFirst{"first", {5, 10, 20, 30, 10, 40, 20, 10, 25, 5, 35, 15, 20, 5, 30, 10, 20, 0, 25, 30}};
const Values kOutcome{0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1};

// glm(out ~ score + first, family = binomial); limits solved to 1e-13, which R's confint() interpolates to 1e-4.
TEST(CohortLogistic, AgreesWithR) {
    const auto fit = fit_logistic({kScore, kFirst}, kOutcome);
    const Values beta{-3.33414698002346777, 0.09560635433148447, 0.00652859428572799};
    const Values error{1.5834027280854928, 0.0450320424664202, 0.0581842551952918};
    const Values low{-7.284940922664715, 0.0238220207042035, -0.114948129888987};
    const Values high{-0.772516102175408, 0.2102463806493791, 0.127845816796696};
    ASSERT_EQ(fit.coefficients.size(), 3u);
    for (std::size_t j = 0; j < 3; ++j) {
        const auto& c = fit.coefficients[j];
        EXPECT_NEAR(c.log_odds.value, beta[j], 1e-7 * std::abs(beta[j])) << c.name;
        EXPECT_NEAR(c.standard_error, error[j], 1e-6 * error[j]);
        EXPECT_NEAR(c.log_odds.low, low[j], 1e-6 * std::abs(low[j]));
        EXPECT_NEAR(c.log_odds.high, high[j], 1e-6 * std::abs(high[j]));
    }
    EXPECT_NEAR(fit.coefficients[1].wald.low, 0.00734517294702261, 1e-8);
    EXPECT_NEAR(fit.log_likelihood, -8.43924875947571, 1e-9);
    EXPECT_EQ(fit.basis.n, 20);
    EXPECT_EQ(fit.with, 9);
}

void expect_coefficient(const LogisticCoefficient& c, double value, double low, double high) {
    EXPECT_NEAR(c.log_odds.value, value, 2e-5);
    EXPECT_NEAR(c.log_odds.low, low, 1e-4 * std::abs(low));
    EXPECT_NEAR(c.log_odds.high, high, 1e-4 * std::abs(high));
}

// firth() of the script: l + log det(I) / 2 maximised by optim, limits by uniroot. Complete, then quasi separation.
TEST(CohortLogistic, FirthAgreesWithItsDefinitionUnderSeparation) {
    const auto complete = fit_logistic({{"x", {-3, -2.5, -2, -1, -0.5, 0.5, 1, 1.5, 2.5, 3}}},
                                       Values{0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, LogisticMethod::firth);
    expect_coefficient(complete.coefficients[0], 0.057471448375234, -2.81490224529455, 2.65189229382249);
    expect_coefficient(complete.coefficients[1], 1.460263329060014, 0.303562825361515, 6.351162504723356);
    EXPECT_NEAR(complete.log_likelihood, -1.312576113944737, 1e-7);
    const auto quasi = fit_logistic({{"x", {0, 0, 0, 0, 0, 0, 1, 1, 1, 1}}}, Values{1, 0, 1, 0, 0, 1, 1, 1, 1, 1},
                                    LogisticMethod::firth);
    // Saturated: adds half a patient to each cell, log(4.5 / 0.5).
    expect_coefficient(quasi.coefficients[0], 0.0, -1.55018659790873, 1.55018659790873);
    expect_coefficient(quasi.coefficients[1], std::log(9.0), -0.562896948460892, 7.225954532837074);
    EXPECT_NEAR(quasi.log_likelihood, -4.88841821570289, 1e-7);
}

// With one binary predictor the slope and its profile limits are those of the 2 x 2 table.
TEST(CohortLogistic, IsTheOddsRatioOfATable) {
    Predictor group{"ischaemic", {}};
    Values outcome;
    const auto add = [&](double g, double y, int n) {
        group.values.insert(group.values.end(), static_cast<std::size_t>(n), g);
        outcome.insert(outcome.end(), static_cast<std::size_t>(n), y);
    };
    add(1, 1, 44), add(1, 0, 8), add(0, 1, 18), add(0, 0, 11);
    group.values.push_back(kNan);
    outcome.push_back(1);
    const auto fit = fit_logistic({group}, outcome);
    const auto table = odds_ratio({44, 8, 18, 11}, OddsMethod::profile);
    const auto& c = fit.coefficients[1];
    EXPECT_NEAR(std::exp(c.log_odds.value), table.odds_ratio.value, 1e-8);
    EXPECT_NEAR(std::exp(c.log_odds.low), table.odds_ratio.low, 1e-7);
    EXPECT_NEAR(std::exp(c.log_odds.high), table.odds_ratio.high, 1e-6);
    EXPECT_NEAR(c.p, table.p, 1e-9);
    EXPECT_EQ(fit.basis.missing, 1);
}

TEST(CohortLogistic, RefusesWhatHasNoAnswer) {
    const auto refused = [](const std::vector<Predictor>& x, const Values& y, const std::string& names) {
        try {
            fit_logistic(x, y);
            ADD_FAILURE() << "not refused: " << names;
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find(names), std::string::npos) << error.what();
        }
    };
    refused({{"x", {1, 2, 3, 4}}}, {0, 0, 1, 1}, "Firth");
    refused({{"x", {0, 0, 0, 0, 1, 1, 1}}}, {0, 1, 0, 1, 1, 1, 1}, "Firth");
    refused({{"x", {1e-6, 2e-6, 3e-6, 4e-6}}}, {0, 0, 1, 1}, "Firth");
    refused({{"x", {1, 2, 3}}}, {1, 1, 1}, "same outcome");
    refused({{"x", {kNan, kNan}}}, {0, 1}, "No patient");
    refused({}, {}, "No patient");
    refused({{"x", {5, 5, 5, 5}}}, {0, 1, 0, 1}, "determine");
    refused({{"x", {1, 2, 3, 4}}, {"y", {2, 4, 6, 8}}}, {0, 1, 0, 1}, "determine");
    refused({{"x", {1, 2}}}, {0, 1, 0}, "length");
    refused({{"x", {1, 2}}}, {0, 3}, "1 or 0");
}

// Changing the unit of a predictor changes its coefficient by that unit and nothing else.
TEST(CohortLogistic, DoesNotDependOnUnits) {
    std::mt19937_64 random(3);
    std::normal_distribution<double> normal;
    for (const auto method : {LogisticMethod::maximum_likelihood, LogisticMethod::firth}) {
        Predictor x{"x", {}}, in_metres{"x", {}};
        Values y;
        for (int i = 0; i < 60; ++i) {
            x.values.push_back(normal(random));
            in_metres.values.push_back(1e-3 * x.values.back());
            y.push_back(normal(random) + 0.8 * x.values.back() > 0.0);
        }
        const auto a = fit_logistic({x}, y, method).coefficients[1];
        const auto b = fit_logistic({in_metres}, y, method).coefficients[1];
        EXPECT_NEAR(b.log_odds.value, 1e3 * a.log_odds.value, 1e-3);
        EXPECT_NEAR(b.log_odds.high, 1e3 * a.log_odds.high, 1e-3);
        EXPECT_NEAR(a.p, b.p, 1e-9);
    }
}

}  // namespace
}  // namespace precentral::cohort
