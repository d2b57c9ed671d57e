// SPDX-License-Identifier: Apache-2.0
// precentral cohort summarise | combine: several centres answer one question without sharing a patient.
#include <cstdio>
#include <memory>

#include "data/cohort/federated.h"
#include "data/error.h"
#include "data/text_file.h"
#include "ui/cli/cohort_output.h"

namespace precentral::cli {
namespace {

using nlohmann::json;
using namespace precentral::cohort;

struct Arguments {
    TableSource source;
    std::string centre, outcome = "r10_4", out;
    std::vector<std::string> files;
    int fewest = 5;
    double level = 0.95;
    bool json = false;
};

void summarise_centre(const Arguments& a) {
    const Analysed rows = analysed(a.source.read());
    const Forest f = forest(rows.table, a.outcome);
    const std::string text = centre_summary(f, a.centre, a.fewest);
    write_text_file(a.out, text);
    const TableFile written = TableFile::from_text(text, a.out);
    int withheld = 0;
    for (const double w : written.outcomes("withheld")) withheld += w > 0.5 ? 1 : 0;
    if (a.json) {
        std::printf("%s\n",
                    json{{"comparisons", written.rows()}, {"withheld", withheld}, {"out", a.out}}.dump(2).c_str());
        return;
    }
    std::printf("%zu comparisons of %s in %s; %d withheld, because a count is below %d\n", written.rows(),
                a.centre.c_str(), a.out.c_str(), withheld, a.fewest);
}

void combine_centres(const Arguments& a) {
    std::vector<TableFile> summaries;
    for (const std::string& file : a.files) summaries.emplace_back(file);
    const auto pooled = combine(summaries, a.level);
    if (a.json) {
        json out{{"level", a.level}, {"comparisons", json::array()}};
        for (const Pooled& p : pooled) {
            json one{{"name", p.comparison},
                     {"centres", p.centres},
                     {"withheld", p.withheld},
                     {"odds_ratio", number(p.odds_ratio.value)},
                     {"low", number(p.odds_ratio.low)},
                     {"high", number(p.odds_ratio.high)},
                     {"p", number(p.p)}};
            add_basis(one, p.basis);
            out["comparisons"].push_back(one);
        }
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%-30s %-8s %-9s %-8s %-28s %s\n", "", "centres", "withheld", "n", "odds ratio", "p");
    for (const Pooled& p : pooled) {
        std::printf("%-30s %-8d %-9d %-8d %-28s %s\n", p.comparison.c_str(), p.centres, p.withheld, p.basis.n,
                    interval(p.odds_ratio).c_str(), in_words(p.p).c_str());
        if (!p.basis.reason.empty()) std::printf("    %s\n", p.basis.reason.c_str());
    }
    if (!pooled.empty()) std::printf("%s\n", pooled.front().basis.method.c_str());
}

}  // namespace

void add_cohort_centres(CLI::App& cohort) {
    auto s = std::make_shared<Arguments>();
    CLI::App* summarise = cohort.add_subcommand("summarise", "Counts to share with other centres, small ones withheld");
    s->source.add_to(*summarise);
    summarise->add_option("--centre", s->centre, "Name of this centre")->required();
    summarise->add_option("--outcome", s->outcome, "Yes/no column")->capture_default_str();
    summarise->add_option("--fewest", s->fewest, "A table with a count above 0 and below this is withheld")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    summarise->add_option("--out", s->out, "CSV file to send")->required();
    summarise->add_flag("--json", s->json);
    summarise->footer("Example: precentral cohort summarise --store cases.db --centre A --out centre-a.csv");
    summarise->callback([s] { summarise_centre(*s); });

    auto c = std::make_shared<Arguments>();
    CLI::App* combine = cohort.add_subcommand("combine", "Odds ratios over the counts of several centres");
    combine->add_option("files", c->files, "What summarise wrote, one file a centre")->required();
    combine->add_option("--level", c->level, "Of the intervals")->capture_default_str();
    combine->add_flag("--json", c->json);
    combine->footer("Example: precentral cohort combine centre-a.csv centre-b.csv");
    combine->callback([c] { combine_centres(*c); });
}

}  // namespace precentral::cli
