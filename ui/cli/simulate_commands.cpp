// SPDX-License-Identifier: Apache-2.0
// precentral simulate …: stand-ins for hardware, over the same sockets as the real thing; and how well threshold and
// hotspot methods do on virtual patients.
#include <cstdio>
#include <memory>

#include "navigation/hotspot_simulation.h"
#include "navigation/theatre/room_process.h"
#include "navigation/threshold_simulation.h"
#include "ui/cli/cohort_output.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

void add_room(CLI::App& simulate) {
    auto options = std::make_shared<RoomOptions>();
    auto t1 = std::make_shared<std::string>();
    auto cache = std::make_shared<std::string>();
    auto side = std::make_shared<std::string>("left");
    CLI::App* patient = simulate.add_subcommand(
        "patient", "A room with camera, stylus, coil, stimulator, EMG and a patient, speaking OpenIGTLink");
    patient->add_option("--t1", *t1, "The head (default: Colin27)");
    patient->add_option("--cache", *cache, "Where prepared heads are kept");
    patient->add_option("--seed", options->theatre.seed, "Another patient for another number")->default_val(1);
    patient->add_option("--visit", options->theatre.visit, "Which visit of that patient")->default_val(1);
    patient->add_option("--side", *side, "Hemisphere of the hidden hotspot")->check(CLI::IsMember({"left", "right"}));
    patient->add_option("--port", options->port, "0 = any free one, which is printed")->default_val(18944);
    patient->add_option("--port-file", options->port_file,
                        "Written once it listens, instead of printing; any free port");
    patient->add_option("--counter-file", options->counter_file, "Keeps the stimulator's pulse counters");
    patient
        ->add_option("--knock", options->theatre.knock_mm,
                     "mm the head reference is knocked by in the middle of the trains (0: not at all)")
        ->check(CLI::Range(0.0, 50.0));
    patient->add_option("--linger", options->linger_s, "Seconds to wait for a program that went away")
        ->default_val(60.0);
    patient->footer(
        "Example, in two terminals:\n  precentral simulate patient\n  precentral track igtl://127.0.0.1 --seconds 5");
    patient->callback([=] {
        options->t1 = t1->empty() ? demo_t1() : std::filesystem::path(*t1);
        options->cache_dir = cache->empty() ? cache_dir() : std::filesystem::path(*cache);
        options->theatre.side = *side == "left" ? Side::left : Side::right;
        if (!options->port_file.empty()) options->port = 0;
        run_room(*options);
    });
}

void add_threshold(CLI::App& app) {
    CLI::App* threshold = app.add_subcommand("threshold", "The resting motor threshold");
    threshold->require_subcommand(1);
    auto study = std::make_shared<ThresholdStudy>();
    auto variance = std::make_shared<bool>(false);
    auto start = std::make_shared<double>(0.0);
    auto method = std::make_shared<std::string>("bayes");
    auto json = std::make_shared<bool>(false);
    CLI::App* simulate = threshold->add_subcommand("simulate", "How accurate a method is on virtual subjects");
    simulate->add_option("--method", *method, "bayes, samt, ml-pest, 5of10, 5of10-by-2, 10of20 or mills-nithi")
        ->default_val("bayes");
    simulate->add_option("--subjects", study->subjects)->default_val(500)->check(CLI::Range(1, 100000));
    simulate->add_option("--pulses", study->pulses)->default_val(60)->check(CLI::Range(1, 500));
    simulate->add_option("--seed", study->seed)->default_val(1);
    simulate->add_flag("--variance", *variance, "Read the published noise widths as variances");
    simulate->add_option("--false", study->false_responses, "Share of pulses wrongly taken for a response");
    simulate->add_option("--missed", study->missed_responses, "Share of responses that are missed");
    simulate->add_option("--start", *start, "First pulse at this multiple of the threshold");
    simulate->add_option("--jump-after", study->jump_after, "The threshold changes after this many pulses");
    simulate->add_option("--jump", study->jump_factor, "by this factor");
    simulate->add_flag("--json", *json);
    simulate->callback([=] {
        study->noise = *variance ? NoiseReading::variance : NoiseReading::standard_deviation;
        study->start_low = study->start_high = *start;
        study->method = threshold_method_from(*method);
        const ThresholdStudyResult result = simulate_threshold(*study);
        if (*json) {
            nlohmann::json by;
            for (const auto& [pulses, a] : result.by_pulses) {
                by[std::to_string(pulses)] = {{"median_rel_error_pct", a.median_rel_error_pct},
                                              {"p95_rel_error_pct", a.p95_rel_error_pct},
                                              {"bias_pct", a.bias_pct},
                                              {"coverage95", a.coverage95}};
            }
            const nlohmann::json out{
                {"method", *method},
                {"subjects", study->subjects},
                {"by_pulses", by},
                {"stop", {{"median_pulses", result.median_pulses}, {"p95_pulses", result.p95_pulses}}}};
            std::printf("%s\n", out.dump(2).c_str());
            return;
        }
        std::printf(
            "%s, %d virtual subjects (Goetz model)\npulses   median error   95 %% below   bias      in the 95 %% "
            "interval\n",
            method->c_str(), study->subjects);
        for (const auto& [pulses, a] : result.by_pulses) {
            std::printf("%-8d %5.2f %%        %5.2f %%      %+5.2f %%   %5.1f %%\n", pulses, a.median_rel_error_pct,
                        a.p95_rel_error_pct, a.bias_pct, 100.0 * a.coverage95);
        }
        const ThresholdAccuracy& stop = result.at_stop;
        std::printf(
            "stops after %.0f pulses (median), %.0f (95 %%): %.2f %% median error, %.2f %% for 95 %%, bias %+.2f %%, "
            "%.1f "
            "%% in the interval; %d not reached, %d not a number\n",
            result.median_pulses, result.p95_pulses, stop.median_rel_error_pct, stop.p95_rel_error_pct, stop.bias_pct,
            100.0 * stop.coverage95, result.not_reached, result.not_finite);
    });
}

