// SPDX-License-Identifier: Apache-2.0
#include "navigation/latest.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

namespace precentral {
namespace {

TEST(Latest, TheNewestWins) {
    Latest<int> latest;
    EXPECT_EQ(latest.get(), 0);
    latest.put(1);
    latest.put(2);
    EXPECT_EQ(latest.get(), 2);
    EXPECT_EQ(latest.get(), 2);
}

TEST(Latest, NeverTornNeverBackwards) {
    using Block = std::array<std::uint64_t, 64>;
    Latest<Block> latest;
    std::atomic<bool> done = false;
    std::jthread writer([&] {
        for (std::uint64_t i = 1; i <= 20000; ++i) {
            Block block;
            block.fill(i);
            latest.put(block);
            if (i % 64 == 0) std::this_thread::yield();
        }
        done = true;
    });
    std::uint64_t before = 0;
    while (!done) {
        const Block block = latest.get();
        for (const std::uint64_t v : block) ASSERT_EQ(v, block[0]);
        ASSERT_GE(block[0], before);
        before = block[0];
    }
    EXPECT_EQ(latest.get()[0], 20000U);
}

}  // namespace
}  // namespace precentral
