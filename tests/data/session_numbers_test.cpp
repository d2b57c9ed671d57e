// SPDX-License-Identifier: Apache-2.0
#include "data/session_numbers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace precentral {
namespace {

Pulse pulse_with(double in_plane_mm, double gap_mm, double tilt_deg, double twist_deg) {
    Pulse pulse;
    pulse.valid = true;
    pulse.deviation = Deviation{in_plane_mm, gap_mm, tilt_deg, twist_deg};
    return pulse;
}

// R 4.2.2: quantile(c(3, 1, 4, 1, 5, 9, 2, 6), c(0, .5, .95, 1)) gives 1, 3.5, 7.95, 9.
TEST(Quantile, KnownAnswers) {
    const double values[] = {3, 1, 4, 1, 5, 9, 2, 6};
    EXPECT_DOUBLE_EQ(*quantile(values, 0.0), 1.0);
    EXPECT_DOUBLE_EQ(*quantile(values, 0.5), 3.5);
    EXPECT_DOUBLE_EQ(*quantile(values, 0.95), 7.95);
    EXPECT_DOUBLE_EQ(*quantile(values, 1.0), 9.0);
    const double one[] = {2.5};
    EXPECT_DOUBLE_EQ(*quantile(one, 0.95), 2.5);
    EXPECT_FALSE(quantile({}, 0.5).has_value());
    const double holes[] = {std::nan(""), 1.0, std::nan("")};
    EXPECT_DOUBLE_EQ(*quantile(holes, 0.5), 1.0);
}

TEST(Quantile, DoesNotDependOnTheOrderAndGrowsWithQ) {
    std::mt19937 random(11);
    for (int round = 0; round < 100; ++round) {
        std::vector<double> values(static_cast<std::size_t>(std::uniform_int_distribution<>(1, 200)(random)));
        for (double& v : values) v = std::normal_distribution<double>(0.0, 3.0)(random);
        const double median = *quantile(values, 0.5);
        const double p95 = *quantile(values, 0.95);
        EXPECT_LE(median, p95);
        std::shuffle(values.begin(), values.end(), random);
        EXPECT_EQ(*quantile(values, 0.5), median);
        EXPECT_EQ(*quantile(values, 0.95), p95);
        const auto below = std::count_if(values.begin(), values.end(), [&](double v) { return v <= median; });
        EXPECT_GE(2 * below, static_cast<std::ptrdiff_t>(values.size()));
    }
}

TEST(SessionNumbers, CountsWhatWasDelivered) {
    Protocol protocol;
    std::vector<Pulse> pulses = {pulse_with(1.0, 0.5, 2.0, -1.0), pulse_with(2.0, -1.0, 5.0, -5.0),
                                 pulse_with(2.1, 0.0, 0.0, 0.0),  pulse_with(0.0, -1.1, 0.0, 0.0),
                                 pulse_with(0.0, 0.0, 5.1, 0.0),  pulse_with(0.0, 0.0, 0.0, -5.1)};
    pulses.emplace_back().reason = "coil hidden";
    Pulse broken = pulse_with(std::nan(""), 0.0, 0.0, 0.0);
    pulses.push_back(broken);
    Pulse mapping = pulse_with(50.0, 50.0, 50.0, 50.0);
    mapping.purpose = PulsePurpose::map;
    pulses.push_back(mapping);
    const SessionNumbers numbers = session_numbers(protocol, pulses);
    EXPECT_EQ(numbers.planned, 1600);
    EXPECT_EQ(numbers.delivered, 8);
    EXPECT_EQ(numbers.with_pose, 6);
    EXPECT_EQ(numbers.within, 2);
    EXPECT_DOUBLE_EQ(*numbers.share_within, 2.0 / 6.0);
    EXPECT_DOUBLE_EQ(numbers.in_plane_mm->median, 0.5);
    EXPECT_DOUBLE_EQ(numbers.gap_mm->median, 0.25);   // sizes 0 0 0 0.5 1 1.1
    EXPECT_DOUBLE_EQ(numbers.twist_deg->p95, 5.075);  // sizes 0 0 0 1 5 5.1
}

TEST(SessionNumbers, NothingDeliveredHasNoNumbers) {
    const SessionNumbers numbers = session_numbers(Protocol{}, {});
    EXPECT_EQ(numbers.delivered, 0);
    EXPECT_FALSE(numbers.in_plane_mm.has_value());
    EXPECT_FALSE(numbers.share_within.has_value());
    const std::vector<Pulse> hidden(1);
    const SessionNumbers unseen = session_numbers(Protocol{}, hidden);
    EXPECT_EQ(unseen.delivered, 1);
    EXPECT_EQ(unseen.with_pose, 0);
    EXPECT_FALSE(unseen.share_within.has_value());
}

}  // namespace
}  // namespace precentral
