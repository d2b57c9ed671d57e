// SPDX-License-Identifier: Apache-2.0
// Head models kept on disk under the hash of what they were made from.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "imaging/head_model.h"

namespace precentral {

// What a kept head is found by: the T1's content, the template's content, and the version of the recipe.
std::string head_cache_key(const std::string& t1_sha256, const std::string& template_sha256);

// Everything of the model but the T1 itself. Written beside and renamed: a reader never sees half a file, and two
// programs may write the same head at once. Throws Error when it cannot be written.
void keep_head(const HeadModel& head, const std::filesystem::path& cache_dir, const std::string& key);

struct KeptHead {
    std::optional<HeadModel> head;  // without its T1
    bool damaged = false;           // there is a file, but its checksum or its content is wrong
};
KeptHead kept_head(const std::filesystem::path& cache_dir, const std::string& key);

}  // namespace precentral
