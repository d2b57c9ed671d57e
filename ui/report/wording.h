// SPDX-License-Identifier: Apache-2.0
// Numbers, days and people's own words as they are printed: a true minus, a space before %, nothing that breaks a line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/time.h"

namespace precentral {

// "12.3", "−4" (U+2212); never "−0". Not finite: "–".
std::string number_words(double value, int decimals);
// The same, "–" when empty.
std::string number_words(const std::optional<double>& value, int decimals);
// "1 pulse", "3 pulses"
std::string count_words(int count, std::string_view one, std::string_view many);
// "9 Feb 2026" (UTC)
std::string short_day(UtcTime time);
// "1", "1 and 2", "1, 2 and 5"
std::string list_words(const std::vector<int>& numbers);
// What somebody typed, made printable: valid UTF-8, one line, no control characters, at most `limit` characters.
std::string printable(std::string_view typed, int limit);

}  // namespace precentral
