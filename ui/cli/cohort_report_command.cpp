// SPDX-License-Identifier: Apache-2.0
// precentral cohort report: a folder about a cohort that can go with a paper.
#include <cstdio>
#include <memory>

#include "data/error.h"
#include "ui/cli/cohort_output.h"
#include "ui/cli/terminal.h"
#include "ui/report/cohort_report.h"
#include "ui/report/report_session.h"

namespace precentral::cli {
namespace {

struct Arguments {
    TableSource source;
    std::string out, response = "r30_4", method = "profile", surface, cache;
    std::vector<std::string> covariates;
    cohort::MapSettings map;
    bool no_map = false, json = false;
};

void run(Arguments& a) {
    require_place_for(a.out);
    const ReportSession session;
    CohortReportInput input(a.source.read());
    input.source = a.source.name();
    cohort::summarise(cohort::analysed(input.table).table, a.response);  // a wrong table shows before anything is made
    input.response = a.response;
    input.odds = cohort::odds_method_from(a.method);
    input.map = a.map;
    input.covariates = a.covariates;
    MapGround ground;
    if (a.no_map) {
        input.why_no_ground = "it was not asked for.";
    } else {
        try {
            ground = a.surface.empty()
                         ? template_cortex(demo_t1(), a.cache.empty() ? cache_dir() : std::filesystem::path(a.cache),
                                           terminal_progress())
                         : surface_ground(a.surface);
            input.ground = &ground;
        } catch (const InputError& e) {
            if (!a.surface.empty()) throw;
            input.why_no_ground = e.what();  // the template is not installed; the rest does not need it
        }
    }
    make_folder(a.out);
    const CohortReport report = write_cohort_report(a.out, input, terminal_progress());
    if (a.json) {
        const nlohmann::json out{
            {"report", a.out}, {"n", report.n}, {"files", report.files}, {"not_made", report.not_made}};
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%d patients, %zu files in %s; methods.txt says what was done\n", report.n, report.files.size(),
                a.out.c_str());
    for (const std::string& line : report.not_made) std::printf("not made: %s\n", line.c_str());
}

}  // namespace

void add_cohort_report(CLI::App& cohort) {
    auto a = std::make_shared<Arguments>();
    CLI::App* report =
        cohort.add_subcommand("report", "Figures, tables, methods, dictionary and de-identified data in one folder");
    a->source.add_to(*report);
    report->add_option("--out", a->out, "Folder")->required();
    report->add_option("--response", a->response, "Yes/no column of responders")->capture_default_str();
    report->add_option("--method", a->method, "Odds ratios drawn: woolf, fisher, midp or profile")
        ->capture_default_str();
    report->add_option("--surface", a->surface, "Surface of the maps in MNI mm (default: the cortex of Colin27)");
    report->add_option("--cache", a->cache, "Where prepared heads are kept");
    report->add_option("--covariates", a->covariates, "Columns of numbers held constant in the map of relief")
        ->delimiter(',');
    report->add_option("--permutations", a->map.permutations, "Of the maps")->capture_default_str();
    report->add_option("--seed", a->map.seed, "Of permutations and of the order of patients.csv")
        ->capture_default_str();
    report->add_flag("--no-map", a->no_map, "Without maps");
    report->add_flag("--json", a->json);
    report->footer("Example: precentral cohort report --csv cohort/patients.csv --out report");
    report->callback([a] { run(*a); });
}

}  // namespace precentral::cli
