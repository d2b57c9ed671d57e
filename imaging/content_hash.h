// SPDX-License-Identifier: Apache-2.0
// By which an image is recognised, whatever its file or folder is called.
#pragma once

#include <filesystem>
#include <string>

namespace precentral {

// SHA-256 of a file; of a folder, over the hashes of all files in it, whatever their names. Throws InputError when it
// cannot be read.
std::string content_sha256(const std::filesystem::path& path);

}  // namespace precentral
