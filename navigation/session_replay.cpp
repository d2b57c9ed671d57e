// SPDX-License-Identifier: Apache-2.0
#include "navigation/session_replay.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "navigation/guidance.h"

namespace precentral {
namespace {

// What pulses of the case may name. A target may be of an earlier visit.
struct Named {
    std::map<RecordId, Transform<Scan, Head>> registrations;
    std::map<RecordId, Transform<CoilBody, Coil>> calibrations;
    std::map<RecordId, Transform<Scan, Coil>> targets;
};

Named named_in(const Store& store, const std::string& case_code) {
    Named out;
    for (const Session& session : store.sessions(case_code)) {
        for (const auto& r : store.registrations(session.id)) out.registrations.emplace(r.id, r.scan_from_head);
        for (const auto& c : store.calibrations(session.id)) out.calibrations.emplace(c.id, c.coil_body_from_coil);
        for (const auto& t : store.targets(session.id)) out.targets.emplace(t.id, t.scan_from_coil);
    }
    return out;
}

// A triangle in the place of a scalp that is not known; what is measured to it is not used.
const SurfaceIndex& anywhere() {
    static const SurfaceIndex index = [] {
        Surface surface;
        surface.vertices = {{{0, 0, 0}}, {{1, 0, 0}}, {{0, 1, 0}}};
        surface.normals = {{{0, 0, 1}}, {{0, 0, 1}}, {{0, 0, 1}}};
        surface.triangles = {{0, 1, 2}};
        return SurfaceIndex(std::move(surface));
    }();
    return index;
}

// NaN counts as infinitely far, so that it cannot hide.
double apart(double a, double b) {
    const double d = std::abs(a - b);
    return std::isnan(d) ? HUGE_VAL : d;
}

double angle_apart(double a_deg, double b_deg) {
    const double d = std::abs(std::remainder(a_deg - b_deg, 360.0));
    return std::isnan(d) ? HUGE_VAL : d;
}

// Degrees between two rotations, exact also near zero, where an arc cosine is not.
double turn_deg(const Transform<Scan, Coil>& a, const Transform<Scan, Coil>& b) {
    const double chord = (a.rotation() - b.rotation()).norm() / std::sqrt(2.0);
    if (std::isnan(chord)) return HUGE_VAL;
    return 2.0 * std::asin(std::min(1.0, 0.5 * chord)) * 180.0 / 3.14159265358979323846;
}

void keep_worst(PulseDifference& worst, const PulseDifference& one) {
    for (double PulseDifference::*number :
         {&PulseDifference::pose_mm, &PulseDifference::pose_deg, &PulseDifference::in_plane_mm,
          &PulseDifference::gap_mm, &PulseDifference::tilt_deg, &PulseDifference::twist_deg}) {
        worst.*number = std::max(worst.*number, one.*number);
    }
    if (std::max({one.pose_mm, one.in_plane_mm, one.gap_mm, one.pose_deg, one.tilt_deg, one.twist_deg}) >=
        std::max({worst.pose_mm, worst.in_plane_mm, worst.gap_mm, worst.pose_deg, worst.tilt_deg, worst.twist_deg})) {
        worst.sequence = one.sequence;
    }
}

}  // namespace

SessionReplay replay_session(const Store& store, const Session& session, const SurfaceIndex* scalp, double limit) {
    const Named named = named_in(store, session.case_code);
    SessionReplay out;
    out.gap_checked = scalp != nullptr;
    for (const Pulse& pulse : store.pulses(session.id)) {
        ++out.pulses;
        PulseDifference one;
        one.sequence = pulse.sequence;
        const auto registration = named.registrations.find(pulse.registration);
        const auto calibration = named.calibrations.find(pulse.calibration);
        const auto target = named.targets.find(pulse.target);
        const bool can = pulse.tracker_from_head && pulse.tracker_from_coil_body && pulse.registration != 0 &&
                         pulse.calibration != 0;
        if (pulse.registration != 0 && registration == named.registrations.end()) {
            one.why = "It names a registration that the case does not have.";
        } else if (pulse.calibration != 0 && calibration == named.calibrations.end()) {
            one.why = "It names a coil calibration that the case does not have.";
        } else if (pulse.target != 0 && target == named.targets.end()) {
            one.why = "It names a target that the case does not have.";
        } else if (!can && (pulse.valid || pulse.scan_from_coil || pulse.deviation)) {
            one.why = "The record has a pose or deviations, but not what they were computed from.";
        } else if (can && (!pulse.valid || !pulse.scan_from_coil)) {
            one.why = "The record has the raw poses, but not the coil's pose.";
        } else if (can && pulse.target != 0 && !pulse.deviation) {
            one.why = "The record has a target, but no deviations from it.";
        } else if (can && pulse.target == 0 && pulse.deviation) {
            one.why = "The record has deviations, but no target.";
        } else if (!can) {
            ++out.without_pose;
        } else {
            ++out.computed;
            const Transform<Scan, Coil> coil = registration->second * pulse.tracker_from_head->inverse() *
                                               *pulse.tracker_from_coil_body * calibration->second;
            one.pose_mm = (coil.origin() - pulse.scan_from_coil->origin()).norm();
            if (std::isnan(one.pose_mm)) one.pose_mm = HUGE_VAL;
            one.pose_deg = turn_deg(coil, *pulse.scan_from_coil);
            if (pulse.deviation) {
                ++out.with_deviation;
                const Deviation now = deviation_of(coil, target->second, scalp != nullptr ? *scalp : anywhere());
                one.in_plane_mm = apart(now.in_plane_mm, pulse.deviation->in_plane_mm);
                one.tilt_deg = apart(now.tilt_deg, pulse.deviation->tilt_deg);
                one.twist_deg = angle_apart(now.twist_deg, pulse.deviation->twist_deg);
                if (scalp != nullptr) one.gap_mm = apart(now.gap_mm, pulse.deviation->gap_mm);
            }
        }
        keep_worst(out.worst, one);
        if (!one.why.empty() || one.pose_mm > limit || one.pose_deg > limit || one.in_plane_mm > limit ||
            one.gap_mm > limit || one.tilt_deg > limit || one.twist_deg > limit) {
            out.differing.push_back(one);
        }
    }
    return out;
}

}  // namespace precentral
