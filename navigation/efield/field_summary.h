// SPDX-License-Identifier: Apache-2.0
// What a painted field comes to: its peak, how wide it is, what the target gets of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imaging/surface.h"
#include "navigation/efield/cortical_field.h"

namespace precentral {

struct FieldSummary {
    FieldOrigin origin;
    double peak_v_per_m = 0.0;
    Point<Scan> peak_at;
    Direction<Scan> peak_direction;     // unit
    double area_half_mm2 = 0.0;         // where at least 50 % of the peak is reached
    double area_half_energy_mm2 = 0.0;  // at least 70.7 %
    // At the target's nearest vertex, when there is a target.
    double target_v_per_m = 0.0;
    double target_share = 0.0;  // of the peak
    Direction<Scan> target_direction;
    // Between the field at the target and the direction across the sulcus, 0–180°; 90 runs along the sulcus.
    std::optional<double> to_sulcal_normal_deg;
};

// Knows a cortex (areas of its vertices) and a target on it.
class FieldReader {
public:
    // Throws InputError for a surface without triangles.
    explicit FieldReader(const Surface& cortex);
    // `sulcal_normal`: out of the wall or bank to be excited; need not be unit.
    void aim_at(const Point<Scan>& target, const std::optional<Direction<Scan>>& sulcal_normal = std::nullopt);

    // `field` is at the cortex's vertices, in order. Throws InputError when it is of another size.
    FieldSummary read(const Vectors3f& field, const FieldOrigin& origin) const;

private:
    std::vector<Point<Scan>> vertices_;
    std::vector<double> areas_mm2_;
    std::optional<std::size_t> target_;
    std::optional<Direction<Scan>> sulcal_normal_;
};

}  // namespace precentral
