// SPDX-License-Identifier: Apache-2.0
#include "data/audit.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "data/clinical_columns.h"
#include "data/error.h"
#include "data/hash.h"
#include "data/record_columns.h"
#include "data/schema.h"
#include "data/time.h"

namespace precentral {
namespace {

// Any number, the same in every program that writes to a PostgreSQL store: entries come one after another.
constexpr const char* kChainLock = "SELECT pg_advisory_xact_lock(1347568463)";
constexpr std::size_t kAdoptedAtOnce = 500;
constexpr std::size_t kHashDigits = 64;

struct Names {
    std::vector<std::string> names;
    template <class T>
    void operator()(const char* name, const T&) {
        names.emplace_back(name);
    }
    void link(const char* name, RecordId) { names.emplace_back(name); }
};

template <class Record>
AuditedTable table_of() {
    Names names;
    const Record blank;
    columns(names, blank);
    return {kTable<Record>, names.names};
}

// With its length, so that no two lists of texts run into the same.
void add_text(std::string& to, std::string_view text) {
    to.append(std::to_string(text.size())).append(":").append(text);
}

void add_value(std::string& to, const SqlValue& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        to.append("i").append(std::to_string(*whole)).append(";");
    } else if (const auto* number = std::get_if<double>(&value)) {
        to.append("d").append(std::to_string(std::bit_cast<std::uint64_t>(*number))).append(";");
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        add_text(to.append("t"), *text);
    }
}

std::string text_at(const SqlRow& row, std::size_t column) {
    const auto* text = std::get_if<std::string>(&row.at(column));
    return text == nullptr ? "" : *text;
}

}  // namespace

const std::vector<AuditedTable>& audited_tables() {
    static const std::vector<AuditedTable> tables = {{"schema_history", {"version", "message", "applied"}},
                                                     table_of<Case>(),
                                                     table_of<ImageRecord>(),
                                                     table_of<Session>(),
                                                     table_of<RegistrationRecord>(),
                                                     table_of<CoilCalibrationRecord>(),
                                                     table_of<TargetRecord>(),
                                                     table_of<HotspotRecord>(),
                                                     table_of<ThresholdRecord>(),
                                                     table_of<Pulse>(),
                                                     table_of<Outcome>(),
                                                     table_of<SessionEvent>(),
                                                     table_of<LandmarkTouches>(),
                                                     table_of<ScreeningRecord>(),
                                                     table_of<MedicationRecord>(),
                                                     table_of<InstrumentRecord>(),
                                                     table_of<AdverseEventRecord>(),
                                                     table_of<ImplantRecord>()};
    return tables;
}

std::vector<AuditedTable> audited_tables_of(int schema) {
    static const std::vector<std::string> clinical = {kTable<LandmarkTouches>,    kTable<ScreeningRecord>,
                                                      kTable<MedicationRecord>,   kTable<InstrumentRecord>,
                                                      kTable<AdverseEventRecord>, kTable<ImplantRecord>};
    std::vector<AuditedTable> out = audited_tables();
    if (schema < kFirstClinicalSchema) {
        std::erase_if(out, [](const AuditedTable& table) {
            return std::find(clinical.begin(), clinical.end(), table.name) != clinical.end();
        });
    }
    return out;
}

const AuditedTable& audited_table(const std::string& name) {
    for (const AuditedTable& table : audited_tables()) {
        if (table.name == name) return table;
    }
    throw Error("There is no table " + name + " in a store.");
}

std::string select_rows(const AuditedTable& table) {
    std::string out = "SELECT id";
    for (const std::string& column : table.columns) out.append(", ").append(column);
    return out.append(" FROM ").append(table.name);
}

