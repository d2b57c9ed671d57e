// SPDX-License-Identifier: Apache-2.0
// The tables of the store, and the numbered steps that bring an older store up to date.
#pragma once

#include <string>
#include <vector>

#include "data/sql_connection.h"

namespace precentral {

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
void bring_up_to_date(SqlConnection& connection, const std::string& author);

// Makes the tables of the newest schema without a row in them, in an empty database, within the caller's transaction.
void create_tables(SqlConnection& connection);

}  // namespace precentral
