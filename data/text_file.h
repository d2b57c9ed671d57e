// SPDX-License-Identifier: Apache-2.0
// Whole text files in and out: a file is there complete or not at all.
#pragma once

#include <string>
#include <string_view>

namespace precentral {

// Writes beside `path`, flushes to the disk, then takes the place of `path` in one step: a reader, a crash or a full
// disk never leaves half a file, and an older file stays until the new one is complete. Any thread.
// Throws InputError when the place cannot be written (folder missing, read-only, `path` is a folder), Error when the
// writing fails (disk full); the sentence names the file.
void write_text_file(const std::string& path, std::string_view text);

// Throws InputError naming the file when it is missing, a folder, cannot be read, or is larger than `most_bytes`.
std::string read_text_file(const std::string& path, std::size_t most_bytes = std::size_t{256} << 20);

}  // namespace precentral
