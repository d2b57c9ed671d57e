// SPDX-License-Identifier: Apache-2.0
// A store comes back from its backup as it was, whatever the database, also when it was written to meanwhile.
#include "data/store_backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "data/error.h"
#include "data/pulse_writer.h"
#include "data/schema.h"
#include "data/text_file.h"
#include "each_store.h"
#include "postgresql_server.h"
#include "sample_records.h"

namespace precentral {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class StoreBackupSuite : public EachStore {};
INSTANTIATE_TEST_SUITE_P(Over, StoreBackupSuite,
                         testing::Values(Database::sqlite_file, Database::memory, Database::postgresql),
                         name_of_database);

TEST_P(StoreBackupSuite, ComesBackAsItWasIntoAnyDatabase) {
    const TemporaryFolder folder;
    const std::string backup = folder / "backup.db";
    SampleRecords samples(3);
    const auto store = open_store(url());
    const Session session = new_session(*store);
    store->add(samples.registration(session.id, true));
    add_clinical(*store, session.case_code, session.id);
    std::vector<Pulse> pulses;
    for (int i = 1; i <= 1100; ++i) pulses.push_back(samples.pulse(session.id, i, i % 3 != 0));
    store->add(pulses);
    const StoreCheck check = back_up_store(url(), backup);
    EXPECT_EQ(check.rows, migrations().size() + 3U + 5U + 1100U);
    EXPECT_EQ(check.last_sha256, check_store(url()).last_sha256);
    EXPECT_THROW(back_up_store(url(), backup), InputError);  // never over another

    std::vector<std::string> places = {folder / "restored.db"};
    if (GetParam() != Database::memory) {
        try {
            places.push_back(PostgresqlServer::shared().new_database());
        } catch (const std::exception&) {
            // No server here: the file alone.
        }
    }
    for (const std::string& place : places) {
        EXPECT_EQ(restore_store(backup, place).last_sha256, check.last_sha256);
        EXPECT_THROW(restore_store(backup, place), InputError);
        const auto restored = open_store(place);
        const auto kept = restored->pulses(session.id);
        const auto original = store->pulses(session.id);
        ASSERT_EQ(kept.size(), original.size());
        EXPECT_EQ(clinical(*restored).implants(session.case_code).size(), 1U);
        for (std::size_t i = 0; i < kept.size(); ++i) ASSERT_EQ(bits_of(kept[i]), bits_of(original[i]));
        // It goes on from there.
        EXPECT_GT(restored->add(samples.registration(session.id, false)), 1);
        restored->add(std::span<const Pulse>(&pulses.front(), 1));
        EXPECT_THAT(check_store(place).problems, IsEmpty());
    }
}

TEST_P(StoreBackupSuite, IsMadeWhileAnotherWrites) {
    if (GetParam() == Database::memory) GTEST_SKIP() << "one memory has one reader or one writer";
    const TemporaryFolder folder;
    const RecordId session = new_session(*open_store(url())).id;
    PulseWriter writer(url());
    std::jthread recording([&](const std::stop_token& stop) {
        SampleRecords samples(4);
        for (int i = 1; !stop.stop_requested(); ++i) {
            writer.put(samples.pulse(session, i, true));
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    });
    std::size_t last = 0;
    for (int i = 0; i < 4; ++i) {
        const std::string backup = folder / ("backup" + std::to_string(i) + ".db");
        EXPECT_THAT(back_up_store(url(), backup).problems, IsEmpty());
        const auto kept = open_store_to_read(backup)->pulses(session);
        EXPECT_GE(kept.size(), last);
        for (std::size_t k = 0; k < kept.size(); ++k) ASSERT_EQ(kept[k].sequence, static_cast<int>(k) + 1);
        last = kept.size();
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
    }
    EXPECT_GT(last, 0U);
    recording.request_stop();
    recording.join();
    EXPECT_TRUE(writer.wait_until_written());
    EXPECT_FALSE(writer.trouble().has_value());
    EXPECT_THAT(check_store(url()).problems, IsEmpty());
}

TEST(StoreBackup, ADamagedStoreOrBackupIsSaidAndLeavesNothingBehind) {
    const TemporaryFolder folder;
    const std::string path = folder / "store.db";
    const std::string backup = folder / "backup.db";
    open_store(path);
    back_up_store(path, backup);
    std::string content = read_text_file(backup);
    const std::size_t at = content.find("The audit: a chain");
    ASSERT_NE(at, std::string::npos);
    content[at] = 'S';
    const std::string damaged = folder / "damaged.db";
    write_text_file(damaged, content);
    const std::string target = folder / "target.db";
    for (const bool restoring : {true, false}) {
        try {
            restoring ? restore_store(damaged, target) : back_up_store(damaged, target);
            ADD_FAILURE() << "not found";
        } catch (const Error& error) {
            EXPECT_THAT(error.what(), HasSubstr("Row 2 of schema_history was altered"));
        }
        EXPECT_FALSE(std::filesystem::exists(target));
        EXPECT_FALSE(std::filesystem::exists(target + ".partial"));
    }
    EXPECT_THROW(back_up_store(folder / "none.db", target), InputError);
    EXPECT_THROW(restore_store(folder / "none.db", target), InputError);
    EXPECT_THROW(back_up_store(path, folder / "no/such/folder.db"), InputError);
}

}  // namespace
}  // namespace precentral
