// SPDX-License-Identifier: Apache-2.0
// A hand that goes around the program is found out: by the byte, by the row, by the order.
#include "data/store_check.h"
#include "data/store_backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <filesystem>

#include "data/audit.h"
#include "data/error.h"
#include "data/hash.h"
#include "data/schema.h"
#include "data/text_file.h"
#include "each_store.h"
#include "postgresql_server.h"
#include "sample_records.h"

namespace precentral {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StoreCheckSuite : public EachStore {};
INSTANTIATE_TEST_SUITE_P(Over, StoreCheckSuite,
                         testing::Values(Database::sqlite_file, Database::memory, Database::postgresql),
                         name_of_database);

// Several rows in every table.
void fill(Store& store, unsigned seed) {
    SampleRecords samples(seed);
    for (const bool full : {true, false}) {
        Case patient = samples.patient(full);
        patient.code = random_case_code();
        store.add_case(patient);
        store.add(samples.image(patient.code));
        const RecordId session = store.add(samples.session(patient.code));
        for (int i = 0; i < 3; ++i) {
            store.add(samples.registration(session, full));
            store.add(samples.calibration(session));
            store.add(samples.target(session, full));
            store.add(samples.hotspot(session));
            store.add(samples.threshold(session));
            store.add(samples.outcome(session, full));
            store.add(samples.event(session));
            store.add(samples.touches(session, full));
            add_clinical(store, patient.code, session);
        }
        std::vector<Pulse> pulses;
        for (int i = 1; i <= 45; ++i) pulses.push_back(samples.pulse(session, i, i % 4 != 0));
        store.add(pulses);
    }
}

std::vector<AuditedTable> all_tables() {
    std::vector<AuditedTable> out = audited_tables();
    out.push_back({"audit", {"made", "author", "what", "content", "previous", "sha256"}});
    return out;
}

// Someone with every right over the database, who puts its guards back afterwards.
class Intruder {
public:
    explicit Intruder(const std::string& url) : connection_(store_address(url), 5000) {
        if (postgresql()) {
            connection_.run("SET search_path TO precentral");
            connection_.run("SET session_replication_role TO replica");
        } else {
            connection_.run("PRAGMA ignore_check_constraints = ON");
        }
    }
    bool postgresql() const { return connection_.address().engine == SqlEngine::postgresql; }

    void run(const std::string& table, const std::string& statement, const std::vector<SqlValue>& values = {}) {
        std::vector<std::pair<std::string, std::string>> guards;
        if (!postgresql()) {
            connection_.run("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", {table},
                            [&](const SqlRow& row) {
                                guards.emplace_back(std::get<std::string>(row[0]), std::get<std::string>(row[1]));
                            });
        }
        SqlTransaction transaction(connection_);
        for (const auto& guard : guards) connection_.run("DROP TRIGGER " + guard.first);
        connection_.run(statement, values);
        for (const auto& guard : guards) connection_.run(guard.second);
        transaction.commit();
    }
    std::vector<SqlRow> rows(const AuditedTable& table) {
        std::vector<SqlRow> out;
        connection_.run(select_rows(table) + " ORDER BY id", {}, [&](const SqlRow& row) { out.push_back(row); });
        return out;
    }
    void set(const AuditedTable& table, const SqlValue& id, std::size_t column, const SqlValue& value) {
        run(table.name, "UPDATE " + table.name + " SET " + table.columns.at(column) + " = ? WHERE id = ?", {value, id});
    }
    void remove(const AuditedTable& table, const SqlValue& id) {
        run(table.name, "DELETE FROM " + table.name + " WHERE id = ?", {id});
    }
    void put_back(const AuditedTable& table, const SqlRow& row) {
        std::string names = "id";
        std::string marks = "?";
        for (const std::string& column : table.columns) {
            names += ", " + column;
            marks += ", ?";
        }
        run(table.name,
            "INSERT INTO " + table.name + " (" + names + ")" + (postgresql() ? " OVERRIDING SYSTEM VALUE" : "") +
                " VALUES (" + marks + ")",
            row);
    }
    SqlConnection& connection() { return connection_; }

private:
    SqlConnection connection_;
};

std::vector<std::string> problems_of(const std::string& url) {
    try {
        return check_store(url).problems;
    } catch (const InputError& error) {
        // A number of the schema that this program does not know, kept in schema_history.
        return {error.what() + std::string(" of schema_history")};
    }
}

// One bit of it, or something where there was nothing; nothing when the column would not take it.
SqlValue flipped(const SqlValue& value, std::mt19937& random) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole ^ (std::int64_t{1} << (random() % 20));
    if (const auto* number = std::get_if<double>(&value)) {
        return std::bit_cast<double>(std::bit_cast<std::uint64_t>(*number) ^ (std::uint64_t{1} << (random() % 52)));
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        if (text->empty()) return std::string(" ");
        std::string out = *text;
        for (;;) {
            char& c = out[random() % out.size()];
            if (c < 0 || c == 1)
                c = 'x';  // a byte of a longer character: the flip of one bit would not be UTF-8
            else
                c = static_cast<char>(c ^ (c < 64 ? 1 : 32));
            if (out != *text && c != 0) return out;
        }
    }
    return std::string("1");
}

