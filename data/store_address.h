// SPDX-License-Identifier: Apache-2.0
// Where a store lives, read from the one text a user gives for it.
#pragma once

#include <string>

namespace precentral {

enum class SqlEngine { sqlite, postgresql };

struct StoreAddress {
    SqlEngine engine = SqlEngine::sqlite;
    bool in_memory = false;
    std::string path;  // SQLite: the file, or the name shared by all who open the same memory; "" = private memory
    // PostgreSQL:
    std::string host;
    int port = 5432;
    std::string user;
    std::string password;
    std::string database;
    std::string options;  // libpq's own, "sslmode=require connect_timeout=5"

    // For messages and logs: what was given, without the password.
    std::string shown() const;
};

// A file path; ":memory:" (private) or ":memory:NAME" (shared within this process); or
// postgresql://[user[:password]@]host[:port]/database[?sslmode=…]. Throws InputError on anything else.
StoreAddress store_address(const std::string& url);

}  // namespace precentral
