// SPDX-License-Identifier: Apache-2.0
#include "data/clinical_records.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "data/error.h"

namespace precentral {
namespace {

std::string spelled(double value) {
    std::string out = std::to_string(value);
    out.erase(out.find_last_not_of('0') + 1);
    if (out.ends_with('.')) out.pop_back();
    return out;
}

void within(const char* what, const std::optional<double>& value, double least, double most, const char* unit) {
    if (!value || (*value >= least && *value <= most)) return;
    throw InputError(std::string(what) + " of " + spelled(*value) + unit + " is outside " + spelled(least) + " to " +
                     spelled(most) + unit + ".");
}
void within(const char* what, const std::optional<int>& value, int least, int most) {
    within(what, value ? std::optional<double>(*value) : std::nullopt, least, most, "");
}

template <class Words>
void one_of(const char* what, const std::string& word, const Words& words) {
    std::string all;
    for (const char* one : words) {
        if (word == one) return;
        all += (all.empty() ? "" : ", ") + std::string(one);
    }
    throw InputError(std::string(what) + " \"" + word.substr(0, 60) + "\" is not one of: " + all + ".");
}

void filled(const char* what, const std::string& text) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) throw InputError(std::string(what) + " is empty.");
}

// Ranges: the published scoring of each instrument, as the data dictionary has them.
constexpr std::array kScores = {
    InstrumentScore{"DN4", "total", 0, 10, true},
    InstrumentScore{"DN4", "interview", 0, 7, true},
    InstrumentScore{"NRS", "now", 0, 10, true},
    InstrumentScore{"NRS", "average", 0, 10, false},
    InstrumentScore{"NRS", "worst", 0, 10, true},
    InstrumentScore{"NRS", "least", 0, 10, true},
    InstrumentScore{"VAS", "now", 0, 100, false},
    InstrumentScore{"VAS", "average", 0, 100, false},
    InstrumentScore{"relief", "patient", -100, 100, false},
    InstrumentScore{"relief", "category", 0, 4, true},
    InstrumentScore{"relief", "days", 0, 120, false},
    InstrumentScore{"NPSI", "total", 0, 100, false},
    InstrumentScore{"NPSI", "burning", 0, 10, false},
    InstrumentScore{"NPSI", "pressing", 0, 10, false},
    InstrumentScore{"NPSI", "paroxysmal", 0, 10, false},
    InstrumentScore{"NPSI", "evoked", 0, 10, false},
    InstrumentScore{"NPSI", "paraesthesia", 0, 10, false},
    InstrumentScore{"BPI", "severity", 0, 10, false},
    InstrumentScore{"BPI", "interference", 0, 10, false},
    InstrumentScore{"BPI", "relief", 0, 100, false},
    InstrumentScore{"PGIC", "total", 1, 7, true},
    InstrumentScore{"CGIC", "total", 1, 7, true},
    InstrumentScore{"EQ-5D", "index", -1, 1, false},
    InstrumentScore{"EQ-5D", "VAS", 0, 100, false},
    InstrumentScore{"HADS", "anxiety", 0, 21, true},
    InstrumentScore{"HADS", "depression", 0, 21, true},
    InstrumentScore{"PCS", "total", 0, 52, true},
    InstrumentScore{"MADRS", "total", 0, 60, true},
    InstrumentScore{"PSQI", "total", 0, 21, true},
    InstrumentScore{"MoCA", "total", 0, 30, true},
};

constexpr std::array kEventTypes = {"none",    "headache", "neck pain",  "local pain", "syncope",        "seizure",
                                    "hearing", "mood",     "tooth pain", "burn",       "pain worsening", "other"};

}  // namespace

void require_valid(const ScreeningRecord& screening) {
    filled("The case of a screening", screening.case_code);
    if (screening.entries.empty()) throw InputError("A screening without an answer cannot be kept.");
    std::set<ScreeningItem> seen;
    for (const ScreeningEntry& entry : screening.entries) {
        if (!seen.insert(entry.item).second) {
            throw InputError(std::string("The screening has two answers about ") + to_words(entry.item) + ".");
        }
    }
    if (screening.override_by.empty() != screening.override_reason.empty()) {
        throw InputError("An override of the screening needs who made it and why.");
    }
}

void require_valid(const MedicationRecord& medication) {
    filled("The case of a medication", medication.case_code);
    filled("The name of a medication", medication.name);
    within("A dose", medication.mg_per_day, 0.0, 100'000.0, " mg a day");
    within("A morphine equivalent", medication.morphine_mg, 0.0, 10'000.0, " mg a day");
}

std::span<const InstrumentScore> instrument_scores() { return kScores; }

void require_valid(const InstrumentRecord& record) {
    filled("The case of a score", record.case_code);
    const auto found = std::find_if(kScores.begin(), kScores.end(), [&](const InstrumentScore& one) {
        return record.instrument == one.instrument && record.score == one.score;
    });
    if (found == kScores.end()) {
        throw InputError("There is no score \"" + record.score.substr(0, 40) + "\" of an instrument \"" +
                         record.instrument.substr(0, 40) + "\".");
    }
    within((record.instrument + " " + record.score).c_str(), std::optional(record.value), found->least, found->most,
           "");
    if (found->whole && record.value != std::floor(record.value)) {
        throw InputError(record.instrument + " " + record.score + " of " + spelled(record.value) +
                         " is not a whole number.");
    }
}

std::span<const char* const> adverse_event_types() { return kEventTypes; }

void require_valid(const AdverseEventRecord& event) {
    one_of("An adverse event", event.type, kEventTypes);
    if (event.type == "none") {
        if (!event.onset.empty() || event.severity || event.duration_h || event.serious || event.reported) {
            throw InputError("No adverse event cannot have an onset, a duration, a severity or be serious.");
        }
        return;
    }
    one_of("The onset of an adverse event", event.onset, std::array{"during", "within 24 h", "later"});
    one_of("The relatedness of an adverse event", event.relatedness,
           std::array{"unrelated", "unlikely", "possible", "probable", "definite"});
    within("A duration", event.duration_h, 0.0, 8760.0, " h");
    within("A severity", event.severity, 1, 5);
    if (!event.severity) throw InputError("An adverse event needs its severity, 1 to 5.");
}

void require_valid(const ImplantRecord& implant) {
    filled("The case of an implant", implant.case_code);
    one_of("A step of an implant", implant.step, std::array{"decided", "implanted", "follow-up", "explanted"});
    within("An amplitude", implant.amplitude_v, 0.0, 20.0, " V");
    within("A frequency", implant.frequency_hz, 10.0, 130.0, " Hz");
    within("A pulse width", implant.pulse_us, 60.0, 500.0, " us");
    within("The months since the implantation", implant.months, 0, 600);
    within("A relief", implant.relief_percent, -100.0, 100.0, " %");
    within("A pain", implant.pain, 0.0, 10.0, "");
    within("A PGIC", implant.pgic, 1, 7);
    if (implant.step == "implanted" && !implant.side) throw InputError("An implantation needs its side.");
}

bool has_stimulator(std::span<const ImplantRecord> in_order) {
    bool out = false;
    for (const ImplantRecord& one : in_order) {
        if (one.step == "implanted") out = true;
        if (one.step == "explanted") out = false;
    }
    return out;
}

}  // namespace precentral
