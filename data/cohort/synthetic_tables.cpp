// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/synthetic_tables.h"

#include <cmath>

#include "data/cohort/dictionary.h"
#include "data/cohort/patient_row.h"
#include "data/cohort/table_file.h"
#include "data/text_file.h"

namespace precentral::cohort {
namespace {

PatientRow row_of(const SyntheticPatient& p) {
    PatientRow row;
    auto& c = row.cells;
    c["patient"] = p.code;
    c["simulated"] = "yes";
    c["entry_year"] = csv_number(std::floor(p.entry_year));
    c["age_years"] = std::to_string(p.age_years);
    c["sex"] = p.woman ? "woman" : "man";
    c["pain"] = p.central ? "central" : "peripheral";
    c["cause"] = p.cause;
    c["region"] = p.region;
    c["pain_years"] = csv_number(p.pain_years);
    if (p.depression) c["depression"] = std::to_string(*p.depression);
    c["pain_before"] = csv_number(p.pain_before);
    c["side"] = to_word(p.target_side);
    const char* axes[] = {"_x", "_y", "_z"};
    for (int i = 0; i < 3; ++i) {
        c[std::string("hotspot") + axes[i]] = csv_number(p.hotspot_mni[i]);
        c[std::string("target") + axes[i]] = csv_number(p.target_mni[i]);
    }
    c["distance_mm"] = csv_number(p.distance_mm);
    c["twist_deg"] = csv_number(p.twist_deg);
    c["rmt_mso"] = csv_number(p.rmt_mso);
    for (int k = 0; k < p.sessions; ++k) row.relief.push_back(p.relief[static_cast<std::size_t>(k)]);
    row.derive();
    if (!std::isnan(p.followed_years)) {
        c["followed_years"] = csv_number(p.followed_years);
        c["end"] = to_word(p.end);
        c["end_cause"] = std::to_string(static_cast<int>(p.end));
    }
    if (p.implant_relief) {
        c["relief_implant"] = csv_number(*p.implant_relief);
        c["implant_success"] = *p.implant_relief >= 30.0 ? "yes" : "no";
    }
    return row;
}

constexpr const char* kReadme =
    "A SIMULATED cohort: nobody in it exists.\n\n"
    "patients.csv    one row a patient, also those who stopped before the fourth session\n"
    "sessions.csv    one row a session\n"
    "dictionary.csv  what each column means, with its unit\n"
    "truth.csv       what was planted and an analysis should find\n\n"
    "The shares of responders follow Thomas et al., Eur J Pain 2025;29:e4763. Its tables of causes are reconstructed\n"
    "from the published odds ratios; they are not the authors' data. Try:\n\n"
    "  precentral cohort table --csv patients.csv\n"
    "  precentral cohort forest --csv patients.csv\n"
    "  precentral cohort map --csv patients.csv --out map\n"
    "  precentral cohort report --csv patients.csv --out report\n";

}  // namespace

std::string patients_csv(const std::vector<SyntheticPatient>& patients) {
    std::vector<PatientRow> rows;
    for (const SyntheticPatient& p : patients) rows.push_back(row_of(p));
    return patients_csv(rows);
}

std::string sessions_csv(const std::vector<SyntheticPatient>& patients) {
    std::vector<std::vector<std::string>> rows;
    for (const SyntheticPatient& p : patients) {
        for (int k = 0; k < p.sessions; ++k) {
            rows.push_back({p.code, std::to_string(k + 1), std::to_string(3 * k),
                            csv_number(p.relief[static_cast<std::size_t>(k)]), csv_number(p.distance_mm),
                            p.central ? "central" : "peripheral"});
        }
    }
    return csv_text(names_of(session_columns()), rows);
}

std::string truth_csv(const SyntheticSettings& s) {
    return csv_text(
        {"name", "value", "meaning"},
        {{"patients", std::to_string(s.patients), "who completed the four sessions of the test period"},
         {"seed", std::to_string(s.seed), ""},
         {"relief_per_mm", csv_number(s.relief_per_mm), "points of relief a mm between target and own hotspot"},
         {"place_gain", csv_number(s.place_gain),
          "points of relief for a target at the hand knob (MNI 37 21 58, x to "
          "either side, y behind)"},
         {"place_reach_mm", csv_number(s.place_reach_mm), "standard deviation of its Gaussian fall-off"},
         {"causes_differ", s.causes_differ ? "1" : "0",
          "shares at or above 10 % after session 4: ischaemic 44/52, haemorrhagic 18/29, other central 26/34, "
          "peripheral 48/78 (reconstructed from published odds ratios, not the authors' data); 0: 136/193 for all"},
         {"informative_drop_out", s.informative_drop_out ? "1" : "0", "who has less relief stops sooner"}});
}

void write_synthetic(const std::string& folder, const SyntheticSettings& settings,
                     const std::vector<SyntheticPatient>& patients) {
    write_text_file(folder + "/patients.csv", patients_csv(patients));
    write_text_file(folder + "/sessions.csv", sessions_csv(patients));
    write_text_file(folder + "/dictionary.csv", dictionary_csv());
    write_text_file(folder + "/truth.csv", truth_csv(settings));
    write_text_file(folder + "/README.txt", kReadme);
}

void store_synthetic(Store& store, const std::vector<SyntheticPatient>& patients, const Progress& progress) {
    using namespace std::chrono;
    for (std::size_t n = 0; n < patients.size(); ++n) {
        const SyntheticPatient& p = patients[n];
        progress.at(static_cast<double>(n) / static_cast<double>(patients.size()), "storing patients");
        const double year = std::floor(p.entry_year);
        const UtcTime begin = UtcTime{sys_days{std::chrono::year(static_cast<int>(year)) / January / 2}} +
                              hours(24 * static_cast<int>(360.0 * (p.entry_year - year))) + hours(9);
        Case patient;
        patient.code = p.code;
        patient.pain_side = opposite(p.target_side);
        patient.pain_region = p.region;
        patient.aetiology = std::string(p.central ? "central" : "peripheral") + ": " + p.cause;
        patient.birth_year = static_cast<int>(year) - p.age_years;
        patient.sex = p.woman ? "woman" : "man";
        patient.simulated = true;
        patient.created = begin;
        store.add_case(patient);
        for (int k = 0; k < p.sessions; ++k) {
            const UtcTime when = begin + hours(24 * 21 * k);
            Session session;
            session.case_code = p.code;
            session.visit = k + 1;
            session.target_side = p.target_side;
            session.simulated = true;
            session.started = when;
            const RecordId id = store.add(session);
            const auto at = [&](const Eigen::Vector3d& mni) {
                Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
                pose.translation() = mni;
                return Transform<Scan, Coil>::checked(pose.matrix(), "a synthetic pose");
            };
            HotspotRecord hotspot;
            hotspot.session = id;
            hotspot.muscle = "FDI";
            hotspot.cortex = Point<Scan>{p.hotspot_mni};
            hotspot.scan_from_coil = at(p.hotspot_mni);
            hotspot.method = "simulated on the template";
            hotspot.made = when;
            store.add(hotspot);
            TargetRecord target;
            target.session = id;
            target.name = p.region;
            target.side = p.target_side;
            target.cortex = Point<Scan>{p.target_mni};
            target.scan_from_coil = at(p.target_mni);
            target.cortex_mni = Point<Mni>{p.target_mni};
            target.source = "simulated on the template";
            target.made = when;
            store.add(target);
            ThresholdRecord threshold;
            threshold.session = id;
            threshold.muscle = "FDI";
            threshold.rmt_mso = p.rmt_mso;
            threshold.low95_mso = p.rmt_mso - 2.0;
            threshold.high95_mso = p.rmt_mso + 2.0;
            threshold.method = "simulated";
            threshold.made = when;
            store.add(threshold);
            Outcome outcome;
            outcome.session = id;
            outcome.relief_percent = p.relief[static_cast<std::size_t>(k)];
            if (k == 0) outcome.pain_before = p.pain_before;
            outcome.adverse_events = "none";
            outcome.asked = when + hours(24 * 21);
            store.add(outcome);
            if (k + 1 == p.sessions && p.end != FollowUpEnd::ongoing) {
                const UtcTime ended = begin + hours(24 * 63 + static_cast<int>(24.0 * 365.25 * p.followed_years));
                store.add(SessionEvent{0, id, to_word(p.end), "", ended});
            }
        }
    }
}

}  // namespace precentral::cohort
