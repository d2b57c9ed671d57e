// SPDX-License-Identifier: Apache-2.0
// Every rule at its edges; an override counts only with a name and a reason.
#include "data/guard_rails.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace precentral {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const RailOverride kBy{"Dr A", "ipsilateral trial"};
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(GuardRails, TheTargetLiesOppositeToThePain) {
    for (const Side pain : {Side::left, Side::right}) {
        EXPECT_EQ(judge_side(pain, opposite(pain)).verdict, RailVerdict::pass);
        EXPECT_THAT(judge_side(pain, opposite(pain), kBy).reasons, IsEmpty());
        const RailJudgement wrong = judge_side(pain, pain);
        EXPECT_EQ(wrong.verdict, RailVerdict::stop);
        EXPECT_THAT(wrong.reasons, Contains(HasSubstr(std::string("expected on the ") + to_word(opposite(pain)))));
        const RailJudgement taken = judge_side(pain, pain, kBy);
        EXPECT_EQ(taken.verdict, RailVerdict::warn);
        EXPECT_TRUE(taken.overridden);
        EXPECT_THAT(taken.reasons, Contains("Overridden by Dr A: ipsilateral trial"));
        for (const RailOverride& empty : {RailOverride{"Dr A", " "}, RailOverride{"", "why"}, RailOverride{}}) {
            EXPECT_EQ(judge_side(pain, pain, empty).verdict, RailVerdict::stop);
        }
    }
}

TEST(GuardRails, FourteenAndThirtyFiveDaysAreWithin) {
    const UtcTime now = from_iso8601("2026-03-29T12:00:00.000Z");
    const auto at = [&](std::chrono::milliseconds before) { return judge_interval(now - before, now).verdict; };
    using std::chrono::days;
    constexpr std::chrono::milliseconds kMoment{1};
    EXPECT_EQ(judge_interval(std::nullopt, now).verdict, RailVerdict::pass);
    EXPECT_EQ(at(days(14)), RailVerdict::pass);
    EXPECT_EQ(at(days(14) - kMoment), RailVerdict::warn);
    EXPECT_EQ(at(days(21)), RailVerdict::pass);
    EXPECT_EQ(at(days(35)), RailVerdict::pass);
    EXPECT_EQ(at(days(35) + kMoment), RailVerdict::warn);
    EXPECT_EQ(at(days(0)), RailVerdict::warn);
    EXPECT_EQ(at(-kMoment), RailVerdict::stop);
}

TEST(GuardRails, AThresholdIsHeldAgainstThePatientsOwn) {
    const std::array few{60.0, 62.0};
    EXPECT_EQ(judge_threshold(71.0, few).verdict, RailVerdict::pass);
    EXPECT_EQ(judge_threshold(71.1, few).verdict, RailVerdict::warn);
    EXPECT_EQ(judge_threshold(51.0, few).verdict, RailVerdict::pass);
    EXPECT_EQ(judge_threshold(50.9, few).verdict, RailVerdict::warn);
    // Median 60, median absolute deviation 4: 3 x 1.4826 x 4 = 17.79.
    const std::array wide{52.0, 56.0, 60.0, 64.0, 68.0};
    EXPECT_EQ(judge_threshold(77.7, wide).verdict, RailVerdict::pass);
    EXPECT_EQ(judge_threshold(77.9, wide).verdict, RailVerdict::warn);
    EXPECT_EQ(judge_threshold(1.0, {}).verdict, RailVerdict::pass);
    EXPECT_EQ(judge_threshold(100.0, {}).verdict, RailVerdict::pass);
    for (const double none : {0.99, 100.01, -5.0, kNan}) {
        EXPECT_EQ(judge_threshold(none, few).verdict, RailVerdict::stop) << none;
    }
    const std::array unknown{kNan, kNan};
    EXPECT_EQ(judge_threshold(50.0, unknown).verdict, RailVerdict::pass);
}