void add_hotspot(CLI::App& app) {
    CLI::App* hotspot = app.add_subcommand("hotspot", "The cortical hotspot of a muscle");
    hotspot->require_subcommand(1);
    auto study = std::make_shared<HotspotStudy>();
    auto json = std::make_shared<bool>(false);
    auto method = std::make_shared<std::string>("expected-gain");
    CLI::App* simulate = hotspot->add_subcommand("simulate", "How accurate the search is on virtual patients");
    simulate->add_option("--method", *method, "How the next pose is chosen")
        ->check(CLI::IsMember({"expected-gain", "thompson-ring"}));
    simulate->add_option("--skew", study->skew, "Share by which one side of the hotspot is easier to drive")
        ->check(CLI::Range(0.0, 0.5));
    simulate->add_option("--off-centre", study->off_centre_mm, "mm between the expected site and the mean patient's");
    simulate->add_option("--subjects", study->patients)->default_val(100)->check(CLI::Range(1, 10000));
    simulate->add_option("--seed", study->seed)->default_val(1);
    simulate->add_flag("--json", *json);
    simulate->callback([=] {
        study->policy = *method == "thompson-ring" ? HotspotPolicy::thompson_ring : HotspotPolicy::expected_gain;
        const HotspotStudyResult result = simulate_hotspot(*study);
        if (*json) {
            nlohmann::json by;
            for (const auto& [pulses, a] : result.by_pulses) {
                by[std::to_string(pulses)] = {{"median_mm", a.median_mm},
                                              {"p95_mm", a.p95_mm},
                                              {"centre_of_gravity_mm", a.centre_of_gravity_mm},
                                              {"median_angle_deg", a.median_angle_deg},
                                              {"median_field_share", a.median_field_share},
                                              {"coverage95", a.coverage95}};
            }
            std::printf("%s\n", nlohmann::json{{"method", *method}, {"by_pulses", by}}.dump(2).c_str());
            return;
        }
        std::printf(
            "%s, %d virtual patients\npulses   median   95 %% below   angle    share of the best effect   in the 95 %% "
            "circle   centre of gravity\n",
            method->c_str(), study->patients);
        for (const auto& [pulses, a] : result.by_pulses) {
            std::printf("%-8d %4.1f mm  %4.1f mm      %4.1f°    %.3f                      %5.1f %%     %4.1f mm\n",
                        pulses, a.median_mm, a.p95_mm, a.median_angle_deg, a.median_field_share, 100.0 * a.coverage95,
                        a.centre_of_gravity_mm);
        }
        std::printf("%.1f ms to take an answer and propose the next pose\n", 1e3 * result.seconds_per_pulse);
    });
}

}  // namespace

void add_simulate(CLI::App& app) {
    CLI::App* simulate = app.add_subcommand("simulate", "Stand-ins for hardware");
    simulate->require_subcommand(1);
    add_room(*simulate);
    add_simulate_tracker(*simulate);
    add_simulate_emg(*simulate);
    add_simulate_cohort(*simulate);
    add_threshold(app);
    add_hotspot(app);
}

}  // namespace precentral::cli
