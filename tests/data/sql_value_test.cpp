// SPDX-License-Identifier: Apache-2.0
#include "data/sql_value.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "data/error.h"

namespace precentral {
namespace {

TEST(SqlValue, NumbersKeepEveryBit) {
    std::mt19937_64 random(5);
    for (int i = 0; i < 100'000; ++i) {
        const double number = std::bit_cast<double>(random());
        if (!std::isfinite(number)) continue;
        const double list[] = {number, -number};
        double back[2] = {};
        const std::string text = to_json_numbers(list);
        from_json_numbers(text, back);
        ASSERT_EQ(std::bit_cast<std::uint64_t>(back[0]), std::bit_cast<std::uint64_t>(number)) << text;
        ASSERT_EQ(std::bit_cast<std::uint64_t>(back[1]), std::bit_cast<std::uint64_t>(-number)) << text;
        // JSON that other programs read to the same number.
        if (i % 100 == 0) {
            ASSERT_EQ(nlohmann::json::parse(text)[0].get<double>(), number);
        }
    }
}

TEST(SqlValue, ListsOfNumbersAreReadStrictly) {
    double three[3] = {};
    from_json_numbers(" [ 1 , 2.5 ,-3e1 ] ", three);
    EXPECT_EQ(three[1], 2.5);
    EXPECT_EQ(three[2], -30.0);
    from_json_numbers("[null,0,1]", three);
    EXPECT_TRUE(std::isnan(three[0]));
    for (const char* text : {"", "[", "[]", "[1,2]", "[1,2,3", "[1,2,3,4]", "[1,2,3]x", "1,2,3", "[1,,3]", "[1 2 3]",
                             "[a,b,c]", "[nul,1,2]", "[1,2,3e999999]", "[\"1\",2,3]"}) {
        EXPECT_THROW(from_json_numbers(text, three), Error) << text;
    }
}

TEST(SqlValue, WhatAForeignHandMayLeaveIsRefused) {
    Side side{};
    bool flag = false;
    int number = 0;
    UtcTime time{};
    std::array<int, 3> dims{};
    std::vector<std::string> texts;
    std::vector<FiducialResidual> residuals;
    PulsePurpose purpose{};
    std::string text;
    EXPECT_THROW(from_sql(std::string("up"), side), Error);
    EXPECT_THROW(from_sql(SqlValue(), side), Error);
    EXPECT_THROW(from_sql(std::int64_t{2}, flag), Error);
    EXPECT_THROW(from_sql(std::int64_t{1} << 40, number), Error);
    EXPECT_THROW(from_sql(1.5, number), Error);
    EXPECT_THROW(from_sql(std::string("2026-13-01T00:00:00.000Z"), time), Error);
    EXPECT_THROW(from_sql(std::string("[1,2]"), dims), Error);
    EXPECT_THROW(from_sql(std::string("[1,2,3.5]"), dims), Error);
    EXPECT_THROW(from_sql(std::string("{}"), texts), Error);
    EXPECT_THROW(from_sql(std::string("[1]"), texts), Error);
    EXPECT_THROW(from_sql(std::string("[{}]"), residuals), Error);
    EXPECT_THROW(from_sql(std::string("[[["), residuals), Error);
    EXPECT_THROW(from_sql(std::string("cure"), purpose), Error);
    EXPECT_THROW(from_sql(SqlValue(), text), Error);
}

}  // namespace
}  // namespace precentral
