// SPDX-License-Identifier: Apache-2.0
// A table as spreadsheets and REDCap write it (RFC 4180).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/time.h"

namespace precentral {

struct CsvRow {
    int number = 0;  // of the line it begins on
    std::vector<std::string> cells;
};

// A cell in quotes may hold separators, doubled quotes and line breaks; blanks around a cell and empty rows are left
// out. Throws InputError naming the table when it is not text or ends within quotes.
std::vector<CsvRow> csv_rows(const std::string& name, std::string_view text, char between);

// "2026-10-26", "26/10/2026", "26.10.2026", with " 14:30" or "T14:30:00" after it, taken as UTC. `order`: "YMD", "DMY"
// or "MDY". Nothing when it is no day of the calendar.
std::optional<UtcTime> date_in(std::string_view text, const std::string& order);

}  // namespace precentral
