// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report_cases.h"
#include "ui/report/conclusion.h"
#include "ui/report/letter.h"

namespace precentral {
namespace {

using test::four_visits;
using testing::HasSubstr;
using testing::Not;

Conclusion conclusion_of(const ReviewInput& review) { return conclude(review.patient, facts_of(review), review.rules); }

const Finding& finding(const Conclusion& conclusion, const std::string& name) {
    for (const Finding& f : conclusion.findings) {
        if (f.name == name) return f;
    }
    throw std::runtime_error("no finding named " + name);
}

TEST(Conclusion, SaysWhoRespondedAndByWhichDefinition) {
    const Conclusion c = conclusion_of(four_visits());
    EXPECT_EQ(c.responder, Answer::yes);
    EXPECT_EQ(c.headline, "Responder: 45 % relief for 12 days after session 3; burning fell from 8 to 5 of 10.");
    EXPECT_THAT(c.definition, HasSubstr("at least 30 % relief"));
    EXPECT_THAT(c.definition, HasSubstr("Also met: 10 %."));
    EXPECT_THAT(c.definition, HasSubstr("Not met: 50 %."));
    EXPECT_THAT(c.definition, HasSubstr("First reached after session 3."));
    EXPECT_THAT(c.definition, HasSubstr("Relief after session 4 not recorded."));
}

TEST(Conclusion, TheLimitItselfCounts) {
    ReviewInput review = four_visits();
    review.visits[2].outcomes[0].relief_percent = 30.0;
    EXPECT_EQ(conclusion_of(review).responder, Answer::yes);
    review.visits[2].outcomes[0].relief_percent = 29.9;
    EXPECT_EQ(conclusion_of(review).responder, Answer::no);
    EXPECT_THAT(conclusion_of(review).headline, HasSubstr("Not a responder by the definition below"));
}

TEST(Conclusion, FollowsTheSitesOwnLimit) {
    ReviewInput review = four_visits();
    review.rules.responder_percent = 50.0;
    const Conclusion c = conclusion_of(review);
    EXPECT_EQ(c.responder, Answer::no);
    EXPECT_THAT(c.definition, HasSubstr("at least 50 % relief"));
    EXPECT_THAT(c.definition, HasSubstr("Also met: 10 % or 30 %."));
    EXPECT_THAT(c.definition, Not(HasSubstr("First reached")));
}

TEST(Conclusion, UnknownReliefIsUnknownNotZero) {
    ReviewInput review = four_visits();
    for (VisitReview& visit : review.visits) visit.outcomes.clear();
    const Conclusion c = conclusion_of(review);
    EXPECT_EQ(c.responder, Answer::unknown);
    EXPECT_EQ(c.headline, "Response not known yet: no relief recorded after session 4.");
    EXPECT_THAT(c.headline, Not(HasSubstr("0 %")));
}

TEST(Conclusion, WorsePainIsSaidSo) {
    ReviewInput review = four_visits();
    review.visits[2].outcomes[0].relief_percent = -15.0;
    const Conclusion c = conclusion_of(review);
    EXPECT_EQ(c.responder, Answer::no);
    EXPECT_THAT(c.headline, HasSubstr("pain 15 % worse after session 3"));
    EXPECT_THAT(c.headline, Not(HasSubstr("relief for")));
}

TEST(Conclusion, AnEmptyCaseConcludesNothing) {
    ReviewInput review;
    const Conclusion c = conclusion_of(review);
    EXPECT_EQ(c.headline, "No treatment pulse is on record yet.");
    for (const Finding& f : c.findings) EXPECT_EQ(f.answer, Answer::unknown) << f.name;
}

TEST(Conclusion, AnIncompleteDoseNamesSessionAndReason) {
    ReviewInput review = four_visits();
    review.visits[2].pulses.resize(1440);
    SessionEvent pause;
    pause.kind = "paused";
    pause.text = "coil too warm";
    review.visits[2].events.push_back(pause);
    const Finding dose = finding(conclusion_of(review), "Dose");
    EXPECT_EQ(dose.answer, Answer::no);
    EXPECT_EQ(dose.text, "incomplete: 1440 of 1600 pulses in session 3, last pause: coil too warm");
    EXPECT_EQ(finding(conclusion_of(four_visits()), "Dose").answer, Answer::yes);
}

TEST(Conclusion, MorePulsesThanPlannedIsNotComplete) {
    ReviewInput review = four_visits();
    review.visits[1].pulses.push_back(review.visits[1].pulses.back());
    const Finding dose = finding(conclusion_of(review), "Dose");
    EXPECT_EQ(dose.answer, Answer::no);
    EXPECT_THAT(dose.text, HasSubstr("not as planned: 1601 of 1600 pulses in session 2"));
}

TEST(Conclusion, SideIsCheckedBothWays) {
    for (const Side target : {Side::left, Side::right}) {
        ReviewInput review = four_visits(target);
        const Finding right = finding(conclusion_of(review), "Side");
        EXPECT_EQ(right.answer, Answer::yes);
        EXPECT_THAT(right.text, HasSubstr(std::string(to_word(target)) + " target, opposite the " +
                                          to_word(opposite(target)) + " pain"));
        review.patient.pain_side = target;
        const Finding wrong = finding(conclusion_of(review), "Side");
        EXPECT_EQ(wrong.answer, Answer::no);
        EXPECT_THAT(wrong.text, HasSubstr("same side as the pain"));
    }
}

TEST(Conclusion, OneSessionOnTheWrongSideIsNamed) {
    ReviewInput review = four_visits();
    review.visits[1].session.target_side = Side::right;
    const Finding side = finding(conclusion_of(review), "Side");
    EXPECT_EQ(side.answer, Answer::no);
    EXPECT_THAT(side.text, HasSubstr("in session 2"));
}

TEST(Conclusion, AMissedPlaceIsNamedWithItsShare) {
    ReviewInput review = four_visits();
    for (std::size_t i = 0; i < 400; ++i) review.visits[1].pulses[i].deviation->in_plane_mm = 7.0;
    const Finding place = finding(conclusion_of(review), "Place");
    EXPECT_EQ(place.answer, Answer::no);
    EXPECT_THAT(place.text, HasSubstr("missed in session 2 (7"));
    EXPECT_THAT(place.text, HasSubstr("% of pulses within tolerance)"));
}

TEST(Conclusion, PulsesWithoutAPoseLeaveThePlaceUnknownOnlyWhereTheyDecide) {
    const ReviewRules rules;
    VisitFacts visit;
    visit.given = 1000;
    visit.with_pose = 950;
    visit.within = 920;
    EXPECT_EQ(place_reached(visit, rules), Answer::yes);
    visit.within = 880;  // 93 % if the blind ones were in place, 88 % if not
    EXPECT_EQ(place_reached(visit, rules), Answer::unknown);
    visit.within = 800;
    EXPECT_EQ(place_reached(visit, rules), Answer::no);
    visit = {};
    EXPECT_EQ(place_reached(visit, rules), Answer::unknown);
}

TEST(Conclusion, AlignmentTakesTheRecordedVerdict) {
    ReviewInput review = four_visits();
    EXPECT_EQ(finding(conclusion_of(review), "Alignment").answer, Answer::yes);
    EXPECT_EQ(finding(conclusion_of(review), "Alignment").text, "predicted 1.8 mm, 95 % under 3.1 mm: good");
    review.visits[3].registrations[0].verdict = "poor";
    EXPECT_EQ(finding(conclusion_of(review), "Alignment").answer, Answer::no);
    review.visits[3].registrations.clear();
    EXPECT_EQ(finding(conclusion_of(review), "Alignment").answer, Answer::unknown);
}

TEST(Conclusion, AlignmentTellsWhatTheChecksFound) {
    ReviewInput review = four_visits();
    LandmarkTouches made;  // those of the registration itself say nothing
    LandmarkTouches check;
    check.drift_mm = 0.6;
    check.verdict = "fine";
    review.visits[3].touches = {made, check};
    EXPECT_EQ(finding(conclusion_of(review), "Alignment").answer, Answer::yes);
    EXPECT_EQ(finding(conclusion_of(review), "Alignment").text,
              "predicted 1.8 mm, 95 % under 3.1 mm: good, held when checked");
    LandmarkTouches slipped = check;
    slipped.drift_mm = 6.6;
    slipped.verdict = "the head reference has slipped";
    review.visits[3].touches = {made, slipped, check};  // registered anew in between
    EXPECT_EQ(finding(conclusion_of(review), "Alignment").answer, Answer::no);
    EXPECT_EQ(finding(conclusion_of(review), "Alignment").text,
              "slipped in the session: pulses before the check may be 6.6 mm off");
    EXPECT_EQ(finding(conclusion_of(review), "Place").answer, Answer::unknown);
    EXPECT_EQ(finding(conclusion_of(review), "Place").text, "not known in session 4 (the head reference slipped)");
    const Letter letter = letter_of(review, facts_of(review));
    EXPECT_EQ(letter.certainty.find("does not explain"), std::string::npos) << letter.certainty;
    EXPECT_NE(letter.certainty.find("In session 4 the head reference slipped"), std::string::npos) << letter.certainty;
    check.verdict = "touch again";  // it could not tell
    review.visits[3].touches = {made, check};
    EXPECT_EQ(finding(conclusion_of(review), "Alignment").text, "predicted 1.8 mm, 95 % under 3.1 mm: good");
}

TEST(Letter, TellsNoneFromNotAsked) {
    ReviewInput review = four_visits();
    const Letter letter = letter_of(review, facts_of(review));
    // Clopper-Pearson, 0 of 3: 1 − 0.025^(1/3) = 0.7076 (R: binom.test(0, 3)$conf.int).
    EXPECT_EQ(letter.adverse,
              "None in 3 sessions asked (exact 95 % interval: up to 71 % of sessions). Not asked after "
              "session 4.");
    EXPECT_EQ(letter.rows[3].cells[10], "not asked");
    EXPECT_EQ(letter.rows[3].cells[7], "–");
    review.visits[1].outcomes[0].adverse_events = "headache, 2 hours";
    EXPECT_THAT(letter_of(review, facts_of(review)).adverse,
                HasSubstr("Reported after session 2: headache, 2 hours. None in 2 of 3 sessions asked."));
}

TEST(Letter, SaysHowSureItIs) {
    const ReviewInput review = four_visits();
    const std::string text = letter_of(review, facts_of(review)).certainty;
    EXPECT_THAT(text, HasSubstr("predicted as 1.8 mm (95 % under 3.1 mm)"));
    EXPECT_THAT(text, HasSubstr("32 of 6400 pulses have no pose"));
    EXPECT_THAT(text, HasSubstr("relief known after 3 of 4 sessions"));
    EXPECT_THAT(text, HasSubstr("without a sham comparison"));
}

TEST(Letter, LeavesOutTheMiddleOfALongTableAndSaysSo) {
    ReviewInput review;
    for (int visit = 1; visit <= 30; ++visit) {
        review.visits.push_back(test::visit_of(visit, 21 * visit, Side::left, visit == 9 ? 20 : 40, 0.5, 0));
        review.visits.back().session.protocol.trains = 1;
        review.visits.back().session.protocol.pulses_per_train = 40;
    }
    const ReviewFacts facts = facts_of(review);
    const Letter letter = letter_of(review, facts);
    ASSERT_EQ(letter.rows.size(), 30U);
    const std::vector<LetterRow> rows = shortened_rows(letter, facts, 12);
    ASSERT_EQ(rows.size(), 12U);
    EXPECT_EQ(rows.front().cells[0], "1");
    EXPECT_EQ(rows.back().cells[0], "30");
    EXPECT_TRUE(rows[4].summary);
    EXPECT_EQ(rows[4].cells[1], "medians of 19");
    EXPECT_EQ(rows[4].cells[4], "1 differ");
    EXPECT_EQ(rows[4].cells[2], "44");  // thresholds 53 … 35 of visits 5 … 23
    EXPECT_EQ(shortened_rows(letter, facts, 30).size(), 30U);
}

}  // namespace
}  // namespace precentral
