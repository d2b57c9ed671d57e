// SPDX-License-Identifier: Apache-2.0
#include "data/guard_rails.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace precentral {
namespace {

void raise(RailJudgement& judgement, RailVerdict verdict, std::string reason) {
    judgement.verdict = std::max(judgement.verdict, verdict);
    judgement.reasons.push_back(std::move(reason));
}

bool has_words(const std::string& text) { return text.find_first_not_of(" \t\r\n") != std::string::npos; }

// A stop becomes a warning that says who made it one, and why.
void apply(const std::optional<RailOverride>& by, RailJudgement& judgement) {
    if (judgement.verdict != RailVerdict::stop || !by || !has_words(by->who) || !has_words(by->reason)) return;
    judgement.verdict = RailVerdict::warn;
    judgement.overridden = true;
    judgement.reasons.push_back("Overridden by " + by->who + ": " + by->reason);
}

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

constexpr ScreeningItem kLastItem = ScreeningItem::earlier_mri_trouble;

bool is_hard_stop(ScreeningItem item) {
    return item == ScreeningItem::cochlear_implant || item == ScreeningItem::neurostimulator ||
           item == ScreeningItem::pacemaker || item == ScreeningItem::metal_in_head;
}

}  // namespace

const char* to_word(RailVerdict verdict) {
    switch (verdict) {
        case RailVerdict::pass: return "pass";
        case RailVerdict::warn: return "warn";
        case RailVerdict::stop: return "stop";
    }
    return "stop";
}

const char* to_words(ScreeningItem item) {
    switch (item) {
        case ScreeningItem::seizure: return "epilepsy or a seizure";
        case ScreeningItem::syncope: return "fainting";
        case ScreeningItem::head_trauma: return "a head injury with loss of consciousness";
        case ScreeningItem::hearing: return "a hearing problem or tinnitus";
        case ScreeningItem::cochlear_implant: return "a cochlear implant";
        case ScreeningItem::pregnancy: return "a possible pregnancy";
        case ScreeningItem::metal_in_head: return "metal in the head";
        case ScreeningItem::neurostimulator: return "an implanted neurostimulator";
        case ScreeningItem::pacemaker: return "a pacemaker or lines in the heart";
        case ScreeningItem::infusion_device: return "an implanted infusion device";
        case ScreeningItem::medication: return "medication";
        case ScreeningItem::earlier_tms_trouble: return "trouble in an earlier TMS";
        case ScreeningItem::earlier_mri_trouble: return "trouble in an earlier MRI";
    }
    return "an unknown item";
}

RailJudgement judge_side(Side pain, Side target, const std::optional<RailOverride>& by) {
    RailJudgement out;
    if (target == opposite(pain)) return out;
    raise(out, RailVerdict::stop,
          std::string("The target lies on the ") + to_word(target) + ", the side of the pain; it is expected on the " +
              to_word(opposite(pain)) + ".");
    apply(by, out);
    return out;
}

RailJudgement judge_interval(std::optional<UtcTime> previous, UtcTime now, const IntervalRule& rule) {
    RailJudgement out;
    if (!previous) return out;
    const double days = std::chrono::duration<double, std::ratio<86400>>(now - *previous).count();
    if (days < 0.0) {
        raise(out, RailVerdict::stop, "This visit is dated before the one it follows; check the clock.");
    } else if (days < rule.shortest_days) {
        raise(out, RailVerdict::warn,
              "Only " + number(days) + " days since the last visit; at least " + number(rule.shortest_days) +
                  " are planned.");
    } else if (days > rule.longest_days) {
        raise(out, RailVerdict::warn,
              number(days) + " days since the last visit; at most " + number(rule.longest_days) + " are planned.");
    }
    return out;
}

