// SPDX-License-Identifier: Apache-2.0
// How stimulator pulses and EMG sweeps travel inside OpenIGTLink messages between the simulated theatre and its client.
//   STRING "Trigger", text "count=<n> intensity=<%MSO>", sent with the time stamp of the pulse
//   NDARRAY "EMG", one dimension, microvolts, header version 2 with metadata PulseCount, SampleRateHz, StartMs
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "navigation/igtl_messages.h"
#include "navigation/tracker.h"

namespace precentral {

inline constexpr std::string_view kTriggerDevice = "Trigger";
inline constexpr std::string_view kEmgDevice = "EMG";

// Both directions; what is written reads back the same. `why` becomes a sentence when none.
igtl::Message write_trigger(const Trigger& trigger);
std::optional<Trigger> read_trigger(const igtl::Message& message, SteadyTime received, std::string& why);

// Throws InputError for more than 65535 samples.
igtl::Message write_sweep(const EmgSweep& sweep, double device_time_s);
std::optional<EmgSweep> read_sweep(const igtl::Message& message, std::string& why);

}  // namespace precentral