TEST_P(StoreCheckSuite, FindsAnyFlippedBitAndAnyDeletedRowOfAnyTable) {
    const auto store = open_store(url());
    fill(*store, 11);
    const StoreCheck clean = check_store(url());
    ASSERT_THAT(clean.problems, IsEmpty());
    // the steps of the schema; 2 cases with an image, a session, 13 kinds of 3, and 45 pulses
    EXPECT_EQ(clean.rows, migrations().size() + 2U * (1 + 1 + 1 + 21 + 18 + 45));
    Intruder intruder(url());
    std::mt19937 random(5);
    int flips = 0;
    int refused = 0;
    for (const AuditedTable& table : all_tables()) {
        const std::vector<SqlRow> rows = intruder.rows(table);
        ASSERT_FALSE(rows.empty()) << table.name;
        const std::string sign = table.name == "audit" ? "udit entr" : " of " + table.name;
        for (int round = 0; round < 14; ++round) {
            const SqlRow& row = rows[random() % rows.size()];
            const std::size_t column = random() % table.columns.size();
            const SqlValue other = flipped(row[column + 1], random);
            try {
                intruder.set(table, row[0], column, other);
            } catch (const InputError&) {
                ++refused;  // a side that is none, a code twice
                continue;
            } catch (const Error&) {
                ++refused;  // PostgreSQL: a text where a number belongs
                continue;
            }
            ++flips;
            EXPECT_THAT(problems_of(url()), Contains(HasSubstr(sign))) << table.name << " " << table.columns[column];
            intruder.set(table, row[0], column, row[column + 1]);
        }
        for (const SqlRow& row : {rows.front(), rows[rows.size() / 2], rows.back()}) {
            intruder.remove(table, row[0]);
            EXPECT_FALSE(problems_of(url()).empty()) << table.name;
            intruder.put_back(table, row);
        }
        ASSERT_THAT(check_store(url()).problems, IsEmpty()) << table.name;
    }
    EXPECT_GT(flips, 130);
    EXPECT_LT(refused, 40);
}