RailJudgement judge_threshold(double rmt_mso, std::span<const double> earlier_rmt_mso, const ThresholdRule& rule) {
    RailJudgement out;
    if (!(rmt_mso >= 1.0 && rmt_mso <= 100.0)) {
        raise(out, RailVerdict::stop, "A threshold of " + number(rmt_mso) + " % is outside 1 to 100 % of the output.");
        return out;
    }
    std::vector<double> earlier;
    for (const double one : earlier_rmt_mso) {
        if (std::isfinite(one)) earlier.push_back(one);
    }
    if (earlier.empty()) return out;
    const double middle = median(earlier);
    const double apart = std::abs(rmt_mso - middle);
    double bound = rule.most_apart_mso;
    if (earlier.size() >= 3) {
        std::vector<double> deviations;
        for (const double one : earlier) deviations.push_back(std::abs(one - middle));
        constexpr double kSdOfMad = 1.4826;
        bound = std::max(bound, rule.most_sd * kSdOfMad * median(deviations));
    }
    if (apart > bound) {
        raise(out, RailVerdict::warn,
              "A threshold of " + number(rmt_mso) + " % is " + number(apart) + " % from this patient's own " +
                  number(middle) + " % (median of " + std::to_string(earlier.size()) +
                  "). Check coil, muscle and medication.");
    }
    return out;
}

RailJudgement judge_dose(const Protocol& protocol, const Protocol& wanted, int delivered,
                         const std::optional<RailOverride>& by) {
    RailJudgement out;
    // Written so that what is not a number is over, not under.
    const auto most = [&](const char* what, double value, double limit, const char* unit) {
        if (value <= limit) return;
        raise(out, RailVerdict::stop,
              std::string(what) + " of " + number(value) + unit + " is over the " + number(limit) + unit +
                  " of the protocol \"" + protocol.name + "\".");
    };
    most("A frequency", wanted.frequency_hz, protocol.frequency_hz, " Hz");
    most("An intensity", wanted.intensity_percent_rmt, protocol.intensity_percent_rmt, " % of the threshold");
    most("A number of trains", wanted.trains, protocol.trains, "");
    most("A train", wanted.pulses_per_train, protocol.pulses_per_train, " pulses");
    if (!(wanted.pause_s >= protocol.pause_s)) {
        raise(out, RailVerdict::stop,
              "A pause of " + number(wanted.pause_s) + " s is under the " + number(protocol.pause_s) +
                  " s of the protocol \"" + protocol.name + "\".");
    }
    const double total = static_cast<double>(protocol.trains) * protocol.pulses_per_train;
    most("A total", static_cast<double>(delivered) + static_cast<double>(wanted.trains) * wanted.pulses_per_train,
         total, " pulses");
    apply(by, out);
    return out;
}

RailJudgement judge_screening(std::span<const ScreeningEntry> entries, const std::string& signed_by,
                              bool motor_cortex_stimulator, const std::optional<RailOverride>& by) {
    RailJudgement implants;
    RailJudgement rest;
    if (motor_cortex_stimulator) {
        raise(implants, RailVerdict::stop, "A motor cortex stimulator is implanted.");
    }
    const bool is_signed = has_words(signed_by);
    for (int i = 0; i <= static_cast<int>(kLastItem); ++i) {
        const auto item = static_cast<ScreeningItem>(i);
        // Answered twice, the graver answer counts.
        bool yes = false;
        bool known = false;
        bool unknown = false;
        for (const ScreeningEntry& entry : entries) {
            if (entry.item != item) continue;
            yes = yes || entry.answer == ScreeningAnswer::yes;
            unknown = unknown || entry.answer == ScreeningAnswer::unknown;
            known = true;
        }
        unknown = unknown || !known;
        if (yes && is_hard_stop(item)) {
            raise(implants, RailVerdict::stop, std::string("The screening says yes to ") + to_words(item) + ".");
        } else if (yes || unknown) {
            raise(rest, is_signed ? RailVerdict::warn : RailVerdict::stop,
                  std::string(yes ? "The screening says yes to " : "The screening does not know about ") +
                      to_words(item) + (is_signed ? "; signed by " + signed_by + "." : "; a physician has to sign."));
        }
    }
    // A signature is not an override, and an override of the implant is not a signature.
    apply(by, implants);
    return together(std::array{implants, rest});
}

RailJudgement together(std::span<const RailJudgement> judgements) {
    RailJudgement out;
    for (const RailJudgement& one : judgements) {
        out.verdict = std::max(out.verdict, one.verdict);
        out.overridden = out.overridden || one.overridden;
        out.reasons.insert(out.reasons.end(), one.reasons.begin(), one.reasons.end());
    }
    return out;
}

}  // namespace precentral
