// SPDX-License-Identifier: Apache-2.0
// The words of the page: every sentence, fact and cell, once, for paper and for the browser alike.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "ui/report/conclusion.h"
#include "ui/report/facts.h"

namespace precentral {

inline constexpr const char* kDisclaimer =
    "Research and record-keeping software. Not a medical device; not cleared by FDA or CE-marked. Confirm side, target "
    "and "
    "intensity independently.";

struct LetterFact {
    std::string label;         // "Pain"
    std::optional<Side> side;  // drawn as a letter in a disc before the text
    std::string strong;        // "right"
    std::string text;          // " hand; most disabling: burning"
};

// Session, date, threshold, given, pulses, median, 95 %, relief, days, symptom, adverse events.
inline constexpr std::size_t kColumns = 11;
struct LetterRow {
    std::array<std::string, kColumns> cells;
    bool incomplete = false;  // dose not as planned: its cell in bold
    bool summary = false;     // stands for rows left out
};

struct Letter {
    std::string title, subtitle, code, person;
    bool simulated = false;
    std::vector<LetterFact> facts;
    Conclusion conclusion;
    std::array<std::array<std::string, 2>, kColumns> heads;  // two lines each
    std::vector<LetterRow> rows;                             // every session
    bool any_unknown = false;                                // relief after a treated session
    std::string rows_note;                                   // "" if nothing to explain
    std::string deviation_note;                              // what the bands are
    std::string adverse;
    std::string certainty;
    std::string record;  // "record 9f2c 71ab e04d · Precentral 0.1.0"
    std::string record_full;
    std::string footer;
};

Letter letter_of(const ReviewInput& review, const ReviewFacts& facts);

// The first `keep_first`, the last ones that fit, and between them one line that says what was left out, with medians.
std::vector<LetterRow> shortened_rows(const Letter& letter, const ReviewFacts& facts, std::size_t most);

}  // namespace precentral
