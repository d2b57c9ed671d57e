// SPDX-License-Identifier: Apache-2.0
// Where a tracker is, as a user writes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace precentral {

struct TrackerAddress {
    std::string host;
    std::uint16_t port = 0;
    friend bool operator==(const TrackerAddress&, const TrackerAddress&) = default;
};

// The port OpenIGTLink servers listen on by convention.
inline constexpr std::uint16_t kIgtlPort = 18944;

// "igtl://host", "igtl://host:port", "igtl://[::1]:port". Throws InputError with a sentence that shows a right one.
TrackerAddress parse_igtl_address(std::string_view text);
// The inverse.
std::string to_igtl_text(const TrackerAddress& address);

}  // namespace precentral
