// SPDX-License-Identifier: Apache-2.0
#include "navigation/hotspot_run.h"

#include <algorithm>
#include <cmath>

#include "navigation/centre_of_gravity.h"

namespace precentral {
namespace {

constexpr double kResponseUv = 50.0;

HotspotPolicy policy_of(HotspotMethod method) {
    return method == HotspotMethod::thompson_ring ? HotspotPolicy::thompson_ring : HotspotPolicy::expected_gain;
}

// Five by five, 10 mm apart, from the middle outward; then again.
Eigen::Vector2d grid_place(std::size_t number) {
    static const std::vector<Eigen::Vector2d> grid = [] {
        std::vector<Eigen::Vector2d> out;
        for (int u = -2; u <= 2; ++u) {
            for (int v = -2; v <= 2; ++v) out.emplace_back(10.0 * u, 10.0 * v);
        }
        std::stable_sort(out.begin(), out.end(),
                         [](const auto& a, const auto& b) { return a.norm() < b.norm() - 1e-9; });
        return out;
    }();
    return grid[number % grid.size()];
}

}  // namespace

HotspotRun::HotspotRun(HotspotMethod method, const HotspotPrior& prior, std::uint64_t seed)
    : method_(method), prior_(prior), seed_(seed) {
    if (method != HotspotMethod::centre_of_gravity) search_.emplace(prior_, seed_, policy_of(method));
}

HotspotProposal HotspotRun::next() const {
    CoilAim aim;
    if (search_) {
        aim = search_->next();
    } else {
        aim.uv_mm = grid_place(pulses_.size());
        aim.yaw_deg = prior_.yaw_deg;
        aim.intensity_mso = std::round(prior_.start_mso);
        aim.scan_from_coil = prior_.patch.coil_pose(aim.uv_mm, aim.yaw_deg, prior_.nominal_depth_mm);
    }
    return {prior_.patch.site(aim.uv_mm), aim.yaw_deg, aim.intensity_mso, aim.scan_from_coil};
}

void HotspotRun::add(const GivenPulse& given) {
    MapPulse pulse;
    pulse.scan_from_coil =
        given.pose ? *given.pose
                   : prior_.patch.coil_pose(prior_.patch.uv_of(given.site), given.yaw_deg.value_or(prior_.yaw_deg),
                                            prior_.nominal_depth_mm);
    pulse.intensity_mso = given.intensity_mso.value_or(prior_.start_mso);
    pulse.mep_uv = given.mep_uv;
    pulse.responded = given.mep_uv >= kResponseUv;
    pulse.rejected = given.rejected;
    if (search_) search_->add(pulse);
    pulses_.push_back(pulse);
}

bool HotspotRun::undo() {
    if (pulses_.empty()) return false;
    pulses_.pop_back();
    if (search_) {
        search_.emplace(prior_, seed_, policy_of(method_));
        for (const MapPulse& pulse : pulses_) search_->add(pulse);
    }
    return true;
}

HotspotStanding HotspotRun::standing() const {
    HotspotStanding out;
    if (search_) {
        const HotspotEstimate e = search_->estimate();
        out = {e.site, e.radius95_mm, e.pulses, e.responses, e.enough, e.verdict, e};
        return out;
    }
    std::vector<SitedResponse> sited;
    for (const MapPulse& pulse : pulses_) {
        if (pulse.rejected) continue;
        sited.push_back({prior_.patch.site(prior_.patch.uv_of(pulse.scan_from_coil.origin())), pulse.mep_uv});
    }
    const CentreOfGravity gravity = centre_of_gravity(sited);
    out.pulses = static_cast<int>(sited.size());
    out.responses = gravity.responses;
    out.radius95_mm = gravity.radius95_mm;
    if (gravity.responses > 0) out.site = gravity.site;
    constexpr int kGrid = 25;
    constexpr int kFewestResponses = 5;
    out.enough = out.pulses >= kGrid && gravity.responses >= kFewestResponses;
    out.verdict = std::to_string(out.pulses) + " pulses of a grid of " + std::to_string(kGrid) + ", " +
                  std::to_string(gravity.responses) + " with a response.";
    return out;
}

}  // namespace precentral
