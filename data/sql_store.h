// SPDX-License-Identifier: Apache-2.0
// The store over a SQL database: SQLite in a file or in memory, PostgreSQL by URL; one code for all.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "data/store.h"

namespace precentral {

struct SqlStoreOptions {
    bool make_when_absent = true;  // else InputError when there is no store at this place yet
    int busy_ms = 5000;            // how long to wait while another program writes
    std::string author = {};       // who writes, for the audit; "" = the account this program runs under
    bool read_only = false;        // nothing is written, not even a newer schema; a read-only place will do
};

std::unique_ptr<Store> open_sql_store(const std::string& url, const SqlStoreOptions& options = {});

// What `work` adds to `store` (any that open_store gives) is durable together when this returns; when `work` throws,
// none of it is kept.
void in_one_transaction(Store& store, const std::function<void()>& work);

}  // namespace precentral
