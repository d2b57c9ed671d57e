// SPDX-License-Identifier: Apache-2.0
#include "data/text_fields.h"

#include <gtest/gtest.h>

namespace precentral {
namespace {

using namespace std::string_view_literals;

TEST(TextFields, BlanksGoOnlyAtTheEnds) {
    EXPECT_EQ(trimmed(" \t a b\r"), "a b");
    EXPECT_EQ(trimmed("8\0\0"sv), "8");
    EXPECT_EQ(trimmed(""), "");
    EXPECT_EQ(trimmed(" \t\r"), "");
}

TEST(TextFields, LowerTouchesNothingButLetters) { EXPECT_EQ(lower("EMG \xC2\xB5V-Z9"), "emg \xC2\xB5v-z9"); }

TEST(TextFields, ANumberIsTheWholeField) {
    EXPECT_EQ(number_in(" +1.5e2\r"), 150.0);
    EXPECT_EQ(number_in("-0.25"), -0.25);
    for (const char* text : {"", " ", "+", "1,5", "1.5 mm", "nan", "inf", "1e999", "0x10", "--1"}) {
        EXPECT_FALSE(number_in(text)) << text;
    }
}

}  // namespace
}  // namespace precentral