TEST(GuardRails, NothingGoesOverTheProtocolUnnoticed) {
    const Protocol protocol;
    EXPECT_EQ(judge_dose(protocol, protocol, 0).verdict, RailVerdict::pass);
    EXPECT_EQ(judge_dose(protocol, protocol, 1).verdict, RailVerdict::stop);
    const auto changed = [&](auto&& change) {
        Protocol wanted = protocol;
        change(wanted);
        return wanted;
    };
    Protocol less = changed([](Protocol& p) {
        p.trains = 10;
        p.intensity_percent_rmt = 70.0;
        p.pause_s = 90.0;
    });
    EXPECT_EQ(judge_dose(protocol, less, 800).verdict, RailVerdict::pass);
    EXPECT_EQ(judge_dose(protocol, less, 801).verdict, RailVerdict::stop);
    for (const Protocol& over :
         {changed([](Protocol& p) { p.frequency_hz = std::nextafter(20.0, 21.0); }),
          changed([](Protocol& p) { p.trains = 21; }), changed([](Protocol& p) { p.pulses_per_train = 81; }),
          changed([](Protocol& p) { p.pause_s = std::nextafter(84.0, 0.0); }),
          changed([](Protocol& p) { p.intensity_percent_rmt = 80.5; }),
          changed([](Protocol& p) { p.intensity_percent_rmt = kNan; }),
          changed([](Protocol& p) { p.pause_s = kNan; })}) {
        EXPECT_EQ(judge_dose(protocol, over, 0).verdict, RailVerdict::stop);
        EXPECT_EQ(judge_dose(protocol, over, 0, kBy).verdict, RailVerdict::warn);
    }
}

std::vector<ScreeningEntry> all_no() {
    std::vector<ScreeningEntry> out;
    for (int i = 0; i < 13; ++i) out.push_back({static_cast<ScreeningItem>(i), ScreeningAnswer::no});
    return out;
}

TEST(GuardRails, AScreeningYesNeedsASignatureAndAnImplantAnOverride) {
    EXPECT_EQ(judge_screening(all_no(), "", false).verdict, RailVerdict::pass);
    EXPECT_EQ(judge_screening({}, "", false).verdict, RailVerdict::stop);
    EXPECT_EQ(judge_screening({}, "", false).reasons.size(), 13U);
    for (int i = 0; i < 13; ++i) {
        const auto item = static_cast<ScreeningItem>(i);
        const bool implant = item == ScreeningItem::cochlear_implant || item == ScreeningItem::neurostimulator ||
                             item == ScreeningItem::pacemaker || item == ScreeningItem::metal_in_head;
        for (const ScreeningAnswer answer : {ScreeningAnswer::yes, ScreeningAnswer::unknown}) {
            const bool hard = implant && answer == ScreeningAnswer::yes;
            auto entries = all_no();
            entries[static_cast<std::size_t>(i)].answer = answer;
            EXPECT_EQ(judge_screening(entries, "", false).verdict, RailVerdict::stop) << to_words(item);
            EXPECT_EQ(judge_screening(entries, " ", false).verdict, RailVerdict::stop);
            EXPECT_EQ(judge_screening(entries, "Dr B", false).verdict, hard ? RailVerdict::stop : RailVerdict::warn);
            EXPECT_EQ(judge_screening(entries, "", false, kBy).verdict, hard ? RailVerdict::warn : RailVerdict::stop);
            EXPECT_THAT(judge_screening(entries, "Dr B", false).reasons, Contains(HasSubstr(to_words(item))));
            // Answered no as well: the graver answer counts.
            entries.push_back({item, ScreeningAnswer::no});
            EXPECT_EQ(judge_screening(entries, "", false).verdict, RailVerdict::stop);
        }
    }
    EXPECT_EQ(judge_screening(all_no(), "Dr B", true).verdict, RailVerdict::stop);
    EXPECT_EQ(judge_screening(all_no(), "Dr B", true, kBy).verdict, RailVerdict::warn);
}

TEST(GuardRails, TheGravestCounts) {
    const std::array judgements{judge_side(Side::left, Side::right), judge_side(Side::left, Side::left, kBy),
                                judge_threshold(0.0, {})};
    const RailJudgement all = together(judgements);
    EXPECT_EQ(all.verdict, RailVerdict::stop);
    EXPECT_TRUE(all.overridden);
    EXPECT_EQ(all.reasons.size(), 3U);
    EXPECT_STREQ(to_word(together({}).verdict), "pass");
}

}  // namespace
}  // namespace precentral
