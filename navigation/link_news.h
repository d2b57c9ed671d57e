// SPDX-License-Identifier: Apache-2.0
// What a device tells its listener about its link: each change once, what was refused with its number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "navigation/tracker.h"

namespace precentral {

// On the device's own thread.
class LinkNews {
public:
    explicit LinkNews(DeviceListener& listener) : listener_(listener) {}

    // Nothing when it is what was told last.
    void tell(LinkState state, const std::string& why) {
        if (told_ && told_->first == state && told_->second == why) return;
        told_.emplace(state, why);
        listener_.on_link(state, why);
    }
    void refuse(const std::string& why) { listener_.on_refused(why, ++refused_); }
    // Empty before the first.
    std::optional<LinkState> told() const { return told_ ? std::optional(told_->first) : std::nullopt; }

private:
    DeviceListener& listener_;
    std::optional<std::pair<LinkState, std::string>> told_;
    std::uint64_t refused_ = 0;
};

}  // namespace precentral
