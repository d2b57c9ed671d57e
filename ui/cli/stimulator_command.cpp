// SPDX-License-Identifier: Apache-2.0
// precentral stimulator listen: the pulses that arrive, their trains, their stamps.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>

#include "navigation/pulse_trains.h"
#include "navigation/trigger_input.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

class Heard : public StimulatorListener {
public:
    void on_trigger(const Trigger& trigger) override {
        const std::scoped_lock lock(mutex);
        triggers.push_back(trigger);
    }
    void on_status(const StimulatorStatus& now) override {
        const std::scoped_lock lock(mutex);
        status = now;
        ++statuses;
        fired_between += now.fired_since ? 1 : 0;
    }
    void on_mep(const StimulatorMep& mep) override {
        const std::scoped_lock lock(mutex);
        meps.push_back(mep);
    }
    void on_link(LinkState state, const std::string& why) override {
        const std::scoped_lock lock(mutex);
        connections += state == LinkState::connected ? 1 : 0;
        losses += state == LinkState::lost ? 1 : 0;
        if (!why.empty()) link_why = why;
    }
    void on_refused(const std::string& why, std::uint64_t total) override {
        const std::scoped_lock lock(mutex);
        refused = total;
        refused_why = why;
    }

    std::mutex mutex;
    std::vector<Trigger> triggers;
    std::vector<StimulatorMep> meps;
    std::optional<StimulatorStatus> status;
    int statuses = 0;
    int fired_between = 0;
    int connections = 0;
    int losses = 0;
    std::uint64_t refused = 0;
    std::string link_why;
    std::string refused_why;
};

nlohmann::json as_json(const std::optional<StimulatorStatus>& status) {
    if (!status) return nullptr;
    const auto or_null = [](const auto& value) { return value ? nlohmann::json(*value) : nlohmann::json(); };
    return {{"model", status->model},
            {"enabled", or_null(status->enabled)},
            {"ready", or_null(status->ready)},
            {"train_running", or_null(status->train_running)},
            {"intensity_mso", or_null(status->intensity_mso)},
            {"intensity_b_mso", or_null(status->intensity_b_mso)},
            {"didt_a_per_us", or_null(status->didt_a_per_us)},
            {"didt_b_per_us", or_null(status->didt_b_per_us)},
            {"temperature_c", or_null(status->temperature_c)},
            {"coil", or_null(status->coil)},
            {"coil_present", or_null(status->coil_present)},
            {"error", or_null(status->error)}};
}

nlohmann::json as_json(const PulseTrain& train) {
    nlohmann::json gaps = nlohmann::json::array();
    for (const MissingPulses& gap : train.gaps)
        gaps.push_back({{"after_pulse", gap.after + 1}, {"missing", gap.count}});
    return {{"heard", train.heard},
            {"missing", train.missing},
            {"gaps", gaps},
            {"frequency_hz", train.frequency_hz},
            {"jitter_ms", train.jitter_ms},
            {"bursts", train.bursts},
            {"pulses_per_burst", train.pulses_per_burst},
            {"burst_rate_hz", train.burst_rate_hz},
            {"lasts_s", train.lasts_s}};
}

void print(const Heard& heard, const std::vector<PulseTrain>& trains) {
    std::printf("%zu pulses", heard.triggers.size());
    if (!heard.triggers.empty() && heard.triggers.back().intensity_mso > 0.0) {
        std::printf(", the last at %.0f %% of output", heard.triggers.back().intensity_mso);
    }
    std::printf("; %d connections, %d times lost; %llu messages refused\n", heard.connections, heard.losses,
                static_cast<unsigned long long>(heard.refused));
    if (!heard.refused_why.empty()) std::printf("last refused: %s\n", heard.refused_why.c_str());
    if (!heard.link_why.empty() && heard.losses > 0) std::printf("last lost: %s\n", heard.link_why.c_str());
    for (std::size_t i = 0; i < trains.size(); ++i) {
        const PulseTrain& t = trains[i];
        std::printf("train %-3zu %4zu pulses, %d missing, %6.2f Hz", i + 1, t.heard, t.missing, t.frequency_hz);
        if (t.bursts > 0)
            std::printf(" in %d bursts of %d, %.2f a second", t.bursts, t.pulses_per_burst, t.burst_rate_hz);
        std::printf(", %.2f s, stamps ± %.2f ms\n", t.lasts_s, t.jitter_ms);
    }
    if (!heard.meps.empty()) {
        std::printf("%zu responses measured by the stimulator, the last from %d to %d µV\n", heard.meps.size(),
                    heard.meps.back().lowest_uv, heard.meps.back().highest_uv);
    }
    if (heard.status) {
        const StimulatorStatus& s = *heard.status;
        std::printf("%s:", s.model.c_str());
        if (s.enabled) std::printf(" %s", *s.enabled ? "enabled" : "disabled");
        if (s.intensity_mso) std::printf(", %d %%", *s.intensity_mso);
        if (s.didt_a_per_us) std::printf(", %d A/µs at the last pulse", *s.didt_a_per_us);
        if (s.temperature_c) std::printf(", coil %.0f °C", *s.temperature_c);
        std::printf("\n");
        if (heard.fired_between > 0) {
            std::printf("It fired %d times or more between two of its answers; when, it does not tell.\n",
                        heard.fired_between);
        }
    }
}

}  // namespace

