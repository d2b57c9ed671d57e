// SPDX-License-Identifier: Apache-2.0
// The tables of the store, and the numbered steps that bring an older store up to date.
#pragma once

#include <string>
#include <vector>

#include "data/sql_connection.h"

namespace precentral {

// From this one on a store has the tables of clinical_records.h.
inline constexpr int kFirstClinicalSchema = 3;

struct Migration {
    int to_version = 0;
    const char* message = "";  // what it is for, kept in the store
    std::vector<std::string> (*statements)(SqlEngine engine) = nullptr;
};

// In order; the last one's number is the schema this program writes.
const std::vector<Migration>& migrations();

// 0 = nothing there yet. Throws InputError when the database belongs to another program.
int schema_version(SqlConnection& connection);

// Throws InputError when the store is newer than this program.
int require_known_schema(SqlConnection& connection);

// Runs the missing steps, all in one transaction; a store that holds something is backed up before (a SQLite file as a
// file beside it, a PostgreSQL store as a schema precentral_before_N of its database), a store in memory is not. Throws
// InputError when the store is newer than this program, Error when the backup cannot be made (nothing is changed then).
struct MigrationDone {
    int from = 0;  // 0 = there was nothing yet
    int to = 0;
    std::string backup;  // the file or schema the older store was kept in; "" when nothing was done or to keep
};
MigrationDone bring_up_to_date(SqlConnection& connection, const std::string& author);

// The same for the store at `url`; throws InputError when there is none. Its check comes after (check_store).
MigrationDone migrate_store(const std::string& url);

// Makes the tables of a schema (0 = the newest) without a row in them, in an empty database, within the caller's
// transaction.
void create_tables(SqlConnection& connection, int schema = 0);

}  // namespace precentral
