// SPDX-License-Identifier: Apache-2.0
// The answers of one threshold measurement, which can be taken back, and what in them is hard to believe.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "navigation/motor_threshold.h"

namespace precentral {

struct ThresholdAnswer {
    double intensity_mso = 0.0;
    bool responded = false;
};

// Sentences; none when the answers agree with one another. Any thread.
//   - an answer that a response curve of the usual width (7.3 % of the threshold) gives less than once in a thousand
//   - a threshold that changed on the way: two thresholds, one before and one after some pulse, explain the answers
//     better than one by a log-likelihood of 8 and lie 5 % of the threshold apart; with one, a stable virtual subject
//     is doubted in fewer than 1 % of measurements of 40 pulses
//   - all of the first eight or more answers alike, over a range that cannot be
std::vector<std::string> doubts_about(std::span<const ThresholdAnswer> answers);

// One thread at a time.
class ThresholdRun {
public:
    // Throws as make_threshold_procedure does.
    ThresholdRun(ThresholdMethod method, const ThresholdOptions& options = {});

    double next_mso() const { return procedure_->next_mso(); }
    // Throws InputError for an intensity no stimulator has; nothing is then added.
    void answer(double intensity_mso, bool responded);
    // Takes the last answer back; false when there is none.
    bool undo();
    ThresholdEstimate estimate() const { return procedure_->estimate(); }
    const std::vector<ThresholdAnswer>& answers() const { return answers_; }
    std::vector<std::string> doubts() const { return doubts_about(answers_); }

private:
    ThresholdMethod method_;
    ThresholdOptions options_;
    std::unique_ptr<ThresholdProcedure> procedure_;
    std::vector<ThresholdAnswer> answers_;
};

}  // namespace precentral
