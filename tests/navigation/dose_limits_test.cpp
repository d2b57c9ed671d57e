// SPDX-License-Identifier: Apache-2.0
#include "navigation/dose_limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace precentral {
namespace {

// The tables once more, typed anew from the dossier: a slip of a finger in either shows.
constexpr double kHz[] = {1, 5, 10, 20, 25};
constexpr double kPercent[] = {90, 100, 110, 120, 130};
constexpr double kLongest[5][5] = {{1800, 1800, 1800, 360, 50},
                                   {10, 10, 10, 10, 10},
                                   {5, 5, 5, 4.2, 2.9},
                                   {2.05, 2.05, 1.6, 1.0, .55},
                                   {1.28, 1.28, .84, .4, .24}};
constexpr double kReducedS[5][4] = {
    {270, 270, 180, 50}, {10, 10, 10, 10}, {5, 5, 3.2, 2.2}, {1.5, 1.2, .8, .4}, {1.0, .7, .3, .2}};
constexpr int kReducedPulses[5][4] = {
    {270, 270, 180, 50}, {50, 50, 50, 50}, {50, 50, 32, 22}, {30, 24, 16, 8}, {25, 17, 7, 5}};

// One train that lasts `seconds`, or as near to it from the wanted side as whole pulses allow.
DosePlan single_train(double hz, double percent, int pulses) {
    DosePlan plan;
    plan.protocol = {.name = "test",
                     .frequency_hz = hz,
                     .trains = 1,
                     .pulses_per_train = pulses,
                     .pause_s = 0.0,
                     .intensity_percent_rmt = percent};
    return plan;
}
DosePlan trains(double hz, double percent, int pulses, int count, double pause_s) {
    DosePlan plan = single_train(hz, percent, pulses);
    plan.protocol.trains = count;
    plan.protocol.pause_s = pause_s;
    return plan;
}

DoseLevel level_about(const DoseVerdict& verdict, const std::string& about) {
    DoseLevel level = DoseLevel::inside;
    bool found = false;
    for (const DoseReason& reason : verdict.reasons) {
        if (reason.about != about) continue;
        level = std::max(level, reason.level);
        found = true;
    }
    EXPECT_TRUE(found) << about;
    return level;
}
bool speaks_about(const DoseVerdict& verdict, const std::string& about) {
    return std::any_of(verdict.reasons.begin(), verdict.reasons.end(),
                       [&](const DoseReason& reason) { return reason.about == about; });
}

TEST(DoseLimits, TheTablesAreThoseOfTheDossier) {
    ASSERT_EQ(longest_trains().size(), 5U);
    ASSERT_EQ(reduced_trains().size(), 5U);
    for (std::size_t row = 0; row < 5; ++row) {
        EXPECT_EQ(longest_trains()[row].frequency_hz, kHz[row]);
        EXPECT_EQ(reduced_trains()[row].frequency_hz, kHz[row]);
        for (std::size_t column = 0; column < 5; ++column) {
            EXPECT_EQ(longest_trains()[row].longest_s[column], kLongest[row][column]);
        }
        for (std::size_t column = 0; column < 4; ++column) {
            EXPECT_EQ(reduced_trains()[row].longest_s[column], kReducedS[row][column]);
            EXPECT_EQ(reduced_trains()[row].most_pulses[column], kReducedPulses[row][column]);
        }
    }
    ASSERT_EQ(train_intervals().size(), 3U);
    EXPECT_EQ(train_intervals()[0].interval_s, 5.0);
    EXPECT_EQ(train_intervals()[0].finding[3], IntervalFinding::not_enough_data);
}

TEST(DoseLimits, EveryCellOfTheLongestTrainsAtItsEdges) {
    for (int row = 0; row < 5; ++row) {
        for (int column = 0; column < 5; ++column) {
            const double hz = kHz[row];
            const double percent = kPercent[column];
            const double limit = kLongest[row][column];
            SCOPED_TRACE(std::to_string(hz) + " Hz, " + std::to_string(percent) + " %");
            const int most = static_cast<int>(std::floor(limit * hz + 1e-9));
            const DoseLevel outside = percent < 100.0 ? DoseLevel::confirm : DoseLevel::refused;
            const DoseVerdict within = check_dose(single_train(hz, percent, most));
            const DoseVerdict over = check_dose(single_train(hz, percent, most + 1));
            EXPECT_EQ(level_about(within, "train"), DoseLevel::inside);
            EXPECT_EQ(level_about(over, "train"), outside);
            EXPECT_EQ(over.level, outside);
            EXPECT_NE(within.level, DoseLevel::refused);
            // A little more intensity takes the next column; a little more frequency the next row.
            const DoseVerdict hotter = check_dose(single_train(hz, percent + 0.01, most));
            const DoseVerdict faster = check_dose(single_train(hz * 1.0001, percent, most));
            const DoseLevel beyond = percent + 0.01 < 100.0 ? DoseLevel::confirm : DoseLevel::refused;
            if (column == 4) {
                EXPECT_EQ(level_about(hotter, "train"), beyond);
            } else {
                const bool fits = most / hz <= kLongest[row][column + 1] + 1e-9;
                EXPECT_EQ(level_about(hotter, "train"), fits ? DoseLevel::inside : beyond);
            }
            if (row == 4) {
                EXPECT_EQ(level_about(faster, "train"), outside);
            } else {
                const bool fits = most / (hz * 1.0001) <= kLongest[row + 1][column];
                EXPECT_EQ(level_about(faster, "train"), fits ? DoseLevel::inside : outside);
            }
        }
    }
}

TEST(DoseLimits, EveryCellOfTheReducedTrainsAtItsEdges) {
    for (int row = 0; row < 5; ++row) {
        for (int column = 0; column < 4; ++column) {
            const double hz = kHz[row];
            const double percent = kPercent[column + 1];
            SCOPED_TRACE(std::to_string(hz) + " Hz, " + std::to_string(percent) + " %");
            const int most =
                std::min(kReducedPulses[row][column], static_cast<int>(std::floor(kReducedS[row][column] * hz + 1e-9)));
            const DoseVerdict within = check_dose(single_train(hz, percent, most));
            const DoseVerdict over = check_dose(single_train(hz, percent, most + 1));
            EXPECT_EQ(level_about(within, "train reduced"), DoseLevel::inside);
            EXPECT_EQ(within.level, DoseLevel::inside);
            EXPECT_EQ(level_about(over, "train reduced"), DoseLevel::confirm);
            EXPECT_NE(over.level, DoseLevel::inside);
            // Below the lowest column, that column.
            const DoseVerdict low = check_dose(single_train(hz, 60.0, kReducedPulses[row][0] + 1));
            EXPECT_EQ(level_about(low, "train reduced"), DoseLevel::confirm);
        }
    }
}

TEST(DoseLimits, EveryCellOfTheIntervalsAtItsEdges) {
    struct Case {
        double percent;
        double pause_s;
        DoseLevel expected;
    };
    using enum DoseLevel;
    for (const double hz : {1.0, 5.0, 10.0, 20.0}) {
        for (const Case& c : {Case{100, 5, inside}, {105, 5, inside},      {110, 5, inside},     {110.1, 5, refused},
                              {120, 5, refused},    {120.1, 5, refused},   {100, 4.99, refused}, {100, 1, refused},
                              {105, 1, refused},    {110, 1, refused},     {120, 1, refused},    {100, 0.25, refused},
                              {105, 0.25, refused}, {110, .25, refused},   {120, .25, refused},  {100, 0.1, refused},
                              {99.9, 0.1, confirm}, {99.9, 0.25, confirm}, {99.9, 1, confirm},   {99.9, 4.99, confirm},
                              {99.9, 5, inside},    {80, 600, inside},     {80, 0, confirm},     {110, 600, inside}}) {
            SCOPED_TRACE(std::to_string(hz) + " Hz, " + std::to_string(c.percent) + " %, " + std::to_string(c.pause_s));
            const DoseVerdict verdict = check_dose(trains(hz, c.percent, 4, 10, c.pause_s));
            EXPECT_EQ(level_about(verdict, "interval"), c.expected);
            EXPECT_EQ(verdict.level, c.expected);
        }
    }
    EXPECT_EQ(level_about(check_dose(trains(20.1, 90, 4, 10, 30)), "interval"), confirm);
    EXPECT_EQ(level_about(check_dose(trains(25, 100, 4, 2, 30)), "interval"), refused);
    EXPECT_FALSE(speaks_about(check_dose(single_train(20, 100, 10)), "interval"));
    // More trains than the table was measured with.
    EXPECT_FALSE(speaks_about(check_dose(trains(10, 100, 10, 10, 30)), "trains"));
    EXPECT_EQ(check_dose(trains(10, 100, 10, 11, 30)).level, confirm);
    EXPECT_EQ(level_about(check_dose(trains(10, 90, 10, 11, 30)), "trains"), inside);
}

TEST(DoseLimits, WhatThePublicationsSayInTheirAbstracts) {
    // Chen 1997: 10 trains of 20 Hz, 1.6 s, 110 %, 5 s: safe, though longer than the authors' own reduced table.
    EXPECT_EQ(check_dose(trains(20, 110, 32, 10, 5)).level, DoseLevel::confirm);
    EXPECT_EQ(check_dose(trains(20, 110, 24, 10, 5)).level, DoseLevel::inside);
    // 1 s: unsafe above the threshold.
    EXPECT_EQ(check_dose(trains(20, 110, 32, 10, 1)).level, DoseLevel::refused);
}

TEST(DoseLimits, TheClinicalPainProtocolHasToBeConfirmed) {
    DosePlan plan;  // 20 Hz, 20 trains of 80 pulses, 80 %
    const DoseVerdict verdict = check_dose(plan);
    EXPECT_EQ(verdict.level, DoseLevel::confirm);
    EXPECT_FALSE(verdict.needs_name);
    EXPECT_DOUBLE_EQ(verdict.train_s, 4.0);
    EXPECT_EQ(verdict.pulses, 1600);
    EXPECT_DOUBLE_EQ(verdict.session_s, 20 * 4.0 + 19 * 84.0);
    EXPECT_NE(verdict.reasons.front().text.find("10.1016/j.clinph.2009.08.016"), std::string::npos);
    EXPECT_NE(verdict.reasons.front().text.find("from memory"), std::string::npos);
    plan.protocol.name = "  ";
    EXPECT_TRUE(check_dose(plan).needs_name);
    plan.protocol.intensity_percent_rmt = 100.0;
    EXPECT_EQ(check_dose(plan).level, DoseLevel::refused);
    plan.protocol.intensity_percent_rmt = 99.99;
    EXPECT_EQ(check_dose(plan).level, DoseLevel::confirm);
}

TEST(DoseLimits, EveryReasonFromATableNamesItsPublication) {
    for (const DoseReason& reason : check_dose(trains(20, 110, 100, 12, 2)).reasons) {
        const bool table = reason.about == "train" || reason.about == "train reduced" || reason.about == "interval" ||
                           reason.about == "trains";
        EXPECT_EQ(table, reason.text.find("doi:10.") != std::string::npos) << reason.text;
        EXPECT_EQ(table && !kDoseTablesCompared, reason.from_memory) << reason.text;
        EXPECT_EQ(reason.from_memory, reason.text.find("from memory") != std::string::npos) << reason.text;
    }
}

TEST(DoseLimits, RoundingToWholePercentCounts) {
    // 99.5 % of 40 % is 39.8 %, set as 40 %: at the threshold.
    DosePlan plan = single_train(20, 99.5, 60);
    EXPECT_EQ(check_dose(plan).level, DoseLevel::confirm);
    plan.rmt_mso = 40.0;
    const DoseVerdict verdict = check_dose(plan);
    EXPECT_EQ(verdict.output_mso, 40);
    EXPECT_DOUBLE_EQ(*verdict.output_percent_rmt, 100.0);
    EXPECT_EQ(verdict.level, DoseLevel::refused);
    // Rounded down never makes it safer than asked.
    DosePlan down = single_train(20, 100.5, 60);
    down.rmt_mso = 60.0;  // 60.3 -> 60
    EXPECT_EQ(check_dose(down).level, DoseLevel::refused);
}

TEST(DoseLimits, TheCoilAndTheStimulatorHaveAMost) {
    DosePlan plan = single_train(10, 110, 10);
    plan.rmt_mso = 80.0;  // 88 %
    EXPECT_EQ(check_dose(plan).level, DoseLevel::inside);
    plan.limits.coil_max_mso = 88.0;
    EXPECT_EQ(check_dose(plan).level, DoseLevel::inside);
    plan.limits.coil_max_mso = 87.0;
    EXPECT_EQ(check_dose(plan).level, DoseLevel::refused);
    plan.limits.coil_max_mso.reset();
    plan.rmt_mso = 91.0;  // 100.1 %
    EXPECT_EQ(check_dose(plan).level, DoseLevel::refused);
    plan.rmt_mso = 1.0;
    plan.protocol.intensity_percent_rmt = 40.0;  // 0.4 %
    EXPECT_EQ(check_dose(plan).level, DoseLevel::refused);
}

TEST(DoseLimits, TotalsAcrossDays) {
    DosePlan plan = trains(10, 90, 50, 10, 25);  // 500 pulses
    EXPECT_EQ(check_dose(plan).level, DoseLevel::inside);
    plan.earlier = {{0.5, 2500}};
    EXPECT_EQ(check_dose(plan).level, DoseLevel::inside);
    plan.earlier = {{0.5, 2501}};
    EXPECT_EQ(level_about(check_dose(plan), "day"), DoseLevel::confirm);
    plan.earlier = {{1.0, 2501}};  // a day ago: not within 24 h
    EXPECT_EQ(level_about(check_dose(plan), "day"), DoseLevel::inside);
    plan.earlier = {{1, 3000}, {2, 3000}, {3, 3000}, {4, 3000}, {6.9, 2500}};
    EXPECT_EQ(check_dose(plan).level, DoseLevel::inside);
    plan.earlier.back().pulses = 2501;
    EXPECT_EQ(level_about(check_dose(plan), "week"), DoseLevel::confirm);
    plan.earlier.back().days_ago = 7.0;
    EXPECT_EQ(check_dose(plan).level, DoseLevel::inside);
    plan.earlier = {{0.1, std::numeric_limits<int>::max()}, {0.1, std::numeric_limits<int>::max()}};
    EXPECT_EQ(check_dose(plan).level, DoseLevel::confirm);
}

TEST(DoseLimits, BurstsAreInNoTable) {
    DosePlan plan;  // iTBS: 20 trains of 10 bursts of 3
    plan.protocol = {.name = "iTBS",
                     .frequency_hz = 5,
                     .trains = 20,
                     .pulses_per_train = 30,
                     .pause_s = 8,
                     .intensity_percent_rmt = 80};
    plan.bursts = BurstPattern{};
    DoseVerdict verdict = check_dose(plan);
    EXPECT_EQ(verdict.level, DoseLevel::confirm);
    EXPECT_DOUBLE_EQ(verdict.train_s, 2.0);
    EXPECT_EQ(verdict.pulses, 600);
    plan.protocol.intensity_percent_rmt = 100;
    EXPECT_EQ(check_dose(plan).level, DoseLevel::refused);
    // Slow bursts are still bursts.
    plan.protocol.intensity_percent_rmt = 80;
    plan.protocol.frequency_hz = 1;
    plan.bursts = BurstPattern{.burst_hz = 10, .pulses_per_burst = 3};
    EXPECT_EQ(check_dose(plan).level, DoseLevel::confirm);
    plan.protocol.frequency_hz = 5;
    EXPECT_EQ(check_dose(plan).level, DoseLevel::refused);  // they do not fit
    EXPECT_EQ(check_dose(plan).reasons.size(), 1U);
}

TEST(DoseLimits, WhatIsNoProtocolIsRefused) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double inf = std::numeric_limits<double>::infinity();
    const auto refused = [](const DosePlan& plan) { EXPECT_EQ(check_dose(plan).level, DoseLevel::refused); };
    for (const double bad : {0.0, -1.0, nan, inf, -inf}) {
        refused(single_train(bad, 90, 10));
        refused(single_train(10, bad, 10));
        DosePlan plan = single_train(10, 90, 10);
        plan.rmt_mso = bad;
        refused(plan);
        plan = single_train(10, 90, 10);
        plan.limits.coil_max_mso = bad;
        refused(plan);
        plan = single_train(10, 90, 10);
        plan.bursts = BurstPattern{.burst_hz = bad};
        refused(plan);
    }
    for (const double bad : {-1.0, nan, inf}) {
        refused(trains(10, 90, 10, 2, bad));
        DosePlan plan = single_train(10, 90, 10);
        plan.earlier = {{bad, 10}};
        refused(plan);
    }
    refused(single_train(10, 90, 0));
    refused(trains(10, 90, 10, 0, 10));
}

