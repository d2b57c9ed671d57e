// SPDX-License-Identifier: Apache-2.0
#include "data/import_mapping.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "data/csv_rows.h"
#include "data/error.h"
#include "data/sql_store.h"
#include "data/text_fields.h"

namespace precentral {
namespace {

using nlohmann::json;

// ---- The mapping --------------------------------------------------------------------------------------------------

struct Source {
    std::string column;  // "" for a constant
    std::size_t place = 0;
    std::string constant;
    std::map<std::string, std::string> values;
};

struct Mapping {
    char separator = ',';
    std::string dates = "YMD";
    std::map<std::string, Source> fields;
};

Mapping mapping_of(const std::string& name, const std::string& text) {
    const auto refuse = [&](const std::string& why) { throw InputError("\"" + name + "\": " + why); };
    const json parsed = json::parse(text, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("fields") || !parsed["fields"].is_object()) {
        refuse("a mapping is JSON with \"fields\": {field: column, …}.");
    }
    Mapping out;
    for (const auto& [key, value] : parsed.items()) {
        if (key == "separator") {
            if (!value.is_string() || value.get<std::string>().size() != 1) refuse("\"separator\" is one character.");
            out.separator = value.get<std::string>().front();
        } else if (key == "dates") {
            if (value != "YMD" && value != "DMY" && value != "MDY") refuse("\"dates\" is YMD, DMY or MDY.");
            out.dates = value;
        } else if (key != "fields") {
            refuse("\"" + key + "\" is not known; there are fields, separator and dates.");
        }
    }
    std::set<std::string> known;
    for (const ImportField& field : import_fields()) known.insert(field.name);
    for (const auto& [field, value] : parsed["fields"].items()) {
        if (!known.contains(field)) {
            std::string all;
            for (const ImportField& one : import_fields()) all += (all.empty() ? "" : ", ") + std::string(one.name);
            refuse("there is no field \"" + field + "\"; there are " + all + ".");
        }
        Source source;
        if (value.is_string()) {
            source.column = value;
        } else if (value.is_object() && value.contains("constant") && value["constant"].is_string() &&
                   value.size() == 1) {
            source.constant = value["constant"];
        } else if (value.is_object() && value.contains("column") && value["column"].is_string()) {
            source.column = value["column"];
            for (const auto& [key, more] : value.items()) {
                if (key == "column") continue;
                if (key != "values" || !more.is_object()) refuse(field + ": \"" + key + "\" is not known.");
                for (const auto& [from, to] : more.items()) {
                    if (!to.is_string()) refuse(field + ": the values must be texts.");
                    source.values.emplace(from, to);
                }
            }
        } else {
            refuse(field + ": give a column's name, {\"column\": …, \"values\": {…}} or {\"constant\": …}.");
        }
        if (value.is_string() || value.contains("column")) {
            if (source.column.empty()) refuse(field + ": the column has no name.");
        }
        out.fields.emplace(field, std::move(source));
    }
    for (const char* needed : {"case.key", "case.pain_side", "case.pain_region", "case.aetiology"}) {
        if (!out.fields.contains(needed)) refuse(std::string("the field ") + needed + " must be mapped.");
    }
    const bool visits =
        std::any_of(out.fields.begin(), out.fields.end(), [](const auto& f) { return f.first.starts_with("visit."); });
    if (visits && (!out.fields.contains("visit.date") || !out.fields.contains("visit.target_side"))) {
        refuse("fields of visits need visit.date and visit.target_side.");
    }
    return out;
}

// ---- Cells --------------------------------------------------------------------------------------------------------

std::optional<Side> side_in(const std::string& text) {
    const std::string word = lower(text);
    if (word == "left" || word == "l") return Side::left;
    if (word == "right" || word == "r") return Side::right;
    return std::nullopt;
}

// One row seen through the mapping; collects what is wrong with it.
class Reading {
public:
    Reading(const Mapping& mapping, const CsvRow& row, std::vector<ImportRemark>& rejected)
        : mapping_(mapping), row_(row), rejected_(rejected) {}

