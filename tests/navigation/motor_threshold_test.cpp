// SPDX-License-Identifier: Apache-2.0
#include "navigation/motor_threshold.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "data/error.h"
#include "navigation/normal_law.h"
#include "navigation/threshold_simulation.h"

namespace precentral {
namespace {

// Anchor: the published population with whole-per-cent intensities, 500 subjects, wide-prior Bayes: 1.40 / 4.1 % after
// 25 pulses, 1.06 / 3.2 % after 40. The limits leave three standard errors of 1000 subjects.
TEST(MotorThreshold, BayesReachesThePublishedAccuracy) {
    ThresholdStudy study;
    study.subjects = 1000;
    for (const NoiseReading noise : {NoiseReading::standard_deviation, NoiseReading::variance}) {
        study.noise = noise;
        const ThresholdStudyResult r = simulate_threshold(study);
        const bool variance = noise == NoiseReading::variance;
        EXPECT_EQ(r.not_finite, 0);
        EXPECT_EQ(r.not_reached, 0);
        EXPECT_LE(r.by_pulses.at(25).median_rel_error_pct, 1.55);
        EXPECT_LE(r.by_pulses.at(25).p95_rel_error_pct, variance ? 5.4 : 4.8);
        EXPECT_LE(r.by_pulses.at(40).median_rel_error_pct, 1.20);
        EXPECT_LE(r.by_pulses.at(40).p95_rel_error_pct, variance ? 4.2 : 3.7);
        EXPECT_LE(std::abs(r.by_pulses.at(25).bias_pct), 0.35);
        for (const int pulses : {10, 25, 40}) {
            EXPECT_GE(r.by_pulses.at(pulses).coverage95, 0.93) << pulses;
            EXPECT_LE(r.by_pulses.at(pulses).coverage95, 0.995) << pulses;
        }
        EXPECT_LE(r.median_pulses, 24.0);
        EXPECT_LE(r.p95_pulses, 56.0);
    }
}

TEST(MotorThreshold, WrongAnswersAndBadStartsAreBorne) {
    ThresholdStudy study;
    study.subjects = 200;
    study.false_responses = study.missed_responses = 0.05;
    const ThresholdStudyResult wrong = simulate_threshold(study);
    EXPECT_EQ(wrong.not_finite, 0);
    EXPECT_LE(wrong.by_pulses.at(40).p95_rel_error_pct, 5.0);
    EXPECT_GE(wrong.by_pulses.at(40).coverage95, 0.92);

    study = {};
    study.subjects = 200;
    for (const double start : {0.7, 1.4}) {
        study.start_low = study.start_high = start;
        const ThresholdStudyResult r = simulate_threshold(study);
        EXPECT_LE(r.by_pulses.at(25).p95_rel_error_pct, 5.2) << start;
        EXPECT_GE(r.by_pulses.at(25).coverage95, 0.93) << start;
    }

    study = {};
    study.subjects = 200;
    study.jump_after = 10;
    study.jump_factor = 1.1;
    const ThresholdStudyResult jump = simulate_threshold(study);
    EXPECT_EQ(jump.not_finite, 0);
    EXPECT_GE(jump.by_pulses.at(60).coverage95, 0.93);
    EXPECT_LE(jump.by_pulses.at(60).median_rel_error_pct, 1.6);
}

TEST(MotorThreshold, TheOtherMethodsComeNearTheirPublishedAccuracy) {
    ThresholdStudy study;
    study.subjects = 250;
    study.method = ThresholdMethod::ml_pest;  // 1.28 / 4.2 % after 25 pulses
    const ThresholdStudyResult pest = simulate_threshold(study);
    EXPECT_LE(pest.by_pulses.at(25).median_rel_error_pct, 1.65);
    EXPECT_LE(pest.by_pulses.at(25).p95_rel_error_pct, 5.2);

    study.subjects = 80;
    study.pulses = 150;
    study.method = ThresholdMethod::five_of_ten;  // 61 pulses, 1.57 %, bias +1.1 %
    const ThresholdStudyResult staircase = simulate_threshold(study);
    EXPECT_NEAR(staircase.median_pulses, 61.0, 6.0);
    EXPECT_NEAR(staircase.at_stop.bias_pct, 1.1, 0.8);
    EXPECT_LE(staircase.at_stop.median_rel_error_pct, 2.2);

    // Pulses, median and 95 % error and bias of the same population, with three standard errors of 250 subjects.
    struct Published {
        ThresholdMethod method;
        double pulses, median_pct, p95_pct, bias_pct;
    };
    study.subjects = 250;
    study.pulses = 200;
    for (const Published& known : {Published{ThresholdMethod::samt, 25.0, 1.39, 4.1, 0.0},
                                   Published{ThresholdMethod::five_of_ten_by_2, 38.3, 2.08, 5.9, 0.9},
                                   Published{ThresholdMethod::ten_of_twenty, 126.9, 1.27, 4.1, 0.9},
                                   Published{ThresholdMethod::mills_nithi, 62.2, 1.36, 4.0, 0.1}}) {
        study.method = known.method;
        const ThresholdStudyResult r = simulate_threshold(study);
        EXPECT_NEAR(r.median_pulses, known.pulses, 4.0) << name_of(known.method);
        EXPECT_NEAR(r.at_stop.median_rel_error_pct, known.median_pct, 0.45) << name_of(known.method);
        EXPECT_NEAR(r.at_stop.p95_rel_error_pct, known.p95_pct, 1.1) << name_of(known.method);
        EXPECT_NEAR(r.at_stop.bias_pct, known.bias_pct, 0.7) << name_of(known.method);
        EXPECT_GE(r.at_stop.coverage95, 0.90) << name_of(known.method);
    }
}

TEST(MotorThreshold, AThresholdOutOfReachIsSaid) {
    for (const ThresholdMethod method :
         {ThresholdMethod::bayes, ThresholdMethod::samt, ThresholdMethod::ml_pest, ThresholdMethod::five_of_ten,
          ThresholdMethod::five_of_ten_by_2, ThresholdMethod::ten_of_twenty, ThresholdMethod::mills_nithi}) {
        const auto procedure = make_threshold_procedure(method);
        int pulses = 0;
        while (!procedure->estimate().enough && pulses < 200) {
            const double mso = procedure->next_mso();
            ASSERT_LE(mso, 100.0);
            procedure->add(mso, false);
            ++pulses;
        }
        const ThresholdEstimate e = procedure->estimate();
        EXPECT_TRUE(e.not_reached) << name_of(method);
        EXPECT_NE(e.verdict.find("not reached"), std::string::npos) << e.verdict;
        EXPECT_TRUE(std::isfinite(e.rmt_mso) && std::isfinite(e.low95_mso) && std::isfinite(e.high95_mso));
        EXPECT_LT(pulses, method == ThresholdMethod::ten_of_twenty ? 100 : 60) << name_of(method);
    }
}

TEST(MotorThreshold, EverythingRespondingStaysFinite) {
    for (const ThresholdMethod method :
         {ThresholdMethod::bayes, ThresholdMethod::samt, ThresholdMethod::ml_pest, ThresholdMethod::five_of_ten,
          ThresholdMethod::five_of_ten_by_2, ThresholdMethod::ten_of_twenty, ThresholdMethod::mills_nithi}) {
        const auto procedure = make_threshold_procedure(method);
        double last = 101.0;
        for (int i = 0; i < 300; ++i) {
            last = procedure->next_mso();
            ASSERT_GE(last, 1.0);
            ASSERT_EQ(last, std::round(last));
            procedure->add(last, true);
        }
        const ThresholdEstimate e = procedure->estimate();
        EXPECT_TRUE(std::isfinite(e.rmt_mso) && std::isfinite(e.sd_mso)) << name_of(method);
        EXPECT_FALSE(e.not_reached);
        EXPECT_LT(e.low95_mso, 20.0);
    }
}

TEST(MotorThreshold, ALimitOfThePatientIsKept) {
    ThresholdOptions options;
    options.highest_mso = 70.0;
    options.start_mso = 90.0;
    BayesThreshold threshold(options);
    for (int i = 0; i < 40; ++i) {
        const double mso = threshold.next_mso();
        ASSERT_LE(mso, 70.0);
        threshold.add(mso, false);
    }
    EXPECT_TRUE(threshold.estimate().not_reached);
}

TEST(MotorThreshold, StopsOnlyWhenPreciseAndAfterTheFewestPulses) {
    BayesThreshold threshold;
    SeededRandom random(4);
    for (int i = 0; i < 60; ++i) {
        const ThresholdEstimate e = threshold.estimate();
        if (e.enough) {
            EXPECT_GE(e.pulses, 10);
            EXPECT_LT(1.96 * e.sd_mso, 0.05 * e.rmt_mso);
            EXPECT_LT(e.low95_mso, e.rmt_mso);
            EXPECT_GT(e.high95_mso, e.rmt_mso);
            return;
        }
        const double mso = threshold.next_mso();
        threshold.add(mso, draw_uniform(random) < normal_cdf((mso - 52.0) / 3.6));
    }
    FAIL() << "never stopped";
}

TEST(MotorThreshold, TheOrderOfPulsesDoesNotMatterToBayes) {
    BayesThreshold a;
    BayesThreshold b;
    const std::vector<std::pair<double, bool>> pulses = {
        {60, true}, {50, false}, {55.5, true}, {53, false}, {57, true}};
    for (std::size_t i = 0; i < pulses.size(); ++i) {
        a.add(pulses[i].first, pulses[i].second);
        b.add(pulses[pulses.size() - 1 - i].first, pulses[pulses.size() - 1 - i].second);
    }
    EXPECT_NEAR(a.estimate().rmt_mso, b.estimate().rmt_mso, 1e-9);
    EXPECT_NEAR(a.estimate().high95_mso, b.estimate().high95_mso, 1e-9);
    EXPECT_NEAR(a.probability_below(1000.0), 1.0, 1e-12);
    EXPECT_NEAR(a.probability_below(a.estimate().low95_mso), 0.025, 1e-9);
}

TEST(MotorThreshold, APriorHelpsButIsNotBelieved) {
    ThresholdOptions options;
    options.prior = ThresholdPrior{45.0, 1.0};
    BayesThreshold threshold(options);
    EXPECT_NEAR(threshold.next_mso(), 48.0, 2.0);
    SeededRandom random(8);
    for (int i = 0; i < 40; ++i) {  // the truth lies elsewhere
        const double mso = threshold.next_mso();
        threshold.add(mso, draw_uniform(random) < normal_cdf((mso - 75.0) / 5.0));
    }
    EXPECT_NEAR(threshold.estimate().rmt_mso, 75.0, 4.0);
}

TEST(MotorThreshold, HostileInputIsRefused) {
    BayesThreshold threshold;
    for (const double bad :
         {-1.0, 131.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        EXPECT_THROW(threshold.add(bad, true), InputError);
    }
    EXPECT_EQ(threshold.estimate().pulses, 0);
    ThresholdOptions options;
    options.highest_mso = 0.0;
    EXPECT_THROW(BayesThreshold{options}, InputError);
    options = {};
    options.most_pulses = 3;
    EXPECT_THROW(make_threshold_procedure(ThresholdMethod::ml_pest, options), InputError);
    options = {};
    options.prior = ThresholdPrior{60.0, 0.0};
    EXPECT_THROW(BayesThreshold{options}, InputError);
    EXPECT_THROW(threshold_method_from("guess"), InputError);
    EXPECT_EQ(threshold_method_from("ml-pest"), ThresholdMethod::ml_pest);
    ThresholdStudy study;
    study.subjects = 0;
    EXPECT_THROW(simulate_threshold(study), InputError);
}

}  // namespace
}  // namespace precentral
