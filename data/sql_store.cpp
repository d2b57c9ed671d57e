// SPDX-License-Identifier: Apache-2.0
#include "data/sql_store.h"

#include <algorithm>
#include <filesystem>
#include <type_traits>

#include "data/audit.h"
#include "data/clinical_columns.h"
#include "data/clinical_store.h"
#include "data/error.h"
#include "data/record_columns.h"
#include "data/schema.h"
#include "data/sql_connection.h"
#include "data/sql_value.h"

namespace precentral {
namespace {

struct ColumnNames {
    std::vector<std::string> names;
    template <class T>
    void operator()(const char* name, const T&) {
        names.emplace_back(name);
    }
    void link(const char* name, RecordId) { names.emplace_back(name); }
};

struct RowWriter {
    std::vector<SqlValue> values;
    template <class T>
    void operator()(const char*, const T& member) {
        values.push_back(to_sql(member));
    }
    void link(const char*, RecordId id) { values.push_back(id == 0 ? SqlValue() : SqlValue(id)); }
};

// Names the table, row and column of a value that cannot be right.
struct RowReader {
    const SqlRow& row;
    const StoreAddress& address;
    const char* table;
    std::size_t next = 1;  // 0 is the id

    template <class T>
    void operator()(const char* name, T& member) {
        try {
            from_sql(row.at(next++), member);
        } catch (const Error& error) {
            RecordId id = 0;
            from_sql(row.front(), id);
            throw Error(address.shown() + " is damaged: in " + table + ", row " + std::to_string(id) + ", column " +
                        name + ": " + error.what() + ". Restore the latest backup.");
        }
    }
    void link(const char* name, RecordId& id) {
        std::optional<RecordId> known;
        (*this)(name, known);
        id = known.value_or(0);
    }
};

std::string joined(const std::vector<std::string>& words, const char* between) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
    return out;
}

template <class Record>
std::string column_list() {
    ColumnNames names;
    const Record blank;
    columns(names, blank);
    return joined(names.names, ", ");
}

template <class Record>
std::string insert_statement(std::size_t rows) {
    ColumnNames names;
    const Record blank;
    columns(names, blank);
    const std::string row = "(" + joined(std::vector<std::string>(names.names.size(), "?"), ", ") + ")";
    return std::string("INSERT INTO ") + kTable<Record> + " (" + joined(names.names, ", ") + ") VALUES " +
           joined(std::vector<std::string>(rows, row), ", ");
}

// How many rows go in one statement: a server far away answers once for all of them.
constexpr std::size_t kRowsAtOnce = 20;

void require_code(const std::string& code) {
    constexpr const char* kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (code.empty() || code.size() > 64 || code.find_first_not_of(kAllowed) != std::string::npos) {
        throw InputError("\"" + code.substr(0, 80) +
                         "\" cannot be a case code: use letters, digits and hyphens only, never a name.");
    }
}

class SqlStore final : public Store, public ClinicalStore {
public:
    SqlStore(const StoreAddress& address, const SqlStoreOptions& options)
        : connection_(address, options.busy_ms, options.read_only ? SqlAccess::read : SqlAccess::write),
          author_(options.author.empty() ? account_name() : options.author) {
        if (address.engine == SqlEngine::postgresql) {
            prepare_postgresql();
        } else {
            connection_.run("PRAGMA foreign_keys = ON");
            connection_.run("PRAGMA synchronous = FULL");
        }
        // Nothing is written to a file before it is known to be ours.
        if (schema_version(connection_) == 0 && (!options.make_when_absent || options.read_only)) {
            throw InputError("There is no Precentral store in " + address.shown() + " yet.");
        }
        if (options.read_only) {
            is_clinical_ = require_known_schema(connection_) >= kFirstClinicalSchema;
            return;
        }
        if (address.engine == SqlEngine::sqlite && !address.in_memory) use_write_ahead_log();
        bring_up_to_date(connection_, author_);
    }