    bool sound() const { return sound_; }
    int row() const { return row_.number; }

    // "" when it is not mapped or empty. A cell with values that are mapped must be one of them.
    std::string text(const std::string& field) {
        const auto found = mapping_.fields.find(field);
        if (found == mapping_.fields.end()) return "";
        const Source& source = found->second;
        if (source.column.empty()) return source.constant;
        const std::string& cell = row_.cells[source.place];
        if (cell.empty() || source.values.empty()) return cell;
        const auto value = source.values.find(cell);
        if (value != source.values.end()) return value->second;
        std::string all;
        for (const auto& one : source.values) all += (all.empty() ? "" : ", ") + one.first;
        reject(field, "not among the values of the mapping: " + all + ".");
        return "";
    }
    std::optional<double> number(const std::string& field, double least, double most, const char* unit) {
        const std::string cell = text(field);
        if (cell.empty()) return std::nullopt;
        const auto value = number_in(cell);
        if (!value) {
            reject(field, "not a number.");
        } else if (*value < least || *value > most) {
            reject(field, "outside " + spelled(least) + " to " + spelled(most) + unit + ".");
        } else {
            return value;
        }
        return std::nullopt;
    }
    std::optional<int> whole(const std::string& field, int least, int most, const char* unit) {
        const auto value = number(field, least, most, unit);
        if (value && *value != std::floor(*value)) {
            reject(field, "not a whole number.");
            return std::nullopt;
        }
        return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
    }
    void reject(const std::string& field, std::string reason) {
        sound_ = false;
        const auto found = mapping_.fields.find(field);
        const bool in_table = found != mapping_.fields.end() && !found->second.column.empty();
        rejected_.push_back({row_.number, in_table ? found->second.column : field,
                             in_table ? row_.cells[found->second.place] : "", field + ": " + std::move(reason)});
    }

private:
    static std::string spelled(double value) { return std::to_string(static_cast<long>(value)); }
    const Mapping& mapping_;
    const CsvRow& row_;
    std::vector<ImportRemark>& rejected_;
    bool sound_ = true;
};

int year_of(UtcTime time) {
    return static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year());
}

// What a row says of its case; what it leaves empty stays so.
struct CaseCells {
    std::optional<Side> pain_side;
    std::string pain_region, aetiology, worst_symptom, sex;
    std::optional<int> birth_year;
};

CaseCells case_cells(Reading& cells, UtcTime now) {
    CaseCells out;
    if (const std::string side = cells.text("case.pain_side"); !side.empty()) {
        out.pain_side = side_in(side);
        if (!out.pain_side) cells.reject("case.pain_side", "neither left nor right.");
    }
    out.pain_region = cells.text("case.pain_region");
    out.aetiology = cells.text("case.aetiology");
    out.worst_symptom = cells.text("case.worst_symptom");
    out.sex = lower(cells.text("case.sex"));
    if (!out.sex.empty() && out.sex != "woman" && out.sex != "man") {
        cells.reject("case.sex", "neither woman nor man; leave it empty when it is not recorded.");
    }
    out.birth_year = cells.whole("case.birth_year", 1900, year_of(now), "");
    return out;
}

std::optional<ImportedVisit> visit_of(Reading& cells, const Mapping& mapping, UtcTime now) {
    ImportedVisit out;
    out.row = cells.row();
    const std::string date = cells.text("visit.date");
    bool other = false;
    for (const auto& [field, source] : mapping.fields) {
        if (field.starts_with("visit.") && field != "visit.date" && !source.column.empty()) {
            other = other || !cells.text(field).empty();
        }
    }
    if (date.empty()) {
        if (other) cells.reject("visit.date", "a visit without its date.");
        return std::nullopt;
    }
    Session& session = out.session;
    if (const auto started = date_in(date, mapping.dates)) {
        session.started = *started;
        if (*started > now) cells.reject("visit.date", "in the future.");
        if (year_of(*started) < 1985) cells.reject("visit.date", "before TMS existed (1985).");
    } else {
        cells.reject("visit.date", "not a date in the order " + mapping.dates + " of the mapping.");
    }
    const auto side = side_in(cells.text("visit.target_side"));
    if (!side) cells.reject("visit.target_side", "neither left nor right.");
    session.target_side = side.value_or(Side::left);
    constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();
    const std::string protocol = cells.text("visit.protocol");
    session.protocol.name = protocol.empty() ? "not recorded" : protocol;
    session.protocol.frequency_hz = cells.number("visit.frequency_hz", 0, 100, " Hz").value_or(kNotKnown);
    session.protocol.trains = cells.whole("visit.trains", 0, 60, "").value_or(0);
    session.protocol.pulses_per_train = cells.whole("visit.pulses_per_train", 0, 10000, "").value_or(0);
    session.protocol.pause_s = cells.number("visit.pause_s", 0, 3600, " s").value_or(kNotKnown);
    session.protocol.intensity_percent_rmt =
        cells.number("visit.intensity_percent_rmt", 50, 130, " % of the threshold").value_or(kNotKnown);
    if (const auto rmt = cells.number("visit.rmt_mso", 1, 100, " % of the output")) {
        ThresholdRecord threshold;
        threshold.rmt_mso = *rmt;
        threshold.low95_mso = threshold.high95_mso = kNotKnown;
        threshold.muscle = cells.text("visit.muscle");
        const std::string method = cells.text("visit.rmt_method");
        threshold.method = method.empty() ? "not recorded" : method;
        threshold.made = session.started;
        out.threshold = threshold;
    }
    Outcome outcome;
    outcome.relief_percent = cells.number("visit.relief_percent", -100, 100, " %");
    outcome.relief_days = cells.number("visit.relief_days", 0, 120, " days");
    outcome.pain_before = cells.number("visit.pain_before", 0, 10, "");
    outcome.pain_after = cells.number("visit.pain_after", 0, 10, "");
    outcome.worst_symptom_after = cells.number("visit.worst_symptom_after", 0, 10, "");
    outcome.adverse_events = cells.text("visit.adverse_events");
    outcome.note = cells.text("visit.note");
    outcome.asked = session.started;
    if (outcome.relief_percent || outcome.relief_days || outcome.pain_before || outcome.pain_after ||
        outcome.worst_symptom_after || !outcome.adverse_events.empty() || !outcome.note.empty()) {
        out.outcome = outcome;
    }
    return out;
}

// Visits in the order of their dates, judged as the next one would be on the day.
void judge(ImportedCase& one, const ImportRules& rules, std::vector<ImportRemark>& rejected,
           std::vector<ImportRemark>& warnings) {
    std::stable_sort(one.visits.begin(), one.visits.end(),
                     [](const auto& a, const auto& b) { return a.session.started < b.session.started; });
    std::vector<ImportedVisit> kept;
    std::vector<double> thresholds;
    for (ImportedVisit& visit : one.visits) {
        const auto before = kept.empty() ? std::nullopt : std::optional(kept.back().session.started);
        std::vector<RailJudgement> judgements = {judge_side(one.patient.pain_side, visit.session.target_side, rules.by),
                                                 judge_interval(before, visit.session.started)};
        if (visit.threshold) judgements.push_back(judge_threshold(visit.threshold->rmt_mso, thresholds));
        if (before && *before == visit.session.started) {
            judgements.push_back({RailVerdict::stop, {"Two visits of one patient at the same time."}, false});
        }
        const RailJudgement all = together(judgements);
        for (const RailJudgement& judgement : judgements) {
            const bool is_stop = judgement.verdict == RailVerdict::stop;
            for (const std::string& reason : judgement.reasons) {
                (is_stop ? rejected : warnings).push_back({visit.row, "", "", reason});
            }
        }
        if (all.verdict == RailVerdict::stop) continue;
        visit.remarks = all.reasons;
        if (visit.threshold) thresholds.push_back(visit.threshold->rmt_mso);
        visit.session.visit = static_cast<int>(kept.size()) + 1;
        kept.push_back(std::move(visit));
    }
    one.visits = std::move(kept);
}

}  // namespace

