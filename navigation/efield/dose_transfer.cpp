// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/dose_transfer.h"

#include <cmath>
#include <cstdio>

#include "data/error.h"

namespace precentral {
namespace {

constexpr double kPercentPerMm = 3.0;

void require_intensity(double percent_mso) {
    if (!(percent_mso >= 1.0 && percent_mso <= 150.0)) {
        throw InputError("The intensity to be carried over is not within 1 to 150 % of the stimulator's output.");
    }
}

DoseTransfer with(double percent_mso, std::string reason) {
    DoseTransfer out{percent_mso, percent_mso <= 100.0, std::move(reason)};
    if (!out.reachable) out.reason += " The stimulator cannot give more than 100 %.";
    return out;
}

}  // namespace

DoseTransfer dose_by_distance(double percent_mso, double from_mm, double to_mm) {
    require_intensity(percent_mso);
    if (!(from_mm >= 0.0 && from_mm <= 60.0 && to_mm >= 0.0 && to_mm <= 60.0)) {
        throw InputError("Distances from the scalp to the cortex are 0 to 60 mm.");
    }
    char words[200];
    std::snprintf(
        words, sizeof(words),
        "The cortex lies %.1f mm from the scalp instead of %.1f mm: %+.1f %% (3 %% a mm, Stokes et al. 2005).", to_mm,
        from_mm, kPercentPerMm * (to_mm - from_mm));
    return with(std::fmax(0.0, percent_mso + kPercentPerMm * (to_mm - from_mm)), words);
}

DoseTransfer dose_by_field(double percent_mso, double from_v_per_m, double to_v_per_m) {
    require_intensity(percent_mso);
    if (!(from_v_per_m > 0.0 && to_v_per_m > 0.0 && std::isfinite(from_v_per_m) && std::isfinite(to_v_per_m))) {
        throw InputError("The fields at both places must be above 0 V/m.");
    }
    char words[200];
    std::snprintf(words, sizeof(words),
                  "The same field at the new place: it gets %.0f %% of what the old one gets at the same output.",
                  100.0 * to_v_per_m / from_v_per_m);
    return with(percent_mso * from_v_per_m / to_v_per_m, words);
}

}  // namespace precentral
