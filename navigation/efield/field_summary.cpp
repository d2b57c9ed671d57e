// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/field_summary.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/error.h"
#include "imaging/mesh_measures.h"

namespace precentral {

FieldReader::FieldReader(const Surface& cortex) : vertices_(cortex.vertices), areas_mm2_(cortex.vertices.size(), 0.0) {
    require_usable(cortex, "The cortex");
    for (const auto& t : cortex.triangles) {
        const auto corner = [&](std::size_t k) { return cortex.vertices[static_cast<std::size_t>(t[k])]; };
        const double third = (corner(1) - corner(0)).cross(corner(2) - corner(0)).norm() / 6.0;
        for (const int v : t) areas_mm2_[static_cast<std::size_t>(v)] += third;
    }
}

void FieldReader::aim_at(const Point<Scan>& target, const std::optional<Direction<Scan>>& sulcal_normal) {
    const auto nearest = std::min_element(vertices_.begin(), vertices_.end(), [&](const auto& a, const auto& b) {
        return (a - target).xyz.squaredNorm() < (b - target).xyz.squaredNorm();
    });
    target_ = static_cast<std::size_t>(nearest - vertices_.begin());
    sulcal_normal_.reset();
    if (sulcal_normal && sulcal_normal->norm() > 0.0) sulcal_normal_ = sulcal_normal->normalized();
}

FieldSummary FieldReader::read(const Vectors3f& field, const FieldOrigin& origin) const {
    if (field.size() != vertices_.size()) {
        throw InputError("The field has " + std::to_string(field.size()) + " values, the cortex " +
                         std::to_string(vertices_.size()) + " vertices.");
    }
    FieldSummary out;
    out.origin = origin;
    float most = -1.0F;
    std::size_t at = 0;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const float square = field.x[i] * field.x[i] + field.y[i] * field.y[i] + field.z[i] * field.z[i];
        if (square > most) {
            most = square;
            at = i;
        }
    }
    const Direction<Scan> peak{field.at(at)};
    out.peak_v_per_m = peak.norm();
    out.peak_at = vertices_[at];
    if (out.peak_v_per_m > 0.0) {
        out.peak_direction = peak.normalized();
        for (std::size_t i = 0; i < field.size(); ++i) {
            const float square = field.x[i] * field.x[i] + field.y[i] * field.y[i] + field.z[i] * field.z[i];
            if (square >= 0.25F * most) out.area_half_mm2 += areas_mm2_[i];
            if (square >= 0.5F * most) out.area_half_energy_mm2 += areas_mm2_[i];
        }
    }
    if (target_) {
        const Direction<Scan> here{field.at(*target_)};
        out.target_v_per_m = here.norm();
        if (out.target_v_per_m > 0.0) {
            out.target_share = out.target_v_per_m / out.peak_v_per_m;
            out.target_direction = here.normalized();
            if (sulcal_normal_) {
                const double cosine = std::clamp(out.target_direction.dot(*sulcal_normal_), -1.0, 1.0);
                out.to_sulcal_normal_deg = std::acos(cosine) * 180.0 / std::numbers::pi;
            }
        }
    }
    return out;
}

}  // namespace precentral
