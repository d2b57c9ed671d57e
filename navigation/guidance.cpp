// SPDX-License-Identifier: Apache-2.0
#include "navigation/guidance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "data/error.h"
#include "navigation/placement.h"

namespace precentral {
namespace {

constexpr double kDegrees = 180.0 / std::numbers::pi;
constexpr double kHysteresisMm = 0.3;
constexpr double kHysteresisDeg = 0.5;

// A grade improves only when the value is inside the limit by the hysteresis.
Grade graded(double value, double on, double near, double hysteresis, Grade before) {
    const double on_limit = before == Grade::on ? on : std::max(0.5 * on, on - hysteresis);
    const double near_limit = before == Grade::off ? near - hysteresis : near;
    if (before == Grade::hidden) return value <= on ? Grade::on : value <= near ? Grade::near : Grade::off;
    if (value <= on_limit) return Grade::on;
    return value <= near_limit ? Grade::near : Grade::off;
}

std::string text(const char* format, double value) {
    std::array<char, 96> buffer{};
    std::snprintf(buffer.data(), buffer.size(), format, value);
    return buffer.data();
}

// Never "0 mm": an act is only named when there is something to do.
double whole(double value) { return std::max(1.0, std::round(value)); }

// The side of the bull's-eye a direction in the target's plane points to.
const char* edge_word(const TargetCompass& compass, const Eigen::Vector2d& way) {
    const double midline = way.dot(compass.midline);
    const double front = way.dot(compass.front);
    if (std::abs(midline) > std::abs(front)) return midline > 0.0 ? "midline" : "ear";
    return front > 0.0 ? "front" : "back";
}

}  // namespace

Deviation deviation_of(const Transform<Scan, Coil>& scan_from_coil, const Transform<Scan, Coil>& target,
                       const SurfaceIndex& scalp) {
    const Eigen::Isometry3d target_from_coil = target.isometry().inverse() * scan_from_coil.isometry();
    const Eigen::Matrix3d& r = target_from_coil.linear();
    Deviation d;
    d.in_plane_mm = target_from_coil.translation().head<2>().norm();
    d.gap_mm = gap_mm(scalp, scan_from_coil);
    d.tilt_deg = std::atan2(r.col(2).head<2>().norm(), r(2, 2)) * kDegrees;
    // Swing and twist: the twist is what is left when the normals are brought together the shortest way.
    const Eigen::Quaterniond q(r);
    d.twist_deg = 2.0 * std::atan2(q.z(), q.w()) * kDegrees;
    if (d.twist_deg > 180.0) d.twist_deg -= 360.0;
    if (d.twist_deg <= -180.0) d.twist_deg += 360.0;
    return d;
}

Guidance::Guidance(const TargetRecord& target, const SurfaceIndex& scalp, const GuidanceTolerance& tolerance)
    : target_(target),
      scalp_(&scalp),
      tolerance_(tolerance),
      compass_(compass_of(target.scan_from_coil, target.side)) {}

void Guidance::use(std::shared_ptr<const TargetField> field) {
    if (field && !(field->target() == target_.cortex)) {
        throw InputError("The field was prepared for another place on the cortex than the target's.");
    }
    field_ = std::move(field);
    full_v_per_m_ = 0.0;
    if (!field_) return;
    Vectors3f full;
    field_->at({target_.scan_from_coil}, full);
    full_v_per_m_ = full.at(0).norm();
}

void Guidance::lost() { in_plane_ = gap_ = tilt_ = twist_ = Grade::hidden; }

GuidanceView Guidance::update(const Transform<Scan, Coil>& scan_from_coil) {
    const GuidanceTolerance& t = tolerance_;
    GuidanceView view;
    view.deviation = deviation_of(scan_from_coil, target_.scan_from_coil, *scalp_);
    const Deviation& d = view.deviation;
    const bool pressed = d.gap_mm < 0.0;
    in_plane_ = graded(d.in_plane_mm, t.in_plane_on_mm, t.in_plane_near_mm, kHysteresisMm, in_plane_);
    gap_ = graded(std::abs(d.gap_mm), pressed ? t.pressed_on_mm : t.gap_on_mm,
                  pressed ? t.pressed_near_mm : t.gap_near_mm, kHysteresisMm, gap_);
    tilt_ = graded(d.tilt_deg, t.tilt_on_deg, t.tilt_near_deg, kHysteresisDeg, tilt_);
    twist_ = graded(std::abs(d.twist_deg), t.twist_on_deg, t.twist_near_deg, kHysteresisDeg, twist_);
    view.in_plane = in_plane_;
    view.gap = gap_;
    view.tilt = tilt_;
    view.twist = twist_;
    view.overall = std::max({in_plane_, gap_, tilt_, twist_});

    const Eigen::Isometry3d target_from_coil = target_.scan_from_coil.isometry().inverse() * scan_from_coil.isometry();
    view.offset_mm = target_from_coil.translation().head<2>();
    const Eigen::Vector3d normal = target_from_coil.linear().col(2);
    const double sine = normal.head<2>().norm();
    if (sine > 0.0) view.tilt_xy_deg = normal.head<2>() * (d.tilt_deg / sine);
    // The strength alone would call a coil the wrong way round as good as one that is right.
    const bool current_as_planned = std::abs(d.twist_deg) <= 90.0;
    if (current_as_planned && field_ && std::isfinite(full_v_per_m_) && full_v_per_m_ > 0.0) {
        const double share = field_->shares({scan_from_coil}, full_v_per_m_).front();
        // A coil held inside the head has no field in these models.
        if (std::isfinite(share)) {
            view.field_percent = 100.0 * share;
            view.field_model = field_->origin().head;
        }
    }

    // The act that costs most field comes first. Costs in per cent, from the loss table in dose_share.h.
    struct Act {
        double cost;
        std::string words;
    };
    std::vector<Act> acts;
    if (gap_ != Grade::on) {
        acts.push_back({4.2 * std::abs(d.gap_mm), pressed ? text("Lift %.0f mm", whole(-d.gap_mm))
                                                          : text("Press down %.0f mm", whole(d.gap_mm))});
    }
    if (in_plane_ != Grade::on) {
        acts.push_back({0.084 * d.in_plane_mm * d.in_plane_mm,
                        text("Slide %.0f mm to the ", whole(d.in_plane_mm)) + edge_word(compass_, -view.offset_mm)});
    }
    if (twist_ != Grade::on) {
        // The coil's front end (+y) has to turn against the twist; about +z (into the head) that is by -twist.
        const double back = -d.twist_deg / kDegrees;
        const Eigen::Vector2d front_now = target_from_coil.linear().col(1).head<2>();
        const Eigen::Vector2d front_moves = Eigen::Vector2d(-front_now.y(), front_now.x()) * (back > 0.0 ? 1.0 : -1.0);
        acts.push_back({0.015 * d.twist_deg * d.twist_deg,
                        text("Turn %.0f° to the ", whole(std::abs(d.twist_deg))) + edge_word(compass_, front_moves)});
    }
    if (tilt_ != Grade::on) {
        // The edge on the side the normal (into the head) leans to stands high.
        acts.push_back({0.03 * d.tilt_deg * d.tilt_deg,
                        std::string("Lower the ") + edge_word(compass_, view.tilt_xy_deg) + " edge"});
    }
    std::stable_sort(acts.begin(), acts.end(), [](const Act& a, const Act& b) { return a.cost > b.cost; });
    view.act = acts.empty() ? "On target. Hold still." : acts[0].words;
    if (acts.size() > 1) view.then = acts[1].words;
    return view;
}

}  // namespace precentral
