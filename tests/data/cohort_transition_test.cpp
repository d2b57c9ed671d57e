// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "data/cohort/transition.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

using Values = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(CohortTransition, CountsByHand) {
    const auto t = relief_transition(Values{0, 5, 10, 29.9, 50, 30, 9, kNan}, Values{10, 0, 5, 60, 50, kNan, 40, 20});
    EXPECT_EQ(t.basis.n, 6);
    EXPECT_EQ(t.basis.missing, 1);
    EXPECT_EQ(t.stopped, 1);
    EXPECT_EQ(t.counts[0][1], 1);
    EXPECT_EQ(t.counts[0][0], 1);
    EXPECT_EQ(t.counts[0][2], 1);
    EXPECT_EQ(t.counts[1][0], 1);
    EXPECT_EQ(t.counts[1][3], 1);
    EXPECT_EQ(t.counts[3][3], 1);
    EXPECT_EQ(t.responders.gained, 2);
    EXPECT_EQ(t.responders.lost, 1);
    EXPECT_DOUBLE_EQ(t.worst.share.value, 4.0 / 7.0);
    EXPECT_DOUBLE_EQ(t.as_continued, 4.0 / 6.0);
    EXPECT_THROW(relief_transition(Values{kNan, 1}, Values{1, kNan}), InputError);
    EXPECT_THROW(relief_transition(Values{1}, Values{1, 2}), InputError);
    EXPECT_THROW(relief_transition(Values{101}, Values{1}), InputError);
}

}  // namespace
}  // namespace precentral::cohort
