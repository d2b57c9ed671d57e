// SPDX-License-Identifier: Apache-2.0
#include "data/store_check.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "data/audit.h"
#include "data/error.h"
#include "data/schema.h"

namespace precentral {
namespace {

// A row as the audit remembers it, in as little room as it takes.
struct Remembered {
    RecordId id = 0;
    std::array<char, 32> sha256{};
    bool seen = false;
};

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Nothing but 64 lower-case digits will do.
bool to_bytes(const std::string& hex, std::array<char, 32>& bytes) {
    if (hex.size() != 2 * bytes.size()) return false;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = digit(hex[2 * i]);
        const int low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        bytes[i] = static_cast<char>(high * 16 + low);
    }
    return true;
}

std::int64_t whole_or(const SqlValue& value, std::int64_t otherwise) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    return whole == nullptr ? otherwise : *whole;
}

using Shape = std::map<std::string, std::string>;

Shape sqlite_shape(SqlConnection& connection) {
    Shape out;
    connection.run("SELECT type || ' ' || name, coalesce(tbl_name || ': ' || sql, tbl_name) FROM sqlite_master", {},
                   [&](const SqlRow& row) {
                       const auto* name = std::get_if<std::string>(&row.at(0));
                       const auto* sql = std::get_if<std::string>(&row.at(1));
                       if (name != nullptr) out[*name] = sql == nullptr ? "" : *sql;
                   });
    return out;
}

class Checker {
public:
    Checker(const std::string& url, const Progress& progress)
        : connection_(store_address(url), 5000, SqlAccess::read), progress_(progress) {}

