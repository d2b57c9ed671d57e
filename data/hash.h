// SPDX-License-Identifier: Apache-2.0
// Names for contents: a file is known by what is in it, not by where it lies.
#pragma once

#include <string>
#include <string_view>

namespace precentral {

// SHA-256 (FIPS 180-4) of a file's bytes, 64 lower-case hexadecimal digits. Reads in pieces; any thread.
// Throws InputError naming the file when it is missing, a folder, or cannot be read.
std::string sha256_of_file(const std::string& path);

// The same of bytes in memory.
std::string sha256_of(std::string_view bytes);

}  // namespace precentral
