// SPDX-License-Identifier: Apache-2.0
// A case taken from one store to another and back, whole and unchanged; all of it or nothing.
#include "data/case_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/error.h"
#include "data/schema.h"
#include "data/sql_store.h"
#include "data/store_check.h"
#include "each_store.h"
#include "sample_records.h"

namespace precentral {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class CaseFolderSuite : public EachStore {};
INSTANTIATE_TEST_SUITE_P(Over, CaseFolderSuite,
                         testing::Values(Database::sqlite_file, Database::memory, Database::postgresql),
                         name_of_database);

std::string fill(Store& store, unsigned seed) {
    SampleRecords samples(seed);
    Case patient = samples.patient(true);
    patient.code = "PRC-CASE" + std::to_string(seed);
    store.add_case(patient);
    store.add(samples.image(patient.code));
    for (int visit = 1; visit <= 3; ++visit) {
        Session session = samples.session(patient.code);
        session.visit = visit;
        const RecordId id = store.add(session);
        const RecordId registration = store.add(samples.registration(id, true));
        const RecordId calibration = store.add(samples.calibration(id));
        const RecordId target = store.add(samples.target(id, visit == 2));
        store.add(samples.hotspot(id));
        store.add(samples.threshold(id));
        store.add(samples.outcome(id, visit != 2));
        store.add(samples.event(id));
        add_clinical(store, patient.code, id);
        std::vector<Pulse> pulses;
        for (int i = 1; i <= 210; ++i) {
            Pulse pulse = samples.pulse(id, i, i % 3 != 0);
            pulse.registration = i % 2 == 0 ? registration : 0;
            pulse.calibration = calibration;
            pulse.target = target;
            pulses.push_back(pulse);
        }
        store.add(pulses);
    }
    return patient.code;
}

TEST_P(CaseFolderSuite, ExportImportExportIsEqual) {
    const auto first = open_store(":memory:");
    fill(*first, 40);  // so that the numbers of the case are not those of the store
    const std::string code = fill(*first, 41);
    const std::string text = case_record(*first, code);
    const auto second = open_store(url());
    fill(*second, 42);
    fill(*second, 43);
    const CaseImported done = import_case_record(*second, "f", text);
    EXPECT_EQ(done.case_code, code);
    EXPECT_EQ(done.records.at("pulses"), 630);
    EXPECT_EQ(done.records.at("adverse_events"), 3);
    EXPECT_EQ(case_record(*second, code), text);
    EXPECT_EQ(bits_of(second->case_of(code)), bits_of(first->case_of(code)));
    const auto a = first->pulses(first->sessions(code)[1].id);
    auto b = second->pulses(second->sessions(code)[1].id);
    ASSERT_EQ(a.size(), b.size());
    EXPECT_EQ(second->registrations(second->sessions(code)[1].id).at(0).id, b[1].registration);
    for (std::size_t i = 0; i < a.size(); ++i) {
        b[i].id = a[i].id;
        b[i].session = a[i].session;
        b[i].registration = a[i].registration;
        b[i].calibration = a[i].calibration;
        b[i].target = a[i].target;
        EXPECT_EQ(bits_of(a[i]), bits_of(b[i])) << i;
    }
    EXPECT_THAT(check_store(url()).problems, IsEmpty());
    EXPECT_THROW(import_case_record(*second, "f", text), InputError);  // it is there already
    EXPECT_EQ(second->cases().size(), 3U);
}

TEST_P(CaseFolderSuite, WhatIsDamagedLeavesNothing) {
    const auto first = open_store(":memory:");
    const std::string code = fill(*first, 41);
    const std::string text = case_record(*first, code);
    const auto second = open_store(url());
    const auto why = [&](const std::string& damaged) {
        try {
            import_case_record(*second, "f.jsonl", damaged);
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("taken");
    };
    EXPECT_THAT(why(text.substr(0, text.size() / 2)), HasSubstr("cut short"));
    EXPECT_THAT(why(text.substr(0, text.size() - 1)), HasSubstr("cut short"));
    EXPECT_THAT(why(""), HasSubstr("cut short"));
    std::string altered = text;
    altered[text.find("\"visit\":2") + 8] = '4';
    EXPECT_THAT(why(altered), HasSubstr("altered"));
    std::string one_line_less = text;
    const auto at = text.find('\n', text.size() / 2);
    one_line_less.erase(at, text.find('\n', at + 1) - at);
    EXPECT_THAT(why(one_line_less), HasSubstr("altered"));
    EXPECT_TRUE(second->cases().empty());
    EXPECT_THAT(check_store(url()).problems, IsEmpty());
}

TEST_P(CaseFolderSuite, SeveralRecordsAreOneTransaction) {
    const auto store = open_store(url());
    Case patient;
    patient.code = "PRC-ONE";
    EXPECT_THROW(in_one_transaction(*store,
                                    [&] {
                                        store->add_case(patient);
                                        Session session;
                                        session.case_code = patient.code;
                                        store->add(session);
                                        throw InputError("no");
                                    }),
                 InputError);
    EXPECT_TRUE(store->cases().empty());
    // A refusal that is swallowed within does not make the rest durable.
    EXPECT_THROW(in_one_transaction(*store,
                                    [&] {
                                        store->add_case(patient);
                                        EXPECT_THROW(store->add_case(patient), InputError);
                                    }),
                 Error);
    EXPECT_TRUE(store->cases().empty());
    in_one_transaction(*store, [&] { store->add_case(patient); });
    EXPECT_EQ(store->cases().size(), 1U);
    EXPECT_THAT(check_store(url()).problems, IsEmpty());
}

TEST(StoreMigrate, SaysFromWhichToWhich) {
    const TemporaryFolder folder;
    const std::string path = folder / "old.db";
    EXPECT_THROW(migrate_store(path), InputError);
    EXPECT_FALSE(std::filesystem::exists(path));
    {
        SqlConnection old(store_address(path), 1000);
        for (const std::string& statement : migrations().front().statements(SqlEngine::sqlite)) old.run(statement);
        old.run("PRAGMA user_version = 1");
        old.run("PRAGMA application_id = " + std::to_string(0x5052434E));
        old.run(
            "INSERT INTO cases (code, pain_side, pain_region, aetiology, worst_symptom, sex, simulated, created) "
            "VALUES "
            "('PRC-OLD', 'left', 'hand', '', '', '', 0, '2020-01-01T00:00:00.000Z')");
    }
    const MigrationDone done = migrate_store(path);
    EXPECT_EQ(done.from, 1);
    EXPECT_EQ(done.to, migrations().back().to_version);
    EXPECT_EQ(done.backup, path + ".schema1.backup");
    EXPECT_EQ(open_store_to_read(done.backup)->cases().size(), 1U);
    EXPECT_THAT(check_store(path).problems, IsEmpty());
    const MigrationDone again = migrate_store(path);
    EXPECT_EQ(again.from, again.to);
    EXPECT_EQ(again.backup, "");
}

}  // namespace
}  // namespace precentral