// Harder is never judged milder.
TEST(DoseLimits, NeverMilderWithMoreOfAnything) {
    std::mt19937 random(5);
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    for (int i = 0; i < 20000; ++i) {
        const DosePlan plan =
            trains(0.5 + 30 * unit(random), 50 + 90 * unit(random), 1 + static_cast<int>(120 * unit(random)),
                   1 + static_cast<int>(20 * unit(random)), 8 * unit(random));
        const DoseLevel level = check_dose(plan).level;
        DosePlan harder = plan;
        harder.protocol.intensity_percent_rmt *= 1.0 + 0.3 * unit(random);
        EXPECT_GE(check_dose(harder).level, level);
        harder = plan;
        harder.protocol.pulses_per_train += 1 + static_cast<int>(40 * unit(random));
        EXPECT_GE(check_dose(harder).level, level);
        harder = plan;
        harder.protocol.pause_s *= unit(random);
        EXPECT_GE(check_dose(harder).level, level);
        harder = plan;
        harder.protocol.trains += 5;
        EXPECT_GE(check_dose(harder).level, level);
        // The same time on, faster.
        harder = plan;
        const double factor = 1.0 + unit(random);
        harder.protocol.frequency_hz *= factor;
        harder.protocol.pulses_per_train = static_cast<int>(std::ceil(plan.protocol.pulses_per_train * factor));
        EXPECT_GE(check_dose(harder).level, level);
    }
}

}  // namespace
}  // namespace precentral
