// SPDX-License-Identifier: Apache-2.0
#include "navigation/threshold_substitute.h"

#include <gtest/gtest.h>

#include <limits>

#include "data/error.h"

namespace precentral {
namespace {

TEST(ThresholdSubstitute, EachRuleSaysItsNameAndThatNothingWasMeasured) {
    const ThresholdSubstitute other = threshold_of_other_side(52.0);
    EXPECT_EQ(other.rmt_mso, 52.0);
    EXPECT_EQ(other.rule, "contralateral");
    // 3 % of output a millimetre: Stokes et al. 2005.
    const ThresholdSubstitute deeper = threshold_by_distance(52.0, 14.0, 17.0);
    EXPECT_NEAR(deeper.rmt_mso, 61.0, 1e-9);
    EXPECT_EQ(deeper.rule, "distance");
    EXPECT_NE(deeper.reason.find("Stokes"), std::string::npos);
    EXPECT_TRUE(deeper.reachable);
    EXPECT_FALSE(threshold_by_distance(90.0, 14.0, 20.0).reachable);
    const ThresholdSubstitute fixed = threshold_fixed(60.0, "Dr A", "as at the last visit");
    EXPECT_EQ(fixed.rule, "fixed");
    EXPECT_NE(fixed.reason.find("Dr A"), std::string::npos);
    for (const ThresholdSubstitute& one : {other, deeper, fixed}) {
        EXPECT_NE(one.reason.find("Not a measured threshold"), std::string::npos);
    }
}

TEST(ThresholdSubstitute, WhatCannotBeIsRefused) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const double bad : {0.0, -5.0, 101.0, nan}) {
        EXPECT_THROW(threshold_of_other_side(bad), InputError);
        EXPECT_THROW(threshold_by_distance(bad, 14, 14), InputError);
        EXPECT_THROW(threshold_fixed(bad, "a", "b"), InputError);
    }
    EXPECT_THROW(threshold_by_distance(50, nan, 14), InputError);
    EXPECT_THROW(threshold_by_distance(50, 14, 400), InputError);
    EXPECT_THROW(threshold_by_distance(10, 50, 5), InputError);
    EXPECT_THROW(threshold_fixed(50, " ", "b"), InputError);
    EXPECT_THROW(threshold_fixed(50, "a", ""), InputError);
}

}  // namespace
}  // namespace precentral
