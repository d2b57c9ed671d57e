// SPDX-License-Identifier: Apache-2.0
// precentral demo: the whole service on the demo patient, and what was found against what was hidden.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "navigation/rehearsal.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"
#include "ui/report/report_session.h"
#include "ui/report/review.h"

namespace precentral::cli {
namespace {

struct DemoArguments {
    bool headless = false;
    bool json = false;
    std::string out;
    std::string t1;
    RehearsalOptions rehearsal;
};

nlohmann::json checks_json(const std::vector<LandmarkTouches>& checks) {
    nlohmann::json out = nlohmann::json::array();
    for (const LandmarkTouches& check : checks) {
        out.push_back({{"drift_mm", check.drift_mm.value_or(0.0)},
                       {"drift_deg", check.drift_deg.value_or(0.0)},
                       {"verdict", check.verdict},
                       {"reasons", check.reasons}});
    }
    return out;
}

nlohmann::json to_json(const VisitResult& visit) {
    return {{"visit", visit.visit},
            {"registration_error_mm", visit.registration_error_mm},
            {"checks", checks_json(visit.checks)},
            {"predicted_rms_mm", visit.predicted_rms_mm},
            {"predicted_p95_mm", visit.predicted_p95_mm},
            {"threshold_mso", visit.threshold_mso},
            {"threshold_error_mso", visit.threshold_error_mso},
            {"pulses_delivered", visit.delivered},
            {"pulses_recorded", visit.recorded},
            {"pulses_with_pose", visit.with_pose},
            {"resumed", visit.resumed}};
}

void print_table(const RehearsalResult& result, const std::string& report) {
    std::printf("\nFound against hidden (simulated patient %s)\n", result.case_code.c_str());
    std::printf("  hotspot             %5.1f mm off   (95 %% expected within %.1f mm, %d pulses)\n",
                result.hotspot_error_mm, result.hotspot_radius95_mm, result.map_pulses);
    std::printf("\n  visit   registration at the hotspot   threshold          pulses of the treatment\n");
    std::printf("          off     expected  95 %%        found    off       delivered  recorded  with pose\n");
    for (const VisitResult& v : result.visits) {
        std::printf("  %-5d   %.1f mm  %.1f mm    %.1f mm      %4.1f %%   %+4.1f      %-9llu  %-8llu  %llu%s\n",
                    v.visit, v.registration_error_mm, v.predicted_rms_mm, v.predicted_p95_mm, v.threshold_mso,
                    v.threshold_error_mso, static_cast<unsigned long long>(v.delivered),
                    static_cast<unsigned long long>(v.recorded), static_cast<unsigned long long>(v.with_pose),
                    v.resumed ? "  (resumed)" : "");
    }
    for (const VisitResult& v : result.visits) {
        for (const LandmarkTouches& check : v.checks) {
            std::printf("%s  visit %d: the registration was checked: %s, moved %.1f mm and %.1f° at the target\n",
                        &check == &result.visits.front().checks.front() ? "\n" : "", v.visit, check.verdict.c_str(),
                        check.drift_mm.value_or(0.0), check.drift_deg.value_or(0.0));
        }
    }
    std::printf("\nThe report:  %s\nThe record:  %s\n", report.c_str(), result.store.string().c_str());
}

void run_demo(const DemoArguments& arguments) {
    const ReportSession drawing;
    const Progress progress = terminal_progress();
    RehearsalOptions options = arguments.rehearsal;
    options.t1 = arguments.t1.empty() ? demo_t1() : std::filesystem::path(arguments.t1);
    options.cache_dir = cache_dir();
    options.out = std::filesystem::absolute(arguments.out);
    const HeadModel head = prepare_head(options.t1, options.cache_dir, progress);
    const RehearsalResult result = rehearse(options, head, nullptr, nullptr, progress);

    const auto store = open_store(result.store.string());
    ReviewInput review = gather_review(*store, result.case_code);
    review.head = &head;
    const std::string report = (options.out / (result.case_code + "-review.pdf")).string();
    for (const std::string& warning : write_review(review, report)) std::fprintf(stderr, "%s\n", warning.c_str());
    write_review(review, options.out / (result.case_code + "-review.html"));

    if (arguments.json) {
        const VisitResult& first = result.visits.front();
        nlohmann::json out{{"hotspot_error_mm", result.hotspot_error_mm},
                           {"hotspot_radius95_mm", result.hotspot_radius95_mm},
                           {"threshold_error_mso", std::abs(first.threshold_error_mso)},
                           {"registration_error_mm", first.registration_error_mm},
                           {"pulses_delivered", first.delivered},
                           {"pulses_recorded", first.recorded},
                           {"pulses_with_pose", first.with_pose},
                           {"report", report},
                           {"store", result.store.string()},
                           {"case", result.case_code},
                           {"seed", options.seed},
                           {"visits", nlohmann::json::array()}};
        for (const VisitResult& visit : result.visits) out["visits"].push_back(to_json(visit));
        std::printf("%s\n", out.dump(2).c_str());
    } else {
        print_table(result, report);
    }
}

}  // namespace

void add_demo(CLI::App& app) {
    auto arguments = std::make_shared<DemoArguments>();
    CLI::App* demo =
        app.add_subcommand("demo", "The whole loop on the demo patient: register, map, threshold, 20 Hz, report");
    demo->add_flag("--headless", arguments->headless, "No window (the desktop's demo is: precentral-navigator --demo)");
    demo->add_option("--out", arguments->out,
                     "Folder for the record and the report; go on with an interrupted run there")
        ->default_val("precentral-demo");
    demo->add_option("--seed", arguments->rehearsal.seed, "Another patient for another number")->default_val(1);
    demo->add_option("--visits", arguments->rehearsal.visits, "Visits of the test period")
        ->default_val(4)
        ->check(CLI::Range(1, 12));
    demo->add_option("--pace", arguments->rehearsal.pace, "Times real time; 0 = as fast as both processes can")
        ->default_val(0.0)
        ->check(CLI::Range(0.0, 100.0));
    demo->add_option("--train-pause", arguments->rehearsal.train_pause_s, "Seconds between trains (84 in the clinic)")
        ->default_val(1.0)
        ->check(CLI::Range(0.0, 600.0));
    demo->add_option("--knock", arguments->rehearsal.knock_mm,
                     "mm the head reference is knocked by in the middle of the trains, to see it found")
        ->default_val(0.0)
        ->check(CLI::Range(0.0, 50.0));
    demo->add_option("--t1", arguments->t1, "Another head than Colin27");
    demo->add_flag("--json", arguments->json, "Numbers for programs");
    demo->footer(
        "Examples:\n  precentral demo --headless\n  precentral demo --headless --seed 7 --out /tmp/seed7 --json");
    demo->callback([arguments] {
        if (!arguments->headless) {
            throw InputError("Start precentral-navigator --demo for the window, or give --headless.");
        }
        run_demo(*arguments);
    });
}

}  // namespace precentral::cli
