// SPDX-License-Identifier: Apache-2.0
#include "data/case_folder.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/clinical_columns.h"
#include "data/clinical_store.h"
#include "data/error.h"
#include "data/hash.h"
#include "data/record_columns.h"
#include "data/sql_store.h"
#include "data/sql_value.h"

namespace precentral {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "Precentral case";
constexpr int kVersion = 1;

// Numbers that JSON cannot spell are spelled {"number": "inf"}.
json to_json(const SqlValue& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<double>(&value)) {
        if (std::isnan(*number)) return nullptr;
        if (std::isinf(*number)) return {{"number", *number > 0.0 ? "inf" : "-inf"}};
        return *number;
    }
    return nullptr;
}

SqlValue to_value(const json& value) {
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (value.is_number()) return value.get<double>();
    if (value.is_string()) return value.get<std::string>();
    if (value.is_object() && value.value("number", "") == "inf") return HUGE_VAL;
    if (value.is_object() && value.value("number", "") == "-inf") return -HUGE_VAL;
    if (value.is_null()) return {};
    throw Error("it is neither text nor a number");
}

// Which table a link leads to.
std::string table_of_link(const std::string& name) {
    if (name == "session") return kTable<Session>;
    if (name == "registration") return kTable<RegistrationRecord>;
    if (name == "calibration") return kTable<CoilCalibrationRecord>;
    return kTable<TargetRecord>;
}

using Numbers = std::map<std::string, std::map<RecordId, RecordId>>;

struct JsonWriter {
    const Numbers& numbers;
    json row = json::object();
    template <class T>
    void operator()(const char* name, const T& member) {
        row[name] = to_json(to_sql(member));
    }
    void link(const char* name, RecordId id) {
        row[name] = nullptr;
        if (id == 0) return;
        const auto table = numbers.find(table_of_link(name));
        const auto found =
            table == numbers.end() ? std::map<RecordId, RecordId>::const_iterator{} : table->second.find(id);
        if (table == numbers.end() || found == table->second.end()) {
            throw Error(std::string("A record names a ") + name +
                        " of another case; the case cannot be exported whole.");
        }
        row[name] = found->second;
    }
};

struct JsonReader {
    const json& row;
    const Numbers& numbers;
    std::size_t taken = 0;
    template <class T>
    void operator()(const char* name, T& member) {
        const auto found = row.find(name);
        if (found == row.end()) throw Error(std::string("it has no \"") + name + "\"");
        ++taken;
        try {
            from_sql(to_value(*found), member);
        } catch (const Error& wrong) {
            throw Error(std::string("\"") + name + "\": " + wrong.what());
        }
    }
    void link(const char* name, RecordId& id) {
        std::optional<RecordId> number;
        (*this)(name, number);
        id = 0;
        if (!number) return;
        const auto table = numbers.find(table_of_link(name));
        if (table == numbers.end() || !table->second.contains(*number)) {
            throw Error(std::string("the ") + name + " it names is not in the file before it");
        }
        id = table->second.at(*number);
    }
};

class Exporter {
public:
    explicit Exporter(std::string& out) : out_(out) {}
    template <class Record>
    void add(const std::vector<Record>& records) {
        for (const Record& record : records) {
            JsonWriter writer{numbers_};
            columns(writer, record);
            RecordId number = ++last_[kTable<Record>];
            if constexpr (requires { record.id; }) numbers_[kTable<Record>].emplace(record.id, number);
            const json line{{"table", kTable<Record>}, {"number", number}, {"row", writer.row}};
            out_ += line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
            ++lines_;
        }
    }
    int lines() const { return lines_; }

private:
    std::string& out_;
    Numbers numbers_;
    std::map<std::string, RecordId> last_;
    int lines_ = 0;
};

}  // namespace

std::string case_record(const Store& store, const std::string& case_code) {
    const Case patient = store.case_of(case_code);
    std::string out = json{{"format", kFormat}, {"version", kVersion}}.dump() + "\n";
    Exporter exporter(out);
    exporter.add(std::vector<Case>{patient});
    auto images = store.images(case_code);
    for (ImageRecord& image : images) image.path = std::filesystem::path(image.path).filename().string();
    exporter.add(images);
    const auto sessions = store.sessions(case_code);
    exporter.add(sessions);
    // Table by table, so that whatever a record names stands before it.
    for (const Session& session : sessions) exporter.add(store.registrations(session.id));
    for (const Session& session : sessions) exporter.add(store.landmark_touches(session.id));
    for (const Session& session : sessions) exporter.add(store.calibrations(session.id));
    for (const Session& session : sessions) exporter.add(store.targets(session.id));
    for (const Session& session : sessions) exporter.add(store.hotspots(session.id));
    for (const Session& session : sessions) exporter.add(store.thresholds(session.id));
    for (const Session& session : sessions) exporter.add(store.pulses(session.id));
    for (const Session& session : sessions) exporter.add(store.outcomes(session.id));
    for (const Session& session : sessions) exporter.add(store.events(session.id));
    const ClinicalStore& clinic = clinical(store);
    exporter.add(clinic.screenings(case_code));
    exporter.add(clinic.medications(case_code));
    exporter.add(clinic.instruments(case_code));
    for (const Session& session : sessions) exporter.add(clinic.adverse_events(session.id));
    exporter.add(clinic.implants(case_code));
    const json end{{"end", exporter.lines()}, {"sha256", sha256_of(out)}};
    return out + end.dump() + "\n";
}

