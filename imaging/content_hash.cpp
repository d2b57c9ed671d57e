// SPDX-License-Identifier: Apache-2.0
#include "imaging/content_hash.h"

#include <algorithm>
#include <vector>

#include "data/error.h"
#include "data/hash.h"

namespace precentral {

std::string content_sha256(const std::filesystem::path& path) {
    std::error_code failed;
    if (!std::filesystem::is_directory(path, failed)) return sha256_of_file(path.string());
    std::vector<std::string> hashes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path, failed)) {
        if (entry.is_regular_file(failed)) hashes.push_back(sha256_of_file(entry.path().string()));
    }
    if (failed) throw InputError("The folder " + path.string() + " cannot be read: " + failed.message() + ".");
    std::sort(hashes.begin(), hashes.end());
    std::string all;
    for (const auto& hash : hashes) all += hash;
    return sha256_of(all);
}

}  // namespace precentral
