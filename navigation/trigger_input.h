// SPDX-License-Identifier: Apache-2.0
// A place where pulses are heard: a thread of its own that connects, reads, stamps each pulse with the steady clock on
// receipt, and connects anew by itself.
//
// To each pulse: Trigger::received, right after the bytes were read (of a stimulator's frame: its first byte);
// Trigger::count, the sender's own, 0 when it has none; Trigger::intensity_mso, 0 when it is not
// known; Trigger::device_time_s is kNoDeviceTime, for these places share no clock with a tracker: ask
// PoseHistory::at_steady_time for the pose, or put a TriggerBridge between (trigger_clock.h), which sets it.
// Nothing is sent to a stimulator but what its address asks for (?ask, ?poll): questions, never commands.
#pragma once

#include <cmath>
#include <limits>
#include <memory>
#include <string_view>

#include "navigation/stimulator_status.h"
#include "navigation/trigger_address.h"

namespace precentral {

inline constexpr double kNoDeviceTime = std::numeric_limits<double>::quiet_NaN();
inline bool has_device_time(const Trigger& trigger) { return std::isfinite(trigger.device_time_s); }

// Runs until destroyed; never throws for a place that is not there yet, on_link tells. All callbacks come on its
// thread; do not destroy it within one. send_text does nothing: these places are only heard. Damage is counted and
// named to on_refused; what a text wire says beside pulses goes to on_text.
std::unique_ptr<Device> open_trigger(const TriggerAddress& address, DeviceListener& listener);
// Throws InputError as parse_trigger_address does.
std::unique_ptr<Device> open_trigger(std::string_view address, DeviceListener& listener);
// The same, with the status of a MagVenture or Magstim.
std::unique_ptr<Device> open_stimulator(const TriggerAddress& address, StimulatorListener& listener);

}  // namespace precentral
