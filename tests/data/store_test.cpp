// SPDX-License-Identifier: Apache-2.0
// One suite over every store.
#include "data/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <latch>
#include <limits>
#include <set>
#include <thread>

#include "data/error.h"
#include "data/sql_connection.h"
#include "each_store.h"
#include "postgresql_server.h"
#include "sample_records.h"

namespace precentral {
namespace {

using testing::HasSubstr;

class StoreSuite : public EachStore {};
INSTANTIATE_TEST_SUITE_P(Over, StoreSuite,
                         testing::Values(Database::sqlite_file, Database::memory, Database::postgresql),
                         name_of_database);

template <class Work>
std::string failure_of(Work&& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.what();
    }
    return "no failure";
}

template <class Record>
void expect_same(const std::vector<Record>& kept, const std::vector<Record>& added) {
    ASSERT_EQ(kept.size(), added.size());
    for (std::size_t i = 0; i < added.size(); ++i) EXPECT_EQ(bits_of(kept[i]), bits_of(added[i])) << "record " << i;
}

TEST_P(StoreSuite, EveryRecordComesBackToTheLastBit) {
    SampleRecords samples(20260);
    std::vector<Case> cases;
    std::vector<ImageRecord> images;
    std::vector<Session> sessions;
    std::vector<RegistrationRecord> registrations;
    std::vector<LandmarkTouches> touches;
    std::vector<CoilCalibrationRecord> calibrations;
    std::vector<TargetRecord> targets;
    std::vector<HotspotRecord> hotspots;
    std::vector<ThresholdRecord> thresholds;
    std::vector<Pulse> pulses;
    std::vector<Outcome> outcomes;
    std::vector<SessionEvent> events;
    const auto keep = [](Store& store, auto& list, auto record) {
        record.id = store.add(record);
        list.push_back(record);
    };
    {
        const auto store = open_store(url());
        for (const bool full : {true, false}) {
            cases.push_back(samples.patient(full));
            store->add_case(cases.back());
        }
        const std::string& code = cases.front().code;
        for (int i = 0; i < 20; ++i) {
            keep(*store, images, samples.image(code));
            keep(*store, sessions, samples.session(code));
        }
        const RecordId session = sessions[3].id;
        for (int i = 0; i < 40; ++i) {
            const bool full = i % 2 == 0;
            keep(*store, registrations, samples.registration(session, full));
            LandmarkTouches touched = samples.touches(session, full);
            if (full) touched.registration = registrations.back().id;
            keep(*store, touches, touched);
            keep(*store, calibrations, samples.calibration(session));
            keep(*store, targets, samples.target(session, full));
            keep(*store, hotspots, samples.hotspot(session));
            keep(*store, thresholds, samples.threshold(session));
            keep(*store, outcomes, samples.outcome(session, full));
            keep(*store, events, samples.event(session));
        }
        for (int i = 0; i < 300; ++i) {
            Pulse pulse = samples.pulse(session, i + 1, i % 3 != 0);
            if (i % 2 == 0) {
                pulse.registration = registrations.back().id;
                pulse.calibration = calibrations.front().id;
                pulse.target = targets[5].id;
            }
            pulses.push_back(pulse);
        }
        store->add(pulses);
    }
    const auto store = open_store(url());
    const std::string& code = cases.front().code;
    const RecordId session = sessions[3].id;
    expect_same(store->cases(), cases);
    EXPECT_EQ(bits_of(store->case_of(cases.back().code)), bits_of(cases.back()));
    expect_same(store->images(code), images);
    expect_same(store->sessions(code), sessions);
    expect_same(store->registrations(session), registrations);
    expect_same(store->landmark_touches(session), touches);
    expect_same(store->calibrations(session), calibrations);
    expect_same(store->targets(session), targets);
    expect_same(store->hotspots(session), hotspots);
    expect_same(store->thresholds(session), thresholds);
    expect_same(store->outcomes(session), outcomes);
    expect_same(store->events(session), events);
    std::vector<Pulse> kept = store->pulses(session);
    for (Pulse& pulse : kept) {
        EXPECT_GT(pulse.id, 0);
        pulse.id = 0;
    }
    expect_same(kept, pulses);
    // Nothing strays into another session or case.
    EXPECT_TRUE(store->pulses(sessions[4].id).empty());
    EXPECT_TRUE(store->images(cases.back().code).empty());
}

TEST_P(StoreSuite, IdsAreUniqueAndInOrder) {
    const auto store = open_store(url());
    const Session session = new_session(*store);
    EXPECT_GE(session.id, 1);
    RecordId last = 0;
    for (int i = 0; i < 20; ++i) {
        const RecordId id = store->add(SessionEvent{0, session.id, "note", std::to_string(i), utc_now()});
        EXPECT_GT(id, last);
        last = id;
    }
    const auto events = store->events(session.id);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(events.at(static_cast<std::size_t>(i)).text, std::to_string(i));
}

TEST_P(StoreSuite, HostileText) {
    const auto store = open_store(url());
    const Session session = new_session(*store);
    const std::string replacement = "\xEF\xBF\xBD";
    const std::pair<std::string, std::string> texts[] = {
        {"'); DROP TABLE events; --", "'); DROP TABLE events; --"},
        {std::string("a\0b", 3), "a" + replacement + "b"},
        {std::string(1, '\0'), replacement},
        {"\xff", replacement},
        {"🧠'\"\\%_?$1:id", "🧠'\"\\%_?$1:id"},
        {std::string(1 << 20, 'q'), std::string(1 << 20, 'q')},
        {"\x01\x02\x1f\x7f", "\x01\x02\x1f\x7f"},
        {"\xEF\xBB\xBF!", "!"},
    };
    for (const auto& [given, expected] : texts) {
        store->add(SessionEvent{0, session.id, given, given, utc_now()});
        EXPECT_EQ(store->events(session.id).back().text, expected);
        EXPECT_EQ(store->events(session.id).back().kind, expected);
        // The same in a list, which is kept as JSON and keeps a zero character and a byte order mark as they are.
        RegistrationRecord registration;
        registration.session = session.id;
        registration.reasons = {given};
        registration.fiducials = {{given, 1.0, 2.0}};
        store->add(registration);
        const bool kept_in_json = given.find('\0') != std::string::npos || given.starts_with("\xEF\xBB\xBF");
        const std::string in_list = kept_in_json ? given : expected;
        EXPECT_EQ(store->registrations(session.id).back().reasons.at(0), in_list);
        EXPECT_EQ(store->registrations(session.id).back().fiducials.at(0).name, in_list);
    }
    EXPECT_EQ(store->events(session.id).size(), std::size(texts));
    EXPECT_THAT(failure_of([&] { store->case_of("' OR 1=1 --"); }), HasSubstr("There is no case ' OR 1=1 --"));
    EXPECT_TRUE(store->sessions("' OR '1'='1").empty());
}

TEST_P(StoreSuite, NumbersThatAreNone) {
    const auto store = open_store(url());
    const Session session = new_session(*store);
    const double nan = std::nan("");
    const double infinity = std::numeric_limits<double>::infinity();
    Pulse pulse = SampleRecords(1).pulse(session.id, 1, true);
    pulse.device_time_s = nan;
    pulse.intensity_mso = infinity;
    pulse.pose_age_ms = -infinity;
    pulse.mep_uv = nan;
    pulse.deviation = Deviation{1.0, nan, 2.0, -infinity};
    Eigen::Isometry3d broken = Eigen::Isometry3d::Identity();
    broken.translation() = Eigen::Vector3d(nan, 1.0, 2.0);
    pulse.scan_from_coil = Transform<Scan, Coil>(broken);
    store->add(std::span<const Pulse>(&pulse, 1));
    const Pulse kept = store->pulses(session.id).at(0);
    EXPECT_TRUE(std::isnan(kept.device_time_s));
    EXPECT_EQ(kept.intensity_mso, infinity);
    EXPECT_EQ(kept.pose_age_ms, -infinity);
    EXPECT_FALSE(kept.mep_uv.has_value());
    ASSERT_TRUE(kept.deviation.has_value());
    EXPECT_EQ(kept.deviation->in_plane_mm, 1.0);
    EXPECT_TRUE(std::isnan(kept.deviation->gap_mm));
    EXPECT_EQ(kept.deviation->twist_deg, -infinity);
    ASSERT_TRUE(kept.scan_from_coil.has_value());
    EXPECT_TRUE(std::isnan(kept.scan_from_coil->origin().xyz.x()));
    EXPECT_EQ(kept.scan_from_coil->origin().xyz.y(), 1.0);
}

TEST_P(StoreSuite, RefusesWhatDoesNotFit) {
    const auto store = open_store(url());
    const Session session = new_session(*store);
    Case again;
    again.code = session.case_code;
    EXPECT_THROW(store->add_case(again), InputError);
    EXPECT_THAT(failure_of([&] { store->add_case(again); }), HasSubstr("There is already a case " + again.code));
    for (const char* code : {"", "John Smith", "PRC-1;", "ÄÖ", "a/b"}) {
        again.code = code;
        EXPECT_THAT(failure_of([&] { store->add_case(again); }), HasSubstr("cannot be a case code")) << code;
    }
    EXPECT_THROW(store->case_of("PRC-NONE0000"), InputError);

    Session orphan = session;
    orphan.case_code = "PRC-NONE0000";
    EXPECT_THROW(store->add(orphan), InputError);
    EXPECT_THAT(failure_of([&] { store->add(orphan); }), HasSubstr("that is not in"));
    SessionEvent event{0, session.id + 1000, "note", "", utc_now()};
    EXPECT_THROW(store->add(event), InputError);
    event.session = 0;
    EXPECT_THROW(store->add(event), InputError);
    EXPECT_EQ(store->cases().size(), 1U);
    EXPECT_EQ(store->sessions(session.case_code).size(), 1U);

    // After a refusal the store goes on.
    event.session = session.id;
    EXPECT_NO_THROW(store->add(event));
}

TEST_P(StoreSuite, PulsesAreAllThereOrNone) {
    const auto store = open_store(url());
    const Session session = new_session(*store);
    SampleRecords samples(3);
    std::vector<Pulse> pulses;
    for (int i = 1; i <= 50; ++i) pulses.push_back(samples.pulse(session.id, i, true));
    pulses[49].registration = 123456;  // there is none
    EXPECT_THROW(store->add(pulses), InputError);
    EXPECT_TRUE(store->pulses(session.id).empty());
    pulses.pop_back();
    store->add(pulses);
    EXPECT_EQ(store->pulses(session.id).size(), 49U);
    store->add(std::span<const Pulse>());
    EXPECT_EQ(store->pulses(session.id).size(), 49U);
}

// The database itself refuses, also to a hand that goes around this program.
TEST_P(StoreSuite, NothingIsEverRewritten) {
    const auto store = open_store(url());
    const Session session = new_session(*store);
    SampleRecords samples(4);
    store->add(samples.image(session.case_code));
    store->add(samples.registration(session.id, true));
    store->add(samples.touches(session.id, true));
    store->add(samples.calibration(session.id));
    store->add(samples.target(session.id, true));
    store->add(samples.hotspot(session.id));
    store->add(samples.threshold(session.id));
    store->add(samples.outcome(session.id, true));
    store->add(samples.event(session.id));
    add_clinical(*store, session.case_code, session.id);
    const Pulse pulse = samples.pulse(session.id, 1, true);
    store->add(std::span<const Pulse>(&pulse, 1));

    SqlConnection by_hand(store_address(url()), 1000);
    const bool postgresql = GetParam() == Database::postgresql;
    if (postgresql) {
        by_hand.run("SET search_path TO precentral");
        by_hand.run("SET client_min_messages TO warning");
    }
    std::vector<std::string> tables;
    by_hand.run(postgresql ? "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'precentral'"
                           : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
                {}, [&](const SqlRow& row) { tables.push_back(std::get<std::string>(row.at(0))); });
    EXPECT_EQ(tables.size(), 19U);
    for (const std::string& table : tables) {
        const std::string sentence = "Records of " + table + " are only added, never changed or removed";
        std::vector<std::string> attempts = {"UPDATE " + table + " SET id = " + (postgresql ? "DEFAULT" : "id + 1"),
                                             "DELETE FROM " + table};
        if (postgresql) {
            attempts.push_back("TRUNCATE " + table + " CASCADE");
        } else {
            attempts.push_back("REPLACE INTO " + table + " SELECT * FROM " + table);
            attempts.push_back("UPDATE OR REPLACE " + table + " SET id = id");
        }
        for (const std::string& attempt : attempts) {
            // TRUNCATE … CASCADE reaches other tables too and may be refused there first.
            EXPECT_THAT(failure_of([&] { by_hand.run(attempt); }),
                        HasSubstr(attempt.starts_with("TRUNCATE") ? "are only added" : sentence))
                << attempt;
        }
    }
    EXPECT_EQ(bits_of(store->sessions(session.case_code).at(0)), bits_of(session));
    EXPECT_EQ(store->pulses(session.id).size(), 1U);
    EXPECT_EQ(store->outcomes(session.id).size(), 1U);
}

TEST_P(StoreSuite, TwoStationsWriteAtOnce) {
    const auto first = open_store(url());
    const Session session = new_session(*first);
    constexpr int kRounds = 50;
    std::vector<std::string> failures(4);
    {
        std::vector<std::jthread> stations;
        for (std::size_t s = 0; s < failures.size(); ++s) {
            stations.emplace_back([&, s] {
                failures[s] = failure_of([&] {
                    const auto store = open_store(url());
                    SampleRecords samples(static_cast<unsigned>(s));
                    for (int i = 0; i < kRounds; ++i) {
                        const Pulse pulses[] = {samples.pulse(session.id, 2 * i + 1, true),
                                                samples.pulse(session.id, 2 * i + 2, false)};
                        store->add(pulses);
                    }
                });
            });
        }
    }
    for (const std::string& failure : failures) EXPECT_EQ(failure, "no failure");
    const auto pulses = first->pulses(session.id);
    EXPECT_EQ(pulses.size(), failures.size() * 2 * kRounds);
    std::set<RecordId> ids;
    for (const Pulse& pulse : pulses) ids.insert(pulse.id);
    EXPECT_EQ(ids.size(), pulses.size());
    // A pair was added in one transaction: no pulse of another station stands between a pair's two in SQLite.
    if (GetParam() != Database::postgresql) {
        for (std::size_t i = 0; i + 1 < pulses.size(); i += 2) {
            EXPECT_EQ(pulses[i].sequence + 1, pulses[i + 1].sequence);
        }
    }
}

TEST_P(StoreSuite, ManyOpenANewStoreAtOnceWithoutAWordOnTheStandardError) {
    testing::internal::CaptureStderr();
    constexpr int kStations = 8;
    std::vector<std::string> failures(kStations);
    std::latch together(kStations);
    {
        std::vector<std::jthread> stations;
        for (int s = 0; s < kStations; ++s) {
            stations.emplace_back([&, s] {
                together.arrive_and_wait();
                failures[static_cast<std::size_t>(s)] = failure_of([&] {
                    const auto store = open_store(url());
                    Case patient;
                    patient.code = "STATION-" + std::to_string(s);
                    store->add_case(patient);
                });
            });
        }
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    for (const std::string& failure : failures) EXPECT_EQ(failure, "no failure");
    EXPECT_EQ(open_store(url())->cases().size(), std::size_t{kStations});
}

TEST_P(StoreSuite, NewerSchemaIsLeftAlone) {
    open_store(url());
    SqlConnection by_hand(store_address(url()), 1000);
    if (GetParam() == Database::postgresql) {
        by_hand.run("SET search_path TO precentral");
        by_hand.run("INSERT INTO schema_history (version, message, applied) VALUES (99, 'later', '')");
    } else {
        by_hand.run("PRAGMA user_version = 99");
    }
    EXPECT_THAT(failure_of([&] { open_store(url()); }),
                testing::AllOf(HasSubstr("was written by a newer Precentral (schema 99"), HasSubstr("Update")));
    EXPECT_THROW(open_store(url()), InputError);
}

TEST_P(StoreSuite, DamageIsNamedNotShown) {
    const auto store = open_store(url());
    const Session session = new_session(*store);
    const Pulse pulse = SampleRecords(5).pulse(session.id, 1, true);
    store->add(std::span<const Pulse>(&pulse, 1));
    SqlConnection by_hand(store_address(url()), 1000);
    if (GetParam() == Database::postgresql) {
        by_hand.run("SET search_path TO precentral");
        by_hand.run("ALTER TABLE pulses DISABLE TRIGGER USER");
    } else {
        by_hand.run("DROP TRIGGER pulses_no_update");
    }
    for (const char* broken : {"'[1,2,3]'", "'soon'", "'[1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1'", "''"}) {
        by_hand.run(std::string("UPDATE pulses SET scan_from_coil = ") + broken);
        EXPECT_THAT(failure_of([&] { store->pulses(session.id); }),
                    HasSubstr("in pulses, row 1, column scan_from_coil"));
    }
    by_hand.run("UPDATE pulses SET scan_from_coil = NULL, time = 'yesterday'");
    EXPECT_THAT(failure_of([&] { store->pulses(session.id); }), HasSubstr("column time"));
}

// What a researcher sees who opens the store with the database's own tool.
TEST_P(StoreSuite, ReadsPlainlyByHand) {
    const auto store = open_store(url());
    const Session session = new_session(*store);
    Pulse pulse = SampleRecords(6).pulse(session.id, 1, true);
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.translation() = Eigen::Vector3d(-38.5, 0.1, 71.0);
    pulse.scan_from_coil = Transform<Scan, Coil>(pose);
    pulse.time = from_iso8601("2026-10-26T09:31:07.123Z");
    store->add(std::span<const Pulse>(&pulse, 1));
    SqlConnection by_hand(store_address(url()), 1000);
    if (GetParam() == Database::postgresql) by_hand.run("SET search_path TO precentral");
    EXPECT_EQ(std::get<std::string>(by_hand.one("SELECT scan_from_coil FROM pulses")),
              "[1,0,0,-38.5,0,1,0,0.1,0,0,1,71,0,0,0,1]");
    EXPECT_EQ(std::get<std::string>(by_hand.one("SELECT time FROM pulses")), "2026-10-26T09:31:07.123Z");
}

TEST(CaseCode, IsRandomAndOfItsForm) {
    std::set<std::string> seen;
    for (int i = 0; i < 10'000; ++i) {
        const std::string code = random_case_code();
        ASSERT_EQ(code.size(), 12U);
        ASSERT_TRUE(code.starts_with("PRC-"));
        ASSERT_EQ(code.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 4), std::string::npos) << code;
        seen.insert(code);
    }
    // 10 000 of 32^8: the chance of any two alike is about 5e-5.
    EXPECT_EQ(seen.size(), 10'000U);
}

TEST(MemoryStore, PrivateUnlessNamed) {
    const auto a = open_store(":memory:");
    const auto b = open_store(":memory:");
    Case patient;
    patient.code = "PRC-AAAAAAAA";
    a->add_case(patient);
    EXPECT_TRUE(b->cases().empty());
    auto c = open_store(":memory:named");
    const auto d = open_existing_store(":memory:named");
    c->add_case(patient);
    EXPECT_EQ(d->cases().size(), 1U);
}

}  // namespace
}  // namespace precentral