    void add_case(const Case& patient) override {
        require_code(patient.code);
        require_writable();
        SqlTransaction transaction(connection_);
        if (!cases_where("code", patient.code).empty()) {
            throw InputError("There is already a case " + patient.code + " in " + connection_.address().shown() + ".");
        }
        count_in<Case>({insert(patient)});
        transaction.commit();
    }
    RecordId add(const ImageRecord& image) override { return add_one(image); }
    RecordId add(const Session& session) override { return add_one(session); }
    RecordId add(const RegistrationRecord& registration) override { return add_one(registration); }
    RecordId add(const LandmarkTouches& touches) override { return add_one(touches); }
    RecordId add(const CoilCalibrationRecord& calibration) override { return add_one(calibration); }
    RecordId add(const TargetRecord& target) override { return add_one(target); }
    RecordId add(const HotspotRecord& hotspot) override { return add_one(hotspot); }
    RecordId add(const ThresholdRecord& threshold) override { return add_one(threshold); }
    RecordId add(const Outcome& outcome) override { return add_one(outcome); }
    RecordId add(const SessionEvent& event) override { return add_one(event); }
    void add(std::span<const Pulse> pulses) override {
        if (pulses.empty()) return;
        require_writable();
        SqlTransaction transaction(connection_);
        static const std::string many = insert_statement<Pulse>(kRowsAtOnce) + " RETURNING id";
        std::vector<AuditedRow> rows;
        rows.reserve(pulses.size());
        for (; pulses.size() >= kRowsAtOnce; pulses = pulses.subspan(kRowsAtOnce)) {
            RowWriter writer;
            for (const Pulse& pulse : pulses.first(kRowsAtOnce)) columns(writer, pulse);
            std::vector<RecordId> ids;
            connection_.run(many, writer.values, [&](const SqlRow& row) { from_sql(row.front(), ids.emplace_back()); });
            std::sort(ids.begin(), ids.end());  // given in the order of the rows, answered in any
            const std::size_t columns_a_row = writer.values.size() / kRowsAtOnce;
            for (std::size_t i = 0; i < kRowsAtOnce; ++i) {
                rows.push_back(audited<Pulse>(
                    ids.at(i), std::span<const SqlValue>(writer.values).subspan(i * columns_a_row, columns_a_row)));
            }
        }
        for (const Pulse& pulse : pulses) rows.push_back(insert(pulse));
        count_in<Pulse>(rows);
        transaction.commit();
    }

    std::vector<Case> cases() const override { return read<Case>("", {}); }
    Case case_of(const std::string& code) const override {
        std::vector<Case> found = cases_where("code", code);
        if (found.empty()) {
            throw InputError("There is no case " + code + " in " + connection_.address().shown() + ".");
        }
        return found.front();
    }
    std::vector<ImageRecord> images(const std::string& code) const override { return of_case<ImageRecord>(code); }
    std::vector<Session> sessions(const std::string& code) const override { return of_case<Session>(code); }
    std::vector<RegistrationRecord> registrations(RecordId session) const override {
        return of_session<RegistrationRecord>(session);
    }
    std::vector<LandmarkTouches> landmark_touches(RecordId session) const override {
        return is_clinical_ ? of_session<LandmarkTouches>(session) : std::vector<LandmarkTouches>();
    }
    std::vector<CoilCalibrationRecord> calibrations(RecordId session) const override {
        return of_session<CoilCalibrationRecord>(session);
    }
    std::vector<TargetRecord> targets(RecordId session) const override { return of_session<TargetRecord>(session); }
    std::vector<HotspotRecord> hotspots(RecordId session) const override { return of_session<HotspotRecord>(session); }
    std::vector<ThresholdRecord> thresholds(RecordId session) const override {
        return of_session<ThresholdRecord>(session);
    }
    std::vector<Pulse> pulses(RecordId session) const override { return of_session<Pulse>(session); }
    std::vector<Outcome> outcomes(RecordId session) const override { return of_session<Outcome>(session); }
    std::vector<SessionEvent> events(RecordId session) const override { return of_session<SessionEvent>(session); }

    RecordId add(const ScreeningRecord& screening) override { return add_valid(screening); }
    RecordId add(const MedicationRecord& medication) override { return add_valid(medication); }
    RecordId add(const InstrumentRecord& score) override { return add_valid(score); }
    RecordId add(const AdverseEventRecord& event) override { return add_valid(event); }
    RecordId add(const ImplantRecord& implant) override { return add_valid(implant); }
    std::vector<ScreeningRecord> screenings(const std::string& code) const override {
        return is_clinical_ ? of_case<ScreeningRecord>(code) : std::vector<ScreeningRecord>();
    }
    std::vector<MedicationRecord> medications(const std::string& code) const override {
        return is_clinical_ ? of_case<MedicationRecord>(code) : std::vector<MedicationRecord>();
    }
    std::vector<InstrumentRecord> instruments(const std::string& code) const override {
        return is_clinical_ ? of_case<InstrumentRecord>(code) : std::vector<InstrumentRecord>();
    }
    std::vector<AdverseEventRecord> adverse_events(RecordId session) const override {
        return is_clinical_ ? of_session<AdverseEventRecord>(session) : std::vector<AdverseEventRecord>();
    }
    std::vector<ImplantRecord> implants(const std::string& code) const override {
        return is_clinical_ ? of_case<ImplantRecord>(code) : std::vector<ImplantRecord>();
    }

    void together(const std::function<void()>& work) {
        require_writable();
        SqlTransaction transaction(connection_);
        work();
        transaction.commit();
    }

private:
    // A server may have been set up otherwise; what is promised to be durable must be.
    void prepare_postgresql() {
        connection_.run("SET synchronous_commit TO on");
        connection_.run("SET lock_timeout TO '5s'");
        connection_.run("SET client_min_messages TO warning");
        connection_.run("SET search_path TO precentral");
        const SqlValue encoding = connection_.one("SHOW server_encoding");
        const auto* name = std::get_if<std::string>(&encoding);
        if (name == nullptr || *name != "UTF8") {
            throw InputError(connection_.address().shown() + " keeps text as " + (name != nullptr ? *name : "?") +
                             "; make a database with ENCODING 'UTF8' for the store.");
        }
    }

