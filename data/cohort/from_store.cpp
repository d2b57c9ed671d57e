// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/from_store.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/cohort/patient_row.h"
#include "data/error.h"
#include "data/session_numbers.h"
#include "data/text_fields.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

int year_of(UtcTime time) {
    return static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year());
}

// "central pain after ischaemic stroke", "central: ischaemic stroke": the class, and the cause that follows it.
void add_cause(PatientRow& row, const std::string& aetiology) {
    const std::string word = lower(aetiology);
    row.cells["cause"] = aetiology;
    for (const char* pain : {"central", "peripheral"}) {
        if (word.rfind(pain, 0) != 0) continue;
        row.cells["pain"] = pain;
        for (const char* before : {": ", " pain after "}) {
            const std::string lead = std::string(pain) + before;
            if (word.rfind(lead, 0) == 0) row.cells["cause"] = aetiology.substr(lead.size());
        }
    }
}

struct Places {
    std::vector<double> x, y, z, distance_mm;
};

void add_place(const Store& store, const Session& session, Places& places, std::optional<Point<Scan>>& hotspot) {
    const auto hotspots = store.hotspots(session.id);
    if (!hotspots.empty()) hotspot = hotspots.back().cortex;
    const auto targets = store.targets(session.id);
    if (targets.empty()) return;
    if (targets.back().cortex_mni) {
        const Eigen::Vector3d at = targets.back().cortex_mni->xyz;
        places.x.push_back(at.x());
        places.y.push_back(at.y());
        places.z.push_back(at.z());
    }
    if (hotspot) places.distance_mm.push_back((targets.back().cortex.xyz - hotspot->xyz).norm());
}

// What ended the time with relief, from the events of all sessions; else it is followed to the last session.
void add_end(PatientRow& row, const std::vector<SessionEvent>& events, const std::vector<Session>& sessions) {
    const Session& fourth = sessions[3];
    if (row.cells["r30_4"] != "yes") return;
    const auto years_since = [&](UtcTime time) {
        const double days = std::chrono::duration<double, std::ratio<86400>>(time - fourth.started).count();
        return csv_number(std::round(days / 3.6525) / 100.0);
    };
    row.cells["followed_years"] = years_since(sessions.back().started);
    row.cells["end"] = "ongoing";
    row.cells["end_cause"] = "0";
    for (const SessionEvent& event : events) {
        const bool implanted = event.kind == "implanted";
        if (!implanted && event.kind != "relief lost") continue;
        if (event.time < fourth.started) continue;
        row.cells["followed_years"] = years_since(event.time);
        row.cells["end"] = event.kind;
        row.cells["end_cause"] = implanted ? "2" : "1";
        return;
    }
}

PatientRow row_of(const Store& store, const Case& patient, const std::vector<Session>& sessions) {
    PatientRow row;
    auto& c = row.cells;
    c["patient"] = patient.code;
    c["simulated"] = patient.simulated ? "yes" : "no";
    c["sex"] = patient.sex;
    c["region"] = patient.pain_region;
    c["side"] = to_word(sessions.front().target_side);
    const int entry = year_of(sessions.front().started);
    c["entry_year"] = std::to_string(entry);
    if (patient.birth_year) c["age_years"] = std::to_string(std::min(90, entry - *patient.birth_year));
    add_cause(row, patient.aetiology);
    Places places;
    std::optional<Point<Scan>> hotspot;
    std::vector<SessionEvent> events;
    for (std::size_t i = 0; i < sessions.size(); ++i) {
        if (i < 4) add_place(store, sessions[i], places, hotspot);
        const auto outcomes = store.outcomes(sessions[i].id);
        double relief = kNan;
        for (const Outcome& outcome : outcomes) relief = outcome.relief_percent.value_or(relief);
        row.relief.push_back(relief);
        if (i == 0 && !outcomes.empty() && outcomes.back().pain_before) {
            c["pain_before"] = csv_number(*outcomes.back().pain_before);
        }
        if (i == 0) {
            const auto thresholds = store.thresholds(sessions[i].id);
            if (!thresholds.empty()) c["rmt_mso"] = csv_number(thresholds.back().rmt_mso);
        }
        for (SessionEvent& event : store.events(sessions[i].id)) events.push_back(std::move(event));
    }
    const auto put = [&](const char* name, const std::vector<double>& values) {
        if (const auto median = quantile(values, 0.5)) c[name] = csv_number(*median);
    };
    put("target_x", places.x);
    put("target_y", places.y);
    put("target_z", places.z);
    put("distance_mm", places.distance_mm);
    row.derive();
    if (sessions.size() >= 4) add_end(row, events, sessions);
    return row;
}

}  // namespace

TableFile patients_of(const Store& store, const std::string& name, const Progress& progress) {
    std::vector<PatientRow> rows;
    const auto cases = store.cases();
    for (std::size_t i = 0; i < cases.size(); ++i) {
        progress.at(static_cast<double>(i) / static_cast<double>(cases.size()), "reading patients");
        const auto sessions = store.sessions(cases[i].code);
        if (!sessions.empty()) rows.push_back(row_of(store, cases[i], sessions));
    }
    if (rows.empty()) throw InputError("The store \"" + name + "\" holds no session yet.");
    return TableFile::from_text(patients_csv(rows), name);
}

}  // namespace precentral::cohort
