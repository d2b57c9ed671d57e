// SPDX-License-Identifier: Apache-2.0
// The mixed model against R 4.2.2 with lme4 1.1-31 and lmerTest 3.1-3 (tests/data/cohort_reference.R).
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "data/cohort/draws.h"
#include "data/cohort/mixed_model.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

using Values = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Sessions {
    Values relief{10, 20, 30, 35, 0,  5,  10, 0,  40, 55, 60, 20, 20, 30,
                  40, 15, 10, 30, 40, 45, 50, 60, 5,  60, 50, 70, 80};
    std::vector<int> patient;
    Predictor session{"session", {}}, central{"central", {}};
    Sessions() {
        const int counts[] = {4, 4, 3, 4, 2, 5, 1, 4};
        const double of_central[] = {1, 0, 1, 1, 0, 0, 1, 1};
        for (int p = 0; p < 8; ++p) {
            for (int k = 1; k <= counts[p]; ++k) {
                patient.push_back(p);
                session.values.push_back(k);
                central.values.push_back(of_central[p]);
            }
        }
    }
};

// lmer(relief ~ session + central + (1 | patient))
TEST(CohortMixed, AgreesWithR) {
    const Sessions s;
    const auto fit = fit_mixed(s.relief, s.patient, {s.session, s.central});
    ASSERT_EQ(fit.effects.size(), 3u);
    EXPECT_EQ(fit.patients, 8);
    EXPECT_EQ(fit.basis.n, 27);
    const double estimates[] = {5.35575997997, 6.47346475059, 15.86706182412};
    const double errors[] = {12.21919933211, 1.02349834429, 15.17968015214};
    const double degrees[] = {6.39850326298, 18.23561349417, 5.95346233977};
    const double p[] = {0.675577131378, 5.49146877668e-06, 0.336464126245};
    const double low[] = {-24.0979023877428, 4.3251642536923, -21.3467717263679};
    const double high[] = {34.8094223476736, 8.62176524749418, 53.0808953745996};
    for (std::size_t i = 0; i < 3; ++i) {
        const FixedEffect& e = fit.effects[i];
        EXPECT_NEAR(e.effect.value, estimates[i], 1e-4 * std::abs(estimates[i]));
        EXPECT_NEAR(e.standard_error, errors[i], 1e-4 * errors[i]);
        EXPECT_NEAR(e.degrees, degrees[i], 1e-4 * degrees[i]);
        EXPECT_NEAR(e.p, p[i], 2e-4 * p[i]);
        EXPECT_NEAR(e.effect.low, low[i], 1e-4 * std::abs(low[i]));
        EXPECT_NEAR(e.effect.high, high[i], 1e-4 * std::abs(high[i]));
    }
    EXPECT_NEAR(fit.patient_sd, 20.4918198736, 2e-3);
    EXPECT_NEAR(fit.residual_sd, 5.8548067165, 6e-4);
    EXPECT_NEAR(fit.log_likelihood, -91.6486560003774, 1e-6);
}

// Patients that do not differ beyond chance: lmer's singular fit, which is ordinary regression.
TEST(CohortMixed, WithoutDifferencesItIsRegression) {
    const Values relief{10, -10, 10, -10, 5, -5, 8, -8};
    const std::vector<int> patient{1, 1, 1, 1, 2, 2, 3, 3};
    const auto fit = fit_mixed(relief, patient, {{"x", {1, 2, 3, 4, 1, 2, 1, 2}}});
    EXPECT_EQ(fit.patient_sd, 0.0);
    EXPECT_FALSE(fit.basis.reason.empty());
    EXPECT_NEAR(fit.effects[0].effect.value, 8.25, 1e-9);
    EXPECT_NEAR(fit.effects[1].effect.value, -4.125, 1e-9);
    EXPECT_NEAR(fit.effects[1].standard_error, 3.03409445579, 1e-8);
    EXPECT_NEAR(fit.effects[1].p, 0.22284444266, 1e-8);
    EXPECT_NEAR(fit.log_likelihood, -23.4908754431762, 1e-8);
}

// Relabelling patients, shifting and scaling the values change nothing but the units.
TEST(CohortMixed, UnitsDoNotMatter) {
    const Sessions s;
    const auto fit = fit_mixed(s.relief, s.patient, {s.session});
    Values scaled = s.relief;
    Predictor year{"year", s.session.values};
    std::vector<int> renamed = s.patient;
    for (double& v : scaled) v = 1000.0 + 0.01 * v;
    for (double& v : year.values) v = 2013.0 + v;
    for (int& p : renamed) p = 70 - 3 * p;
    const auto other = fit_mixed(scaled, renamed, {year});
    EXPECT_NEAR(other.effects[1].effect.value, 0.01 * fit.effects[1].effect.value, 1e-9);
    EXPECT_NEAR(other.effects[1].degrees, fit.effects[1].degrees, 1e-3);
    EXPECT_NEAR(other.intraclass, fit.intraclass, 1e-6);
}

// The planted slope lies within 95 % limits in about 95 of 100 simulated cohorts.
TEST(CohortMixed, LimitsCoverThePlantedSlope) {
    int covered = 0;
    constexpr int kCohorts = 400;
    for (int c = 0; c < kCohorts; ++c) {
        Draws draws(77, static_cast<std::uint64_t>(c));
        Values relief;
        std::vector<int> patient;
        Predictor session{"session", {}};
        for (int p = 0; p < 12; ++p) {
            const double level = draws.normal(30.0, 15.0);
            for (int k = 1; k <= 3 + p % 3; ++k) {
                relief.push_back(level + 4.0 * k + draws.normal(0.0, 8.0));
                patient.push_back(p);
                session.values.push_back(k);
            }
        }
        const auto fit = fit_mixed(relief, patient, {session});
        if (fit.effects[1].effect.low <= 4.0 && 4.0 <= fit.effects[1].effect.high) ++covered;
    }
    EXPECT_GE(covered, 366);  // 5 standard errors below 380
    EXPECT_LE(covered, 396);
}

TEST(CohortMixed, RefusesWhatCannotBeFitted) {
    const std::vector<int> patient{1, 1, 2, 2};
    EXPECT_THROW(fit_mixed({}, {}, {}), InputError);
    EXPECT_THROW(fit_mixed(Values{kNan, kNan, kNan, kNan}, patient, {}), InputError);
    EXPECT_THROW(fit_mixed(Values{1, 2, 3}, patient, {}), InputError);
    EXPECT_THROW(fit_mixed(Values{1, 2, 3, 4}, std::vector<int>{1, 2, 3, 4}, {}), InputError);
    EXPECT_THROW(fit_mixed(Values{1, 2, 3, 4}, std::vector<int>{1, 1, 1, 1}, {}), InputError);
    EXPECT_THROW(fit_mixed(Values{5, 5, 5, 5}, patient, {}), InputError);
    EXPECT_THROW(fit_mixed(Values{1, 2, 3, 4}, patient, {{"x", {1, 1, 1, 1}}}), InputError);
    EXPECT_THROW(fit_mixed(Values{1, 2, 3, 4, 2}, std::vector<int>{1, 1, 2, 2, 2},
                           {{"x", {1, 2, 3, 4, 5}}, {"y", {2, 4, 6, 8, 10}}}),
                 InputError);
    EXPECT_THROW(fit_mixed(Values{3, 3, 4, 4, 9, 9}, std::vector<int>{1, 1, 2, 2, 3, 3}, {}), InputError);
}

}  // namespace
}  // namespace precentral::cohort