TEST_P(StoreCheckSuite, NamesWhatWasAlteredRemovedAddedOrPutElsewhere) {
    const auto store = open_store(url());
    fill(*store, 12);
    Intruder intruder(url());
    const AuditedTable pulses = audited_table("pulses");
    const AuditedTable audit = all_tables().back();
    const auto rows = intruder.rows(pulses);
    const auto entries = intruder.rows(audit);
    intruder.remove(pulses, rows[6][0]);
    EXPECT_THAT(check_store(url()).problems, Contains("Row 7 of pulses is missing."));
    intruder.put_back(pulses, rows[6]);

    SqlRow more = rows[6];
    more[0] = std::int64_t{5000};
    intruder.put_back(pulses, more);
    EXPECT_THAT(check_store(url()).problems, Contains(HasSubstr("Row 5000 of pulses is not in the audit")));
    intruder.remove(pulses, more[0]);

    // Two pulses change places.
    for (std::size_t column = 0; column < pulses.columns.size(); ++column) {
        intruder.set(pulses, rows[2][0], column, rows[9][column + 1]);
        intruder.set(pulses, rows[9][0], column, rows[2][column + 1]);
    }
    if (!intruder.postgresql()) intruder.connection().run("UPDATE sqlite_sequence SET seq = 90 WHERE name = 'pulses'");
    EXPECT_THAT(check_store(url()).problems,
                ElementsAre("Row 3 of pulses was altered.", "Row 10 of pulses was altered."));
    for (std::size_t column = 0; column < pulses.columns.size(); ++column) {
        intruder.set(pulses, rows[2][0], column, rows[2][column + 1]);
        intruder.set(pulses, rows[9][0], column, rows[9][column + 1]);
    }
    ASSERT_THAT(check_store(url()).problems, IsEmpty());

    // Two entries change places, numbers and all; then one is taken out and the numbers are closed up.
    const auto change_places = [&] {
        for (const char* step : {"-1 WHERE id = 8", "8 WHERE id = 9", "9 WHERE id = -1"}) {
            intruder.run("audit", std::string("UPDATE audit SET id = ") + step);
        }
    };
    change_places();
    EXPECT_THAT(check_store(url()).problems, Contains("Audit entry 8 was altered."));
    change_places();
    ASSERT_THAT(check_store(url()).problems, IsEmpty());
    intruder.remove(audit, std::int64_t{8});
    EXPECT_THAT(check_store(url()).problems, Contains("Audit entry 8 is missing."));
    intruder.put_back(audit, entries[7]);

    // An entry made anew with a hash of its own that is right: the next one still knows the old.
    AuditEntry forged = audit_entry(entries[7]);
    forged.author = "someone else";
    intruder.set(audit, entries[7][0], 1, forged.author);
    intruder.set(audit, entries[7][0], 5, entry_sha256(forged));
    EXPECT_THAT(check_store(url()).problems, ElementsAre(HasSubstr("Audit entry 9 does not follow the entry before")));
}

TEST_P(StoreCheckSuite, TextOfAnyKindIsCountedAsItIsKept) {
    const auto store = open_store(url());
    const RecordId session = new_session(*store).id;
    for (const std::string& text :
         {std::string("\xEF\xBB\xBF\xEF\xBB\xBF mark"), std::string("\xEF\xBF\xBEswapped"), std::string("a\0b", 3),
          std::string("\xFF\xC3"), std::string("\xED\xA0\x80"), std::string("é 漢 \xF0\x9F\x98\x80"), std::string()}) {
        store->add(SessionEvent{0, session, text, text, utc_now()});
    }
    Outcome outcome;
    outcome.session = session;
    outcome.pain_before = -0.0;
    outcome.pain_after = std::numeric_limits<double>::quiet_NaN();
    outcome.relief_days = -std::numeric_limits<double>::infinity();
    outcome.relief_percent = std::numeric_limits<double>::denorm_min();
    store->add(outcome);
    EXPECT_THAT(check_store(url()).problems, IsEmpty());
    EXPECT_FALSE(store->events(session).front().text.empty());
}

std::string dumped(const std::string& path) {
    SqlConnection connection(store_address(path), 1000, SqlAccess::read);
    std::string out;
    for (const AuditedTable& table : all_tables()) {
        connection.run(select_rows(table) + " ORDER BY id", {}, [&](const SqlRow& row) {
            for (const SqlValue& value : row) {
                std::visit(
                    [&](const auto& v) {
                        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>) {
                            out += "'" + v + "',";
                        } else if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::monostate>) {
                            out += "NULL,";
                        } else {
                            out += std::to_string(v) + ",";
                        }
                    },
                    value);
            }
        });
    }
    return out;
}

// A flip that is not found lies where nothing is kept: all that can be read is as before.
TEST(StoreCheckFile, FindsAnyFlippedByteOfTheFileThatChangesWhatIsRead) {
    const TemporaryFolder folder;
    const std::string path = folder / "store.db";
    const std::string copy = folder / "copy.db";
    fill(*open_store(path), 13);
    const std::string before = dumped(path);
    std::string content = read_text_file(path);
    std::mt19937 random(17);
    int found = 0;
    for (int round = 0; round < 200; ++round) {
        char& byte = content[random() % content.size()];
        const char right = byte;
        byte = static_cast<char>(byte ^ (1 << (random() % 8)));
        std::filesystem::remove(copy);
        write_text_file(copy, content);
        const auto at = &byte - content.data();
        byte = right;
        bool is_found = true;
        try {
            is_found = !check_store(copy).ok();
        } catch (const Error&) {
            // Too damaged to be opened, which was said.
        }
        found += is_found ? 1 : 0;
        if (!is_found) {
            EXPECT_EQ(dumped(copy), before) << "byte " << at;
        }
    }
    EXPECT_GT(found, 40);
}

