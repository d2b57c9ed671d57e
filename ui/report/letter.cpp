// SPDX-License-Identifier: Apache-2.0
#include "ui/report/letter.h"

#include <algorithm>
#include <cmath>

#include "data/session_numbers.h"
#include "ui/report/record_hash.h"
#include "ui/report/wording.h"

namespace precentral {

namespace {

std::string plain(const std::optional<double>& value) {
    if (!value) return "–";
    return number_words(*value, std::abs(*value - std::round(*value)) < 0.05 ? 0 : 1);
}

bool same_text(const std::string& a, const char* b) {
    return std::equal(a.begin(), a.end(), b, b + std::char_traits<char>::length(b), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    });
}

std::vector<LetterFact> facts_words(const ReviewInput& review, const ReviewFacts& facts) {
    const Case& patient = review.patient;
    std::vector<LetterFact> out;
    out.push_back({"Indication", std::nullopt, "",
                   patient.aetiology.empty() ? "not recorded" : printable(patient.aetiology, 110)});

    LetterFact pain{"Pain", patient.pain_side, to_word(patient.pain_side), ""};
    if (!patient.pain_region.empty()) pain.text += " " + printable(patient.pain_region, 50);
    if (!patient.worst_symptom.empty()) pain.text += "; most disabling: " + printable(patient.worst_symptom, 40);
    out.push_back(pain);

    LetterFact stimulation{"Stimulation", std::nullopt, "", "no session on record"};
    if (!review.visits.empty()) {
        const Protocol& p = review.visits.back().session.protocol;
        const double train_s = p.frequency_hz > 0.0 ? p.pulses_per_train / p.frequency_hz : 0.0;
        stimulation.text = plain(p.frequency_hz) + " Hz, " + count_words(p.trains, "train", "trains") + " of " +
                           plain(train_s) + " s, " + std::to_string(p.pulses()) + " pulses, " +
                           plain(p.intensity_percent_rmt) + " % of resting motor threshold";
        const bool same = std::all_of(review.visits.begin(), review.visits.end(), [&](const VisitReview& visit) {
            const Protocol& q = visit.session.protocol;
            return q.frequency_hz == p.frequency_hz && q.trains == p.trains &&
                   q.pulses_per_train == p.pulses_per_train && q.intensity_percent_rmt == p.intensity_percent_rmt;
        });
        if (!same) stimulation.text += " (last session; earlier ones differ)";
    }
    out.push_back(stimulation);

    LetterFact target{"Target", facts.side, to_word(facts.side), " motor cortex"};
    if (review.visits.empty() && !facts.plan) target = {"Target", std::nullopt, "", "none on record"};
    if (facts.plan) {
        if (!facts.plan->name.empty()) target.text += " (" + printable(facts.plan->name, 40) + ")";
        if (facts.hotspot) {
            const double off = distance_mm(facts.plan->cortex, facts.hotspot->cortex);
            if (off >= 0.05)
                target.text += "; " + number_words(off, 1) + " mm from own hotspot";
            else if (facts.plan->name != "own hotspot")  // the name has said it
                target.text += "; at own hotspot";
        } else {
            target.text += "; own hotspot not on record";
        }
    }
    out.push_back(target);
    return out;
}

LetterRow row_of(const VisitFacts& visit) {
    LetterRow row;
    const bool asked = !visit.adverse_events.empty();
    row.cells = {std::to_string(visit.visit),
                 short_day(visit.started),
                 visit.threshold ? number_words(visit.threshold->rmt_mso, 0) : "–",
                 number_words(visit.given_mso, 0),
                 std::to_string(visit.given) + " / " + std::to_string(visit.planned),
                 number_words(visit.median_mm, 1),
                 number_words(visit.p95_mm, 1),
                 plain(visit.relief_percent),
                 plain(visit.relief_days),
                 plain(visit.symptom),
                 asked ? printable(visit.adverse_events, 60) : "not asked"};
    row.incomplete = visit.given != visit.planned;
    return row;
}

std::string rows_note(const ReviewFacts& facts) {
    std::string note;
    std::vector<int> unknown;
    for (const VisitFacts& visit : facts.visits) {
        if (visit.treated() && !visit.relief_percent) unknown.push_back(visit.visit);
        if (visit.given < visit.planned && !visit.stop_reason.empty()) {
            note +=
                "Session " + std::to_string(visit.visit) + ", last pause: " + printable(visit.stop_reason, 50) + ". ";
        }
    }
    if (!unknown.empty()) {
        note += std::string("– not known: relief after session") + (unknown.size() > 1 ? "s " : " ") +
                list_words(unknown) + " is not recorded. ";
    }
    return note;
}

// Upper end of the exact (Clopper-Pearson) two-sided 95 % interval of a rate when 0 of n were seen; Clopper & Pearson
// 1934, doi 10.1093/biomet/26.4.404.
double upper_rate_of_none(int n) { return 1.0 - std::pow(0.025, 1.0 / n); }

std::string adverse_words(const ReviewFacts& facts) {
    int none = 0, asked = 0;
    std::vector<int> not_asked;
    std::string seen;
    for (const VisitFacts& visit : facts.visits) {
        if (visit.adverse_events.empty()) {
            if (visit.treated()) not_asked.push_back(visit.visit);
            continue;
        }
        ++asked;
        if (same_text(visit.adverse_events, "none")) {
            ++none;
        } else {
            seen += (seen.empty() ? "" : "; ") + std::string("session ") + std::to_string(visit.visit) + ": " +
                    printable(visit.adverse_events, 80);
        }
    }
    std::string text;
    if (!seen.empty()) {
        text = "Reported after " + seen + ". None in " + std::to_string(none) + " of " +
               count_words(asked, "session", "sessions") + " asked.";
    } else if (asked > 0) {
        text = "None in " + count_words(asked, "session", "sessions") + " asked (exact 95 % interval: up to " +
               number_words(100.0 * upper_rate_of_none(asked), 0) + " % of sessions).";
    }
    if (!not_asked.empty()) {
        text += std::string(text.empty() ? "" : " ") + "Not asked after session" + (not_asked.size() > 1 ? "s " : " ") +
                list_words(not_asked) + ".";
    }
    return text.empty() ? "No session asked yet." : text;
}

std::string certainty_words(const ReviewFacts& facts, const ReviewRules& rules) {
    std::string text;
    const std::optional<RegistrationRecord> registration =
        facts.last_treated >= 0 ? facts.visits[static_cast<std::size_t>(facts.last_treated)].registration
                                : std::nullopt;
    if (registration) {
        text = "Distances from the plan leave out the error of the head alignment itself, predicted as " +
               number_words(registration->predicted_rms_mm, 1) + " mm (95 % under " +
               number_words(registration->predicted_p95_mm, 1) + " mm). ";
    } else if (facts.last_treated >= 0) {
        text = "No head alignment is on record for the last session, so the place on the cortex is uncertain. ";
    }
    int given = 0, blind = 0, known = 0;
    bool all_near = facts.last_treated >= 0;
    for (const VisitFacts& visit : facts.visits) {
        if (!visit.treated()) continue;
        given += visit.given;
        blind += visit.given - visit.with_pose;
        known += visit.relief_percent ? 1 : 0;
        all_near = all_near && place_reached(visit, rules) == Answer::yes;
        if (visit.slipped_mm) {
            text += "In session " + std::to_string(visit.visit) + " the head reference slipped, found as " +
                    number_words(*visit.slipped_mm, 1) +
                    " mm at the target; how many pulses before the check were off by as much is not known. ";
        }
    }
    if (given > 0) {
        text += blind == 0 ? "All " + std::to_string(given) + " pulses have a pose. "
                           : std::to_string(blind) + " of " + std::to_string(given) +
                                 " pulses have no pose and are left out. ";
    }
    text += "One patient, relief known after " + std::to_string(known) + " of " +
            count_words(facts.treated(), "session", "sessions") +
            "; without a sham comparison part of any relief may be expectation or natural change.";
    if (all_near) text += " Every session reached its planned place, so a missed target does not explain the changes.";
    return text;
}

std::string grouped(const std::string& hash) {
    return hash.substr(0, 4) + " " + hash.substr(4, 4) + " " + hash.substr(8, 4);
}

}  // namespace

