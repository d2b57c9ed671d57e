// SPDX-License-Identifier: Apache-2.0
// Survival against R 4.2.2 with survival 3.5.3 (tests/data/cohort_reference.R), on Freireich's leukaemia trial (Blood
// 1963;21:699, doi:10.1182/blood.V21.6.699.699).
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "data/cohort/survival.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

using Values = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Trial {
    Values time{6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35,
                1, 1, 2, 2, 3, 4, 4,  5,  5,  8,  8,  8,  8,  11, 11, 12, 12, 15, 17, 22, 23};
    Values event{1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0};
    std::vector<int> group = std::vector<int>(42, 0);
    Predictor placebo{"placebo", Values(42, 0.0)};
    Predictor other{"z", {}};
    Values cause;
    Trial() {
        event.resize(42, 1.0);
        for (std::size_t i = 0; i < 42; ++i) {
            group[i] = i < 21 ? 0 : 1;
            placebo.values[i] = group[i];
            other.values.push_back(static_cast<double>((i + 1) * 7 % 11));
            cause.push_back(event[i] == 0.0 ? 0.0 : (i + 1) % 3 == 0 ? 2.0 : 1.0);
        }
    }
    std::span<const double> times(std::size_t n) const { return std::span(time).first(n); }
    std::span<const double> events(std::size_t n) const { return std::span(event).first(n); }
};

// survfit(Surv(time, status) ~ 1, subset = group == 0, conf.type = "log-log"); quantile(., 0.5) over the groups.
TEST(CohortSurvival, KaplanMeierAgreesWithR) {
    const Trial t;
    const auto curve = kaplan_meier(t.times(21), t.events(21));
    ASSERT_EQ(curve.steps.size(), 7u);
    const Values survival{0.857142857142857, 0.806722689075630, 0.752941176470588, 0.690196078431372,
                          0.627450980392157, 0.537815126050420, 0.448179271708683};
    const Values log_error{0.0890870806374748, 0.1077635305877792, 0.1279643828830819, 0.1547599459240199,
                           0.1817733477529494, 0.2384346320542351, 0.3003071878862905};
    const Values low{0.619717955265984, 0.563146564622233, 0.503199510799957, 0.431610222486184,
                     0.367510855987502, 0.267778936767135, 0.188052005959232};
    const Values high{0.951551747646997, 0.922809019202880, 0.889361835169265, 0.849065963349451,
                      0.804912189471841, 0.746790717635394, 0.680142628495241};
    for (std::size_t i = 0; i < 7; ++i) {
        EXPECT_NEAR(curve.steps[i].survival.value, survival[i], 1e-12);
        EXPECT_NEAR(curve.steps[i].standard_error, survival[i] * log_error[i], 1e-12);
        EXPECT_NEAR(curve.steps[i].survival.low, low[i], 1e-9);
        EXPECT_NEAR(curve.steps[i].survival.high, high[i], 1e-9);
    }
    EXPECT_EQ(curve.median.value, 23.0);
    EXPECT_EQ(curve.median.low, 13.0);
    EXPECT_TRUE(std::isnan(curve.median.high));
    const auto placebo = kaplan_meier(std::span(t.time).subspan(21), std::span(t.event).subspan(21));
    EXPECT_EQ(placebo.median.value, 8.0);
    EXPECT_EQ(placebo.median.low, 4.0);
    EXPECT_EQ(placebo.median.high, 11.0);
    EXPECT_EQ(placebo.steps.back().survival.value, 0.0);
}

// survdiff(Surv(time, status) ~ group)
TEST(CohortSurvival, LogRankAgreesWithR) {
    const Trial t;
    const auto test = log_rank(t.time, t.event, t.group);
    EXPECT_NEAR(test.chi_square, 16.7929409892165, 1e-9);
    EXPECT_NEAR(test.expected[0], 19.2505009480311, 1e-9);
    EXPECT_NEAR(test.expected[1], 10.7494990519689, 1e-9);
    EXPECT_EQ(test.observed, (std::vector<int>{9, 21}));
    EXPECT_EQ(test.degrees, 1);
}

