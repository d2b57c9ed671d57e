// SPDX-License-Identifier: Apache-2.0
// The one door to every tracker: from the address a user writes to a running device.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "navigation/tracker.h"

namespace precentral {

struct OpenOptions {
    double pace = 1.0;                // of a recording
    std::filesystem::path program{};  // that plays a simulated tracker; "" = precentral beside this executable
};

// Any address of parse_tracker_address. "sim:NAME" starts `precentral simulate tracker --script NAME` as a process of
// its own (sim:patient: the simulated room) and connects to it; the process ends with the device. Of ndi, the names
// before = are tools and their files, except rate (Hz), baud and reply (bx or tx). A tracker that is not there yet is
// no error: on_link tells. Throws InputError for an address, a file or an option that cannot be used, Error when a
// simulator does not start.
std::unique_ptr<Device> open_tracker(std::string_view address, const ToolNames& names, DeviceListener& listener,
                                     const OpenOptions& options = {});

}  // namespace precentral
