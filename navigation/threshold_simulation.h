// SPDX-License-Identifier: Apache-2.0
// How well a threshold method does on a population of virtual subjects whose threshold is known.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "navigation/motor_threshold.h"
#include "navigation/virtual_muscle.h"

namespace precentral {

struct ThresholdStudy {
    ThresholdMethod method = ThresholdMethod::bayes;
    int subjects = 500;
    int pulses = 60;  // given to every subject, so that the accuracy after each number can be told
    std::uint64_t seed = 1;
    NoiseReading noise = NoiseReading::standard_deviation;
    std::vector<int> report_at = {10, 15, 20, 25, 30, 40, 50, 60};
    // First intensity: where 95 % of pulses respond, unless drawn from this range of multiples of the threshold.
    double start_low = 0.0;
    double start_high = 0.0;
    bool know_start = true;        // otherwise the method starts by itself
    double false_responses = 0.0;  // share of pulses without a response that are taken for one
    double missed_responses = 0.0;
    int jump_after = 0;  // pulses after which the threshold changes by the factor below; 0 = never
    double jump_factor = 1.0;
};

struct ThresholdAccuracy {
    double median_rel_error_pct = 0.0;
    double p95_rel_error_pct = 0.0;
    double bias_pct = 0.0;    // mean of the signed relative error
    double coverage95 = 0.0;  // share of subjects whose true threshold lies within the stated interval
};

struct ThresholdStudyResult {
    std::map<int, ThresholdAccuracy> by_pulses;
    ThresholdAccuracy at_stop;  // where the method says "enough" (or at the last pulse)
    double median_pulses = 0.0;
    double p95_pulses = 0.0;
    int not_reached = 0;  // subjects
    int not_finite = 0;   // estimates that were not a number; must be 0
};

// Same seed, same numbers. Throws InputError for a study without subjects or pulses.
ThresholdStudyResult simulate_threshold(const ThresholdStudy& study);

}  // namespace precentral
