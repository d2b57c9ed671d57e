// SPDX-License-Identifier: Apache-2.0
#include "navigation/session/session_start.h"

#include <algorithm>

#include "data/error.h"

namespace precentral {

bool is_closed(const Store& store, RecordId session) {
    const auto events = store.events(session);
    return std::any_of(events.begin(), events.end(), [](const SessionEvent& e) { return e.kind == "closed"; });
}

void await_link(Inbox& inbox, const std::string& address, const std::stop_token& stop) {
    std::string why = "No tracker answers at " + address + ".";
    const SteadyTime began = steady_now();
    while (seconds_between(began, steady_now()) < 20.0) {
        if (stop.stop_requested()) throw Cancelled();
        const auto event = inbox.next(std::chrono::milliseconds(100));
        if (!event) continue;
        const auto* link = std::get_if<LinkChange>(&*event);
        if (link == nullptr) continue;
        if (link->state == LinkState::connected) return;
        if (!link->why.empty()) why = link->why;
    }
    throw Error(why);
}

}  // namespace precentral