TEST(StoreCheckFile, AGuardTakenAwayIsFound) {
    const TemporaryFolder folder;
    const std::string path = folder / "store.db";
    open_store(path);
    SqlConnection(store_address(path), 1000).run("DROP TRIGGER pulses_no_delete");
    EXPECT_THAT(check_store(path).problems, ElementsAre("The trigger pulses_no_delete of the store is missing."));
    EXPECT_THROW(check_store(folder / "none.db"), InputError);
}

// What stores of schema 1 were made by must stay what it was, or the test below would test nothing.
TEST(StoreMigration, TheFirstSchemaIsFrozen) {
    std::string all;
    for (const SqlEngine engine : {SqlEngine::sqlite, SqlEngine::postgresql}) {
        for (const std::string& statement : migrations().front().statements(engine)) all += statement + "\n";
    }
    EXPECT_EQ(sha256_of(all), "d0b32e144c54aac9bf94a835ba4c9e2d52ef9efbd30fa93d3947a6814b999fd1");
}

TEST(StoreMigration, AnOlderFileIsBackedUpThenCountedIn) {
    const TemporaryFolder folder;
    const std::string path = folder / "old.db";
    const std::string newer = folder / "newer.db";
    fill(*open_store(newer), 14);
    {
        SqlConnection old(store_address(path), 1000);
        for (const std::string& statement : migrations().front().statements(SqlEngine::sqlite)) old.run(statement);
        old.run("PRAGMA user_version = 1");
        old.run("PRAGMA application_id = " + std::to_string(0x5052434E));
        old.run("ATTACH ? AS newer", {newer});
        for (const AuditedTable& table : audited_tables_of(1)) {
            old.run("INSERT INTO main." + table.name + " SELECT * FROM newer." + table.name +
                    (table.name == "schema_history" ? " WHERE version = 1" : ""));
        }
    }
    EXPECT_THROW(check_store(path), InputError);
    EXPECT_EQ(open_store_to_read(path)->cases().size(), 2U);  // reading leaves it as it is
    EXPECT_FALSE(std::filesystem::exists(path + ".schema1.backup"));
    const auto store = open_store(path);
    EXPECT_THAT(check_store(path).problems, IsEmpty());
    EXPECT_EQ(check_store(path).rows, check_store(newer).rows - 36);  // two cases of three in each of six newer tables
    const auto expected = open_store(newer);
    const RecordId session = store->sessions(store->cases().front().code).front().id;
    ASSERT_EQ(store->pulses(session).size(), 45U);
    for (std::size_t i = 0; i < 45; ++i) {
        EXPECT_EQ(bits_of(store->pulses(session)[i]), bits_of(expected->pulses(session)[i]));
    }
    fill(*store, 15);
    EXPECT_THAT(check_store(path).problems, IsEmpty());
    // The backup is a store of the first schema with all that was in it.
    SqlConnection backup(store_address(path + ".schema1.backup"), 1000, SqlAccess::read);
    EXPECT_EQ(schema_version(backup), 1);
    EXPECT_EQ(open_store_to_read(path + ".schema1.backup")->pulses(session).size(), 45U);
    EXPECT_FALSE(std::filesystem::exists(path + ".schema1.2.backup"));
}

// A file of schema 2 as that program left it: two cases with everything in them.
TEST(StoreMigration, AStoredFileOfSchemaTwoIsBroughtUpToDate) {
    const TemporaryFolder folder;
    const std::string path = folder / "stored.db";
    std::filesystem::copy_file(std::filesystem::path(PRECENTRAL_SOURCE_DIR) / "tests/data/stored/schema2.db", path);
    EXPECT_THAT(check_store(path).problems, IsEmpty());  // as it is
    std::string before;
    {
        const auto old = open_store_to_read(path);
        const RecordId session = old->sessions("PRC-STORED01").front().id;
        EXPECT_THAT(old->landmark_touches(session), IsEmpty());
        for (const Pulse& pulse : old->pulses(session)) before += bits_of(pulse);
    }
    const auto store = open_store(path);
    EXPECT_THAT(check_store(path).problems, IsEmpty());
    const RecordId session = store->sessions("PRC-STORED01").front().id;
    std::string after;
    for (const Pulse& pulse : store->pulses(session)) after += bits_of(pulse);
    EXPECT_EQ(after, before);
    EXPECT_EQ(store->pulses(session).size(), 10U);
    SampleRecords samples(3);
    store->add(samples.touches(session, true));
    EXPECT_THAT(check_store(path).problems, IsEmpty());
    EXPECT_EQ(store->landmark_touches(session).size(), 1U);
    EXPECT_EQ(open_store_to_read(path + ".schema2.backup")->pulses(session).size(), 10U);
}

