// SPDX-License-Identifier: Apache-2.0
#include "navigation/centre_of_gravity.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "navigation/seeded_random.h"

namespace precentral {
namespace {

constexpr double kResponseUv = 50.0;
constexpr int kResamples = 400;

struct Moment {
    Eigen::Vector3d sum = Eigen::Vector3d::Zero();
    double weight = 0.0;
    void add(const SitedResponse& pulse) {
        if (!(pulse.mep_uv >= kResponseUv)) return;
        sum += pulse.mep_uv * pulse.site.xyz;
        weight += pulse.mep_uv;
    }
};

}  // namespace

CentreOfGravity centre_of_gravity(std::span<const SitedResponse> pulses) {
    CentreOfGravity out;
    Moment all;
    for (const SitedResponse& pulse : pulses) {
        all.add(pulse);
        out.responses += pulse.mep_uv >= kResponseUv ? 1 : 0;
    }
    if (out.responses == 0) return out;
    out.site.xyz = all.sum / all.weight;
    SeededRandom random = random_stream(1, pulses.size());
    std::vector<double> apart_mm;
    for (int i = 0; i < kResamples; ++i) {
        Moment resampled;
        for (std::size_t k = 0; k < pulses.size(); ++k) {
            resampled.add(pulses[static_cast<std::size_t>(draw_uniform(random) * static_cast<double>(pulses.size()))]);
        }
        if (resampled.weight > 0.0) apart_mm.push_back((resampled.sum / resampled.weight - out.site.xyz).norm());
    }
    if (apart_mm.empty()) return out;
    const auto at = apart_mm.begin() + static_cast<std::ptrdiff_t>(0.95 * static_cast<double>(apart_mm.size() - 1));
    std::nth_element(apart_mm.begin(), at, apart_mm.end());
    out.radius95_mm = *at;
    return out;
}

}  // namespace precentral
