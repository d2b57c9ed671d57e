// SPDX-License-Identifier: Apache-2.0
// precentral simulate cohort: patients who never were with a known truth, and how often analyses find it.
#include <cmath>
#include <cstdio>
#include <memory>

#include "data/cohort/power_study.h"
#include "data/cohort/synthetic_tables.h"
#include "data/error.h"
#include "data/store.h"
#include "ui/cli/cohort_output.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

using nlohmann::json;
using namespace precentral::cohort;

struct Arguments {
    SyntheticSettings truth;
    std::string out, store;
    bool null = false, json = false;
    int study = 0;
    int permutations = 500;
};

void run_study(const Arguments& a) {
    PowerStudySettings settings;
    settings.cohorts = a.study;
    settings.patients = a.truth.patients;
    settings.seed = a.truth.seed;
    settings.permutations = a.permutations;
    const auto findings = power_study(settings, terminal_progress());
    if (a.json) {
        json out{{"cohorts", a.study}, {"patients", a.truth.patients}, {"tests", json::array()}};
        for (const PowerFinding& f : findings) {
            const double n = f.cohorts;
            out["tests"].push_back({{"test", f.test},
                                    {"found", f.found / n},
                                    {"predicted", number(f.predicted)},
                                    {"predicted_by", f.by},
                                    {"false_positives", f.found_null / n}});
        }
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%d cohorts of %d patients with the planted effects, %d without; p < 0.05\n", a.study, a.truth.patients,
                a.study);
    std::printf("found     predicted   false positives   test\n");
    for (const PowerFinding& f : findings) {
        const double n = f.cohorts;
        char predicted[32] = "none   ";
        if (!std::isnan(f.predicted)) std::snprintf(predicted, sizeof predicted, "%5.1f %%", 100.0 * f.predicted);
        std::printf("%5.1f %%   %s     %5.1f %%           %s%s%s\n", 100.0 * f.found / n, predicted,
                    100.0 * f.found_null / n, f.test.c_str(), f.by.empty() ? "" : "; predicted by ", f.by.c_str());
    }
}

void run(Arguments& a) {
    if (a.study > 0) {
        if (!a.out.empty() || !a.store.empty())
            throw InputError("--study prints; it writes neither --out nor --store.");
        run_study(a);
        return;
    }
    if (a.out.empty() && a.store.empty()) throw InputError("Give --out DIR, --store PLACE or --study N.");
    if (a.null) {
        const SyntheticSettings null = SyntheticSettings::null_cohort(a.truth.patients, a.truth.seed);
        a.truth = null;
    }
    if (!a.out.empty()) require_place_for(a.out);
    const auto patients = synthetic_cohort(a.truth);
    if (!a.out.empty()) {
        make_folder(a.out);
        write_synthetic(a.out, a.truth, patients);
    }
    if (!a.store.empty()) store_synthetic(*open_store(a.store), patients, terminal_progress());
    int completed = 0, above30 = 0, at10 = 0, sessions = 0;
    for (const SyntheticPatient& p : patients) {
        sessions += p.sessions;
        if (!p.completed()) continue;
        ++completed;
        if (p.relief[3] > 30.0) ++above30;
        if (p.relief[3] >= 10.0) ++at10;
    }
    if (a.json) {
        const json out{{"patients", completed}, {"stopped_early", static_cast<int>(patients.size()) - completed},
                       {"sessions", sessions},  {"above_30", above30},
                       {"at_least_10", at10},   {"planted", !a.null},
                       {"seed", a.truth.seed},  {"out", a.out},
                       {"store", a.store}};
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%d simulated patients completed the test period, %zu stopped before; %d sessions\n", completed,
                patients.size() - static_cast<std::size_t>(completed), sessions);
    std::printf("relief after session 4: above 30 %% in %d (%.0f %%), at least 10 %% in %d (%.0f %%)\n", above30,
                100.0 * above30 / completed, at10, 100.0 * at10 / completed);
    if (!a.out.empty()) std::printf("written to %s; README.txt says what is what\n", a.out.c_str());
    if (!a.store.empty()) std::printf("stored in %s\n", a.store.c_str());
}

}  // namespace

void add_simulate_cohort(CLI::App& simulate) {
    auto a = std::make_shared<Arguments>();
    CLI::App* command =
        simulate.add_subcommand("cohort", "Patients who never were, with a known relation of relief to the target");
    command->add_option("--patients", a->truth.patients, "Who complete the four sessions of the test period")
        ->capture_default_str();
    command->add_option("--seed", a->truth.seed, "Another cohort for another number")->capture_default_str();
    command->add_option("--relief-per-mm", a->truth.relief_per_mm, "Planted: points of relief (%) a mm of distance")
        ->capture_default_str();
    command->add_option("--place-gain", a->truth.place_gain, "Planted: points of relief (%) at the hand knob")
        ->capture_default_str();
    command->add_flag("--null", a->null, "Plant nothing: relief goes with nothing");
    command->add_option("--out", a->out, "Folder for patients.csv, sessions.csv, dictionary.csv, truth.csv");
    command->add_option("--store", a->store, "Store to add the cases to: a file or a postgresql URL");
    command->add_option("--study", a->study,
                        "Instead: this many cohorts with and without the effects, and how often they are found");
    command->add_option("--permutations", a->permutations, "Of each map in the study; 0 leaves the maps out")
        ->capture_default_str();
    command->add_flag("--json", a->json);
    command->footer(
        "Examples: precentral simulate cohort --patients 193 --seed 1 --out cohort\n"
        "          precentral simulate cohort --study 200");
    command->callback([a] { run(*a); });
}

}  // namespace precentral::cli
