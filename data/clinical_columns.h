// SPDX-License-Identifier: Apache-2.0
// The columns of the clinical records, as record_columns.h has those of the others.
#pragma once

#include "data/clinical_records.h"
#include "data/error.h"
#include "data/record_columns.h"

namespace precentral {

template <>
inline constexpr const char* kTable<ScreeningRecord> = "screenings";
template <>
inline constexpr const char* kTable<MedicationRecord> = "medications";
template <>
inline constexpr const char* kTable<InstrumentRecord> = "instrument_scores";
template <>
inline constexpr const char* kTable<AdverseEventRecord> = "adverse_events";
template <>
inline constexpr const char* kTable<ImplantRecord> = "implants";

// One text an answer: "seizure or … : no" would bind the record to wording, so items and answers are numbers, "3=1".
std::vector<std::string> to_texts(const std::vector<ScreeningEntry>& entries);
std::vector<ScreeningEntry> to_entries(const std::vector<std::string>& texts);  // throws Error on anything else

template <class Row, Is<ScreeningRecord> R>
void columns(Row& row, R& r) {
    row("case_code", r.case_code);
    row.link("session", r.session);
    std::vector<std::string> answers = to_texts(r.entries);
    row("answers", answers);
    if constexpr (!std::is_const_v<R>) r.entries = to_entries(answers);
    row("note", r.note);
    row("signed_by", r.signed_by);
    row("override_by", r.override_by);
    row("override_reason", r.override_reason);
    row("asked", r.asked);
}

template <class Row, Is<MedicationRecord> R>
void columns(Row& row, R& r) {
    row("case_code", r.case_code);
    row("name", r.name);
    row("atc", r.atc);
    row("mg_per_day", r.mg_per_day);
    row("morphine_mg", r.morphine_mg);
    row("lowers_seizure_threshold", r.lowers_seizure_threshold);
    row("raises_motor_threshold", r.raises_motor_threshold);
    row("taken_from", r.from);
}

template <class Row, Is<InstrumentRecord> R>
void columns(Row& row, R& r) {
    row("case_code", r.case_code);
    row.link("session", r.session);
    row("instrument", r.instrument);
    row("score", r.score);
    row("value", r.value);
    row("version", r.version);
    row("asked", r.asked);
}

template <class Row, Is<AdverseEventRecord> R>
void columns(Row& row, R& r) {
    row.link("session", r.session);
    row("type", r.type);
    row("onset", r.onset);
    row("duration_h", r.duration_h);
    row("severity", r.severity);
    row("relatedness", r.relatedness);
    row("action", r.action);
    row("outcome", r.outcome);
    row("serious", r.serious);
    row("reported", r.reported);
    row("note", r.note);
    row("asked", r.asked);
}

template <class Row, Is<ImplantRecord> R>
void columns(Row& row, R& r) {
    row("case_code", r.case_code);
    row("step", r.step);
    row("date", r.date);
    row("side", r.side);
    row("electrode", r.electrode);
    row("amplitude_v", r.amplitude_v);
    row("frequency_hz", r.frequency_hz);
    row("pulse_us", r.pulse_us);
    row("months", r.months);
    row("relief_percent", r.relief_percent);
    row("pain", r.pain);
    row("pgic", r.pgic);
    row("complication", r.complication);
    row("note", r.note);
}

}  // namespace precentral
