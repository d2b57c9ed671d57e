// SPDX-License-Identifier: Apache-2.0
// The conclusion of the page, built from recorded facts by fixed rules; no free text and no model behind it.
#pragma once

#include <string>
#include <vector>

#include "ui/report/facts.h"

namespace precentral {

enum class Answer { yes, no, unknown };

// One thing a clinician weighs: "Place", "Dose", "Side", "Alignment".
struct Finding {
    std::string name;
    Answer answer = Answer::unknown;
    std::string text;
};

struct Conclusion {
    Answer responder = Answer::unknown;
    std::string headline;    // "Responder: 45 % relief for 17 days after session 11."
    std::string definition;  // by which rule, what other rules say, since when
    std::vector<Finding> findings;
};

// Responder: relief, as the patient says it, at or above the site's limit after the last treated session with a known
// answer. Place: at least the site's share of each session's pulses within every tolerance; pulses without a pose leave
// it unknown where they could decide it. Dose: pulses given equal pulses planned, every session. Side: target opposite
// pain. Alignment: the verdict recorded with the last registration.
Conclusion conclude(const Case& patient, const ReviewFacts& facts, const ReviewRules& rules);

// No before unknown before yes, over the response where it is not known and all findings: the state of the box's edge.
Answer worst_of(const Conclusion& conclusion);

// Place of one session by the rule above.
Answer place_reached(const VisitFacts& visit, const ReviewRules& rules);

}  // namespace precentral