Letter letter_of(const ReviewInput& review, const ReviewFacts& facts) {
    const Case& patient = review.patient;
    Letter letter;
    letter.title = "Motor cortex stimulation for pain: review";
    letter.subtitle = to_day(review.made ? *review.made : utc_now());
    const int treated = facts.treated();
    if (!facts.visits.empty()) {
        letter.subtitle += " · " + count_words(static_cast<int>(facts.visits.size()), "session", "sessions") + ", " +
                           std::to_string(treated) + " with stimulation";
    }
    letter.code = printable(patient.code, 24);
    letter.person = printable(patient.sex, 20);
    if (patient.birth_year) {
        letter.person += (letter.person.empty() ? "born " : ", born ") + std::to_string(*patient.birth_year);
    }
    letter.simulated = patient.simulated || std::any_of(review.visits.begin(), review.visits.end(),
                                                        [](const VisitReview& v) { return v.session.simulated; });
    letter.facts = facts_words(review, facts);
    letter.conclusion = conclude(patient, facts, review.rules);
    const std::string symptom = patient.worst_symptom.empty() ? "symptom" : printable(patient.worst_symptom, 9);
    letter.heads = {{{"", ""},
                     {"", "date"},
                     {"threshold", "% output"},
                     {"given", "% output"},
                     {"pulses", "given / planned"},
                     {"from plan, mm", "median"},
                     {"", "95 % below"},
                     {"relief", "%"},
                     {"lasted", "days"},
                     {symptom, "0–10"},
                     {"adverse", "events"}}};
    for (const VisitFacts& visit : facts.visits) letter.rows.push_back(row_of(visit));
    letter.any_unknown = std::any_of(facts.visits.begin(), facts.visits.end(),
                                     [](const VisitFacts& v) { return v.treated() && !v.relief_percent; });
    letter.rows_note = rows_note(facts);
    const GuidanceTolerance& t = review.rules.tolerance;
    letter.deviation_note = "Band: tolerance (in plane " + plain(t.in_plane_on_mm) + " mm, gap −" +
                            plain(t.pressed_on_mm) + " to " + plain(t.gap_on_mm) + " mm; tilt and twist " +
                            plain(t.tilt_on_deg) + "°). Red square: outside. Wedge at the edge: beyond the axis.";
    letter.adverse = adverse_words(facts);
    letter.certainty = certainty_words(facts, review.rules);
    letter.record_full = record_hash(review);
    letter.record = "record " + grouped(letter.record_full) + " · Precentral " PRECENTRAL_VERSION;
    letter.footer = kDisclaimer;
    if (letter.simulated) letter.footer += " All data on this page are simulated.";
    letter.footer += " Page 1 of 1.";
    return letter;
}

