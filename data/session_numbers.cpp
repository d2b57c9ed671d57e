// SPDX-License-Identifier: Apache-2.0
#include "data/session_numbers.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace precentral {
namespace {

std::optional<Spread> spread_of(const std::vector<double>& values) {
    const auto median = quantile(values, 0.5);
    const auto p95 = quantile(values, 0.95);
    if (!median || !p95) return std::nullopt;
    return Spread{*median, *p95};
}

bool is_known(const Deviation& d) {
    return std::isfinite(d.in_plane_mm) && std::isfinite(d.gap_mm) && std::isfinite(d.tilt_deg) &&
           std::isfinite(d.twist_deg);
}

}  // namespace

bool is_within(const Deviation& deviation, const Tolerance& tolerance) {
    return deviation.in_plane_mm <= tolerance.in_plane_mm && std::abs(deviation.gap_mm) <= tolerance.gap_mm &&
           deviation.tilt_deg <= tolerance.tilt_deg && std::abs(deviation.twist_deg) <= tolerance.twist_deg;
}

std::optional<double> quantile(std::span<const double> values, double q) {
    std::vector<double> sorted;
    std::copy_if(values.begin(), values.end(), std::back_inserter(sorted), [](double v) { return !std::isnan(v); });
    if (sorted.empty()) return std::nullopt;
    std::sort(sorted.begin(), sorted.end());
    const double place = std::clamp(q, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    const double share = place - static_cast<double>(below);
    if (share <= 0.0) return sorted[below];
    return sorted[below] + share * (sorted[above] - sorted[below]);
}

SessionNumbers session_numbers(const Protocol& protocol, std::span<const Pulse> pulses, const Tolerance& tolerance) {
    SessionNumbers out;
    out.planned = protocol.pulses();
    std::vector<double> in_plane_mm, gap_mm, tilt_deg, twist_deg;
    for (const Pulse& pulse : pulses) {
        if (pulse.purpose != PulsePurpose::treat) continue;
        ++out.delivered;
        if (!pulse.valid || !pulse.deviation || !is_known(*pulse.deviation)) continue;
        ++out.with_pose;
        if (is_within(*pulse.deviation, tolerance)) ++out.within;
        in_plane_mm.push_back(pulse.deviation->in_plane_mm);
        gap_mm.push_back(std::abs(pulse.deviation->gap_mm));
        tilt_deg.push_back(pulse.deviation->tilt_deg);
        twist_deg.push_back(std::abs(pulse.deviation->twist_deg));
    }
    out.in_plane_mm = spread_of(in_plane_mm);
    out.gap_mm = spread_of(gap_mm);
    out.tilt_deg = spread_of(tilt_deg);
    out.twist_deg = spread_of(twist_deg);
    if (out.with_pose > 0) out.share_within = static_cast<double>(out.within) / out.with_pose;
    return out;
}

}  // namespace precentral
