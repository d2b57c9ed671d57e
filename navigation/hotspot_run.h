// SPDX-License-Identifier: Apache-2.0
// One hotspot measurement, by any method, pulse by pulse: the next pose, where it stands, and taking a pulse back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "navigation/hotspot_search.h"
#include "navigation/map_table.h"

namespace precentral {

enum class HotspotMethod {
    expected_gain,      // the posterior; the pose that is expected to tell most
    thompson_ring,      // the posterior; beside a draw from it
    centre_of_gravity,  // a grid of five by five, 10 mm apart, from the middle outward
};

struct HotspotProposal {
    Point<Scan> site;
    double yaw_deg = 0.0;
    double intensity_mso = 0.0;
    Transform<Scan, Coil> scan_from_coil;
};

struct HotspotStanding {
    std::optional<Point<Scan>> site;  // none without anything to go by
    double radius95_mm = 0.0;
    int pulses = 0;  // used
    int responses = 0;
    bool enough = false;
    std::string verdict;
    std::optional<HotspotEstimate> posterior;
};

// One thread at a time; next() of a posterior takes up to 100 ms.
class HotspotRun {
public:
    // Throws InputError as HotspotSearch does.
    HotspotRun(HotspotMethod method, const HotspotPrior& prior, std::uint64_t seed);

    HotspotProposal next() const;
    // What a pulse does not say is taken from the prior: its angle, its intensity. 50 µV and more is a response.
    // Throws InputError for what cannot be; nothing is then added.
    void add(const GivenPulse& given);
    bool undo();  // false when there is nothing to take back
    std::size_t given() const { return pulses_.size(); }
    HotspotStanding standing() const;

private:
    HotspotMethod method_;
    HotspotPrior prior_;
    std::uint64_t seed_;
    std::optional<HotspotSearch> search_;
    std::vector<MapPulse> pulses_;
};

}  // namespace precentral
