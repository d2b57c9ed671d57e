// SPDX-License-Identifier: Apache-2.0
// What a session came to, in the few numbers a review shows.
#pragma once

#include <optional>
#include <span>

#include "data/records.h"

namespace precentral {

// How far a pulse may be from its target and still count as on it.
struct Tolerance {
    double in_plane_mm = 2.0;
    double gap_mm = 1.0;
    double tilt_deg = 5.0;
    double twist_deg = 5.0;
};

// Gap and twist may have either sign: their size counts. NaN is never within.
bool is_within(const Deviation& deviation, const Tolerance& tolerance);

struct Spread {
    double median = 0.0;
    double p95 = 0.0;
};

// The q-quantile (q in [0, 1]) with linear interpolation between order statistics, definition 7 of Hyndman & Fan,
// Am Stat 1996;50:361, doi:10.1080/00031305.1996.10473566. Empty when there is no value; NaN values are left out.
std::optional<double> quantile(std::span<const double> values, double q);

// Pulses of treatment only; those of mapping and threshold are not counted.
struct SessionNumbers {
    int planned = 0;
    int delivered = 0;
    int with_pose = 0;  // of the delivered: a valid pose and a known deviation stand behind it
    int within = 0;     // of those with pose: within the tolerance
    // Of those with pose; sizes of gap and twist, without sign. Empty when no pulse has a pose.
    std::optional<Spread> in_plane_mm;
    std::optional<Spread> gap_mm;
    std::optional<Spread> tilt_deg;
    std::optional<Spread> twist_deg;
    std::optional<double> share_within;  // within / with_pose, 0 … 1. Show with_pose beside it.
};

SessionNumbers session_numbers(const Protocol& protocol, std::span<const Pulse> pulses,
                               const Tolerance& tolerance = {});

}  // namespace precentral
