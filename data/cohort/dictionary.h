// SPDX-License-Identifier: Apache-2.0
// The columns of a cohort's tables: what each is called, its unit, and what it means.
#pragma once

#include <string>
#include <vector>

namespace precentral::cohort {

struct Column {
    std::string name;
    std::string unit;  // "" where there is none; else a unit, or the words that may stand in it
    std::string meaning;
};

// One row a patient; the same columns whether from the store or simulated.
const std::vector<Column>& patient_columns();
// One row a session.
const std::vector<Column>& session_columns();
std::vector<std::string> names_of(const std::vector<Column>& columns);
// table,column,unit,meaning
std::string dictionary_csv();

}  // namespace precentral::cohort
