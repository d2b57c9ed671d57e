// SPDX-License-Identifier: Apache-2.0
// A recording program killed where it stands (kill -9) at random instants, again and again, on one store.
#pragma once

#include <string>
#include <vector>

namespace precentral {

struct Torture {
    int runs = 0;
    int killed_while_recording = 0;  // the child had acknowledged pulses and was still running
    long pulses_kept = 0;
    long pulses_acknowledged = 0;       // each counted once
    std::vector<std::string> problems;  // lost, half-written or out of order pulses; what store check finds
    double longest_opening_ms = 0.0;    // of the store after a kill, recovery included
};

// Each run: a child process records `pulses_a_second` single pulses through a PulseWriter and says which are
// acknowledged; it is killed at a random instant within `longest_ms` of its first one. Then the store is opened, its
// pulses are read, and all of it is checked.
Torture torture_store(const std::string& url, int runs, double pulses_a_second, int longest_ms, unsigned seed);

}  // namespace precentral
