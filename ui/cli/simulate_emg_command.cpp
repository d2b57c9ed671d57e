// SPDX-License-Identifier: Apache-2.0
// precentral simulate emg: an amplifier on the hand of a virtual subject, as a process of its own or as a file.
#include <cmath>
#include <cstdio>
#include <memory>
#include <thread>

#include "data/text_file.h"
#include "navigation/emg_simulation.h"
#include "navigation/igtl_server.h"
#include "navigation/igtl_theatre.h"
#include "navigation/virtual_muscle.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

struct EmgArguments {
    std::uint64_t seed = 1;
    int pulses = 30;
    double intensity_mso = 60.0;
    double interval_s = 5.0;
    std::uint16_t port = 18945;
    std::string out;
    bool json = false;
};

struct Subject {
    explicit Subject(std::uint64_t seed) : random(seed), muscle(VirtualMuscle::draw(random)), emg(seed + 1) {}
    EmgSweep answer(double intensity_mso, std::uint64_t count) {
        return emg.sweep(muscle.mep_volt(intensity_mso / 100.0, random), count).sweep;
    }
    SeededRandom random;
    VirtualMuscle muscle;
    EmgSimulator emg;
};

// A row a sample, a column a pulse, as `precentral mep` reads it.
void write_table(const EmgArguments& a, Subject& subject) {
    std::vector<EmgSweep> sweeps;
    for (int i = 1; i <= a.pulses; ++i) {
        sweeps.push_back(subject.answer(a.intensity_mso, static_cast<std::uint64_t>(i)));
    }
    std::string text = "time_ms";
    for (int i = 1; i <= a.pulses; ++i) text += ",pulse " + std::to_string(i);
    text += "\n";
    char number[40];
    for (std::size_t row = 0; row < sweeps.front().microvolts.size(); ++row) {
        const EmgSweep& first = sweeps.front();
        std::snprintf(number, sizeof number, "%.3f",
                      first.start_ms + 1000.0 * static_cast<double>(row) / first.sample_rate_hz);
        text += number;
        for (const EmgSweep& sweep : sweeps) {
            std::snprintf(number, sizeof number, ",%.2f", static_cast<double>(sweep.microvolts[row]));
            text += number;
        }
        text += "\n";
    }
    write_text_file(a.out, text);
}

int serve(const EmgArguments& a, Subject& subject, const Progress& progress) {
    IgtlServer server(a.port);
    if (!a.json) std::printf("igtl://127.0.0.1:%u\n", static_cast<unsigned>(server.port()));
    std::fflush(stdout);
    const SteadyTime began = steady_now();
    const auto wait_until = [&](double at_s) {
        while (seconds_between(began, steady_now()) < at_s) {
            if (progress.stop.stop_requested()) throw Cancelled();
            (void)server.receive(std::chrono::milliseconds(10));
        }
    };
    while (!server.wait_for_client(std::chrono::milliseconds(100))) {
        if (progress.stop.stop_requested()) throw Cancelled();
    }
    const double first_s = seconds_between(began, steady_now()) + 0.5;
    for (int i = 1; i <= a.pulses; ++i) {
        const double at_s = first_s + (i - 1) * a.interval_s;
        wait_until(at_s);
        if (server.clients() == 0) return i - 1;
        Trigger trigger;
        trigger.device_time_s = at_s;
        trigger.count = static_cast<std::uint64_t>(i);
        trigger.intensity_mso = a.intensity_mso;
        server.send(write_trigger(trigger));
        const EmgSweep sweep = subject.answer(a.intensity_mso, trigger.count);
        wait_until(at_s + 0.13);  // the sweep is whole only then
        server.send(write_sweep(sweep, at_s));
    }
    wait_until(seconds_between(began, steady_now()) + 0.3);  // the last one has to leave
    return a.pulses;
}

}  // namespace

void add_simulate_emg(CLI::App& simulate) {
    auto a = std::make_shared<EmgArguments>();
    CLI::App* emg = simulate.add_subcommand(
        "emg", "The EMG of a virtual subject's hand: sweeps with artefact, noise and MEP over OpenIGTLink, or a file");
    emg->add_option("--seed", a->seed, "Another subject for another number")->capture_default_str();
    emg->add_option("--pulses", a->pulses, "How many")->capture_default_str()->check(CLI::Range(1, 10000));
    emg->add_option("--intensity", a->intensity_mso, "% of maximum output")
        ->capture_default_str()
        ->check(CLI::Range(1.0, 100.0));
    CLI::Option* interval = emg->add_option("--interval", a->interval_s, "s between pulses")
                                ->capture_default_str()
                                ->check(CLI::Range(0.2, 3600.0));
    CLI::Option* port =
        emg->add_option("--port", a->port, "TCP port; 0 = any free one, which is printed")->capture_default_str();
    emg->add_option("--out", a->out, "Write a CSV (time_ms and a column a pulse, microvolts) instead")
        ->excludes(port)
        ->excludes(interval);
    emg->add_flag("--json", a->json, "At the end, what was sent and the hidden threshold");
    emg->footer(
        "Examples:\n  precentral simulate emg --out sweeps.csv --pulses 20 --intensity 65\n"
        "  precentral mep sweeps.csv\n"
        "  precentral simulate emg --port 18945");
    emg->callback([a] {
        Subject subject(a->seed);
        int given = a->pulses;
        if (!a->out.empty()) {
            write_table(*a, subject);
        } else {
            given = serve(*a, subject, terminal_progress());
        }
        const double threshold_mso = 100.0 * subject.muscle.threshold();
        if (a->json) {
            std::printf("%s\n",
                        nlohmann::json{{"pulses", given}, {"hidden_threshold_mso", threshold_mso}}.dump(2).c_str());
        } else {
            std::printf("%d pulses at %.0f %%; the subject's threshold was %.1f %%\n", given, a->intensity_mso,
                        threshold_mso);
        }
    });
}

}  // namespace precentral::cli
