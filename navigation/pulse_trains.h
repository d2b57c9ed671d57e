// SPDX-License-Identifier: Apache-2.0
// Trains, bursts and missing pulses, seen in the times at which pulses were heard. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace precentral {

struct HeardPulse {
    double time_s = 0.0;      // on any one clock
    std::uint64_t count = 0;  // the sender's own, 0 when it has none; then it alone says what was not heard
};

struct TrainRule {
    std::optional<double> frequency_hz;  // within a train, or a burst; else the usual distance between pulses
    int pulses_per_train = 0;            // 0 = not known: then pulses missing at a train's ends cannot be seen
    int pulses_per_burst = 0;            // 0 = not known: the most usual number
    double longest_gap = 5.5;            // in periods: what is longer is a pause, not missing pulses
};

struct MissingPulses {
    std::size_t after = 0;  // index of the heard pulse before them
    int count = 0;
};

struct PulseTrain {
    std::size_t first = 0;  // index of its first heard pulse
    std::size_t heard = 0;
    int missing = 0;                  // as far as can be known
    std::vector<MissingPulses> gaps;  // within the train
    double frequency_hz = 0.0;        // of pulses, or within a burst; 0 for a single pulse
    double jitter_ms = 0.0;           // RMS of the times about even spacing (within bursts)
    int bursts = 0;                   // 0 = no bursts
    int pulses_per_burst = 0;
    double burst_rate_hz = 0.0;  // of bursts
    double lasts_s = 0.0;        // first to last heard pulse
};

// Stamps may be late, also several in a heap; without a count and without the number of pulses, stamps that are late at
// a train's very end look like missing pulses. Times must not fall; one that does begins a new train. A pulse on its
// own is a train of one. Bursts are seen when runs of 2 to 10 pulses repeat within 1 s.
std::vector<PulseTrain> recognise_trains(std::span<const HeardPulse> pulses, const TrainRule& rule = {});

}  // namespace precentral
