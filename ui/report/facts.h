// SPDX-License-Identifier: Apache-2.0
// What the page says in numbers: each visit's records summed up, unknown kept apart from zero.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ui/report/review.h"

namespace precentral {

// One treatment pulse as drawn.
struct PulseFact {
    int place = 0;          // 1 … planned: which pulse of the protocol it is
    bool has_pose = false;  // the rest means nothing otherwise
    bool within = false;    // of every tolerance
    double in_plane_mm = 0.0;
    double gap_mm = 0.0;
    // Coil centre relative to the plan in the plan's coil plane; empty when the target it names is not on record.
    std::optional<Eigen::Vector2d> offset_mm;  // x to the front, y to the midline
};

struct VisitFacts {
    int visit = 1;
    UtcTime started{};
    Side side = Side::left;
    int trains = 0;
    int pulses_per_train = 0;
    int planned = 0;
    std::vector<PulseFact> pulses;  // treatment only
    int given = 0;
    int with_pose = 0;
    int within = 0;
    std::optional<double> median_mm, p95_mm;          // in-plane distance from the plan
    std::optional<double> median_gap_mm, p95_gap_mm;  // of the gap; the 95 % of its size
    std::optional<double> given_mso;                  // median of the pulses, % of maximum output
    std::optional<ThresholdRecord> threshold;
    std::optional<double> relief_percent, relief_days, symptom, pain_before, pain_after;
    std::string adverse_events;  // "" = not asked
    std::string stop_reason;     // the last pause or stop on record, "" if none
    std::optional<RegistrationRecord> registration;
    bool registration_held = false;         // when it was checked
    std::optional<double> slipped_mm;       // the farthest the target was found to have moved, where it had
    std::optional<TargetRecord> plan;       // what most of its pulses aimed at; else its last target
    std::optional<Point<Scan>> aim_median;  // where its pulses aimed on the cortex, median by coordinate
    bool treated() const { return given > 0; }
};

struct ReviewFacts {
    std::vector<VisitFacts> visits;
    int first_treated = -1;  // index into visits, -1 = none
    int last_treated = -1;
    int last_known = -1;                   // last treated visit whose relief is known
    std::optional<TargetRecord> plan;      // of the last treated visit, else the newest
    std::optional<HotspotRecord> hotspot;  // the newest
    Side side = Side::left;                // of the plan, else of the newest session
    int treated() const;
};

ReviewFacts facts_of(const ReviewInput& review);

}  // namespace precentral
