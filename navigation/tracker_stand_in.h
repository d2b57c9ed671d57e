// SPDX-License-Identifier: Apache-2.0
// A tracker that is not there: plays a script over a real TCP socket or pseudo-terminal, in OpenIGTLink or NDI's own
// protocol.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "navigation/ndi_camera.h"
#include "navigation/tracker_script.h"

namespace precentral {

struct StandInOptions {
    enum class Protocol { igtl, ndi, ndi_pty };
    // How OpenIGTLink devices differ: all tools at once, the same as quaternions, or one by one.
    enum class Kind { tdata, qtdata, transform };
    ScriptOptions script;
    Protocol protocol = Protocol::igtl;
    std::uint16_t port = 0;  // 0 = any free one
    Kind kind = Kind::tdata;
    int header_version = 0;  // OpenIGTLink 1 or 2; 0 = each client's own, as PLUS does
    int damage_every = 0;    // each n-th message or reply has one wrong bit; 0 = none
    ndi::CameraOptions camera;
    double seconds = 0.0;   // ends by itself after so long; 0 = never
    double linger_s = 0.0;  // ends when nobody has been connected for so long; 0 = never
};

// Runs until a stop is asked for or the options end it, on the caller's thread. `ready` gets the address to open:
// "igtl://127.0.0.1:18944", "ndi://127.0.0.1:8765" or "ndi:/dev/pts/3". Time, and so the script, begins when the first
// client connects. Throws InputError for a script that makes no sense, Error when it cannot listen.
void run_tracker_stand_in(const StandInOptions& options, const std::stop_token& stop,
                          const std::function<void(const std::string& address)>& ready);

}  // namespace precentral
