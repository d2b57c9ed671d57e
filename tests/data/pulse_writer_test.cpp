// SPDX-License-Identifier: Apache-2.0
#include "data/pulse_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "child_process.h"
#include "data/error.h"
#include "data/sql_connection.h"
#include "data/store_check.h"
#include "each_store.h"
#include "postgresql_server.h"
#include "sample_records.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class PulseWriterSuite : public EachStore {};
INSTANTIATE_TEST_SUITE_P(Over, PulseWriterSuite,
                         testing::Values(Database::sqlite_file, Database::memory, Database::postgresql),
                         name_of_database);

// Every pulse can be made again from its number, so that what is kept can be checked bit by bit.
Pulse pulse_number(RecordId session, int sequence) {
    return SampleRecords(static_cast<unsigned>(sequence)).pulse(session, sequence, sequence % 5 != 0);
}

void expect_unbroken(const std::vector<Pulse>& kept, RecordId session) {
    for (std::size_t i = 0; i < kept.size(); ++i) {
        Pulse pulse = kept[i];
        pulse.id = 0;
        ASSERT_EQ(bits_of(pulse), bits_of(pulse_number(session, static_cast<int>(i) + 1))) << "pulse " << i + 1;
    }
}

TEST_P(PulseWriterSuite, WritesInOrderAndSaysSo) {
    const auto store = open_store(url());
    const RecordId session = new_session(*store).id;
    std::vector<int> announced;
    {
        PulseWriter writer(url(), [&](const Pulse& pulse) { announced.push_back(pulse.sequence); });
        EXPECT_TRUE(writer.wait_until_written(0ms));
        for (int i = 1; i <= 1000; ++i) {
            writer.put(pulse_number(session, i));
            if (i == 500) {
                EXPECT_TRUE(writer.wait_until_written());
                EXPECT_EQ(writer.acknowledged(), 500U);
                EXPECT_EQ(store->pulses(session).size(), 500U);
            }
        }
        EXPECT_FALSE(writer.trouble().has_value());
        // The destructor writes the rest.
    }
    EXPECT_EQ(announced.size(), 1000U);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(announced[static_cast<std::size_t>(i)], i + 1);
    const auto kept = store->pulses(session);
    ASSERT_EQ(kept.size(), 1000U);
    expect_unbroken(kept, session);
}

TEST_P(PulseWriterSuite, APulseTheStoreRefusesDoesNotHoldUpTheRest) {
    const auto store = open_store(url());
    const RecordId session = new_session(*store).id;
    testing::internal::CaptureStderr();
    {
        PulseWriter writer(url());
        for (int i = 1; i <= 20; ++i) {
            Pulse pulse = pulse_number(session, i);
            if (i == 7 || i == 8) pulse.session = session + 100;
            writer.put(pulse);
        }
        EXPECT_FALSE(writer.wait_until_written());
        EXPECT_EQ(writer.acknowledged(), 18U);
        EXPECT_EQ(store->pulses(session).size(), 18U);
        ASSERT_TRUE(writer.trouble().has_value());
        EXPECT_THAT(*writer.trouble(), HasSubstr("that is not in"));
        const auto unwritten = writer.unwritten();
        ASSERT_EQ(unwritten.size(), 2U);
        EXPECT_EQ(unwritten[0].sequence, 7);
        EXPECT_EQ(unwritten[1].sequence, 8);
    }
    // Nothing is lost without a word.
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("2 pulses could not be written and are lost"));
}

