// SPDX-License-Identifier: Apache-2.0
// Ten of the two hundred kills that benchmark_store_torture makes: a session at 50 pulses/s.
#include "store_torture.h"

#include <gmock/gmock.h>

#include "each_store.h"

namespace precentral {
namespace {

class StoreTorture : public EachStore {};
INSTANTIATE_TEST_SUITE_P(Over, StoreTorture, testing::Values(Database::sqlite_file, Database::postgresql),
                         name_of_database);

TEST_P(StoreTorture, TenKillsWhileRecording) {
    const Torture found = torture_store(url(), 10, 50.0, 150, 8);
    EXPECT_THAT(found.problems, testing::IsEmpty());
    EXPECT_EQ(found.killed_while_recording, 10);
    EXPECT_GE(found.pulses_acknowledged, 10);
}

}  // namespace
}  // namespace precentral