    StoreCheck run() {
        const bool postgresql = connection_.address().engine == SqlEngine::postgresql;
        if (postgresql) connection_.run("SET search_path TO precentral");
        const int version = require_known_schema(connection_);
        if (version == 0) throw InputError("There is no Precentral store in " + connection_.address().shown() + ".");
        if (version < migrations().back().to_version && !has_audit()) {
            throw InputError(
                connection_.address().shown() + " is of an earlier schema (" + std::to_string(version) +
                "), which keeps no audit. Bring it up to date with precentral store migrate, then check again.");
        }
        connection_.run(postgresql ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN");
        tables_ = audited_tables_of(version);
        guarded("the shape of the store", [&] { postgresql ? check_postgresql_shape() : check_sqlite_shape(version); });
        guarded("the audit", [&] { check_chain(); });
        const double share = 0.7 / static_cast<double>(tables_.size());
        double done = 0.3;
        for (const AuditedTable& table : tables_) {
            progress_.at(done += share, "checking " + table.name);
            guarded(table.name, [&] { check_table(table); });
        }
        connection_.run("ROLLBACK");
        if (more_ > 0) out_.problems.push_back("There are " + std::to_string(more_) + " more problems like these.");
        return out_;
    }

private:
    void problem(const std::string& sentence) {
        if (out_.problems.size() < kMostProblems) {
            out_.problems.push_back(sentence);
        } else {
            ++more_;
        }
    }

    // What stops the reading of one part must not hide what is wrong in the others.
    template <class Work>
    void guarded(const std::string& part, Work&& work) {
        try {
            work();
        } catch (const Cancelled&) {
            throw;
        } catch (const Error& error) {
            problem("In reading " + part + ": " + error.what());
        }
    }

    void check_sqlite_shape(int version) {
        connection_.run("PRAGMA integrity_check(20)", {}, [&](const SqlRow& row) {
            const auto* said = std::get_if<std::string>(&row.at(0));
            if (said == nullptr || *said != "ok") problem("The file is damaged: " + (said ? *said : "?") + ".");
        });
        connection_.run("PRAGMA foreign_key_check", {}, [&](const SqlRow& row) {
            const auto* table = std::get_if<std::string>(&row.at(0));
            problem("A row of " + (table ? *table : "?") + " refers to a row that is not there.");
        });
        SqlConnection fresh(store_address(":memory:"), 1000);
        create_tables(fresh, version);
        const Shape expected = sqlite_shape(fresh);
        const Shape found = sqlite_shape(connection_);
        for (const auto& [name, sql] : expected) {
            const auto at = found.find(name);
            if (at == found.end()) {
                problem("The " + name + " of the store is missing.");
            } else if (at->second != sql) {
                problem("The " + name + " of the store was altered.");
            }
        }
        for (const auto& [name, sql] : found) {
            if (expected.count(name) == 0) problem("The " + name + " does not belong to the store.");
        }
        if (whole_or(connection_.one("SELECT max(version) FROM schema_history"), 0) != version) {
            problem("The number of the schema was altered.");
        }
        // Ids are given from here; rows taken off the end of a table leave it too high.
        connection_.run("SELECT name, seq FROM sqlite_sequence", {}, [&](const SqlRow& row) {
            const auto* name = std::get_if<std::string>(&row.at(0));
            const auto known = std::find_if(tables_.begin(), tables_.end(),
                                            [&](const AuditedTable& one) { return name && one.name == *name; });
            if (known == tables_.end() ||
                whole_or(row.at(1), -1) != whole_or(connection_.one("SELECT max(id) FROM " + known->name), 0)) {
                problem("The next number of " + (name ? *name : "a table") + " does not follow its last row.");
            }
        });
    }

    bool has_audit() {
        return whole_or(connection_.one(connection_.address().engine == SqlEngine::postgresql
                                            ? "SELECT count(*) FROM information_schema.tables WHERE table_schema = "
                                              "'precentral' AND table_name = 'audit'"
                                            : "SELECT count(*) FROM sqlite_master WHERE name = 'audit'"),
                        0) > 0;
    }

    void check_postgresql_shape() {
        std::vector<std::string> guarded_tables;
        connection_.run(
            "SELECT c.relname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON "
            "n.oid = c.relnamespace WHERE n.nspname = 'precentral' AND t.tgname::text = c.relname::text || "
            "'_append_only' AND t.tgenabled <> 'D'",
            {}, [&](const SqlRow& row) { guarded_tables.push_back(std::get<std::string>(row.at(0))); });
        const auto require = [&](const std::string& table) {
            if (std::find(guarded_tables.begin(), guarded_tables.end(), table) == guarded_tables.end()) {
                problem("The guard that refuses changes of " + table + " is switched off or missing.");
            }
        };
        for (const AuditedTable& table : tables_) require(table.name);
        require("audit");
    }

    void check_chain() {
        RecordId expected = 1;
        connection_.run("SELECT id, made, author, what, content, previous, sha256 FROM audit ORDER BY id", {},
                        [&](const SqlRow& row) {
                            const AuditEntry entry = audit_entry(row);
                            check_entry(entry, expected);
                            expected = entry.number + 1;
                            out_.last_sha256 = entry.sha256;
                            if (++out_.entries % 1000 == 0) progress_.at(0.1, "checking the audit");
                        });
        for (auto& [table, rows] : remembered_) {
            std::stable_sort(rows.begin(), rows.end(),
                             [](const Remembered& a, const Remembered& b) { return a.id < b.id; });
            for (std::size_t i = 1; i < rows.size(); ++i) {
                if (rows[i].id == rows[i - 1].id) {
                    problem("Row " + std::to_string(rows[i].id) + " of " + table + " is in the audit twice.");
                }
            }
        }
    }

    void check_entry(const AuditEntry& entry, RecordId expected) {
        const std::string name = "Audit entry " + std::to_string(entry.number);
        if (entry.number == expected + 1) {
            problem("Audit entry " + std::to_string(expected) + " is missing.");
        } else if (entry.number > expected) {
            problem("Audit entries " + std::to_string(expected) + " to " + std::to_string(entry.number - 1) +
                    " are missing.");
        } else if (entry.number < expected) {
            problem(name + " is out of order.");
        }
        if (entry_sha256(entry) != entry.sha256) {
            problem(name + " was altered.");
        } else if (entry.previous != out_.last_sha256) {
            problem(name + " does not follow the entry before it: one was altered, removed or put elsewhere.");
        }
        std::vector<Remembered>& rows = remembered_[entry.what];
        guarded(name, [&] {
            for (const AuditedRow& row : rows_of(entry)) {
                Remembered& one = rows.emplace_back();
                one.id = row.id;
                if (!to_bytes(row.sha256, one.sha256)) problem(name + " holds a hash that is none.");
            }
        });
    }

    void check_table(const AuditedTable& table) {
        std::vector<Remembered>& rows = remembered_[table.name];
        connection_.run(select_rows(table) + " ORDER BY id", {}, [&](const SqlRow& row) {
            if (++out_.rows % 10000 == 0) progress_.at(0.5, "checking " + table.name);
            const RecordId id = whole_or(row.front(), 0);
            const std::string name = "Row " + std::to_string(id) + " of " + table.name;
            const auto at = std::lower_bound(rows.begin(), rows.end(), id,
                                             [](const Remembered& one, RecordId wanted) { return one.id < wanted; });
            if (at == rows.end() || at->id != id) {
                problem(name + " is not in the audit: it was added by another hand, or its entry was altered.");
                return;
            }
            at->seen = true;
            std::array<char, 32> found{};
            to_bytes(row_sha256(table, id, std::span<const SqlValue>(row).subspan(1)), found);
            if (found != at->sha256) problem(name + " was altered.");
        });
        for (const Remembered& one : rows) {
            if (!one.seen) problem("Row " + std::to_string(one.id) + " of " + table.name + " is missing.");
        }
        remembered_.erase(table.name);
    }

    SqlConnection connection_;
    std::vector<AuditedTable> tables_;  // of its schema
    const Progress& progress_;
    StoreCheck out_;
    std::size_t more_ = 0;
    std::map<std::string, std::vector<Remembered>> remembered_;
};

}  // namespace

StoreCheck check_store(const std::string& url, const Progress& progress) {
    const StoreAddress address = store_address(url);
    std::error_code unknown;
    if (address.engine == SqlEngine::sqlite && !address.in_memory && !std::filesystem::exists(address.path, unknown)) {
        throw InputError("There is no store at " + address.path + ". Check the path.");
    }
    return Checker(url, progress).run();
}

}  // namespace precentral
