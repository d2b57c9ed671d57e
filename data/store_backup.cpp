// SPDX-License-Identifier: Apache-2.0
#include "data/store_backup.h"

#include <filesystem>
#include <system_error>

#include "data/audit.h"
#include "data/error.h"
#include "data/schema.h"
#include "data/sqlite_copy.h"

namespace precentral {
namespace {

constexpr int kBusyMs = 5000;
constexpr std::size_t kRowsAtOnce = 500;

// The file a copy is made in, gone again unless the copy was finished.
class PartialFile {
public:
    explicit PartialFile(const std::string& file) : path_(file + ".partial") {
        std::error_code unknown;
        if (std::filesystem::exists(file, unknown)) {
            throw InputError("There is already a file " + file + "; name another one.");
        }
        remove();
    }
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;
    ~PartialFile() { remove(); }
    const std::string& path() const { return path_; }

private:
    void remove() const {
        std::error_code unknown;
        for (const char* end : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path_ + end, unknown);
    }
    std::string path_;
};

void use_schema(SqlConnection& connection) {
    if (connection.address().engine == SqlEngine::postgresql) connection.run("SET search_path TO precentral");
}

// In pages: the reading connection is free again before the next statement.
void copy_table(SqlConnection& from, SqlConnection& to, const AuditedTable& table, const Progress& progress) {
    const bool given_ids = to.address().engine == SqlEngine::postgresql && table.name != "audit";
    std::string marks = "?";
    std::string names = "id";
    for (const std::string& column : table.columns) {
        marks += ", ?";
        names += ", " + column;
    }
    const std::string insert = "INSERT INTO " + table.name + " (" + names + ")" +
                               (given_ids ? " OVERRIDING SYSTEM VALUE" : "") + " VALUES (" + marks + ")";
    const std::string select = select_rows(table) + " WHERE id > ? ORDER BY id LIMIT " + std::to_string(kRowsAtOnce);
    std::int64_t last = 0;
    for (;;) {
        progress.at(0.5, "copying " + table.name);
        std::vector<SqlRow> rows;
        from.run(select, {last}, [&](const SqlRow& row) { rows.push_back(row); });
        for (const SqlRow& row : rows) {
            to.run(insert, row);
            last = std::get<std::int64_t>(row.front());
        }
        if (rows.size() < kRowsAtOnce) break;
    }
    if (given_ids && last > 0) {
        to.run("SELECT setval(pg_get_serial_sequence('precentral." + table.name + "', 'id'), " + std::to_string(last) +
               ")");
    }
}

// Row by row, ids and audit as they are; `to` is empty. One snapshot of `from`, one transaction of `to`.
void copy_rows(SqlConnection& from, SqlConnection& to, const Progress& progress) {
    if (from.address().engine == SqlEngine::postgresql) {
        from.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    } else {
        from.run("BEGIN");
    }
    SqlTransaction transaction(to);
    if (schema_version(to) != 0) {
        throw InputError(to.address().shown() + " holds a store already; restore into an empty place.");
    }
    // As old as it is: whoever opens the copy brings it up to date, as the store itself would have been.
    const int schema = require_known_schema(from);
    create_tables(to, schema);
    use_schema(to);
    for (const AuditedTable& table : audited_tables_of(schema)) copy_table(from, to, table, progress);
    copy_table(from, to, {"audit", {"made", "author", "what", "content", "previous", "sha256"}}, progress);
    transaction.commit();
    from.run("ROLLBACK");
}

void require_clean(const StoreCheck& check, const std::string& place) {
    if (check.ok()) return;
    throw Error(place + " is not what was written into it: " + check.problems.front() +
                (check.problems.size() > 1 ? " There is more; see precentral store check." : ""));
}

std::string without_partial(const std::string& sentence, const std::string& partial, const std::string& file) {
    std::string out = sentence;
    for (std::size_t at = 0; (at = out.find(partial, at)) != std::string::npos; at += file.size()) {
        out.replace(at, partial.size(), file);
    }
    return out;
}

// A copy in `file`, checked, then named.
template <class Copy>
StoreCheck made_and_checked(const std::string& file, const Progress& progress, Copy&& copy) {
    const PartialFile partial(file);
    try {
        copy(partial.path());
        const StoreCheck check = check_store(partial.path(), progress);
        require_clean(check, file);
        put_in_place(partial.path(), file);
        return check;
    } catch (const Cancelled&) {
        throw;
    } catch (const InputError& error) {
        throw InputError(without_partial(error.what(), partial.path(), file));
    } catch (const Error& error) {
        throw Error(without_partial(error.what(), partial.path(), file));
    }
}

void require_store(const std::string& url) {
    const StoreAddress address = store_address(url);
    std::error_code unknown;
    if (address.engine == SqlEngine::sqlite && !address.in_memory && !std::filesystem::exists(address.path, unknown)) {
        throw InputError("There is no store at " + address.path + ". Check the path.");
    }
}

}  // namespace

StoreCheck back_up_store(const std::string& url, const std::string& file, const Progress& progress) {
    require_store(url);
    const StoreAddress address = store_address(url);
    SqlConnection from(address, kBusyMs, SqlAccess::read);
    use_schema(from);
    if (require_known_schema(from) != migrations().back().to_version) {
        throw InputError(address.shown() +
                         " is of an earlier schema; open it once where it can be written, then try again.");
    }
    return made_and_checked(file, progress, [&](const std::string& partial) {
        SqlConnection to(store_address(partial), kBusyMs);
        copy_rows(from, to, progress);
    });
}

StoreCheck restore_store(const std::string& file, const std::string& url, const Progress& progress) {
    require_store(file);
    const StoreCheck kept = check_store(file, progress);
    require_clean(kept, file);
    const StoreAddress address = store_address(url);
    SqlConnection from(store_address(file), kBusyMs, SqlAccess::read);
    StoreCheck restored;
    if (address.engine == SqlEngine::sqlite && !address.in_memory) {
        restored = made_and_checked(address.path, progress, [&](const std::string& partial) {
            SqlConnection to(store_address(partial), kBusyMs);
            copy_rows(from, to, progress);
        });
    } else {
        SqlConnection to(address, kBusyMs);
        use_schema(to);
        copy_rows(from, to, progress);
        restored = check_store(url, progress);
        require_clean(restored, address.shown());
    }
    if (restored.rows != kept.rows || restored.last_sha256 != kept.last_sha256) {
        throw Error(address.shown() + " does not hold what " + file + " holds; do not use it.");
    }
    return restored;
}

}  // namespace precentral
