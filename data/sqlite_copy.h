// SPDX-License-Identifier: Apache-2.0
// A copy of a SQLite store into a file of its own while others write to the store.
#pragma once

#include <string>

#include "data/sql_connection.h"

namespace precentral {

// What had been committed when it began, whole and durable once this returns. `connection` must not be within a
// transaction. Throws InputError when there is something at `file` already, Error when it cannot be written; a file cut
// short is never left under that name.
void copy_sqlite_file(SqlConnection& connection, const std::string& file);

// Makes a finished file durable and gives it its name. Throws Error.
void put_in_place(const std::string& finished, const std::string& file);

}  // namespace precentral
