// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/patient_row.h"

#include <cmath>

#include "data/cohort/dictionary.h"
#include "data/cohort/table_file.h"

namespace precentral::cohort {

void PatientRow::derive() {
    cells["sessions"] = std::to_string(relief.size());
    bool seen = false;
    std::size_t known = 0;
    for (std::size_t i = 0; i < relief.size(); ++i) {
        if (std::isnan(relief[i])) continue;
        if (i < 8) cells["relief_" + std::to_string(i + 1)] = csv_number(relief[i]);
        if (!seen) known = i + 1;
        seen = seen || relief[i] >= 10.0;
    }
    if (known > 0) {
        cells["first_session"] = std::to_string(known);
        cells["first_event"] = seen ? "yes" : "no";
    }
    if (relief.size() < 4 || std::isnan(relief[3])) return;
    cells["r10_4"] = relief[3] >= 10.0 ? "yes" : "no";
    cells["r30_4"] = relief[3] > 30.0 ? "yes" : "no";
}

std::string patients_csv(const std::vector<PatientRow>& rows) {
    const auto columns = names_of(patient_columns());
    std::vector<std::vector<std::string>> table;
    for (const PatientRow& row : rows) {
        auto& cells = table.emplace_back();
        for (const std::string& name : columns) {
            const auto at = row.cells.find(name);
            cells.push_back(at == row.cells.end() ? "" : at->second);
        }
    }
    return csv_text(columns, table);
}

}  // namespace precentral::cohort