// A dozen of the moments in which a program can be killed: what was acknowledged is there, in order and whole.
TEST_P(PulseWriterSuite, KilledAtAnyMomentLosesNothingAcknowledged) {
    if (GetParam() == Database::memory) GTEST_SKIP() << "memory ends with its process";
    RecordId session = 0;
    session = new_session(*open_store(url())).id;
    std::mt19937 random(99);
    int first = 1;
    int acknowledged_in_all = 0;
    for (int round = 0; round < 12; ++round) {
        ChildProcess child([&](int answer) {
            PulseWriter writer(
                url(), [&](const Pulse& pulse) { ChildProcess::say(answer, std::to_string(pulse.sequence) + "\n"); });
            for (int i = first;; ++i) {
                writer.put(pulse_number(session, i));
                if (i % 7 == 0) std::this_thread::sleep_for(std::chrono::microseconds(500 * (i % 5)));
                while (writer.unwritten().size() > 300) std::this_thread::sleep_for(100us);
            }
        });
        ASSERT_TRUE(child.wait_for_first());
        std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<>(0, 120'000)(random)));
        ASSERT_TRUE(child.end());
        std::string answer = child.answer();
        answer.resize(answer.rfind('\n') == std::string::npos ? 0 : answer.rfind('\n'));
        const std::size_t line = answer.rfind('\n');
        const int acknowledged =
            answer.empty() ? 0 : std::stoi(answer.substr(line == std::string::npos ? 0 : line + 1));

        const auto store = open_store(url());
        const auto kept = store->pulses(session);
        EXPECT_GE(static_cast<int>(kept.size()), acknowledged) << "round " << round;
        expect_unbroken(kept, session);
        EXPECT_THAT(check_store(url()).problems, testing::IsEmpty()) << "round " << round;
        if (GetParam() == Database::sqlite_file) {
            SqlConnection by_hand(store_address(url()), 5000);
            EXPECT_EQ(std::get<std::string>(by_hand.one("PRAGMA integrity_check")), "ok");
        }
        first = static_cast<int>(kept.size()) + 1;
        acknowledged_in_all = std::max(acknowledged_in_all, acknowledged);
    }
    EXPECT_GT(acknowledged_in_all, 100);
    RecordProperty("acknowledged", acknowledged_in_all);
}

TEST(PulseWriterServer, GoesAwayAndComesBack) {
    std::string url;
    try {
        url = PostgresqlServer::shared().new_database();
    } catch (const std::exception& error) {
        GTEST_SKIP() << error.what();
    }
    if (!PostgresqlServer::shared().is_private()) GTEST_SKIP() << "a server given by its address is not stopped";
    RecordId session = 0;
    {
        const auto store = open_store(url);
        Case patient;
        patient.code = random_case_code();
        store->add_case(patient);
        Session record;
        record.case_code = patient.code;
        session = store->add(record);
    }
    testing::internal::CaptureStderr();  // the driver itself complains about its lost connection
    PulseWriter writer(url);
    for (int i = 1; i <= 50; ++i) writer.put(pulse_number(session, i));
    EXPECT_TRUE(writer.wait_until_written());
    PostgresqlServer::shared().stop();
    for (int i = 51; i <= 100; ++i) writer.put(pulse_number(session, i));
    EXPECT_FALSE(writer.wait_until_written(500ms));
    ASSERT_TRUE(writer.trouble().has_value());
    EXPECT_THAT(*writer.trouble(), HasSubstr("postgresql://precentral@127.0.0.1"));
    EXPECT_EQ(writer.acknowledged(), 50U);
    EXPECT_EQ(writer.unwritten().size(), 50U);
    PostgresqlServer::shared().start();
    EXPECT_TRUE(writer.wait_until_written());
    EXPECT_FALSE(writer.trouble().has_value());
    testing::internal::GetCapturedStderr();
    const auto kept = open_store(url)->pulses(session);
    EXPECT_EQ(kept.size(), 100U);
    expect_unbroken(kept, session);
}

// A store in memory that fails as told.
struct Fault {
    std::atomic<int> failures_left{0};
    std::atomic<bool> fails_after_the_commit{false};
    std::atomic<int> delay_ms{0};
};

class FaultyStore final : public Store {
public:
    FaultyStore(std::unique_ptr<Store> inner, Fault& fault) : inner_(std::move(inner)), fault_(fault) {}
    void add(std::span<const Pulse> pulses) override {
        std::this_thread::sleep_for(std::chrono::milliseconds(fault_.delay_ms.load()));
        if (fault_.failures_left.load() > 0) {
            --fault_.failures_left;
            if (fault_.fails_after_the_commit) inner_->add(pulses);
            throw Error("The cable was pulled.");
        }
        inner_->add(pulses);
    }
    std::vector<Pulse> pulses(RecordId session) const override { return inner_->pulses(session); }
    void add_case(const Case& r) override { inner_->add_case(r); }
    RecordId add(const ImageRecord& r) override { return inner_->add(r); }
    RecordId add(const Session& r) override { return inner_->add(r); }
    RecordId add(const RegistrationRecord& r) override { return inner_->add(r); }
    RecordId add(const LandmarkTouches& r) override { return inner_->add(r); }
    RecordId add(const CoilCalibrationRecord& r) override { return inner_->add(r); }
    RecordId add(const TargetRecord& r) override { return inner_->add(r); }
    RecordId add(const HotspotRecord& r) override { return inner_->add(r); }
    RecordId add(const ThresholdRecord& r) override { return inner_->add(r); }
    RecordId add(const Outcome& r) override { return inner_->add(r); }
    RecordId add(const SessionEvent& r) override { return inner_->add(r); }
    std::vector<Case> cases() const override { return inner_->cases(); }
    Case case_of(const std::string& code) const override { return inner_->case_of(code); }
    std::vector<ImageRecord> images(const std::string& code) const override { return inner_->images(code); }
    std::vector<Session> sessions(const std::string& code) const override { return inner_->sessions(code); }
    std::vector<RegistrationRecord> registrations(RecordId id) const override { return inner_->registrations(id); }
    std::vector<LandmarkTouches> landmark_touches(RecordId id) const override { return inner_->landmark_touches(id); }
    std::vector<CoilCalibrationRecord> calibrations(RecordId id) const override { return inner_->calibrations(id); }
    std::vector<TargetRecord> targets(RecordId id) const override { return inner_->targets(id); }
    std::vector<HotspotRecord> hotspots(RecordId id) const override { return inner_->hotspots(id); }
    std::vector<ThresholdRecord> thresholds(RecordId id) const override { return inner_->thresholds(id); }
    std::vector<Outcome> outcomes(RecordId id) const override { return inner_->outcomes(id); }
    std::vector<SessionEvent> events(RecordId id) const override { return inner_->events(id); }

private:
    std::unique_ptr<Store> inner_;
    Fault& fault_;
};

class PulseWriterFaults : public EachStore {};
INSTANTIATE_TEST_SUITE_P(Over, PulseWriterFaults, testing::Values(Database::memory), name_of_database);

TEST_P(PulseWriterFaults, TriesAgainUntilItWorksAndNeverTwice) {
    const auto store = open_store(url());
    const RecordId session = new_session(*store).id;
    for (const bool after_the_commit : {false, true}) {
        const std::size_t before = store->pulses(session).size();
        std::vector<Pulse> pulses;
        for (int i = 1; i <= 30; ++i) pulses.push_back(pulse_number(session, static_cast<int>(before) + i));
        Fault fault;
        fault.fails_after_the_commit = after_the_commit;
        int announced = 0;
        {
            PulseWriter writer([&] { return std::make_unique<FaultyStore>(open_store(url()), fault); },
                               [&](const Pulse&) { ++announced; });
            fault.failures_left = 2;
            for (const Pulse& pulse : pulses) writer.put(pulse);
            const SteadyTime begin = steady_now();
            std::optional<std::string> trouble;
            while (!trouble && seconds_between(begin, steady_now()) < 10.0) trouble = writer.trouble();
            EXPECT_EQ(trouble, "The cable was pulled.");
            EXPECT_TRUE(writer.wait_until_written());
            EXPECT_EQ(writer.acknowledged(), 30U);
        }
        EXPECT_EQ(announced, 30);
        EXPECT_EQ(store->pulses(session).size(), before + 30);
        expect_unbroken(store->pulses(session), session);
    }
}

TEST_P(PulseWriterFaults, ASlowDiskDoesNotHoldUpTheCaller) {
    const auto store = open_store(url());
    const RecordId session = new_session(*store).id;
    Fault fault;
    fault.delay_ms = 150;
    PulseWriter writer([&] { return std::make_unique<FaultyStore>(open_store(url()), fault); });
    double longest_ms = 0.0;
    for (int i = 1; i <= 100; ++i) {
        const Pulse pulse = pulse_number(session, i);
        const SteadyTime before = steady_now();
        writer.put(pulse);
        longest_ms = std::max(longest_ms, 1000.0 * seconds_between(before, steady_now()));
        std::this_thread::sleep_for(2ms);
    }
    EXPECT_LT(longest_ms, 100.0);
    EXPECT_TRUE(writer.wait_until_written());
    EXPECT_EQ(store->pulses(session).size(), 100U);
}

TEST(PulseWriterOpening, FailsBeforeTheFirstPulse) {
    const TemporaryFolder folder;
    EXPECT_THROW(PulseWriter(folder / "none.db"), InputError);
    EXPECT_FALSE(std::filesystem::exists(folder / "none.db"));
    EXPECT_THROW(PulseWriter(std::string(":memory:")), InputError);
    EXPECT_THROW(PulseWriter(folder.path().string()), InputError);
}

// Printed for the record; the bounds only catch what is badly wrong on any machine.
TEST_P(PulseWriterSuite, Speed) {
    const auto store = open_store(url());
    const RecordId session = new_session(*store).id;
    constexpr int kMany = 4000;
    std::vector<Pulse> pulses;
    for (int i = 1; i <= kMany; ++i) pulses.push_back(pulse_number(session, i));
    double seconds = 0.0;
    std::vector<double> latency_ms;
    {
        PulseWriter writer(url());
        const SteadyTime begin = steady_now();
        for (const Pulse& pulse : pulses) writer.put(pulse);
        ASSERT_TRUE(writer.wait_until_written(60s));
        seconds = seconds_between(begin, steady_now());
    }
    {
        PulseWriter writer(url());
        for (int i = 0; i < 200; ++i) {
            const SteadyTime begin = steady_now();
            writer.put(pulses[static_cast<std::size_t>(i)]);
            ASSERT_TRUE(writer.wait_until_written());
            latency_ms.push_back(1000.0 * seconds_between(begin, steady_now()));
            std::this_thread::sleep_for(1ms);
        }
    }
    std::sort(latency_ms.begin(), latency_ms.end());
    const SteadyTime begin = steady_now();
    const auto kept = store->pulses(session);
    const double reading_s = seconds_between(begin, steady_now());
    EXPECT_EQ(kept.size(), static_cast<std::size_t>(kMany) + 200U);
    std::printf("%.0f pulses/s in batches; one pulse durable in %.2f ms median, %.2f p95, %.2f max; read at %.0f/s\n",
                kMany / seconds, latency_ms[100], latency_ms[190], latency_ms.back(),
                static_cast<double>(kept.size()) / reading_s);
    EXPECT_GT(kMany / seconds, 200.0);
    EXPECT_LT(latency_ms[100], 200.0);
}

}  // namespace
}  // namespace precentral
