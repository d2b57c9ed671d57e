// SPDX-License-Identifier: Apache-2.0
// The rows of a cohort's tables as text, with what is derived from relief derived in one place.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

namespace precentral::cohort {

// Cells by the columns' names (dictionary.h); what is not given is missing.
struct PatientRow {
    std::map<std::string, std::string> cells;
    std::vector<double> relief;  // %, one a session attended, NaN not known

    // Fills sessions, relief_1 …, r10_4, r30_4, first_session and first_event from `relief`.
    void derive();
};

std::string patients_csv(const std::vector<PatientRow>& rows);

}  // namespace precentral::cohort
