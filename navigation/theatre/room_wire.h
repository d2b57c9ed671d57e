// SPDX-License-Identifier: Apache-2.0
// How the simulated room and the program under rehearsal talk besides the tracker's own messages: lines of JSON in
// OpenIGTLink STRING messages.
//   program -> room  "Hello"   {"pace": x}                 x = times real time, 0 = as fast as both can
//                    "Seen"    {"t": s, "do": {...}}       the frame of device time t was read; what is asked now
//                    "Reveal"  {}                          the rehearsal is over: what was hidden?
//   room -> program  "Counter" the stimulator's own pulse counter, after Hello
//                    "Truth"   {...}
// After Hello the room goes in lock step: it draws no frame before the answer to the frame one reaction time earlier
// has come, so that a run depends on the seed alone and not on how fast the machine is.
#pragma once

#include <cstdint>
#include <string>

#include "navigation/theatre/theatre.h"

namespace precentral {

std::string to_wire(double frame_time_s, const Instruction& instruction);
struct SeenFrame {
    double frame_time_s = 0.0;
    Instruction instruction;
};
// Throws InputError on text that is not of this form.
SeenFrame seen_from_wire(const std::string& text);

inline constexpr const char* kCounterDevice = "Counter";
// Throws InputError when it is not a number.
std::uint64_t read_counter(const std::string& text);

std::string to_wire(const HiddenTruth& truth);
HiddenTruth truth_from_wire(const std::string& text);

}  // namespace precentral
