// SPDX-License-Identifier: Apache-2.0
#include "imaging/coil_proposals.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/error.h"

namespace precentral {
namespace {

Side side_of(const Landmark& place) {
    if (place.name.find("left") != std::string::npos) return Side::left;
    if (place.name.find("right") != std::string::npos) return Side::right;
    throw InputError("\"" + place.name + "\" does not say on which side it is.");
}

}  // namespace

std::vector<CoilProposal> propose_coils(const SurfaceIndex& scalp, const SurfaceIndex& brain,
                                        const std::vector<Landmark>& motor) {
    std::vector<CoilProposal> out;
    for (const Landmark& place : motor) {
        CoilProposal proposal;
        proposal.place = place;
        proposal.side = side_of(place);
        const auto seat = coil_over(scalp, place.point, kObliqueYawDeg, proposal.side);
        const Direction<Scan> normal = scalp.patch_normal(seat.origin(), kCoilPatchRadiusMm);
        proposal.patch_angle_deg =
            std::acos(std::clamp(-seat.z_axis().dot(normal), -1.0, 1.0)) * 180.0 / std::numbers::pi;
        proposal.oblique = rested(scalp.surface(), seat);
        proposal.antero_posterior =
            rested(scalp.surface(), coil_over(scalp, place.point, kAnteroPosteriorYawDeg, proposal.side));
        proposal.scalp_cortex_mm = scalp_cortex_mm(scalp, brain, seat);
        out.push_back(std::move(proposal));
    }
    return out;
}

}  // namespace precentral
