// SPDX-License-Identifier: Apache-2.0
// A first coil position for each proposed place of M1, for the operator to confirm and to map from.
#pragma once

#include <optional>
#include <vector>

#include "imaging/coil_seat.h"
#include "imaging/head_model.h"

namespace precentral {

// Handle back and to the side, 45° from the midline: the induced current crosses the central sulcus.
inline constexpr double kObliqueYawDeg = 45.0;
// Handle straight back, parallel to the midline: the orientation that relieved neuropathic pain where the coil across
// the midline did not (André-Obadia et al. 2008, Neurology 71:833-840, PMID 18779511).
inline constexpr double kAnteroPosteriorYawDeg = 0.0;

struct CoilProposal {
    Landmark place;  // on the cortex, with where it comes from and its scatter
    Side side = Side::left;
    // Tangential over the place, the face resting on the skin.
    Transform<Scan, Coil> oblique;
    Transform<Scan, Coil> antero_posterior;
    std::optional<double> scalp_cortex_mm;  // along the coil's axis
    double patch_angle_deg = 0.0;           // between the coil's axis and the scalp's normal there: 0 is tangential
};

// One for each of `motor`, in its order. The side is the one its name says ("hand, left M1"); throws InputError when it
// says none.
std::vector<CoilProposal> propose_coils(const SurfaceIndex& scalp, const SurfaceIndex& brain,
                                        const std::vector<Landmark>& motor);

}  // namespace precentral