std::string row_sha256(const AuditedTable& table, RecordId id, std::span<const SqlValue> values) {
    if (values.size() != table.columns.size()) throw Error("A row of " + table.name + " has too few or many columns.");
    std::string all;
    add_text(all, table.name);
    all.append("i").append(std::to_string(id)).append(";");
    for (std::size_t i = 0; i < values.size(); ++i) {
        const SqlValue kept = as_kept(values[i]);
        if (std::holds_alternative<std::monostate>(kept)) continue;
        add_text(all, table.columns[i]);
        add_value(all, kept);
    }
    return sha256_of(all);
}

std::string entry_sha256(const AuditEntry& entry) {
    std::string all = "i" + std::to_string(entry.number) + ";";
    for (const std::string* text : {&entry.made, &entry.author, &entry.what, &entry.content, &entry.previous}) {
        add_text(all, *text);
    }
    return sha256_of(all);
}

std::vector<AuditedRow> rows_of(const AuditEntry& entry) {
    std::vector<AuditedRow> out;
    const char* at = entry.content.data();
    const char* const end = at + entry.content.size();
    while (at != end) {
        AuditedRow row;
        const auto [after, failure] = std::from_chars(at, end, row.id);
        if (failure != std::errc() || end - after < std::ptrdiff_t{kHashDigits + 1} || *after != ':') {
            throw Error("Audit entry " + std::to_string(entry.number) + " does not list rows.");
        }
        row.sha256.assign(after + 1, kHashDigits);
        at = after + 1 + kHashDigits;
        if (at != end && *at == ' ') ++at;
        out.push_back(std::move(row));
    }
    return out;
}

AuditEntry audit_entry(const SqlRow& row) {
    AuditEntry out;
    if (const auto* number = std::get_if<std::int64_t>(&row.at(0))) out.number = *number;
    out.made = text_at(row, 1);
    out.author = text_at(row, 2);
    out.what = text_at(row, 3);
    out.content = text_at(row, 4);
    out.previous = text_at(row, 5);
    out.sha256 = text_at(row, 6);
    return out;
}

std::string account_name() {
    std::array<char, 4096> space{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::geteuid(), &entry, space.data(), space.size(), &found) == 0 && found != nullptr) {
        return found->pw_name;
    }
    return "account " + std::to_string(::geteuid());
}

void append_audit(SqlConnection& connection, const std::string& author, const std::string& table,
                  std::span<const AuditedRow> rows) {
    if (rows.empty()) return;
    if (connection.address().engine == SqlEngine::postgresql) connection.run(kChainLock);
    AuditEntry entry;
    connection.run("SELECT id, sha256 FROM audit ORDER BY id DESC LIMIT 1", {}, [&](const SqlRow& row) {
        entry.number = std::get<std::int64_t>(row.at(0));
        entry.previous = text_at(row, 1);
    });
    ++entry.number;
    entry.made = to_iso8601(utc_now());
    entry.author = std::get<std::string>(as_kept(author));
    entry.what = table;
    entry.content.reserve(rows.size() * (kHashDigits + 12));
    for (const AuditedRow& row : rows) {
        if (!entry.content.empty()) entry.content += ' ';
        entry.content.append(std::to_string(row.id)).append(":").append(row.sha256);
    }
    connection.run(
        "INSERT INTO audit (id, made, author, what, content, previous, sha256) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {entry.number, entry.made, entry.author, entry.what, entry.content, entry.previous, entry_sha256(entry)});
}

void adopt_rows(SqlConnection& connection, const std::string& author, const AuditedTable& table, RecordId after) {
    const std::string statement =
        select_rows(table) + " WHERE id > ? ORDER BY id LIMIT " + std::to_string(kAdoptedAtOnce);
    for (;;) {
        std::vector<AuditedRow> rows;
        connection.run(statement, {after}, [&](const SqlRow& row) {
            after = std::get<std::int64_t>(row.front());
            rows.push_back({after, row_sha256(table, after, std::span<const SqlValue>(row).subspan(1))});
        });
        append_audit(connection, author, table.name, rows);
        if (rows.size() < kAdoptedAtOnce) return;
    }
}

}  // namespace precentral
