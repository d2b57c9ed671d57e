// SPDX-License-Identifier: Apache-2.0
// One connection to a SQL database, SQLite or PostgreSQL, with the database's own failures turned into sentences.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "data/store_address.h"

namespace precentral {

// NULL, a whole number, a number, a text in UTF-8.
using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string>;
using SqlRow = std::vector<SqlValue>;

// The value as it will be read back: see SqlConnection on text and numbers.
SqlValue as_kept(const SqlValue& value);

enum class SqlAccess { write, read };

// Belongs to the thread that opened it. Needs no application object and no event loop.
// Text: a zero character, and bytes that are not UTF-8, are kept as U+FFFD, byte order marks at the
// start are dropped. Numbers: NaN is kept as NULL, a negative zero as zero.
class SqlConnection {
public:
    // `busy_ms`: how long to wait for another program that is writing. With SqlAccess::read the database refuses every
    // change, and a SQLite file may lie in a place that cannot be written. Throws Error: driver missing, not reachable;
    // InputError: a place that cannot hold a store, or has none to read.
    SqlConnection(const StoreAddress& address, int busy_ms, SqlAccess access = SqlAccess::write);
    SqlConnection(const SqlConnection&) = delete;
    SqlConnection& operator=(const SqlConnection&) = delete;
    ~SqlConnection();

    const StoreAddress& address() const { return address_; }
    SqlAccess access() const { return access_; }

    // Runs one statement with its `?` filled in order and calls `each` for every row of the answer, if any.
    // Throws Error (the store cannot do it now) or InputError (the data cannot be kept), naming the store.
    void run(const std::string& statement, const std::vector<SqlValue>& values = {},
             const std::function<void(const SqlRow&)>& each = {});
    // The first column of the first row; NULL when there is no row.
    SqlValue one(const std::string& statement, const std::vector<SqlValue>& values = {});

private:
    friend class SqlTransaction;
    struct Driver;  // Qt lives in there
    StoreAddress address_;
    SqlAccess access_;
    std::unique_ptr<Driver> driver_;
    int transactions_ = 0;  // open, one within another
    bool spoilt_ = false;   // one within was undone, so all must be
};

// All or nothing: undone unless commit() was reached. Takes the write lock at once, so that it cannot fail half-way
// because another program was quicker. One within another becomes part of it: durable, or undone, with the outermost.
class SqlTransaction {
public:
    explicit SqlTransaction(SqlConnection& connection);
    SqlTransaction(const SqlTransaction&) = delete;
    SqlTransaction& operator=(const SqlTransaction&) = delete;
    ~SqlTransaction();
    // Durable when it returns. Throws Error when one within it was undone.
    void commit();

private:
    SqlConnection& connection_;
    bool open_ = true;
};

}  // namespace precentral
