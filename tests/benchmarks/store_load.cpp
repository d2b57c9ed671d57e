// SPDX-License-Identifier: Apache-2.0
// benchmark_store_load [VISITS a patient (4)] [SINGLE pulses (500)] [PATIENTS (193)] [URL]: PATIENTS x VISITS x 1600
// pulses in trains of 80; prints how fast they were durable, how large the store is, and how long a patient takes to
// open.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "data/session_numbers.h"
#include "data/store.h"
#include "tests/data/postgresql_server.h"
#include "tests/data/sample_records.h"
#include "tests/data/temporary_folder.h"

namespace {

using namespace precentral;

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

void run(const char* name, const std::string& url, const std::string& file, int visits, int singles, int patients) {
    const auto store = open_store(url);
    SampleRecords samples(11);
    std::vector<std::string> codes;
    std::vector<Pulse> train;
    for (int i = 1; i <= 80; ++i) train.push_back(samples.pulse(0, i, true));
    long pulses = 0;
    double writing_s = 0.0;
    for (int patient = 0; patient < patients; ++patient) {
        Case one = samples.patient(true);
        one.code = random_case_code();
        codes.push_back(one.code);
        store->add_case(one);
        for (int visit = 1; visit <= visits; ++visit) {
            Session session = samples.session(one.code);
            session.visit = visit;
            const RecordId id = store->add(session);
            const RecordId registration = store->add(samples.registration(id, true));
            const RecordId calibration = store->add(samples.calibration(id));
            const RecordId target = store->add(samples.target(id, true));
            store->add(samples.threshold(id));
            store->add(samples.outcome(id, true));
            for (int t = 1; t <= 20; ++t) {
                for (Pulse& pulse : train) {
                    pulse.session = id;
                    pulse.train = t;
                    pulse.sequence = 80 * (t - 1) + pulse.index;
                    pulse.registration = registration;
                    pulse.calibration = calibration;
                    pulse.target = target;
                }
                const double before = now_s();
                store->add(train);
                writing_s += now_s() - before;
                pulses += 80;
            }
        }
    }
    std::vector<double> single_ms;
    for (int i = 0; i < singles; ++i) {
        const double before = now_s();
        store->add(std::span<const Pulse>(train).first(1));
        single_ms.push_back(1000.0 * (now_s() - before));
    }
    // A patient as "case show" and the record's page open it, each on a connection of its own.
    std::vector<double> numbers_ms, list_ms;
    for (int i = 0; i < 12; ++i) {
        const std::string& code = codes[static_cast<std::size_t>(i * patients / 12)];
        const double before = now_s();
        const auto reader = open_store_to_read(url);
        reader->case_of(code);
        for (const Session& session : reader->sessions(code)) {
            reader->thresholds(session.id);
            reader->outcomes(session.id);
            reader->targets(session.id);
            reader->registrations(session.id);
        }
        list_ms.push_back(1000.0 * (now_s() - before));
        const auto sessions = reader->sessions(code);
        const double pulses_from = now_s();
        session_numbers(sessions.back().protocol, reader->pulses(sessions.back().id));
        numbers_ms.push_back(1000.0 * (now_s() - pulses_from));
    }
    const auto worst = [](const std::vector<double>& values) {
        return *std::max_element(values.begin(), values.end());
    };
    std::printf("%-11s %ld pulses; %.0f durable pulses/s in trains of 80; a single one median %.2f ms, 99 %% %.2f ms\n",
                name, pulses, static_cast<double>(pulses) / writing_s, *quantile(single_ms, 0.5),
                *quantile(single_ms, 0.99));
    std::printf(
        "            a patient with all %d visits opens in %.1f ms (worst of 12 %.1f); the 1600 pulses of a visit "
        "with their numbers %.1f ms (worst %.1f)\n",
        visits, *quantile(list_ms, 0.5), worst(list_ms), *quantile(numbers_ms, 0.5), worst(numbers_ms));
    if (!file.empty()) {
        const auto bytes = static_cast<double>(std::filesystem::file_size(file));
        std::printf("            the file is %.0f MB, %.0f bytes a pulse\n", bytes / 1e6,
                    bytes / static_cast<double>(pulses));
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const int visits = argc > 1 ? std::atoi(argv[1]) : 4;
    const int singles = argc > 2 ? std::atoi(argv[2]) : 500;
    const int patients = argc > 3 ? std::atoi(argv[3]) : 193;
    if (argc > 4) {
        run("given", argv[4], "", visits, singles, patients);
        return 0;
    }
    const TemporaryFolder folder;
    run("SQLite", folder / "store.db", folder / "store.db", visits, singles, patients);
    try {
        run("PostgreSQL", PostgresqlServer::shared().new_database(), "", visits, singles, patients);
    } catch (const std::exception& error) {
        std::printf("PostgreSQL  not run: %s\n", error.what());
    }
    return 0;
}
