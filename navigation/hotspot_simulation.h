// SPDX-License-Identifier: Apache-2.0
// How well the hotspot search does on virtual patients whose hotspot, preferred direction and threshold are known.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "navigation/hotspot_search.h"
#include "navigation/virtual_muscle.h"

namespace precentral {

struct HotspotStudy {
    HotspotPolicy policy = HotspotPolicy::expected_gain;
    int patients = 200;
    std::uint64_t seed = 1;
    std::vector<int> report_at = {10, 20, 30, 40, 60};
    NoiseReading noise = NoiseReading::standard_deviation;
    double site_sd_mm = 8.0;  // of the true site around the expected one, along each axis
    double yaw_sd_deg = 15.0;
    double off_centre_mm = 0.0;  // the expected site is shifted by this much more, in a random direction
    double width_error = 0.10;   // the truth's widths differ from the estimator's by up to this share
    double hand_error_mm = 1.5;  // the coil is placed beside the aim, per axis (the pose is measured)
    double hand_error_deg = 3.0;
    double start_mso = 60.0;
    double highest_of_threshold = 1.3;
    // How much farther the muscle can be driven from one side of its hotspot than from the other, along a direction of
    // the patient's own: the field of a folded cortex is no symmetric hill, and the search does not know it.
    double skew = 0.0;
    double outliers = 0.0;  // share of pulses whose answer is that of another, random intensity
};

struct HotspotAccuracy {
    double median_mm = 0.0;
    double p95_mm = 0.0;
    double centre_of_gravity_mm = 0.0;  // median error of the amplitude-weighted mean of the same pulses' places
    double median_angle_deg = 0.0;
    double median_field_share = 0.0;  // of the best effect, with the coil where the estimate says
    double coverage95 = 0.0;          // share of patients whose true site lies within radius95_mm
    double median_threshold_error_pct = 0.0;
    double mean_threshold_bias_pct = 0.0;
    double enough_share = 0.0;  // share of patients for whom the search says "enough"
};

struct HotspotStudyResult {
    std::map<int, HotspotAccuracy> by_pulses;
    double median_pulses_to_enough = 0.0;        // at most the last of report_at
    double median_intensity_of_threshold = 0.0;  // of all pulses: intensity over the patient's threshold
    double responded_share = 0.0;
    double seconds_per_pulse = 0.0;  // to take one answer and propose the next pose
};

// Same seed, same numbers (but for the seconds). Throws InputError for a study without patients or pulses.
HotspotStudyResult simulate_hotspot(const HotspotStudy& study);

}  // namespace precentral
