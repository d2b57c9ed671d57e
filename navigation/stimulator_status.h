// SPDX-License-Identifier: Apache-2.0
// What a stimulator tells of itself, and who wants to know.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "navigation/tracker.h"

namespace precentral {

// The newest of everything it has said since the connection was made; empty = it has not said.
struct StimulatorStatus {
    SteadyTime received{};
    std::string model;            // "MagVenture", "Magstim"
    std::optional<bool> enabled;  // MagVenture: enabled; Magstim: armed or ready
    std::optional<bool> ready;    // Magstim: loaded
    std::optional<bool> train_running;
    std::optional<int> intensity_mso;    // % of maximum output
    std::optional<int> intensity_b_mso;  // of the second pulse or unit
    std::optional<int> didt_a_per_us;    // realised at the last pulse, A/µs
    std::optional<int> didt_b_per_us;
    std::optional<double> temperature_c;  // of the coil
    std::optional<int> coil;              // the device's own number for its type
    std::optional<bool> coil_present;
    std::optional<bool> error;
    // Magstim only: it was ready and is loading again, so it fired since the status before. When, is not told: a
    // trigger has to come another way.
    bool fired_since = false;
};

// What the stimulator's own MEP amplifier measured (MagVenture's option).
struct StimulatorMep {
    SteadyTime received{};
    std::int32_t highest_uv = 0;
    std::int32_t lowest_uv = 0;
    std::uint32_t highest_at_us = 0;  // after the pulse
};

// Called on the device's own thread; must return within microseconds.
class StimulatorListener : public DeviceListener {
public:
    void on_frame(const TrackerFrame&) override {}
    virtual void on_status(const StimulatorStatus&) {}
    virtual void on_mep(const StimulatorMep&) {}
};

}  // namespace precentral
