// SPDX-License-Identifier: Apache-2.0
// The fields of text files as people and programs write them: blanks around them, a plus before a number.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace precentral {

// Without blanks (space, tab, carriage return) at its ends, and without the zeros that fixed-width fields end with.
std::string_view trimmed(std::string_view text);

// A to Z to a to z; everything else, UTF-8 too, stays as it is.
std::string lower(std::string_view text);

// The number that the whole of the trimmed text is; nothing when it is no finite number. The point is the decimal sign
// whatever the locale.
std::optional<double> number_in(std::string_view text);

}  // namespace precentral
