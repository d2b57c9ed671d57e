// SPDX-License-Identifier: Apache-2.0
// Where a tracker is, as a user writes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// Any tracker a user can name.
struct AnyTrackerAddress {
    enum class Kind { igtl, ndi, ndi_serial, simulator, recording };
    Kind kind = Kind::igtl;
    TrackerAddress place{};  // igtl, ndi
    std::string what{};      // the serial port's file, the simulator's name, the recording's file
    // ndi only, in order: "Head" -> "head.rom", "rate" -> "60", "baud" -> "115200".
    std::vector<std::pair<std::string, std::string>> parameters{};
};

// "igtl://host:port", "ndi://host:port?Head=head.rom&rate=60", "ndi:/dev/ttyUSB0?baud=115200", "sim:approach",
// "replay:visit.igs.mha". Throws InputError with a sentence that shows right ones.
AnyTrackerAddress parse_tracker_address(std::string_view text);

}  // namespace precentral
