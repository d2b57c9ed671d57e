// SPDX-License-Identifier: Apache-2.0
// One EMG sweep around a magnetic pulse, measured: how large the motor evoked potential (MEP) is, when it starts,
// whether it counts as a response, and whether the sweep can be used at all, with the reasons.
//
// "50 µV" alone fires on noise: pure EMG noise of 10 µV RMS spans more than 50 µV in 15–50 ms in 75 of 100 sweeps. A
// response therefore also has to stand out of the noise before the pulse (7.5 times its RMS). Threshold criterion:
// Groppa et al. 2012, doi 10.1016/j.clinph.2012.01.010; Rossini et al. 2015, doi 10.1016/j.clinph.2015.02.001.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "navigation/tracker.h"

namespace precentral {

struct MepRules {
    double window_start_ms = 15.0;  // a hand muscle; a leg muscle needs about 25–60
    double window_end_ms = 50.0;
    double response_uv = 50.0;      // peak to peak
    double noise_factor = 7.5;      // and at least this many times the RMS at rest
    double rest_window_ms = 100.0;  // looked at before the pulse, less if the sweep starts later
    double rest_limit_uv = 15.0;    // RMS; above it the muscle was not at rest
    double burst_limit_uv = 25.0;   // RMS within any 20 ms of the rest window
};

enum class MepVerdict {
    accepted,  // a response
    weak,      // usable, but no response: it counts as "no" for a threshold
    rejected,  // says nothing: give the pulse again
};

struct MepMeasurement {
    MepVerdict verdict = MepVerdict::rejected;
    std::vector<std::string> reasons;  // for rejected and weak, in words
    double amplitude_uv = 0.0;         // peak to peak within the window; 0 when it could not be measured
    std::optional<double> latency_ms;  // onset, only for a response
    double rest_rms_uv = 0.0;          // before the pulse, mains removed
    double mains_uv = 0.0;             // amplitude of the hum that was removed, 0 if none
    double highest_ms = 0.0;           // when the two extremes were reached
    double lowest_ms = 0.0;
    bool responded() const { return verdict == MepVerdict::accepted; }
};

// Never throws on a bad sweep: it is rejected with the reason. Throws InputError when the rules themselves make no
// sense (a window that ends before it starts).
MepMeasurement measure_mep(const EmgSweep& sweep, const MepRules& rules = {});

// "accepted", "weak", "rejected: the muscle was not at rest (31 µV RMS before the pulse)".
std::string verdict_text(const MepMeasurement& measurement);

}  // namespace precentral
