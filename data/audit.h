// SPDX-License-Identifier: Apache-2.0
// The audit of a store: every row that is added is counted into a chain of hashes, one entry a transaction and table.
// An entry says who, when and which rows with the SHA-256 of each one's content, and carries the hash of the entry
// before it; so no row and no entry can be altered, removed or put elsewhere without the chain showing it. What the
// chain alone cannot show is its newest entries removed together with their rows: keep the last hash elsewhere.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/records.h"
#include "data/sql_connection.h"

namespace precentral {

struct AuditedTable {
    std::string name;
    std::vector<std::string> columns;  // all but the id
};
// Every table but the audit itself, each after those it refers to.
const std::vector<AuditedTable>& audited_tables();
// Those that a store of this schema has.
std::vector<AuditedTable> audited_tables_of(int schema);
const AuditedTable& audited_table(const std::string& name);  // throws Error when there is none
// "SELECT id, column, … FROM table", to be continued.
std::string select_rows(const AuditedTable& table);

struct AuditedRow {
    RecordId id = 0;
    std::string sha256;
};

// Over the table's name, the id, and the name and value of every column that is not NULL (so that a column added later
// leaves it as it was); the same whether the values are about to be kept or were read back, from any database.
std::string row_sha256(const AuditedTable& table, RecordId id, std::span<const SqlValue> values);

struct AuditEntry {
    RecordId number = 0;   // 1, 2, … without gaps
    std::string made;      // UTC, ISO 8601
    std::string author;    // the account of the computer it was written under
    std::string what;      // the table
    std::string content;   // "id:hash id:hash …"
    std::string previous;  // the hash of the entry before; "" for the first
    std::string sha256;    // of all the above
};
std::string entry_sha256(const AuditEntry& entry);
std::vector<AuditedRow> rows_of(const AuditEntry& entry);  // throws Error when the content is not of its form
AuditEntry audit_entry(const SqlRow& row);                 // of "SELECT * FROM audit"

// The name of the account this program runs under.
std::string account_name();

// Within a transaction of the caller, which must not have been half done by another: takes the lock of the chain.
void append_audit(SqlConnection& connection, const std::string& author, const std::string& table,
                  std::span<const AuditedRow> rows);

// Counts the rows of a table with an id above `after` in, for stores that were begun without an audit.
void adopt_rows(SqlConnection& connection, const std::string& author, const AuditedTable& table, RecordId after);

}  // namespace precentral
