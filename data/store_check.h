// SPDX-License-Identifier: Apache-2.0
// Whether a store is what was written into it: every row and the chain of the audit, computed anew.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/progress.h"

namespace precentral {

struct StoreCheck {
    // Each a sentence that names the row, the entry or the part of the store; at most kMostProblems, then one that
    // counts the rest.
    std::vector<std::string> problems;
    std::size_t rows = 0;
    std::size_t entries = 0;
    // The hash of the newest entry: written down elsewhere, it shows later that no newest entries were taken away.
    std::string last_sha256;
    bool ok() const { return problems.empty(); }
};
inline constexpr std::size_t kMostProblems = 100;

// Reads all of it in one snapshot, while others may write; changes nothing. Needs about 50 bytes a row. Any thread.
// Throws InputError when there is no store, Error when it cannot be reached; damage is a problem, not an exception.
StoreCheck check_store(const std::string& url, const Progress& progress = {});

}  // namespace precentral
