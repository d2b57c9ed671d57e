// SPDX-License-Identifier: Apache-2.0
// The clinical facts beside what was navigated: screening, medication, instruments as codes and scores, adverse events,
// implanted motor cortex stimulation. Appended like all others; a correction is a new record. No wording of any
// instrument is kept. Each require_valid throws InputError in one sentence that names the member and its range.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/guard_rails.h"
#include "data/records.h"

namespace precentral {

// The answers of one asking, with who signed what was answered yes or not known.
struct ScreeningRecord {
    RecordId id = 0;
    std::string case_code;
    RecordId session = 0;  // 0 = before the first visit
    std::vector<ScreeningEntry> entries;
    std::string note;
    std::string signed_by;        // the physician; "" = not signed
    std::string override_by;      // of an implant, and
    std::string override_reason;  // why
    UtcTime asked{};
};
void require_valid(const ScreeningRecord& screening);

// From a day on; the end is a record of its own with the same name and dose 0.
struct MedicationRecord {
    RecordId id = 0;
    std::string case_code;
    std::string name;                       // international nonproprietary name
    std::string atc;                        // such as "N03AX16"; "" = not known
    std::optional<double> mg_per_day;       // 0 = stopped; 0 … 100 000
    std::optional<double> morphine_mg;      // oral morphine equivalent of an opioid, mg a day; 0 … 10 000
    bool lowers_seizure_threshold = false;  // tramadol, tricyclics, bupropion, clozapine, …
    bool raises_motor_threshold = false;    // benzodiazepines, sodium channel blockers
    UtcTime from{};
};
void require_valid(const MedicationRecord& medication);

// One score of an instrument, or one of its sub-scores.
struct InstrumentRecord {
    RecordId id = 0;
    std::string case_code;
    RecordId session = 0;    // 0 = outside visits
    std::string instrument;  // a code of instrument_scores()
    std::string score;       // a name of instrument_scores()
    double value = 0.0;
    std::string version;  // of the instrument or the country's index, "" when it has one only
    UtcTime asked{};
};
struct InstrumentScore {
    const char* instrument;
    const char* score;
    double least;
    double most;
    bool whole;  // whole numbers only
};
// Every score that can be kept.
std::span<const InstrumentScore> instrument_scores();
void require_valid(const InstrumentRecord& instrument);

// What happened, or that nothing did: "none" is a record too, an absent one means that nobody asked.
struct AdverseEventRecord {
    RecordId id = 0;
    RecordId session = 0;
    std::string type;                  // "none", "headache", … of adverse_event_types()
    std::string onset;                 // "during", "within 24 h", "later"; "" for none
    std::optional<double> duration_h;  // 0 … 8760
    std::optional<int> severity;       // CTCAE 1 … 5
    std::string relatedness;           // "unrelated", "unlikely", "possible", "probable", "definite"
    std::string action;
    std::string outcome;
    bool serious = false;
    std::optional<UtcTime> reported;  // to the authority
    std::string note;
    UtcTime asked{};
};
std::span<const char* const> adverse_event_types();
void require_valid(const AdverseEventRecord& event);

// Epidural motor cortex stimulation: one record a step.
struct ImplantRecord {
    RecordId id = 0;
    std::string case_code;
    std::string step;  // "decided", "implanted", "follow-up", "explanted"
    UtcTime date{};
    std::optional<Side> side;
    std::string electrode;
    std::optional<double> amplitude_v;     // 0 … 20
    std::optional<double> frequency_hz;    // 10 … 130
    std::optional<double> pulse_us;        // 60 … 500
    std::optional<int> months;             // since the implantation, of a follow-up; 0 … 600
    std::optional<double> relief_percent;  // -100 … 100, as the patient says
    std::optional<double> pain;            // 0 … 10
    std::optional<int> pgic;               // 1 very much improved … 7 very much worse
    std::string complication;
    std::string note;
};
void require_valid(const ImplantRecord& implant);
// Whether rTMS must be stopped for it: implanted and not explanted since.
bool has_stimulator(std::span<const ImplantRecord> in_order);

}  // namespace precentral
