// SPDX-License-Identifier: Apache-2.0
#include "ui/report/conclusion.h"

#include <cmath>

#include "ui/report/wording.h"

namespace precentral {

namespace {

std::string percent(double value) { return number_words(value, 0) + " %"; }

std::string session_words(const VisitFacts& visit) { return "session " + std::to_string(visit.visit); }

std::string sessions_words(const std::vector<int>& numbers) {
    return (numbers.size() == 1 ? "session " : "sessions ") + list_words(numbers);
}

std::string relief_words(const VisitFacts& visit) {
    const double relief = *visit.relief_percent;
    std::string words = relief < 0.0 ? "pain " + percent(-relief) + " worse" : percent(relief) + " relief";
    if (relief > 0.0 && visit.relief_days) {
        const double days = *visit.relief_days;
        words += " for " + number_words(days, std::abs(days - std::round(days)) < 0.05 ? 0 : 1) +
                 (std::abs(days - 1.0) < 0.05 ? " day" : " days");
    }
    return words + " after " + session_words(visit);
}

// "; burning fell from 8 to 4 of 10", "" when it is not known twice
std::string symptom_words(const Case& patient, const ReviewFacts& facts) {
    const VisitFacts& last = facts.visits[static_cast<std::size_t>(facts.last_known)];
    const std::string name = patient.worst_symptom.empty() ? "the worst symptom" : printable(patient.worst_symptom, 40);
    if (last.symptom) {
        for (const VisitFacts& visit : facts.visits) {
            if (&visit == &last) break;
            if (!visit.symptom) continue;
            const std::string from = number_words(*visit.symptom, 0), to = number_words(*last.symptom, 0);
            if (from == to) return "; " + name + " unchanged at " + to + " of 10";
            return "; " + name + (*last.symptom < *visit.symptom ? " fell from " : " rose from ") + from + " to " + to +
                   " of 10";
        }
    }
    if (last.pain_before && last.pain_after) {
        const std::string from = number_words(*last.pain_before, 0), to = number_words(*last.pain_after, 0);
        if (from == to) return "; pain score unchanged at " + to + " of 10";
        return std::string("; pain score ") + (*last.pain_after < *last.pain_before ? "fell" : "rose") + " from " +
               from + " to " + to + " of 10";
    }
    return "";
}

void add_response(const Case& patient, const ReviewFacts& facts, const ReviewRules& rules, Conclusion& out) {
    const std::string limit = percent(rules.responder_percent);
    out.definition = "Definition: at least " + limit +
                     " relief, as the patient says it, after the last session with a known answer.";
    if (facts.last_treated < 0) {
        out.headline = "No treatment pulse is on record yet.";
        return;
    }
    const VisitFacts& treated = facts.visits[static_cast<std::size_t>(facts.last_treated)];
    if (facts.last_known < 0) {
        out.headline = "Response not known yet: no relief recorded after " + session_words(treated) + ".";
        return;
    }
    const VisitFacts& known = facts.visits[static_cast<std::size_t>(facts.last_known)];
    const double relief = *known.relief_percent;
    out.responder = relief >= rules.responder_percent ? Answer::yes : Answer::no;
    out.headline =
        std::string(out.responder == Answer::yes ? "Responder: " : "Not a responder by the definition below: ") +
        relief_words(known) + symptom_words(patient, facts) + ".";

    std::string met, missed;
    for (const double other : {10.0, 30.0, 50.0}) {
        if (std::abs(other - rules.responder_percent) < 1e-9) continue;
        std::string& list = relief >= other ? met : missed;
        list += (list.empty() ? "" : " or ") + percent(other);
    }
    if (!met.empty()) out.definition += " Also met: " + met + ".";
    if (!missed.empty()) out.definition += " Not met: " + missed + ".";
    for (const VisitFacts& visit : facts.visits) {
        if (!visit.treated() || !visit.relief_percent || *visit.relief_percent < rules.responder_percent) continue;
        out.definition += " First reached after " + session_words(visit) + ".";
        break;
    }
    if (facts.last_known != facts.last_treated) {
        out.definition += " Relief after " + session_words(treated) + " not recorded.";
    }
}

Finding place_finding(const ReviewFacts& facts, const ReviewRules& rules) {
    std::string no, unknown;
    std::optional<double> low, high;
    for (const VisitFacts& visit : facts.visits) {
        if (!visit.treated()) continue;
        const Answer answer = place_reached(visit, rules);
        if (answer == Answer::no) {
            const double share = 100.0 * visit.within / visit.given;
            no += (no.empty() ? "" : ", ") + std::to_string(visit.visit) + " (" + percent(std::floor(share)) +
                  " of pulses within tolerance)";
        } else if (answer == Answer::unknown) {
            unknown += (unknown.empty() ? "" : ", ") + std::to_string(visit.visit) +
                       (visit.slipped_mm ? std::string(" (the head reference slipped)")
                                         : " (" + std::to_string(visit.given - visit.with_pose) + " of " +
                                               std::to_string(visit.given) + " pulses without a pose)");
        }
        if (visit.median_mm) {
            low = low ? std::min(*low, *visit.median_mm) : *visit.median_mm;
            high = high ? std::max(*high, *visit.median_mm) : *visit.median_mm;
        }
    }
    if (facts.last_treated < 0) return {"Place", Answer::unknown, "no treatment pulse on record"};
    if (!no.empty()) return {"Place", Answer::no, "missed in session " + no};
    if (!unknown.empty()) return {"Place", Answer::unknown, "not known in session " + unknown};
    const int treated = facts.treated();
    std::string text =
        std::to_string(treated) + " of " + count_words(treated, "session", "sessions") + " within tolerance";
    if (low) {
        const std::string from = number_words(*low, 1), to = number_words(*high, 1);
        text += ", " + (from == to ? from : from + "–" + to) + " mm off";
    }
    return {"Place", Answer::yes, text};
}

Finding dose_finding(const ReviewFacts& facts) {
    long given = 0, planned = 0;
    std::string wrong;
    for (const VisitFacts& visit : facts.visits) {
        if (!visit.treated()) continue;
        given += visit.given;
        planned += visit.planned;
        if (visit.given == visit.planned) continue;
        wrong += (wrong.empty() ? "" : "; ") + std::to_string(visit.given) + " of " + std::to_string(visit.planned) +
                 " pulses in " + session_words(visit);
        if (visit.given < visit.planned && !visit.stop_reason.empty()) {
            wrong += ", last pause: " + printable(visit.stop_reason, 40);
        }
    }
    if (facts.last_treated < 0) return {"Dose", Answer::unknown, "no treatment pulse on record"};
    if (!wrong.empty()) return {"Dose", Answer::no, (given > planned ? "not as planned: " : "incomplete: ") + wrong};
    return {"Dose", Answer::yes,
            std::to_string(given) + " of " + std::to_string(planned) + " pulses in " +
                count_words(facts.treated(), "session", "sessions")};
}

Finding side_finding(const Case& patient, const ReviewFacts& facts) {
    std::vector<int> same;
    for (const VisitFacts& visit : facts.visits) {
        if (visit.treated() && visit.side == patient.pain_side) same.push_back(visit.visit);
    }
    const std::string pain = std::string(to_word(patient.pain_side)) + " pain";
    if (!same.empty()) {
        return {"Side", Answer::no,
                std::string(to_word(patient.pain_side)) + " target on the same side as the pain in " +
                    sessions_words(same)};
    }
    if (facts.plan && facts.plan->side == patient.pain_side) {
        return {"Side", Answer::no, std::string(to_word(facts.plan->side)) + " target on the same side as the pain"};
    }
    if (facts.visits.empty()) return {"Side", Answer::unknown, "no session on record"};
    return {"Side", Answer::yes, std::string(to_word(opposite(patient.pain_side))) + " target, opposite the " + pain};
}

Finding alignment_finding(const ReviewFacts& facts) {
    // Of the last treated visit; before treatment, the newest there is.
    std::optional<RegistrationRecord> registration;
    bool held = false;
    std::optional<double> slipped_mm;
    const auto take = [&](const VisitFacts& visit) {
        registration = visit.registration;
        held = visit.registration_held;
        slipped_mm = visit.slipped_mm;
    };
    if (facts.last_treated >= 0) {
        take(facts.visits[static_cast<std::size_t>(facts.last_treated)]);
    } else {
        for (const VisitFacts& visit : facts.visits) {
            if (visit.registration) take(visit);
        }
    }
    if (!registration) return {"Alignment", Answer::unknown, "no head alignment on record for the last session"};
    std::string text = "predicted " + number_words(registration->predicted_rms_mm, 1) + " mm, 95 % under " +
                       number_words(registration->predicted_p95_mm, 1) + " mm";
    if (!registration->verdict.empty()) text += ": " + printable(registration->verdict, 20);
    if (slipped_mm) {
        return {"Alignment", Answer::no,
                "slipped in the session: pulses before the check may be " + number_words(*slipped_mm, 1) + " mm off"};
    }
    if (held) text += ", held when checked";
    const Answer answer = registration->verdict == "good" || registration->verdict == "fair" ? Answer::yes
                          : registration->verdict == "poor"                                  ? Answer::no
                                                                                             : Answer::unknown;
    return {"Alignment", answer, text};
}

}  // namespace

Answer place_reached(const VisitFacts& visit, const ReviewRules& rules) {
    if (!visit.treated()) return Answer::unknown;
    if (visit.slipped_mm) return Answer::unknown;  // what the record says of the place was wrong for a while
    const double needed = rules.within_percent / 100.0 * visit.given;
    if (visit.within >= needed) return Answer::yes;
    // Even if every pulse without a pose had been in place?
    return visit.within + (visit.given - visit.with_pose) >= needed ? Answer::unknown : Answer::no;
}

Answer worst_of(const Conclusion& conclusion) {
    Answer worst = conclusion.responder == Answer::unknown ? Answer::unknown : Answer::yes;
    for (const Finding& finding : conclusion.findings) {
        if (finding.answer == Answer::no) return Answer::no;
        if (finding.answer == Answer::unknown) worst = Answer::unknown;
    }
    return worst;
}

Conclusion conclude(const Case& patient, const ReviewFacts& facts, const ReviewRules& rules) {
    Conclusion out;
    add_response(patient, facts, rules, out);
    out.findings = {place_finding(facts, rules), dose_finding(facts), side_finding(patient, facts),
                    alignment_finding(facts)};
    return out;
}

}  // namespace precentral