    void require_writable() const {
        if (connection_.access() == SqlAccess::write) return;
        throw Error(connection_.address().shown() +
                    " is open for reading only; nothing was saved. To write, open it in a place that can be written.");
    }

    void use_write_ahead_log() {
        const SqlValue mode = connection_.one("PRAGMA journal_mode = WAL");
        const auto* name = std::get_if<std::string>(&mode);
        if (name == nullptr || *name != "wal") {
            throw InputError("The disk that holds " + connection_.address().shown() +
                             " cannot keep a store safely (no write-ahead log there); put it on a local disk.");
        }
    }

    template <class Record>
    static AuditedRow audited(RecordId id, std::span<const SqlValue> values) {
        static const AuditedTable& table = audited_table(kTable<Record>);
        return {id, row_sha256(table, id, values)};
    }

    template <class Record>
    void count_in(const std::vector<AuditedRow>& rows) {
        append_audit(connection_, author_, kTable<Record>, rows);
    }

    template <class Record>
    AuditedRow insert(const Record& record) {
        static const std::string statement = insert_statement<Record>(1) + " RETURNING id";
        RowWriter writer;
        columns(writer, record);
        RecordId id = 0;
        from_sql(connection_.one(statement, writer.values), id);
        return audited<Record>(id, writer.values);
    }

    template <class Record>
    RecordId add_valid(const Record& record) {
        require_valid(record);
        return add_one(record);
    }

    template <class Record>
    RecordId add_one(const Record& record) {
        require_writable();
        SqlTransaction transaction(connection_);
        const AuditedRow row = insert(record);
        count_in<Record>({row});
        transaction.commit();
        return row.id;
    }

    // `where`: a column name of ours, never a user's text.
    template <class Record>
    std::vector<Record> read(const std::string& where, const std::vector<SqlValue>& values) const {
        std::string statement = "SELECT id, " + column_list<Record>() + " FROM " + kTable<Record>;
        if (!where.empty()) statement += " WHERE " + where + " = ?";
        std::vector<Record> out;
        connection_.run(statement + " ORDER BY id", values, [&](const SqlRow& row) {
            Record& record = out.emplace_back();
            RowReader reader{row, connection_.address(), kTable<Record>};
            if constexpr (requires { record.id; }) from_sql(row.front(), record.id);
            columns(reader, record);
        });
        return out;
    }

    std::vector<Case> cases_where(const char* column, const std::string& value) const {
        return read<Case>(column, {value});
    }
    template <class Record>
    std::vector<Record> of_case(const std::string& code) const {
        return read<Record>("case_code", {code});
    }
    template <class Record>
    std::vector<Record> of_session(RecordId session) const {
        return read<Record>("session", {session});
    }

    mutable SqlConnection connection_;  // asking needs its prepared statements
    std::string author_;
    bool is_clinical_ = true;  // its schema has the tables of version 3
};

}  // namespace

std::unique_ptr<Store> open_sql_store(const std::string& url, const SqlStoreOptions& options) {
    const StoreAddress address = store_address(url);
    if ((!options.make_when_absent || options.read_only) && address.engine == SqlEngine::sqlite && !address.in_memory) {
        std::error_code unknown;
        if (!std::filesystem::exists(address.path, unknown)) {
            throw InputError("There is no store at " + address.path +
                             ". Check the path, or start one with: precentral case new --store " + address.path);
        }
    }
    return std::make_unique<SqlStore>(address, options);
}

void in_one_transaction(Store& store, const std::function<void()>& work) {
    auto* sql = dynamic_cast<SqlStore*>(&store);
    if (sql == nullptr) throw Error("This store cannot write several records as one.");
    sql->together(work);
}

ClinicalStore& clinical(Store& store) {
    auto* found = dynamic_cast<ClinicalStore*>(&store);
    if (found == nullptr) throw Error("This store keeps no clinical records.");
    return *found;
}

const ClinicalStore& clinical(const Store& store) {
    const auto* found = dynamic_cast<const ClinicalStore*>(&store);
    if (found == nullptr) throw Error("This store keeps no clinical records.");
    return *found;
}

std::unique_ptr<Store> open_store(const std::string& url) { return open_sql_store(url, {}); }

std::unique_ptr<Store> open_existing_store(const std::string& url) {
    return open_sql_store(url, {.make_when_absent = false});
}

std::unique_ptr<Store> open_store_to_read(const std::string& url) { return open_sql_store(url, {.read_only = true}); }

}  // namespace precentral
