// SPDX-License-Identifier: Apache-2.0
#include "imaging/run_apart.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <stdexcept>

namespace precentral {
namespace {

TEST(RunApart, WhatIsWrittenThereComesBack) {
    const RunApart run = run_apart(1000, 10.0, [](unsigned char* bytes, std::size_t& done) {
        for (int i = 0; i < 1000; ++i) bytes[i] = static_cast<unsigned char>(i);
        done = 7;
        return true;
    });
    ASSERT_TRUE(run.finished);
    EXPECT_EQ(run.done, 7U);
    ASSERT_EQ(run.bytes.size(), 1000U);
    EXPECT_EQ(run.bytes[300], 300 % 256);
}

TEST(RunApart, WhateverEndsTheCopyEndsNothingElse) {
    const auto ended = [](const std::function<void()>& how) {
        const RunApart run = run_apart(8, 0.3, [&](unsigned char*, std::size_t& done) {
            done = 3;
            how();
            return false;
        });
        EXPECT_FALSE(run.finished);
        EXPECT_TRUE(run.bytes.empty());
        EXPECT_EQ(run.done, 3U);
    };
    ended([] {});
    ended([] { std::abort(); });
    ended([] { throw std::runtime_error("no"); });
    ended([] { ::_exit(4); });
    ended([] { ::raise(SIGSEGV); });
    ended([] { ::pause(); });  // hangs
}

}  // namespace
}  // namespace precentral
