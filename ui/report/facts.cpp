// SPDX-License-Identifier: Apache-2.0
#include "ui/report/facts.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "data/session_numbers.h"
#include "navigation/placement.h"
#include "registration/recheck.h"

namespace precentral {

namespace {

std::optional<double> finite(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? value : std::nullopt;
}

bool finite(const Deviation& d) {
    return std::isfinite(d.in_plane_mm) && std::isfinite(d.gap_mm) && std::isfinite(d.tilt_deg) &&
           std::isfinite(d.twist_deg);
}

// What a pulse is judged by: every value at or below its limit, no hysteresis.
bool within_tolerance(const Deviation& d, const GuidanceTolerance& t) {
    return d.in_plane_mm <= t.in_plane_on_mm && d.gap_mm <= t.gap_on_mm && d.gap_mm >= -t.pressed_on_mm &&
           d.tilt_deg <= t.tilt_on_deg && std::abs(d.twist_deg) <= t.twist_on_deg;
}

// A target with what is needed to place pulses around it.
struct Aim {
    TargetRecord target;
    std::optional<TangentFrame> tangent;  // empty where front and midline have no meaning

    explicit Aim(const TargetRecord& record) : target(record) {
        try {
            tangent = tangent_frame(-record.scan_from_coil.z_axis(), record.side);
        } catch (const InputError&) {
        }
    }
    std::optional<Eigen::Vector2d> offset_mm(const Transform<Scan, Coil>& scan_from_coil) const {
        if (!tangent) return std::nullopt;
        const Direction<Scan> off = scan_from_coil.origin() - target.scan_from_coil.origin();
        return Eigen::Vector2d(off.dot(tangent->front), off.dot(tangent->midline));
    }
    // The point the plan aims at, carried along with the coil as it really was.
    Point<Scan> carried(const Transform<Scan, Coil>& scan_from_coil) const {
        return scan_from_coil * (target.scan_from_coil.inverse() * target.cortex);
    }
};

using Aims = std::map<RecordId, Aim>;

Point<Scan> median_point(const std::vector<Point<Scan>>& points) {
    Point<Scan> median;
    for (int axis = 0; axis < 3; ++axis) {
        std::vector<double> values;
        values.reserve(points.size());
        for (const Point<Scan>& p : points) values.push_back(p.xyz[axis]);
        median.xyz[axis] = *quantile(values, 0.5);
    }
    return median;
}

void add_pulses(const VisitReview& visit, const Aims& aims, const GuidanceTolerance& tolerance, VisitFacts& facts) {
    std::vector<double> in_plane, gap, gap_size, intensity;
    std::vector<Point<Scan>> carried;
    std::map<RecordId, int> aimed_at;
    for (const Pulse& pulse : visit.pulses) {
        if (pulse.purpose != PulsePurpose::treat) continue;
        PulseFact fact;
        ++facts.given;
        const bool placed = pulse.train > 0 && pulse.index > 0 && pulse.index <= facts.pulses_per_train;
        fact.place = placed ? (pulse.train - 1) * facts.pulses_per_train + pulse.index : facts.given;
        if (std::isfinite(pulse.intensity_mso)) intensity.push_back(pulse.intensity_mso);
        ++aimed_at[pulse.target];
        if (pulse.valid && pulse.deviation && finite(*pulse.deviation)) {
            fact.has_pose = true;
            fact.in_plane_mm = pulse.deviation->in_plane_mm;
            fact.gap_mm = pulse.deviation->gap_mm;
            fact.within = within_tolerance(*pulse.deviation, tolerance);
            in_plane.push_back(fact.in_plane_mm);
            gap.push_back(fact.gap_mm);
            gap_size.push_back(std::abs(fact.gap_mm));
            ++facts.with_pose;
            if (fact.within) ++facts.within;
            const auto aim = aims.find(pulse.target);
            if (aim != aims.end() && pulse.scan_from_coil && pulse.scan_from_coil->matrix().allFinite()) {
                fact.offset_mm = aim->second.offset_mm(*pulse.scan_from_coil);
                carried.push_back(aim->second.carried(*pulse.scan_from_coil));
            }
        }
        facts.pulses.push_back(fact);
    }
    facts.median_mm = quantile(in_plane, 0.5);
    facts.p95_mm = quantile(in_plane, 0.95);
    facts.median_gap_mm = quantile(gap, 0.5);
    facts.p95_gap_mm = quantile(gap_size, 0.95);
    facts.given_mso = quantile(intensity, 0.5);
    if (!carried.empty()) facts.aim_median = median_point(carried);

    const auto most = std::max_element(aimed_at.begin(), aimed_at.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most != aimed_at.end() && aims.contains(most->first)) {
        facts.plan = aims.at(most->first).target;
    } else if (!visit.targets.empty()) {
        facts.plan = visit.targets.back();
    }
}

VisitFacts facts_of_visit(const VisitReview& visit, const Aims& aims, const GuidanceTolerance& tolerance) {
    VisitFacts facts;
    facts.visit = visit.session.visit;
    facts.started = visit.session.started;
    facts.side = visit.session.target_side;
    facts.trains = std::max(0, visit.session.protocol.trains);
    facts.pulses_per_train = std::max(0, visit.session.protocol.pulses_per_train);
    facts.planned = facts.trains * facts.pulses_per_train;
    add_pulses(visit, aims, tolerance, facts);
    if (!visit.thresholds.empty() && std::isfinite(visit.thresholds.back().rmt_mso)) {
        facts.threshold = visit.thresholds.back();
    }
    if (!visit.registrations.empty()) facts.registration = visit.registrations.back();
    for (const LandmarkTouches& check : visit.touches) {
        if (!check.drift_mm) continue;
        if (check.verdict == to_word(RecheckVerdict::fine)) {
            facts.registration_held = true;
        } else if (check.verdict != to_word(RecheckVerdict::touch_again)) {
            facts.slipped_mm = std::max(facts.slipped_mm.value_or(0.0), *check.drift_mm);
        }
    }
    if (!visit.outcomes.empty()) {
        const Outcome& outcome = visit.outcomes.back();
        facts.relief_percent = finite(outcome.relief_percent);
        facts.relief_days = finite(outcome.relief_days);
        facts.symptom = finite(outcome.worst_symptom_after);
        facts.pain_before = finite(outcome.pain_before);
        facts.pain_after = finite(outcome.pain_after);
        facts.adverse_events = outcome.adverse_events;
    }
    for (const SessionEvent& event : visit.events) {
        const bool stopped = event.kind.starts_with("pause") || event.kind.starts_with("stop");
        if (!stopped) continue;
        // "paused: coil hidden" in one word or as kind and text
        const std::size_t colon = event.kind.find(": ");
        facts.stop_reason = !event.text.empty()          ? event.text
                            : colon != std::string::npos ? event.kind.substr(colon + 2)
                                                         : event.kind;
    }
    return facts;
}

}  // namespace

int ReviewFacts::treated() const {
    return static_cast<int>(std::count_if(visits.begin(), visits.end(), [](const auto& v) { return v.treated(); }));
}

ReviewFacts facts_of(const ReviewInput& review) {
    Aims aims;
    ReviewFacts facts;
    for (const VisitReview& visit : review.visits) {
        for (const TargetRecord& target : visit.targets) {
            aims.emplace(target.id, Aim(target));
            facts.plan = target;
        }
        if (!visit.hotspots.empty()) facts.hotspot = visit.hotspots.back();
        facts.side = visit.session.target_side;
    }
    for (const VisitReview& visit : review.visits) {
        facts.visits.push_back(facts_of_visit(visit, aims, review.rules.tolerance));
        const VisitFacts& last = facts.visits.back();
        if (!last.treated()) continue;
        const int index = static_cast<int>(facts.visits.size()) - 1;
        if (facts.first_treated < 0) facts.first_treated = index;
        facts.last_treated = index;
        if (last.relief_percent) facts.last_known = index;
        if (last.plan) facts.plan = last.plan;
    }
    if (facts.plan) facts.side = facts.plan->side;
    return facts;
}

}  // namespace precentral