// coxph(Surv(time, status) ~ group, ties = "efron"), then with z.
TEST(CohortSurvival, CoxAgreesWithR) {
    const Trial t;
    const auto one = cox(t.time, t.event, {t.placebo});
    EXPECT_NEAR(one.predictors[0].log_hazard.value, 1.572125148829066, 1e-8);
    EXPECT_NEAR(one.predictors[0].standard_error, 0.412396717709455, 1e-8);
    EXPECT_NEAR(one.null_log_likelihood, -93.184269996847732, 1e-9);
    EXPECT_NEAR(one.log_likelihood, -85.008424577371656, 1e-9);
    EXPECT_NEAR(one.score_test, 17.246536795716583, 1e-9);
    const auto two = cox(t.time, t.event, {t.placebo, t.other});
    EXPECT_NEAR(two.predictors[0].log_hazard.value, 1.5861712914273294, 1e-8);
    EXPECT_NEAR(two.predictors[1].log_hazard.value, -0.0429055014536913, 1e-8);
    EXPECT_NEAR(two.predictors[1].standard_error, 0.0592602511075287, 1e-8);
    EXPECT_NEAR(two.log_likelihood, -84.7462872018386264, 1e-9);
}

// survfit(Surv(time, factor(cause)) ~ 1): pstate and std.err.
TEST(CohortSurvival, AalenJohansenAgreesWithR) {
    const Trial t;
    const auto curves = aalen_johansen(t.time, t.cause);
    const std::vector<Values> expected{
        {1, 0.952380952380952, 0.0476190476190476, 0.0, 0.0328602647305883, 0.0},
        {6, 0.714285714285714, 0.1904761904761905, 0.0952380952380952, 0.0605913343124145, 0.0452947491053020},
        {11, 0.511580944221767, 0.3416251058144397, 0.1467939499637936, 0.0744025309637656, 0.0554996699161470},
        {17, 0.341053962814511, 0.4837309236538194, 0.1752151135316695, 0.0807860812067160, 0.0604493030279726},
        {23, 0.189474423785840, 0.5595206931681551, 0.2510048830460053, 0.0841847072454688, 0.0741036968677416}};
    std::size_t found = 0;
    for (const auto& step : curves.steps) {
        EXPECT_NEAR(step.free + step.incidence[0] + step.incidence[1], 1.0, 1e-12);
        for (const auto& e : expected) {
            if (step.time != e[0]) continue;
            ++found;
            EXPECT_NEAR(step.free, e[1], 1e-12);
            EXPECT_NEAR(step.incidence[0], e[2], 1e-12);
            EXPECT_NEAR(step.incidence[1], e[3], 1e-12);
            EXPECT_NEAR(step.standard_error[0], e[4], 1e-9);
            EXPECT_NEAR(step.standard_error[1], e[5], 1e-9);
        }
    }
    EXPECT_EQ(found, expected.size());
    // With one cause the curve is Kaplan-Meier's, its error Greenwood's.
    const auto one = aalen_johansen(t.times(21), t.events(21));
    const auto curve = kaplan_meier(t.times(21), t.events(21));
    for (std::size_t i = 0; i < curve.steps.size(); ++i) {
        EXPECT_NEAR(one.steps[i].free, curve.steps[i].survival.value, 1e-12);
        EXPECT_NEAR(one.steps[i].standard_error[0], curve.steps[i].standard_error, 1e-12);
    }
}

TEST(CohortSurvival, DegenerateDataIsSaid) {
    EXPECT_THROW(kaplan_meier({}, {}), InputError);
    EXPECT_THROW(kaplan_meier(Values{kNan}, Values{1}), InputError);
    EXPECT_THROW(kaplan_meier(Values{-1}, Values{1}), InputError);
    EXPECT_THROW(kaplan_meier(Values{1}, Values{2}), InputError);
    EXPECT_THROW(kaplan_meier(Values{1, 2}, Values{1}), InputError);
    const auto nobody = kaplan_meier(Values{1, 2, kNan}, Values{0, 0, 1});
    EXPECT_TRUE(nobody.steps.empty());
    EXPECT_EQ(nobody.basis.missing, 1);
    EXPECT_NE(nobody.basis.reason.find("nobody"), std::string::npos);
    EXPECT_THROW(log_rank(Values{1, 2}, Values{1, 1}, std::vector<int>{0, 0}), InputError);
    EXPECT_FALSE(log_rank(Values{1, 2}, Values{0, 0}, std::vector<int>{0, 1}).basis.reason.empty());
    EXPECT_FALSE(aalen_johansen(Values{1, 2}, Values{0, 0}).basis.reason.empty());
    EXPECT_THROW(cox(Values{1, 2}, Values{0, 0}, {{"x", {0, 1}}}), InputError);
    EXPECT_THROW(cox(Values{1, 2, 3}, Values{1, 1, 1}, {{"x", {4, 4, 4}}}), InputError);
    EXPECT_THROW(cox(Values{1, 2, 3, 4}, Values{1, 1, 1, 1}, {{"x", {4, 3, 2, 1}}}), InputError);
    EXPECT_THROW(cox(Values{1, 2}, Values{1, 1}, {}), InputError);
}

}  // namespace
}  // namespace precentral::cohort