const std::vector<ImportField>& import_fields() {
    static const std::vector<ImportField> fields = {
        {"case.key", "what tells patients apart in the table; not kept"},
        {"case.pain_side", "left or right"},
        {"case.pain_region", "text, such as hand"},
        {"case.aetiology", "text, such as central pain after ischaemic stroke"},
        {"case.worst_symptom", "text"},
        {"case.sex", "woman or man"},
        {"case.birth_year", "1900 to now"},
        {"visit.date", "date, in the order of \"dates\""},
        {"visit.target_side", "left or right"},
        {"visit.protocol", "text"},
        {"visit.frequency_hz", "0 to 100 Hz"},
        {"visit.trains", "0 to 60"},
        {"visit.pulses_per_train", "0 to 10000"},
        {"visit.pause_s", "0 to 3600 s"},
        {"visit.intensity_percent_rmt", "50 to 130 % of the threshold"},
        {"visit.rmt_mso", "1 to 100 % of the output"},
        {"visit.rmt_method", "text"},
        {"visit.muscle", "text"},
        {"visit.relief_percent", "-100 to 100 %, as the patient says"},
        {"visit.relief_days", "0 to 120 days"},
        {"visit.pain_before", "0 to 10"},
        {"visit.pain_after", "0 to 10"},
        {"visit.worst_symptom_after", "0 to 10"},
        {"visit.adverse_events", "text; none is an answer"},
        {"visit.note", "text"},
    };
    return fields;
}

