// SPDX-License-Identifier: Apache-2.0
// What a database says when it fails, said in a sentence that helps.
#pragma once

#include <string>

#include "data/store_address.h"

namespace precentral {

// `code` is the database's own: SQLite's result code or PostgreSQL's SQLSTATE; `text` its own words.
// Throws InputError when the data was refused or the file is not a store, Error for all else.
[[noreturn]] void throw_sql_failure(const StoreAddress& address, const std::string& code, const std::string& text);

// Looks at a SQLite file's place before it is opened, where the reason can still be told apart: a folder, a missing
// folder, a file of another kind, a file or folder that may not be written. Throws InputError.
void require_writable_place(const std::string& path);

// The same for a file that is only to be read; true when its place could be written too. Throws InputError.
bool require_readable_store(const std::string& path);

}  // namespace precentral
