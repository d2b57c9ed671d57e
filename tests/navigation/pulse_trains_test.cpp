// SPDX-License-Identifier: Apache-2.0
#include "navigation/pulse_trains.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "navigation/seeded_random.h"

namespace precentral {
namespace {

// Trains of a frequency with pauses, each time off by up to `jitter_s`; counted.
std::vector<HeardPulse> trains_of(int trains, int pulses, double hz, double pause_s, double jitter_s,
                                  SeededRandom& random) {
    std::vector<HeardPulse> out;
    double start = 100.0;
    for (int t = 0; t < trains; ++t) {
        for (int i = 0; i < pulses; ++i) {
            out.push_back({start + i / hz + draw_uniform(random, -jitter_s, jitter_s), out.size() + 1});
        }
        start += pulses / hz + pause_s;
    }
    return out;
}

TEST(PulseTrains, TwentyTrainsOfEightyAt20Hz) {
    SeededRandom random(1);
    const auto pulses = trains_of(20, 80, 20.0, 84.0, 0.001, random);
    ASSERT_EQ(pulses.size(), 1600U);
    const auto trains = recognise_trains(pulses);
    ASSERT_EQ(trains.size(), 20U);
    for (std::size_t t = 0; t < trains.size(); ++t) {
        EXPECT_EQ(trains[t].first, 80 * t);
        EXPECT_EQ(trains[t].heard, 80U);
        EXPECT_EQ(trains[t].missing, 0);
        EXPECT_NEAR(trains[t].frequency_hz, 20.0, 0.01);
        EXPECT_LT(trains[t].jitter_ms, 1.0);
        EXPECT_EQ(trains[t].bursts, 0);
        EXPECT_NEAR(trains[t].lasts_s, 3.95, 0.003);
    }
}

TEST(PulseTrains, DroppedPulsesAreFlaggedWhereTheyWere) {
    SeededRandom random(2);
    for (int round = 0; round < 200; ++round) {
        auto pulses = trains_of(3, 40, 20.0, 5.0, 0.002, random);
        for (HeardPulse& pulse : pulses) pulse.count = 0;  // by time alone
        std::vector<HeardPulse> heard;
        int dropped = 0;
        int run = 0;
        for (std::size_t i = 0; i < pulses.size(); ++i) {
            const bool edge = i % 40 == 0 || i % 40 == 39;
            if (!edge && run < 3 && draw_uniform(random) < 0.1) {
                ++dropped;
                ++run;
                continue;
            }
            run = 0;
            heard.push_back(pulses[i]);
        }
        const auto trains = recognise_trains(heard);
        ASSERT_EQ(trains.size(), 3U);
        int missing = 0;
        for (const PulseTrain& train : trains) {
            int in_gaps = 0;
            for (const MissingPulses& gap : train.gaps) {
                in_gaps += gap.count;
                EXPECT_NEAR(heard[gap.after + 1].time_s - heard[gap.after].time_s, (gap.count + 1) / 20.0, 0.005);
            }
            EXPECT_EQ(in_gaps, train.missing);
            EXPECT_EQ(static_cast<int>(train.heard) + train.missing, 40);
            missing += train.missing;
        }
        EXPECT_EQ(missing, dropped);
    }
}

TEST(PulseTrains, ThetaBursts) {
    // Three pulses at 50 Hz, five times a second, for 2 s; every 10 s, twenty times: 600 pulses.
    std::vector<HeardPulse> pulses;
    for (int train = 0; train < 20; ++train) {
        for (int burst = 0; burst < 10; ++burst) {
            for (int i = 0; i < 3; ++i) pulses.push_back({10.0 * train + 0.2 * burst + 0.02 * i, 0});
        }
    }
    ASSERT_EQ(pulses.size(), 600U);
    auto trains = recognise_trains(pulses);
    ASSERT_EQ(trains.size(), 20U);
    for (const PulseTrain& train : trains) {
        EXPECT_EQ(train.heard, 30U);
        EXPECT_EQ(train.missing, 0);
        EXPECT_EQ(train.bursts, 10);
        EXPECT_EQ(train.pulses_per_burst, 3);
        EXPECT_NEAR(train.frequency_hz, 50.0, 1e-6);
        EXPECT_NEAR(train.burst_rate_hz, 5.0, 1e-6);
    }
    // The middle of one burst, the end of another, a whole third.
    pulses.erase(pulses.begin() + 12, pulses.begin() + 15);  // burst 4 of the first train
    pulses.erase(pulses.begin() + 8);                        // the end of burst 2
    pulses.erase(pulses.begin() + 4);                        // the middle of burst 1
    trains = recognise_trains(pulses);
    ASSERT_EQ(trains.size(), 20U);
    EXPECT_EQ(trains[0].heard, 25U);
    EXPECT_EQ(trains[0].missing, 5);
    EXPECT_EQ(trains[0].bursts, 10);
    EXPECT_EQ(trains[1].missing, 0);
}

TEST(PulseTrains, TheSendersCountTellsWhatTimesCannot) {
    // Heard in a heap after a hiccup: two are missing though the times show none.
    std::vector<HeardPulse> pulses;
    for (int i = 0; i < 20; ++i) pulses.push_back({0.05 * i, static_cast<std::uint64_t>(i < 10 ? i + 1 : i + 3)});
    const auto trains = recognise_trains(pulses);
    ASSERT_EQ(trains.size(), 1U);
    EXPECT_EQ(trains[0].missing, 2);
    ASSERT_EQ(trains[0].gaps.size(), 1U);
    EXPECT_EQ(trains[0].gaps[0].after, 9U);
}

// A busy computer: stamps late by up to three periods, those behind them in a heap; nothing is missing.
TEST(PulseTrains, StampsInAHeapAreNoMissingPulses) {
    SeededRandom random(6);
    for (int round = 0; round < 200; ++round) {
        for (const bool counted : {true, false}) {
            auto pulses = trains_of(3, 80, 20.0, 5.0, 0.001, random);
            for (std::size_t i = 0; i < pulses.size(); ++i) {
                if (!counted) pulses[i].count = 0;
                if (i % 80 < 75 && draw_uniform(random) < 0.05) pulses[i].time_s += draw_uniform(random, 0.0, 0.15);
                if (i > 0) pulses[i].time_s = std::max(pulses[i].time_s, pulses[i - 1].time_s);
            }
            const auto trains = recognise_trains(pulses);
            ASSERT_EQ(trains.size(), 3U);
            for (const PulseTrain& train : trains) {
                EXPECT_EQ(train.heard, 80U);
                EXPECT_EQ(train.missing, 0);
                EXPECT_NEAR(train.frequency_hz, 20.0, 0.3);
            }
        }
    }
}

TEST(PulseTrains, WhatTheEndsLackIsKnownFromTheProtocol) {
    SeededRandom random(3);
    auto pulses = trains_of(2, 40, 10.0, 20.0, 0.001, random);
    pulses.erase(pulses.begin());
    pulses.resize(pulses.size() - 2);
    EXPECT_EQ(recognise_trains(pulses)[0].missing, 0);
    const auto trains = recognise_trains(pulses, {.frequency_hz = 10.0, .pulses_per_train = 40});
    ASSERT_EQ(trains.size(), 2U);
    EXPECT_EQ(trains[0].missing, 1);
    EXPECT_EQ(trains[1].missing, 2);
}

TEST(PulseTrains, LittleAndHostileInput) {
    EXPECT_TRUE(recognise_trains({}).empty());
    const std::vector<HeardPulse> one = {{5.0, 1}};
    ASSERT_EQ(recognise_trains(one).size(), 1U);
    EXPECT_EQ(recognise_trains(one)[0].frequency_hz, 0.0);
    const std::vector<HeardPulse> same(50, HeardPulse{5.0, 0});
    EXPECT_EQ(recognise_trains(same).size(), 50U);
    const std::vector<HeardPulse> back = {{5.0, 9}, {5.1, 10}, {5.2, 11}, {1.0, 1}, {1.1, 2}};
    EXPECT_EQ(recognise_trains(back).size(), 2U);
    // Single pulses some seconds apart are single pulses, or a slow train: never a missing one.
    SeededRandom random(4);
    std::vector<HeardPulse> mapping;
    double time = 0.0;
    for (int i = 0; i < 60; ++i) mapping.push_back({time += draw_uniform(random, 5.0, 7.0), 0});
    for (const PulseTrain& train : recognise_trains(mapping)) EXPECT_EQ(train.missing, 0);
}

}  // namespace
}  // namespace precentral