// A store with an audit but without the clinical tables: it can be checked, read, backed up and restored as it is.
TEST(StoreMigration, TheSecondSchemaIsStillAStore) {
    std::string all;
    for (const SqlEngine engine : {SqlEngine::sqlite, SqlEngine::postgresql}) {
        for (const std::string& statement : migrations().at(1).statements(engine)) all += statement + "\n";
    }
    EXPECT_EQ(sha256_of(all), "f776e5c5f861160352c2b0b12ce658feb07e585a55f77d38e17023fb64035e22");  // frozen
    const TemporaryFolder folder;
    const std::string path = folder / "second.db";
    {
        SqlConnection old(store_address(path), 1000);
        SqlTransaction transaction(old);
        create_tables(old, 2);
        for (int version : {1, 2}) {
            old.run("INSERT INTO schema_history (version, message, applied) VALUES (?, 'as it was', '')",
                    {std::int64_t{version}});
        }
        old.run(
            "INSERT INTO cases (code, pain_side, pain_region, aetiology, worst_symptom, sex, simulated, created) "
            "VALUES "
            "('PRC-OLD', 'left', 'hand', '', '', '', 0, '2020-01-01T00:00:00.000Z')");
        for (const AuditedTable& table : audited_tables_of(2)) adopt_rows(old, "someone", table, 0);
        transaction.commit();
    }
    EXPECT_THAT(check_store(path).problems, IsEmpty());
    const auto reading = open_store_to_read(path);
    EXPECT_EQ(reading->cases().size(), 1U);
    EXPECT_TRUE(clinical(*reading).implants("PRC-OLD").empty());
    restore_store(path, folder / "restored.db");
    EXPECT_THAT(check_store(folder / "restored.db").problems, IsEmpty());
    const MigrationDone done = migrate_store(folder / "restored.db");
    EXPECT_EQ(done.from, 2);
    EXPECT_EQ(done.to, migrations().back().to_version);
    EXPECT_THAT(check_store(folder / "restored.db").problems, IsEmpty());
    EXPECT_THAT(check_store(done.backup).problems, IsEmpty());
    const auto store = open_store(folder / "restored.db");
    Session session;
    session.case_code = "PRC-OLD";
    add_clinical(*store, "PRC-OLD", store->add(session));
    EXPECT_EQ(clinical(*store).implants("PRC-OLD").size(), 1U);
    EXPECT_THAT(check_store(folder / "restored.db").problems, IsEmpty());
}

TEST(StoreMigration, AnOlderServerIsBackedUpThenCountedIn) {
    std::string url;
    try {
        url = PostgresqlServer::shared().new_database();
    } catch (const std::exception& error) {
        GTEST_SKIP() << error.what();
    }
    SqlConnection old(store_address(url), 1000);
    old.run("CREATE SCHEMA precentral");
    old.run("SET search_path TO precentral");
    for (const std::string& statement : migrations().front().statements(SqlEngine::postgresql)) old.run(statement);
    old.run("INSERT INTO schema_history (version, message, applied) VALUES (1, 'first', '')");
    for (int i = 0; i < 1200; ++i) {
        old.run(
            "INSERT INTO cases (code, pain_side, pain_region, aetiology, worst_symptom, sex, simulated, created) "
            "VALUES (?, 'left', 'hand', '', '', '', 0, '2020-01-01T00:00:00.000Z')",
            {"PRC-" + std::to_string(i)});
    }
    const auto store = open_store(url);
    EXPECT_EQ(store->cases().size(), 1200U);
    const StoreCheck check = check_store(url);
    EXPECT_THAT(check.problems, IsEmpty());
    EXPECT_EQ(check.rows, 1200 + migrations().size());
    EXPECT_EQ(std::get<std::int64_t>(old.one("SELECT count(*) FROM precentral_before_2.cases")), 1200);
}

}  // namespace
}  // namespace precentral