int ImportPlan::visits() const {
    int out = 0;
    for (const ImportedCase& one : cases) out += static_cast<int>(one.visits.size());
    return out;
}

ImportPlan plan_import(const std::string& table_name, const std::string& table, const std::string& mapping_name,
                       const std::string& mapping_text, const ImportRules& rules) {
    Mapping mapping = mapping_of(mapping_name, mapping_text);
    const std::vector<CsvRow> rows = csv_rows(table_name, table, mapping.separator);
    if (rows.empty()) throw InputError("\"" + table_name + "\" is empty.");
    const std::vector<std::string>& names = rows.front().cells;
    ImportPlan plan;
    std::set<std::size_t> taken;
    for (auto& [field, source] : mapping.fields) {
        if (source.column.empty()) continue;
        const auto found = std::find(names.begin(), names.end(), source.column);
        if (found == names.end()) {
            throw InputError("\"" + table_name + "\" has no column \"" + source.column +
                             "\", which the mapping names for " + field + ".");
        }
        if (std::find(found + 1, names.end(), source.column) != names.end()) {
            throw InputError("\"" + table_name + "\" has two columns \"" + source.column + "\"; name them apart.");
        }
        source.place = static_cast<std::size_t>(found - names.begin());
        taken.insert(source.place);
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!taken.contains(i)) plan.columns_not_taken.push_back(names[i]);
    }

    std::map<std::string, std::size_t> places;
    std::vector<CaseCells> said;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const CsvRow& row = rows[i];
        ++plan.rows;
        if (row.cells.size() != names.size()) {
            plan.rejected.push_back({row.number, "", "",
                                     "The row has " + std::to_string(row.cells.size()) + " of " +
                                         std::to_string(names.size()) + " columns."});
            continue;
        }
        Reading cells(mapping, row, plan.rejected);
        const std::string key = cells.text("case.key");
        if (key.empty()) cells.reject("case.key", "empty.");
        const CaseCells about = case_cells(cells, rules.now);
        auto visit = visit_of(cells, mapping, rules.now);
        if (!cells.sound()) continue;
        const auto [place, fresh] = places.emplace(key, plan.cases.size());
        if (fresh) {
            plan.cases.push_back({key, {}, {}});
            said.emplace_back();
        }
        // A case is told once, or alike each time.
        CaseCells& known = said[place->second];
        const auto merge = [&](auto& to, const auto& from, const auto& none, const char* field) {
            if (from == none) return;
            if (to != none && to != from) {
                cells.reject(field, "another row of this patient says otherwise.");
                return;
            }
            to = from;
        };
        merge(known.pain_side, about.pain_side, std::optional<Side>(), "case.pain_side");
        merge(known.pain_region, about.pain_region, std::string(), "case.pain_region");
        merge(known.aetiology, about.aetiology, std::string(), "case.aetiology");
        merge(known.worst_symptom, about.worst_symptom, std::string(), "case.worst_symptom");
        merge(known.sex, about.sex, std::string(), "case.sex");
        merge(known.birth_year, about.birth_year, std::optional<int>(), "case.birth_year");
        if (!cells.sound()) continue;
        ImportedCase& one = plan.cases[place->second];
        if (visit) {
            one.visits.push_back(std::move(*visit));
        } else if (fresh) {
            one.patient.created = rules.now;
        }
    }
    std::vector<ImportedCase> complete;
    for (std::size_t i = 0; i < plan.cases.size(); ++i) {
        ImportedCase& one = plan.cases[i];
        const CaseCells& known = said[i];
        std::string missing;
        if (!known.pain_side) missing = "pain_side";
        if (known.pain_region.empty()) missing += (missing.empty() ? "" : ", ") + std::string("pain_region");
        if (known.aetiology.empty()) missing += (missing.empty() ? "" : ", ") + std::string("aetiology");
        if (!missing.empty()) {
            plan.rejected.push_back({one.visits.empty() ? 0 : one.visits.front().row, "", one.key,
                                     "No sound row of this patient says its " + missing + "."});
            continue;
        }
        one.patient.pain_side = *known.pain_side;
        one.patient.pain_region = known.pain_region;
        one.patient.aetiology = known.aetiology;
        one.patient.worst_symptom = known.worst_symptom;
        one.patient.sex = known.sex;
        one.patient.birth_year = known.birth_year;
        one.patient.created = rules.now;
        judge(one, rules, plan.rejected, plan.warnings);
        complete.push_back(std::move(one));
    }
    plan.cases = std::move(complete);
    const auto by_row = [](const ImportRemark& a, const ImportRemark& b) { return a.row < b.row; };
    std::stable_sort(plan.rejected.begin(), plan.rejected.end(), by_row);
    std::stable_sort(plan.warnings.begin(), plan.warnings.end(), by_row);
    return plan;
}

std::map<std::string, std::string> write_import(Store& store, const ImportPlan& plan, const std::string& source,
                                                UtcTime now) {
    std::map<std::string, std::string> out;
    in_one_transaction(store, [&] {
        for (const ImportedCase& one : plan.cases) {
            Case patient = one.patient;
            patient.code = random_case_code();
            store.add_case(patient);
            out.emplace(one.key, patient.code);
            for (const ImportedVisit& visit : one.visits) {
                Session session = visit.session;
                session.case_code = patient.code;
                const RecordId id = store.add(session);
                if (visit.threshold) {
                    ThresholdRecord threshold = *visit.threshold;
                    threshold.session = id;
                    store.add(threshold);
                }
                if (visit.outcome) {
                    Outcome outcome = *visit.outcome;
                    outcome.session = id;
                    store.add(outcome);
                }
                std::string text = "from row " + std::to_string(visit.row) + " of " + source;
                for (const std::string& remark : visit.remarks) text += "; " + remark;
                store.add(SessionEvent{0, id, "imported", text, now});
            }
        }
    });
    return out;
}

}  // namespace precentral
