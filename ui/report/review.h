// SPDX-License-Identifier: Apache-2.0
// The one-page review of a case: what was stimulated, visit by visit, beside the pain it relieved.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/records.h"
#include "data/store.h"
#include "imaging/head_model.h"
#include "navigation/guidance.h"

namespace precentral {

// One visit with every record made at it, in the order they were made; where there are several, the last one counts.
struct VisitReview {
    Session session;
    std::vector<RegistrationRecord> registrations;
    std::vector<TargetRecord> targets;
    std::vector<HotspotRecord> hotspots;
    std::vector<ThresholdRecord> thresholds;
    std::vector<Pulse> pulses;
    std::vector<Outcome> outcomes;
    std::vector<SessionEvent> events;
    std::vector<LandmarkTouches> touches;
};

// The rules of the site the conclusion is drawn by; printed beside it.
struct ReviewRules {
    double responder_percent = 30.0;  // at least this relief, as the patient says it
    double within_percent = 90.0;     // share of a session's pulses within tolerance that counts as "place reached"
    GuidanceTolerance tolerance;
};

struct ReviewInput {
    Case patient;
    std::vector<VisitReview> visits;  // by visit number
    const HeadModel* head = nullptr;  // the cortex to draw on; null = the page says that there is none
    std::string head_missing;         // why there is none, when known
    ReviewRules rules;
    std::optional<UtcTime> made;  // the date on the page; now when empty
};

// All records of the case, without a head model. Throws InputError when the store has no case of that code.
ReviewInput gather_review(const Store& store, const std::string& case_code);

// Writes the page as PDF (vector, one A4 sheet) or HTML (one self-contained file) by the extension of `out`, whole or
// not at all. Returns what the reader should know about the page itself, e.g. a missing font; the same facts are on the
// page where they matter. Works with and without a display; on the main thread. Throws InputError for another extension
// or a folder that is not there, Error when the file cannot be written.
std::vector<std::string> write_review(const ReviewInput& review, const std::filesystem::path& out);

}  // namespace precentral