std::vector<LetterRow> shortened_rows(const Letter& letter, const ReviewFacts& facts, std::size_t most) {
    if (letter.rows.size() <= most) return letter.rows;
    const std::size_t first = std::min<std::size_t>(4, most > 3 ? most / 2 : 1);
    const std::size_t last = most > first + 1 ? most - first - 1 : 1;
    const std::size_t from = first, to = letter.rows.size() - last;  // left out: [from, to)
    LetterRow between;
    between.summary = true;
    const auto median = [&](auto value) {
        std::vector<double> values;
        for (std::size_t i = from; i < to; ++i) {
            if (const std::optional<double> v = value(facts.visits[i])) values.push_back(*v);
        }
        return quantile(values, 0.5);
    };
    const auto threshold = [](const VisitFacts& v) {
        return v.threshold ? std::optional<double>(v.threshold->rmt_mso) : std::nullopt;
    };
    int wrong = 0;
    for (std::size_t i = from; i < to; ++i) wrong += facts.visits[i].given != facts.visits[i].planned ? 1 : 0;
    between.incomplete = wrong > 0;
    between.cells = {"…",
                     "medians of " + std::to_string(to - from),
                     number_words(median(threshold), 0),
                     number_words(median([](const VisitFacts& v) { return v.given_mso; }), 0),
                     wrong == 0 ? "all as planned" : std::to_string(wrong) + " differ",
                     number_words(median([](const VisitFacts& v) { return v.median_mm; }), 1),
                     number_words(median([](const VisitFacts& v) { return v.p95_mm; }), 1),
                     number_words(median([](const VisitFacts& v) { return v.relief_percent; }), 0),
                     number_words(median([](const VisitFacts& v) { return v.relief_days; }), 0),
                     number_words(median([](const VisitFacts& v) { return v.symptom; }), 0),
                     "see below"};
    std::vector<LetterRow> rows(letter.rows.begin(), letter.rows.begin() + static_cast<std::ptrdiff_t>(first));
    rows.push_back(between);
    rows.insert(rows.end(), letter.rows.begin() + static_cast<std::ptrdiff_t>(to), letter.rows.end());
    return rows;
}

}  // namespace precentral
