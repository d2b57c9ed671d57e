// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "report_cases.h"
#include "ui/report/facts.h"
#include "ui/report/record_hash.h"
#include "ui/report/relief_class.h"
#include "ui/report/wording.h"

namespace precentral {
namespace {

using test::four_visits;

TEST(ReviewFacts, KnownScatterGivesItsMedian) {
    ReviewInput review = four_visits();
    VisitReview& visit = review.visits[0];
    visit.pulses.resize(5);
    const double in_plane[] = {0.4, 3.0, 1.0, 2.0, 0.6};
    for (std::size_t i = 0; i < 5; ++i) visit.pulses[i].deviation = Deviation{in_plane[i], -0.5, 1.0, -1.0};
    const VisitFacts facts = facts_of(review).visits[0];
    EXPECT_DOUBLE_EQ(*facts.median_mm, 1.0);
    EXPECT_NEAR(*facts.p95_mm, 2.8, 1e-12);  // type 7: between the 4th (2) and 5th (3) at 0.8
    EXPECT_DOUBLE_EQ(*facts.median_gap_mm, -0.5);
    EXPECT_DOUBLE_EQ(*facts.p95_gap_mm, 0.5);
    EXPECT_EQ(facts.given, 5);
    EXPECT_EQ(facts.within, 4);
    EXPECT_EQ(facts.planned, 1600);
}

TEST(ReviewFacts, PulsesOfMappingAndThresholdAreNotTheDose) {
    ReviewInput review = four_visits();
    for (std::size_t i = 0; i < 100; ++i) {
        review.visits[0].pulses[i].purpose = i % 2 == 0 ? PulsePurpose::map : PulsePurpose::threshold;
    }
    EXPECT_EQ(facts_of(review).visits[0].given, 1500);
}

TEST(ReviewFacts, APulseWithoutAPoseOrWithARubbishOneIsCountedButNotMeasured) {
    ReviewInput review = four_visits();
    VisitReview& visit = review.visits[0];
    visit.pulses[10].valid = false;
    visit.pulses[11].deviation.reset();
    visit.pulses[12].deviation->gap_mm = std::numeric_limits<double>::quiet_NaN();
    visit.pulses[13].deviation->in_plane_mm = std::numeric_limits<double>::infinity();
    const VisitFacts facts = facts_of(review).visits[0];
    EXPECT_EQ(facts.given, 1600);
    EXPECT_EQ(facts.with_pose, 1596);
    EXPECT_TRUE(std::isfinite(*facts.median_mm));
    EXPECT_FALSE(facts.pulses[11].has_pose);
}

TEST(ReviewFacts, UnknownIsNotZero) {
    ReviewInput review = four_visits();
    Outcome asked = test::outcome_of(3, 0, 0, 0);
    review.visits[2].outcomes = {asked};
    const ReviewFacts facts = facts_of(review);
    EXPECT_EQ(facts.visits[2].relief_percent, 0.0);
    EXPECT_FALSE(facts.visits[3].relief_percent.has_value());
    EXPECT_EQ(facts.last_known, 2);
    EXPECT_EQ(facts.last_treated, 3);
    EXPECT_EQ(relief_class(facts.visits[2].relief_percent), ReliefClass::under10);
    EXPECT_EQ(relief_class(facts.visits[3].relief_percent), ReliefClass::unknown);
}

TEST(ReviewFacts, TheLastAnswerCorrectsTheOnesBefore) {
    ReviewInput review = four_visits();
    review.visits[2].outcomes.push_back(test::outcome_of(3, 25, 6, 6));
    EXPECT_EQ(facts_of(review).visits[2].relief_percent, 25.0);
}

TEST(ReviewFacts, TheMedianAimOfACoilMovedAlongIsThePlanMovedAlong) {
    for (const Side side : {Side::left, Side::right}) {
        ReviewInput review = four_visits(side);
        VisitReview& visit = review.visits[0];
        const TargetRecord& plan = visit.targets[0];
        const Direction<Scan> slip = 3.0 * plan.scan_from_coil.x_axis();
        for (Pulse& pulse : visit.pulses) {
            Eigen::Isometry3d pose = plan.scan_from_coil.isometry();
            pose.pretranslate(slip.xyz);
            pulse.scan_from_coil = Transform<Scan, Coil>(pose);
        }
        const VisitFacts facts = facts_of(review).visits[0];
        ASSERT_TRUE(facts.aim_median.has_value());
        EXPECT_LT(distance_mm(*facts.aim_median, plan.cortex + slip), 1e-9);
        ASSERT_TRUE(facts.pulses[0].offset_mm.has_value());
        EXPECT_NEAR(facts.pulses[0].offset_mm->norm(), 3.0, 1e-9);
    }
}

TEST(ReviewFacts, ATargetThatIsNotOnRecordLeavesThePlaceUnknown) {
    ReviewInput review = four_visits();
    review.visits[0].targets.clear();
    const VisitFacts facts = facts_of(review).visits[0];
    EXPECT_FALSE(facts.aim_median.has_value());
    EXPECT_FALSE(facts.plan.has_value());
    EXPECT_TRUE(facts.median_mm.has_value());  // the deviation was recorded with the pulse
}

TEST(ReviewFacts, AnEmptyCaseHasNoFacts) {
    ReviewInput review;
    review.patient.code = "PRC-00000000";
    const ReviewFacts facts = facts_of(review);
    EXPECT_EQ(facts.treated(), 0);
    EXPECT_EQ(facts.last_treated, -1);
    EXPECT_FALSE(facts.plan.has_value());
}

TEST(ReliefClasses, HaveTheirLimits) {
    EXPECT_EQ(relief_class(9.9), ReliefClass::under10);
    EXPECT_EQ(relief_class(10.0), ReliefClass::from10);
    EXPECT_EQ(relief_class(29.9), ReliefClass::from10);
    EXPECT_EQ(relief_class(30.0), ReliefClass::from30);
    EXPECT_EQ(relief_class(50.0), ReliefClass::from50);
    EXPECT_EQ(relief_class(-40.0), ReliefClass::under10);
    EXPECT_EQ(relief_class(std::numeric_limits<double>::quiet_NaN()), ReliefClass::unknown);
}

TEST(RecordHash, ChangesWithEveryFactAndWithNothingElse) {
    const ReviewInput review = four_visits();
    const std::string before = record_hash(review);
    EXPECT_EQ(before.size(), 64U);
    ReviewInput same = review;
    same.made = test::on_day(200);
    same.rules.responder_percent = 50.0;
    EXPECT_EQ(record_hash(same), before);

    std::vector<std::string> hashes = {before};
    const auto changed = [&](auto change) {
        ReviewInput other = review;
        change(other);
        hashes.push_back(record_hash(other));
    };
    changed([](ReviewInput& r) { r.patient.pain_side = Side::left; });
    changed([](ReviewInput& r) { r.patient.aetiology += " "; });
    changed([](ReviewInput& r) { r.visits[0].outcomes[0].relief_percent = 5.000000001; });
    changed([](ReviewInput& r) { r.visits[0].outcomes[0].relief_percent.reset(); });
    changed([](ReviewInput& r) { r.visits[1].pulses[799].valid = false; });
    changed([](ReviewInput& r) { r.visits[1].pulses[799].deviation->twist_deg += 1e-9; });
    changed([](ReviewInput& r) { r.visits[1].pulses.pop_back(); });
    changed([](ReviewInput& r) { r.visits[3].thresholds[0].low95_mso += 0.1; });
    changed([](ReviewInput& r) { std::swap(r.visits[0], r.visits[1]); });
    std::sort(hashes.begin(), hashes.end());
    EXPECT_EQ(std::adjacent_find(hashes.begin(), hashes.end()), hashes.end());
}

TEST(Wording, PrintsNumbersAsPeopleReadThem) {
    EXPECT_EQ(number_words(-4.24, 1), "−4.2");
    EXPECT_EQ(number_words(-0.02, 1), "0.0");
    EXPECT_EQ(number_words(std::optional<double>{}, 1), "–");
    EXPECT_EQ(number_words(std::numeric_limits<double>::quiet_NaN(), 0), "–");
    EXPECT_EQ(short_day(test::on_day(0)), "9 Feb 2026");
    EXPECT_EQ(list_words({1, 2, 5}), "1, 2 and 5");
    EXPECT_EQ(count_words(1, "pulse", "pulses"), "1 pulse");
}

TEST(Wording, MakesWhatWasTypedPrintable) {
    EXPECT_EQ(printable("  burning\n\tand \x01tight ", 40), "burning and tight");
    EXPECT_EQ(printable(std::string(300, 'x'), 10), std::string(9, 'x') + "…");
    EXPECT_EQ(printable("a\xff\xfe", 10), "a\xef\xbf\xbd\xef\xbf\xbd");  // not UTF-8
    EXPECT_EQ(printable("left \u202e right", 40), "left right");         // no turning of the direction
    EXPECT_EQ(printable("\U0001F600\U0001F600\U0001F600", 4).find("\xef\xbf\xbd"), std::string::npos);
}

}  // namespace
}  // namespace precentral
