// SPDX-License-Identifier: Apache-2.0
// Old records from a table: which column of a CSV (REDCap's flat export, a spreadsheet) becomes which field of a case
// or a visit, every cell checked before anything is written.
//
// The mapping is JSON: {"separator": ",", "dates": "YMD", "fields": {"case.key": "record_id", "case.pain_side":
// {"column": "side", "values": {"1": "left", "2": "right"}}, "case.sex": {"constant": "woman"}, …}}. One row is one
// visit, or a patient alone; rows with the same key are one case, and cells of a case may be empty on all but one of
// them. The key itself is not kept.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/guard_rails.h"
#include "data/records.h"
#include "data/store.h"

namespace precentral {

struct ImportField {
    const char* name;   // "visit.relief_percent"
    const char* about;  // its unit and range
};
// All that can be mapped.
const std::vector<ImportField>& import_fields();

struct ImportedVisit {
    int row = 0;  // of the table, 1 = the column names
    Session session;
    std::optional<ThresholdRecord> threshold;
    std::optional<Outcome> outcome;
    std::vector<std::string> remarks;  // warnings of the guard rails, and what was overridden
};
struct ImportedCase {
    std::string key;
    Case patient;  // the code is given when it is written
    std::vector<ImportedVisit> visits;
};
struct ImportRemark {
    int row = 0;
    std::string column;  // of the table; "" when it is about the whole row
    std::string value;
    std::string reason;
};
struct ImportPlan {
    std::vector<ImportedCase> cases;
    std::vector<ImportRemark> rejected;
    std::vector<ImportRemark> warnings;
    std::vector<std::string> columns_not_taken;
    int rows = 0;
    int visits() const;
};

struct ImportRules {
    UtcTime now{};                        // nothing may be dated after it
    std::optional<RailOverride> by = {};  // of a target on the side of the pain
};

// Judges every cell: ranges, units and words of the data dictionary, then the side, the interval between visits and the
// threshold against the patient's own. A row with a rejected cell is not in `cases`. `table` and `mapping` are the
// texts, `table_name` and `mapping_name` name them in sentences. Throws InputError when a mapping cannot be read, names
// an unknown field or a column that is not there, or the table is damaged.
ImportPlan plan_import(const std::string& table_name, const std::string& table, const std::string& mapping_name,
                       const std::string& mapping, const ImportRules& rules);

// Writes the cases of the plan, all or none, each under a new random code, with an event "imported" a visit that keeps
// the remarks and `source`. Gives the codes by key.
std::map<std::string, std::string> write_import(Store& store, const ImportPlan& plan, const std::string& source,
                                                UtcTime now);

}  // namespace precentral
