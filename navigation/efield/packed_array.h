// SPDX-License-Identifier: Apache-2.0
// Numbers packed into a JSON text: base64 of little-endian doubles, plain or compressed by zlib.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace precentral {

// Throws InputError beginning with `source` when the text is no base64, the compressed data are damaged, the length is
// no whole number of doubles, or there are more than `most`.
std::vector<double> packed_doubles(std::string_view base64, std::size_t most, const std::string& source);

}  // namespace precentral