void add_stimulator(CLI::App& app) {
    CLI::App* stimulator = app.add_subcommand("stimulator", "Stimulators and triggers");
    stimulator->require_subcommand(1);
    auto address = std::make_shared<std::string>();
    auto seconds = std::make_shared<double>(10.0);
    auto pulses = std::make_shared<int>(0);
    auto rule = std::make_shared<TrainRule>();
    auto rate = std::make_shared<double>(0.0);
    auto json = std::make_shared<bool>(false);
    CLI::App* listen = stimulator->add_subcommand("listen", "Listen for a while and tell what arrives; never controls");
    listen
        ->add_option("ADDRESS", *address,
                     "trigger+tcp://host:port, trigger+udp://:port, serial:/dev/ttyUSB0?on=byte|cts|dsr|dcd|ring, "
                     "magventure:/dev/ttyS0, magstim:/dev/ttyS0?poll=200|rapid, magventure+tcp://host:port")
        ->required();
    listen->add_option("--seconds", *seconds, "How long")->capture_default_str()->check(CLI::Range(0.1, 86400.0));
    listen->add_option("--until-pulses", *pulses, "or until so many pulses came");
    listen->add_option("--rate", *rate, "Hz within a train or burst, when it is known; 0 = seen from the pulses");
    listen->add_option("--pulses-per-train", rule->pulses_per_train,
                       "When known: then pulses missing at a train's ends show");
    listen->add_flag("--json", *json, "Print JSON: pulses, missing, trains, gaps_ms, jitter_ms, refused, status");
    listen->footer("Example: precentral stimulator listen magventure:/dev/ttyUSB0 --seconds 60 --json");
    listen->callback([=] {
        if (*rate > 0.0) rule->frequency_hz = *rate;
        Heard heard;
        const auto device = open_stimulator(parse_trigger_address(*address), heard);
        const Progress progress = terminal_progress();
        const SteadyTime began = steady_now();
        while (seconds_between(began, steady_now()) < *seconds && !progress.stop.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            const std::scoped_lock lock(heard.mutex);
            if (*pulses > 0 && heard.triggers.size() >= static_cast<std::size_t>(*pulses)) break;
        }
        const std::scoped_lock lock(heard.mutex);
        if (heard.connections == 0) throw Error(heard.link_why.empty() ? "Nothing was heard." : heard.link_why);
        std::vector<HeardPulse> times;
        for (const Trigger& trigger : heard.triggers) {
            times.push_back({seconds_between(began, trigger.received), trigger.count});
        }
        const std::vector<PulseTrain> trains = recognise_trains(times, *rule);
        if (!*json) {
            print(heard, trains);
            return;
        }
        nlohmann::json rows = nlohmann::json::array();
        int missing = 0;
        double jitter_ms = 0.0;
        for (const PulseTrain& train : trains) {
            rows.push_back(as_json(train));
            missing += train.missing;
            jitter_ms = std::max(jitter_ms, train.jitter_ms);
        }
        nlohmann::json gaps = nlohmann::json::array();
        for (std::size_t i = 1; i < times.size(); ++i) gaps.push_back(1e3 * (times[i].time_s - times[i - 1].time_s));
        nlohmann::json intensities = nlohmann::json::array();
        for (const Trigger& trigger : heard.triggers) intensities.push_back(trigger.intensity_mso);
        const nlohmann::json out{{"address", *address},
                                 {"pulses", heard.triggers.size()},
                                 {"missing", missing},
                                 {"trains", rows},
                                 {"gaps_ms", gaps},
                                 {"jitter_ms", jitter_ms},
                                 {"intensity_mso", intensities},
                                 {"connections", heard.connections},
                                 {"lost", heard.losses},
                                 {"refused", heard.refused},
                                 {"refused_last", heard.refused_why},
                                 {"link_last", heard.link_why},
                                 {"meps", heard.meps.size()},
                                 {"statuses", heard.statuses},
                                 {"fired_between_statuses", heard.fired_between},
                                 {"status", as_json(heard.status)}};
        std::printf("%s\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    });
}

}  // namespace precentral::cli
