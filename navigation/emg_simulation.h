// SPDX-License-Identifier: Apache-2.0
// Surface EMG around one magnetic pulse, as an amplifier would deliver it: the evoked potential, muscle and amplifier
// noise, mains hum, the stimulus artefact, now and then a muscle that was not at rest.
#pragma once

#include <cstdint>

#include "navigation/seeded_random.h"
#include "navigation/tracker.h"

namespace precentral {

struct EmgScene {
    double sample_rate_hz = 5000.0;
    double start_ms = -120.0;  // of the first sample, relative to the pulse
    double end_ms = 120.0;
    double latency_mean_ms = 21.5;  // onset; of a hand muscle
    double latency_sd_ms = 1.2;
    double noise_low_uv = 3.0;  // RMS, 20–1000 Hz; one value a subject, drawn between these
    double noise_high_uv = 6.0;
    double mains_hz = 50.0;
    double mains_highest_uv = 10.0;  // amplitude; one value a subject, drawn between 0 and this
    double artefact_low_mv = 1.0;    // at the pulse; one value a pulse
    double artefact_high_mv = 10.0;
    double artefact_tau_ms = 0.5;    // its decay: gone about 3 ms after the pulse
    double contracted_share = 0.05;  // of the pulses given while the muscle was active
    double contraction_uv = 30.0;    // RMS of that activity
};

struct SimulatedSweep {
    EmgSweep sweep;
    double onset_ms = 0.0;    // truth
    bool contracted = false;  // truth
};

// One subject's electrodes. The potential is close to the derivative of a Gaussian (SD 3 ms) whose peak-to-peak
// amplitude is the one asked for; before its onset it is 0.
class EmgSimulator {
public:
    EmgSimulator(std::uint64_t seed, const EmgScene& scene = {});

    SimulatedSweep sweep(double mep_volt, std::uint64_t pulse_count);
    double noise_uv() const { return noise_uv_; }

private:
    EmgScene scene_;
    SeededRandom random_;
    double noise_uv_ = 0.0;
    double mains_uv_ = 0.0;
    double subject_latency_ms_ = 0.0;
};

}  // namespace precentral
