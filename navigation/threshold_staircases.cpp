// SPDX-License-Identifier: Apache-2.0
// The threshold methods that walk by fixed rules: root finding, 5 of 10 and its kin, Mills–Nithi.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "navigation/motor_threshold.h"

namespace precentral {
namespace {

double whole_within(double mso, const ThresholdOptions& options) {
    return std::clamp(std::round(mso), std::ceil(options.lowest_mso), std::floor(options.highest_mso));
}

// From above: these methods walk down.
double first_level(const ThresholdOptions& options) {
    return whole_within(options.start_mso.value_or(1.2 * (options.prior ? options.prior->mean_mso : 60.0)), options);
}

template <class... Values>
std::string sentence(const char* format, Values... values) {
    char text[200];
    std::snprintf(text, sizeof text, format, values...);
    return text;
}

}  // namespace

SamtThreshold::SamtThreshold(const ThresholdOptions& options)
    : options_(options),
      interval_(options),
      level_mso_(options.start_mso.value_or(options.prior ? options.prior->mean_mso : 60.0)) {}

double SamtThreshold::next_mso() const { return whole_within(level_mso_, options_); }

void SamtThreshold::add(double intensity_mso, bool responded) {
    interval_.add(intensity_mso, responded);
    if (last_ && *last_ != responded) {
        ++changes_;
        step_mso_ *= changes_ / (changes_ + 1.0);
    }
    last_ = responded;
    // From where the pulse really was, unless that is only the rounding.
    const double from = std::abs(intensity_mso - level_mso_) <= 0.5 ? level_mso_ : intensity_mso;
    level_mso_ = std::clamp(from + (responded ? -step_mso_ : step_mso_), options_.lowest_mso, options_.highest_mso);
}

namespace {

// The interval is that of the answers, by another rule than the estimate; it holds the estimate all the same.
void set_estimate(ThresholdEstimate& out, double rmt_mso) {
    out.rmt_mso = rmt_mso;
    out.low95_mso = std::min(out.low95_mso, rmt_mso);
    out.high95_mso = std::max(out.high95_mso, rmt_mso);
}

}  // namespace

ThresholdEstimate SamtThreshold::estimate() const {
    ThresholdEstimate out = interval_.estimate();
    if (out.not_reached) return out;
    constexpr int kPulses = 25;  // what its authors advise
    set_estimate(out, level_mso_);
    out.enough = out.pulses >= kPulses;
    out.verdict = sentence("%d of %d pulses, ± %.1f %% of stimulator output.", out.pulses, kPulses, 1.96 * out.sd_mso);
    return out;
}

StaircaseThreshold::StaircaseThreshold(int needed, double step_mso, const ThresholdOptions& options)
    : needed_(needed), step_mso_(step_mso), options_(options), interval_(options), level_mso_(first_level(options)) {}

double StaircaseThreshold::next_mso() const { return level_mso_; }

void StaircaseThreshold::add(double intensity_mso, bool responded) {
    interval_.add(intensity_mso, responded);
    if (finished_ || intensity_mso != level_mso_) {
        return;
    }
    ++(responded ? yes_ : no_);
    if (yes_ < needed_ && no_ <= needed_) {
        return;
    }
    const bool passed = yes_ >= needed_;
    yes_ = no_ = 0;
    if (passed) {
        lowest_passed_mso_ = level_mso_;
        const double next = level_mso_ - step_mso_;
        finished_ = next < std::ceil(options_.lowest_mso) || (highest_failed_mso_ && next <= *highest_failed_mso_);
        if (!finished_) {
            level_mso_ = next;
        }
    } else {
        highest_failed_mso_ = level_mso_;
        const double next = whole_within(level_mso_ + 5.0, options_);  // the start was too low
        finished_ = lowest_passed_mso_.has_value() || next == level_mso_;
        if (!finished_) {
            level_mso_ = next;
        }
    }
}

ThresholdEstimate StaircaseThreshold::estimate() const {
    ThresholdEstimate out = interval_.estimate();
    out.enough = finished_;
    out.not_reached = finished_ && !lowest_passed_mso_;
    if (lowest_passed_mso_) set_estimate(out, *lowest_passed_mso_);
    if (out.not_reached) {
        out.verdict = sentence("Threshold not reached: fewer than %d of %d responded at %.0f %%.", needed_, 2 * needed_,
                               level_mso_);
    } else if (finished_) {
        out.verdict =
            sentence("Lowest intensity with at least %d responses in %d: %.0f %%.", needed_, 2 * needed_, out.rmt_mso);
    } else {
        out.verdict = sentence("At %.0f %%: %d responses, %d without.", level_mso_, yes_, no_);
    }
    return out;
}

MillsNithiThreshold::MillsNithiThreshold(const ThresholdOptions& options)
    : options_(options), interval_(options), level_mso_(first_level(options)) {}

double MillsNithiThreshold::next_mso() const { return level_mso_; }

void MillsNithiThreshold::add(double intensity_mso, bool responded) {
    interval_.add(intensity_mso, responded);
    if (phase_ == Phase::finished || intensity_mso != level_mso_) {
        return;
    }
    constexpr int kAlike = 10;
    if (responded) {
        lowest_response_mso_ = std::min(lowest_response_mso_.value_or(level_mso_), level_mso_);
    }
    const auto move_to = [&](double mso) {
        alike_ = 0;
        const double next = whole_within(mso, options_);
        // At an end of the stimulator's range there is nothing more to find.
        phase_ = next == level_mso_ ? Phase::finished : phase_;
        level_mso_ = next;
    };
    switch (phase_) {
        case Phase::descending:
            if (!responded) {
                phase_ = Phase::upper;
                move_to(level_mso_ + 1.0);
            } else {
                move_to(level_mso_ - 10.0);
            }
            break;
        case Phase::upper:
            if (!responded) {
                move_to(level_mso_ + 1.0);
            } else if (++alike_ == kAlike) {
                upper_mso_ = level_mso_;
                phase_ = Phase::lower;
                move_to(*lowest_response_mso_ - 1.0);
            }
            break;
        case Phase::lower:
            if (responded) {
                move_to(level_mso_ - 1.0);
            } else if (++alike_ == kAlike) {
                lower_mso_ = level_mso_;
                phase_ = Phase::finished;
            }
            break;
        case Phase::finished: break;
    }
}

ThresholdEstimate MillsNithiThreshold::estimate() const {
    ThresholdEstimate out = interval_.estimate();
    out.enough = phase_ == Phase::finished;
    out.not_reached = out.enough && !lowest_response_mso_;
    if (upper_mso_ && lower_mso_) {
        set_estimate(out, 0.5 * (*upper_mso_ + *lower_mso_));
        out.verdict =
            sentence("Between 0 of 10 responses at %.0f %% and 10 of 10 at %.0f %%.", *lower_mso_, *upper_mso_);
    } else if (out.not_reached) {
        out.verdict = sentence("Threshold not reached: no response up to %.0f %%.", level_mso_);
    } else if (out.enough && !upper_mso_) {
        out.verdict = sentence(
            "Not all of 10 responded at %.0f %%, so there is no middle: the interval is what is known.", level_mso_);
    } else if (out.enough) {
        out.verdict = "The lowest intensity still brought responses: the interval is what is known.";
    } else {
        out.verdict = sentence("At %.0f %%: %d answers alike.", level_mso_, alike_);
    }
    return out;
}

}  // namespace precentral
