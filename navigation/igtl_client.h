// SPDX-License-Identifier: Apache-2.0
// A tracking device that speaks OpenIGTLink over TCP: PLUS, 3D Slicer, BrainLab, a robot, our simulated theatre.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "navigation/tracker.h"

namespace precentral {

struct IgtlOptions {
    std::chrono::milliseconds connect_timeout{2000};
    std::chrono::milliseconds first_retry{100};     // doubled after each failure …
    std::chrono::milliseconds longest_retry{2000};  // … up to this; back to the first after a sound message
    // Of what is sent until the device itself sends version 2. PLUS sends no status of tools before it hears version 2;
    // a device built on version 1 loses its stream on version 2. So 1, unless the device is known.
    int header_version = 1;
    bool request_tracking = true;  // ask for TDATA on connection; a device that does not know the request ignores it
};

// Starts a thread that connects, reads, and connects anew by itself until the device is destroyed; never throws for a
// tracker that is not there, on_link tells. All callbacks come on that thread; do not destroy the device within one.
//
// Poses: see FrameAssembly. `received` is the steady clock right after the bytes were read.
// Beside poses, these conventions of the simulated theatre:
//   STRING "Trigger", text "count=<n> intensity=<%MSO>": the stimulator fired at the header's time stamp -> on_trigger
//   NDARRAY "EMG", one dimension, microvolts; metadata PulseCount, SampleRateHz, StartMs -> on_sweep
//   any other STRING -> on_text(device name, text); STATUS other than OK -> on_text(device name, a sentence)
// What is damaged or makes no sense is refused and told to on_refused.
//
// send_text sends a STRING from the calling thread, so it costs no wake-up of another; dropped when not connected.
// It throws InputError when the name exceeds 20 bytes or the text 65535.
std::unique_ptr<Device> connect_igtl(const std::string& host, std::uint16_t port, const ToolNames& names,
                                     DeviceListener& listener, const IgtlOptions& options = {});

}  // namespace precentral