CaseImported import_case_record(Store& store, const std::string& name, const std::string& text) {
    const auto refuse = [&](int line, const std::string& why) {
        throw InputError("\"" + name + "\"" + (line > 0 ? ", line " + std::to_string(line) : "") + ": " + why);
    };
    // The end first: a file cut short or altered is refused before anything is read from it.
    const std::size_t last_break = text.size() < 2 ? std::string::npos : text.rfind('\n', text.size() - 2);
    if (last_break == std::string::npos || text.back() != '\n')
        refuse(0, "the file is cut short; export the case again.");
    const json end =
        json::parse(text.begin() + static_cast<std::ptrdiff_t>(last_break) + 1, text.end(), nullptr, false);
    const std::string body = text.substr(0, last_break + 1);
    if (!end.is_object() || !end.contains("end") || !end.contains("sha256")) {
        refuse(0, "the file is cut short; export the case again.");
    }
    if (end["sha256"] != sha256_of(body)) refuse(0, "the file was altered after it was exported; nothing was taken.");

    CaseImported out;
    in_one_transaction(store, [&] {
        Numbers numbers;
        std::vector<Pulse> pulses;
        const auto write_pulses = [&] {
            store.add(pulses);
            pulses.clear();
        };
        int number = 0;
        std::size_t at = 0;
        while (at < body.size()) {
            const std::size_t stop = body.find('\n', at);
            ++number;
            const json line = json::parse(body.begin() + static_cast<std::ptrdiff_t>(at),
                                          body.begin() + static_cast<std::ptrdiff_t>(stop), nullptr, false);
            at = stop + 1;
            if (!line.is_object()) refuse(number, "not a line of JSON.");
            if (number == 1) {
                if (line.value("format", "") != kFormat) refuse(number, "not an exported case.");
                if (line.value("version", 0) != kVersion) {
                    refuse(number, "written by another version of Precentral; update this program.");
                }
                continue;
            }
            if (!line.contains("table") || !line["table"].is_string() || !line.contains("row") ||
                !line["row"].is_object() || !line.contains("number") || !line["number"].is_number_integer()) {
                refuse(number, "not a record.");
            }
            const std::string table = line["table"];
            const auto read = [&](auto record) {
                JsonReader reader{line["row"], numbers};
                try {
                    columns(reader, record);
                } catch (const InputError&) {
                    throw;
                } catch (const Error& wrong) {
                    refuse(number, std::string(wrong.what()) + ".");
                }
                if (reader.taken != line["row"].size()) {
                    refuse(number, "it has more than this program knows; update this program.");
                }
                return record;
            };
            const auto keep = [&](auto record) {
                record = read(record);
                if constexpr (requires { record.case_code; }) {
                    if (record.case_code != out.case_code) refuse(number, "a record of another case.");
                }
                if constexpr (requires { store.add(record); }) {
                    numbers[table][line["number"].template get<RecordId>()] = store.add(record);
                } else {
                    clinical(store).add(record);
                }
            };
            ++out.records[table];
            if (table == kTable<Case>) {
                if (!out.case_code.empty()) refuse(number, "a second case.");
                const Case patient = read(Case{});
                store.add_case(patient);
                out.case_code = patient.code;
            } else if (out.case_code.empty()) {
                refuse(number, "a record before its case.");
            } else if (table == kTable<Pulse>) {
                pulses.push_back(read(Pulse{}));
                if (pulses.size() == 500) write_pulses();
            } else if (table == kTable<ImageRecord>) {
                keep(ImageRecord{});
            } else if (table == kTable<Session>) {
                keep(Session{});
            } else if (table == kTable<RegistrationRecord>) {
                keep(RegistrationRecord{});
            } else if (table == kTable<LandmarkTouches>) {
                keep(LandmarkTouches{});
            } else if (table == kTable<CoilCalibrationRecord>) {
                keep(CoilCalibrationRecord{});
            } else if (table == kTable<TargetRecord>) {
                keep(TargetRecord{});
            } else if (table == kTable<HotspotRecord>) {
                keep(HotspotRecord{});
            } else if (table == kTable<ThresholdRecord>) {
                keep(ThresholdRecord{});
            } else if (table == kTable<Outcome>) {
                keep(Outcome{});
            } else if (table == kTable<SessionEvent>) {
                keep(SessionEvent{});
            } else if (table == kTable<ScreeningRecord>) {
                keep(ScreeningRecord{});
            } else if (table == kTable<MedicationRecord>) {
                keep(MedicationRecord{});
            } else if (table == kTable<InstrumentRecord>) {
                keep(InstrumentRecord{});
            } else if (table == kTable<AdverseEventRecord>) {
                keep(AdverseEventRecord{});
            } else if (table == kTable<ImplantRecord>) {
                keep(ImplantRecord{});
            } else {
                refuse(number, "a record of \"" + table + "\", which this program does not know; update this program.");
            }
        }
        write_pulses();
        if (out.case_code.empty()) refuse(0, "no case in it.");
    });
    return out;
}

}  // namespace precentral
