// SPDX-License-Identifier: Apache-2.0
#include "store_torture.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "child_process.h"
#include "data/pulse_writer.h"
#include "data/sql_connection.h"
#include "data/store_check.h"
#include "sample_records.h"

namespace precentral {
namespace {

// One run's child: pulses from `first` on, until it is killed.
void record(const std::string& url, RecordId session, int first, double pulses_a_second, int answer) {
    PulseWriter writer(url,
                       [&](const Pulse& pulse) { ChildProcess::say(answer, std::to_string(pulse.sequence) + "\n"); });
    SampleRecords samples(static_cast<unsigned>(first));
    auto next = std::chrono::steady_clock::now();
    for (int i = first;; ++i) {
        Pulse pulse = samples.pulse(session, i, true);
        pulse.registration = pulse.calibration = pulse.target = 0;
        writer.put(pulse);
        next += std::chrono::microseconds(static_cast<long>(1e6 / pulses_a_second));
        std::this_thread::sleep_until(next);
    }
}

int last_whole_number(std::string answer) {
    answer.resize(answer.rfind('\n') == std::string::npos ? 0 : answer.rfind('\n'));
    const std::size_t line = answer.rfind('\n');
    return answer.empty() ? 0 : std::stoi(answer.substr(line == std::string::npos ? 0 : line + 1));
}

}  // namespace

Torture torture_store(const std::string& url, int runs, double pulses_a_second, int longest_ms, unsigned seed) {
    Torture out;
    RecordId session = 0;
    {
        const auto store = open_store(url);
        SampleRecords samples(seed);
        Case patient = samples.patient(true);
        patient.code = random_case_code();
        store->add_case(patient);
        session = store->add(samples.session(patient.code));
    }
    std::mt19937 random(seed);
    int first = 1;
    for (int run = 1; run <= runs; ++run) {
        const std::string which = "run " + std::to_string(run) + ": ";
        ChildProcess child([&](int answer) { record(url, session, first, pulses_a_second, answer); });
        const bool began = child.wait_for_first();
        std::this_thread::sleep_for(
            std::chrono::microseconds(std::uniform_int_distribution<>(0, 1000 * longest_ms)(random)));
        const bool killed = child.end();
        const std::string answer = child.answer();
        ++out.runs;
        if (began && killed) {
            ++out.killed_while_recording;
        } else {
            out.problems.push_back(which + "the recording ended by itself: " + answer.substr(0, 200));
        }
        const int acknowledged = last_whole_number(answer);

        const auto before = std::chrono::steady_clock::now();
        const auto store = open_existing_store(url);
        const double opening_ms =
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count();
        out.longest_opening_ms = std::max(out.longest_opening_ms, opening_ms);
        const auto kept = store->pulses(session);
        if (static_cast<int>(kept.size()) < acknowledged) {
            out.problems.push_back(which + std::to_string(acknowledged) + " acknowledged, " +
                                   std::to_string(kept.size()) + " kept");
        }
        for (std::size_t i = 0; i < kept.size(); ++i) {
            if (kept[i].sequence == static_cast<int>(i) + 1 && kept[i].scan_from_coil) continue;
            out.problems.push_back(which + "pulse " + std::to_string(i + 1) + " is not as it was written");
            break;
        }
        for (const std::string& problem : check_store(url).problems) out.problems.push_back(which + problem);
        const StoreAddress address = store_address(url);
        if (address.engine == SqlEngine::sqlite) {
            SqlConnection by_hand(address, 5000);
            const SqlValue sound = by_hand.one("PRAGMA integrity_check");
            const auto* text = std::get_if<std::string>(&sound);
            if (text == nullptr || *text != "ok") out.problems.push_back(which + "SQLite's own check fails");
        }
        if (acknowledged >= first) out.pulses_acknowledged += acknowledged - first + 1;
        out.pulses_kept = static_cast<long>(kept.size());
        first = static_cast<int>(kept.size()) + 1;
    }
    return out;
}

}  // namespace precentral
