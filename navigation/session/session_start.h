// SPDX-License-Identifier: Apache-2.0
// What every visit asks before it goes on: what is on record already, and whether the tracker is there.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "data/store.h"
#include "navigation/session/inbox.h"

namespace precentral {

template <class Record>
std::optional<Record> last_of(const std::vector<Record>& records) {
    if (records.empty()) return std::nullopt;
    return records.back();
}

// Whether that session came to its end.
bool is_closed(const Store& store, RecordId session);

// Takes events until the tracker at `address` is connected, at most 20 s. Throws Error with its reason, Cancelled.
void await_link(Inbox& inbox, const std::string& address, const std::stop_token& stop);

}  // namespace precentral
