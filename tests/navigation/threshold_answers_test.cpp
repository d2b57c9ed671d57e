// SPDX-License-Identifier: Apache-2.0
#include "navigation/threshold_answers.h"

#include <gtest/gtest.h>

#include "data/error.h"
#include "navigation/seeded_random.h"
#include "navigation/virtual_muscle.h"

namespace precentral {
namespace {

TEST(ThresholdAnswers, UndoIsAsIfItHadNotBeen) {
    for (const char* name : {"bayes", "samt", "ml-pest", "5of10", "5of10-by-2", "10of20", "mills-nithi"}) {
        SCOPED_TRACE(name);
        const ThresholdMethod method = threshold_method_from(name);
        ThresholdRun straight(method);
        ThresholdRun wavering(method);
        SeededRandom random(4);
        for (int i = 0; i < 30; ++i) {
            const bool responded = straight.next_mso() > 50.0 + 4.0 * draw_normal(random);
            straight.answer(straight.next_mso(), responded);
            wavering.answer(wavering.next_mso() + 3.0, !responded);
            EXPECT_TRUE(wavering.undo());
            wavering.answer(wavering.next_mso(), responded);
            ASSERT_EQ(straight.next_mso(), wavering.next_mso());
            ASSERT_EQ(straight.estimate().rmt_mso, wavering.estimate().rmt_mso);
        }
        while (wavering.undo()) continue;
        EXPECT_FALSE(wavering.undo());
        EXPECT_EQ(wavering.next_mso(), ThresholdRun(method).next_mso());
    }
}

TEST(ThresholdAnswers, AnIntensityNobodyHasAddsNothing) {
    ThresholdRun run(ThresholdMethod::bayes);
    EXPECT_THROW(run.answer(140.0, true), InputError);
    EXPECT_THROW(run.answer(-1.0, true), InputError);
    EXPECT_TRUE(run.answers().empty());
    EXPECT_EQ(run.estimate().pulses, 0);
}

ThresholdRun measure(SeededRandom& random, int pulses, int jump_after, double jump) {
    const VirtualMuscle muscle = VirtualMuscle::draw(random);
    ThresholdRun run(ThresholdMethod::bayes);
    for (int i = 0; i < pulses; ++i) {
        const double factor = i >= jump_after ? jump : 1.0;
        const double mso = run.next_mso();
        run.answer(mso, muscle.mep_volt(mso / 100.0 / factor, random) >= 50e-6);
    }
    return run;
}

TEST(ThresholdAnswers, AStableSubjectIsSeldomDoubted) {
    SeededRandom random(11);
    int shifts = 0;
    int odd = 0;
    constexpr int kSubjects = 500;
    for (int i = 0; i < kSubjects; ++i) {
        const auto doubts = measure(random, 40, 1000, 1.0).doubts();
        for (const std::string& doubt : doubts) shifts += doubt.find("seems to have") != std::string::npos ? 1 : 0;
        odd += doubts.empty() ? 0 : 1;
    }
    RecordProperty("shift_false_alarms_of_500", shifts);
    RecordProperty("doubted_of_500", odd);
    EXPECT_LT(shifts, kSubjects / 100);
    EXPECT_LT(odd, kSubjects / 20);
}

TEST(ThresholdAnswers, ASuddenShiftIsSaid) {
    SeededRandom random(12);
    int seen = 0;
    constexpr int kSubjects = 150;
    for (int i = 0; i < kSubjects; ++i) {
        for (const std::string& doubt : measure(random, 40, 18, 1.25).doubts()) {
            if (doubt.find("risen") != std::string::npos) ++seen;
            EXPECT_EQ(doubt.find("fallen"), std::string::npos);
        }
    }
    RecordProperty("risen_seen_of_150", seen);
    EXPECT_GT(seen, kSubjects * 6 / 10);
}

TEST(ThresholdAnswers, OneWrongAnswerIsNamed) {
    std::vector<ThresholdAnswer> answers;
    for (const double mso : {60, 56, 50, 54, 52, 50, 53, 51, 52, 50}) answers.push_back({mso, mso > 51.5});
    EXPECT_TRUE(doubts_about(answers).empty());
    answers.insert(answers.begin() + 2, {75, false});
    ASSERT_EQ(doubts_about(answers).size(), 1U);
    EXPECT_NE(doubts_about(answers)[0].find("Pulse 3 brought none at 75 %"), std::string::npos);
}

TEST(ThresholdAnswers, AllAlikeIsDoubted) {
    std::vector<ThresholdAnswer> answers;
    for (int i = 0; i < 7; ++i) answers.push_back({60.0 - 5 * i, true});
    EXPECT_TRUE(doubts_about(answers).empty());
    answers.push_back({25, true});
    ASSERT_EQ(doubts_about(answers).size(), 1U);
    EXPECT_NE(doubts_about(answers)[0].find("down to 25 %"), std::string::npos);
    for (ThresholdAnswer& a : answers) a.responded = false;
    EXPECT_NE(doubts_about(answers)[0].find("None of 8"), std::string::npos);
    EXPECT_TRUE(doubts_about({}).empty());
}

}  // namespace
}  // namespace precentral
