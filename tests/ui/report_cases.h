// SPDX-License-Identifier: Apache-2.0
// Made-up cases for the tests of the review, with everything known about them.
#pragma once

#include <cmath>
#include <numbers>
#include <random>
#include <string>

#include "ui/report/review.h"

namespace precentral::test {

inline UtcTime on_day(int day) {
    return UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 2 / 9) + std::chrono::days(day)) +
           std::chrono::hours(9);
}

// A coil over the motor cortex of that side, tangential, handle back and out.
inline TargetRecord target_over(Side side, RecordId id) {
    const double out = side == Side::left ? -1.0 : 1.0;
    const Eigen::Vector3d outward = Eigen::Vector3d(0.62 * out, -0.08, 0.78).normalized();
    TargetRecord target;
    target.id = id;
    target.name = side == Side::left ? "hand, left M1" : "hand, right M1";
    target.side = side;
    target.cortex = {Eigen::Vector3d(38.0 * out, -22.0, 54.0)};
    Eigen::Matrix3d axes;
    axes.col(2) = -outward;
    const Eigen::Vector3d front = (Eigen::Vector3d::UnitY() - outward.y() * outward).normalized();
    const Eigen::Vector3d midline = (side == Side::left ? front.cross(outward) : outward.cross(front)).normalized();
    axes.col(1) = (front + midline).normalized();
    axes.col(0) = axes.col(1).cross(axes.col(2));
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.linear() = axes;
    pose.translation() = target.cortex.xyz + 16.0 * outward;
    target.scan_from_coil = Transform<Scan, Coil>(pose);
    target.source = "own hotspot, 41 pulses";
    return target;
}

// `given` treatment pulses around the plan, `scatter_mm` in each direction; every `blind`th without a pose (0 = none).
inline VisitReview visit_of(int visit, int day, Side side, int given, double scatter_mm, int blind) {
    std::mt19937 random(static_cast<unsigned>(1000 + visit));
    std::normal_distribution<double> normal;
    VisitReview out;
    out.session.id = visit;
    out.session.visit = visit;
    out.session.case_code = "PRC-7K2M9QXD";
    out.session.target_side = side;
    out.session.simulated = true;
    out.session.started = on_day(day);
    out.targets.push_back(target_over(side, 10 * visit));
    const TargetRecord& target = out.targets.back();
    HotspotRecord hotspot;
    hotspot.id = visit;
    hotspot.cortex = target.cortex + Direction<Scan>{Eigen::Vector3d(-1.0, 3.5, 1.0)};
    hotspot.scan_from_coil = target.scan_from_coil;
    out.hotspots.push_back(hotspot);
    ThresholdRecord threshold;
    threshold.id = visit;
    threshold.muscle = "FDI";
    threshold.method = "adaptive";
    threshold.rmt_mso = 58.0 - visit;
    threshold.low95_mso = threshold.rmt_mso - 2.4;
    threshold.high95_mso = threshold.rmt_mso + 2.1;
    out.thresholds.push_back(threshold);
    RegistrationRecord registration;
    registration.id = visit;
    registration.predicted_rms_mm = 1.8;
    registration.predicted_p95_mm = 3.1;
    registration.verdict = "good";
    out.registrations.push_back(registration);
    // A slow sway and a fast tremor, as a held coil has.
    const double sway = scatter_mm * 1.2;
    for (int i = 0; i < given; ++i) {
        Pulse pulse;
        pulse.id = visit * 10000 + i;
        pulse.session = visit;
        pulse.sequence = i + 1;
        pulse.train = i / 80 + 1;
        pulse.index = i % 80 + 1;
        pulse.intensity_mso = std::round(0.8 * threshold.rmt_mso);
        pulse.target = target.id;
        pulse.registration = visit;
        pulse.valid = blind == 0 || i % blind != 0;
        if (!pulse.valid) {
            pulse.reason = "coil hidden";
        } else {
            const double phase = i / 137.0 * std::numbers::pi;
            const Eigen::Vector3d slip(sway * std::sin(phase) + 0.4 * scatter_mm * normal(random),
                                       sway * std::cos(1.3 * phase) + 0.4 * scatter_mm * normal(random),
                                       0.25 * std::sin(0.7 * phase) + 0.1 * normal(random));
            Eigen::Isometry3d pose = target.scan_from_coil.isometry();
            pose.translate(slip);
            pulse.scan_from_coil = Transform<Scan, Coil>(pose);
            pulse.deviation =
                Deviation{slip.head<2>().norm(), -slip.z(), 1.0 + 0.5 * std::abs(normal(random)), 1.5 * normal(random)};
        }
        out.pulses.push_back(pulse);
    }
    return out;
}

inline Outcome outcome_of(int visit, double relief, double days, double symptom, const std::string& adverse = "none") {
    Outcome outcome;
    outcome.id = visit;
    outcome.session = visit;
    outcome.relief_percent = relief;
    outcome.relief_days = days;
    outcome.worst_symptom_after = symptom;
    outcome.adverse_events = adverse;
    return outcome;
}

// Four visits, left target, right pain; the fourth answer is still to come; 33 pulses of visit 4 without a pose.
inline ReviewInput four_visits(Side target_side = Side::left) {
    ReviewInput review;
    review.patient.code = "PRC-7K2M9QXD";
    review.patient.pain_side = opposite(target_side);
    review.patient.pain_region = "hand and forearm";
    review.patient.aetiology = "central pain after ischaemic stroke";
    review.patient.worst_symptom = "burning";
    review.patient.birth_year = 1965;
    review.patient.sex = "woman";
    review.patient.simulated = true;
    review.visits = {visit_of(1, 0, target_side, 1600, 0.9, 0), visit_of(2, 21, target_side, 1600, 0.6, 0),
                     visit_of(3, 42, target_side, 1600, 0.5, 0), visit_of(4, 63, target_side, 1600, 0.5, 50)};
    review.visits[0].outcomes = {outcome_of(1, 5, 2, 8)};
    review.visits[1].outcomes = {outcome_of(2, 20, 7, 7)};
    review.visits[2].outcomes = {outcome_of(3, 45, 12, 5)};
    review.made = on_day(63);
    return review;
}

}  // namespace precentral::test
