// SPDX-License-Identifier: Apache-2.0
// What stops or warns before a patient is stimulated: pure judgements of values, each with its reasons. Nothing here
// decides; a clinician may override what can be overridden, in words that are recorded. Any thread; no exceptions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/records.h"

namespace precentral {

enum class RailVerdict { pass, warn, stop };
const char* to_word(RailVerdict verdict);

struct RailJudgement {
    RailVerdict verdict = RailVerdict::pass;
    std::vector<std::string> reasons;  // sentences; also what was overridden and why
    bool overridden = false;           // a stop that became a warning
};

// Who takes it upon them, and why; empty words override nothing.
struct RailOverride {
    std::string who;
    std::string reason;
};

// The target must lie in the hemisphere opposite to the pain. Otherwise stop, or warn when overridden.
RailJudgement judge_side(Side pain, Side target, const std::optional<RailOverride>& by = std::nullopt);

// Days between visits: planned 21, warn below 14 or above 35 (both are within); the first visit has none. A visit
// before the one it follows is a stop.
struct IntervalRule {
    double shortest_days = 14.0;
    double longest_days = 35.0;
};
RailJudgement judge_interval(std::optional<UtcTime> previous, UtcTime now, const IntervalRule& rule = {});

// A resting motor threshold (% of maximum output) beside the patient's own earlier ones of the same muscle and side.
// Warns when it is further from their median than `most_apart_mso` and than `most_sd` times their robust spread
// (1.4826 x the median absolute deviation, the consistency factor for a normal law: Rousseeuw & Croux 1993,
// doi:10.1080/01621459.1993.10476408); with fewer than three earlier ones the spread is not known and the first bound
// alone counts. Stops outside 1-100.
struct ThresholdRule {
    double most_apart_mso = 10.0;
    double most_sd = 3.0;
};
RailJudgement judge_threshold(double rmt_mso, std::span<const double> earlier_rmt_mso, const ThresholdRule& rule = {});

// What is asked for beside the protocol: any of frequency, trains, pulses a train, intensity or total pulses above it,
// or a pause below it, is a stop, or a warning when overridden. `delivered`: treatment pulses the session has had.
RailJudgement judge_dose(const Protocol& protocol, const Protocol& wanted, int delivered,
                         const std::optional<RailOverride>& by = std::nullopt);

// One answer of the screening before a visit.
enum class ScreeningAnswer { no, yes, unknown };
enum class ScreeningItem {
    seizure,
    syncope,
    head_trauma,
    hearing,
    cochlear_implant,
    pregnancy,
    metal_in_head,
    neurostimulator,
    pacemaker,
    infusion_device,
    medication,
    earlier_tms_trouble,
    earlier_mri_trouble,
};
const char* to_words(ScreeningItem item);
struct ScreeningEntry {
    ScreeningItem item = ScreeningItem::seizure;
    ScreeningAnswer answer = ScreeningAnswer::unknown;
};

// A cochlear implant, an implanted neurostimulator, a pacemaker or metal in the head: stop, or warn when overridden.
// Any other "yes", and any item that is unknown or was not asked: stop until a physician has signed; then warn.
// `motor_cortex_stimulator`: the record has a date of its implantation. Sources of the list: Rossi et al. 2011,
// doi:10.1016/j.clinph.2010.12.032.
RailJudgement judge_screening(std::span<const ScreeningEntry> entries, const std::string& signed_by,
                              bool motor_cortex_stimulator, const std::optional<RailOverride>& by = std::nullopt);

// The gravest of them, with all reasons.
RailJudgement together(std::span<const RailJudgement> judgements);

}  // namespace precentral
