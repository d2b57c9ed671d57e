// SPDX-License-Identifier: Apache-2.0
// A table of patients that can leave the house: no code, no date, nobody alone in a small group.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/cohort/table_file.h"

namespace precentral::cohort {

inline constexpr int kSmallCell = 5;

struct Deidentified {
    std::string csv;
    std::vector<std::string> changes;  // what was left out or made coarser, a sentence each
};

// Only columns of dictionary.h stay, so free text and names of a foreign table do not. Patients are renamed P001, … in
// an order drawn from `seed`; entry_year goes; ages become bands of ten years, 80 and above one band; causes and
// regions of fewer than kSmallCell patients become "other" (and go when "other" is still fewer); places are rounded to
// 1 mm. What remains is still personal data of a kind: it says what a record said, without saying whose.
Deidentified deidentified(const TableFile& table, std::uint64_t seed);

}  // namespace precentral::cohort
