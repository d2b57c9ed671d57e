// SPDX-License-Identifier: Apache-2.0
// An NDI Polaris Vicra, Spectra or Vega camera over its own protocol, on TCP or on a serial port.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "navigation/ndi_link.h"
#include "navigation/tracker.h"

namespace precentral {

// The port a Vega listens on.
inline constexpr std::uint16_t kNdiPort = 8765;

struct NdiToolFile {
    std::string name;            // as ToolNames has it: "Head"
    std::filesystem::path file;  // the tool's .rom
};

struct NdiOptions {
    std::vector<NdiToolFile> tools{};  // empty = only what is plugged in, named by part number
    int rate_hz = 60;                  // a Vega starts with 20; 20, 30 or 60, or a faster camera's own 1/3, 1/2 and all
    int baud = 115200;                 // serial only
    bool binary = true;                // ask BX; a camera that does not know it is asked TX
    std::chrono::milliseconds connect_timeout{2000};
    std::chrono::milliseconds first_retry{100};     // doubled after each failure …
    std::chrono::milliseconds longest_retry{2000};  // … up to this
    // A camera that tracks answers within a few ms; after so long it is gone. Setting up takes seconds.
    std::chrono::milliseconds reply_timeout{150};
    std::chrono::milliseconds setup_timeout{5000};
};

// Starts a thread that connects, loads the tool files, raises the rate, tracks, and connects anew by itself. Throws
// InputError when a tool file cannot be read, is no tool file, or the baud rate is none; a camera that is not there is
// told by on_link.
//
// Frames: one for each of the camera's; `device_time_s` is its frame counter over its frame rate. Out of volume and
// partly outside are told per tool, as is the fit error of its markers. A damaged reply is told to on_refused with
// the count, and asked for again; three in a row end the connection. What the camera complains of (too much infrared,
// too warm) and a tool or rate it does not take comes as on_text("Camera", sentence).
std::unique_ptr<Device> connect_ndi(const ndi::Place& place, const ToolNames& names, DeviceListener& listener,
                                    const NdiOptions& options = {});

}  // namespace precentral
