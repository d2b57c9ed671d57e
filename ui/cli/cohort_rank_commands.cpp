// SPDX-License-Identifier: Apache-2.0
// precentral cohort correlate | friedman | adjust: values of the same patients beside each other, and many p values.
#include <cstdio>
#include <memory>

#include "data/cohort/ranks.h"
#include "data/error.h"
#include "ui/cli/cohort_output.h"

namespace precentral::cli {
namespace {

using nlohmann::json;
using namespace precentral::cohort;

struct Arguments {
    TableSource source;
    std::string x, y, method = "pearson";
    std::vector<std::string> columns;
    std::vector<double> p;
    double level = 0.95;
    bool json = false;
};

void print_correlation(const Arguments& a) {
    if (a.method != "pearson" && a.method != "spearman") {
        throw InputError("There is no method \"" + a.method + "\"; there are pearson and spearman.");
    }
    const TableFile table = a.source.read();
    const auto x = table.numbers(a.x), y = table.numbers(a.y);
    const Correlation c = a.method == "pearson" ? pearson(x, y, a.level) : spearman(x, y);
    if (a.json) {
        json out{{"r", number(c.r.value)}, {"low", number(c.r.low)}, {"high", number(c.r.high)}, {"p", number(c.p)}};
        add_basis(out, c.basis);
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("r = %s, p = %s\n", interval(c.r).c_str(), in_words(c.p).c_str());
    print_basis(c.basis);
}

// Two columns: Wilcoxon's signed-rank test; more: Friedman's.
void print_friedman(const Arguments& a) {
    if (a.columns.size() < 2) throw InputError("Give two columns or more of the same patients.");
    const TableFile table = a.source.read();
    std::vector<std::vector<double>> columns, rows(table.rows());
    for (const std::string& column : a.columns) {
        columns.push_back(table.numbers(column));
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i].push_back(columns.back()[i]);
    }
    const RankTest test = columns.size() == 2 ? signed_rank(columns[0], columns[1]) : friedman(rows);
    if (a.json) {
        json out{{"statistic", number(test.statistic)}, {"p", number(test.p)}, {"columns", a.columns}};
        add_basis(out, test.basis);
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("statistic %s, p = %s\n", in_words(test.statistic).c_str(), in_words(test.p).c_str());
    print_basis(test.basis);
}

void print_adjusted(const Arguments& a) {
    const auto adjusted = benjamini_hochberg(a.p);
    if (a.json) {
        std::printf("%s\n", json{{"p", a.p}, {"adjusted", adjusted}, {"method", "Benjamini-Hochberg"}}.dump(2).c_str());
        return;
    }
    for (std::size_t i = 0; i < a.p.size(); ++i) {
        std::printf("%-12s %s\n", in_words(a.p[i]).c_str(), in_words(adjusted[i]).c_str());
    }
    std::printf("Benjamini-Hochberg over %zu p values\n", a.p.size());
}

}  // namespace

void add_cohort_ranks(CLI::App& cohort) {
    auto c = std::make_shared<Arguments>();
    CLI::App* correlate = cohort.add_subcommand("correlate", "How two columns go together");
    c->source.add_to(*correlate);
    correlate->add_option("--x", c->x, "Column of numbers")->required();
    correlate->add_option("--y", c->y, "Column of numbers")->required();
    correlate->add_option("--method", c->method, "pearson or spearman")->capture_default_str();
    correlate->add_option("--level", c->level, "Of the interval")->capture_default_str();
    correlate->add_flag("--json", c->json);
    correlate->footer("Example: precentral cohort correlate --csv cohort/patients.csv --x distance_mm --y relief_4");
    correlate->callback([c] { print_correlation(*c); });

    auto f = std::make_shared<Arguments>();
    CLI::App* friedman =
        cohort.add_subcommand("friedman", "Occasions of the same patients: Friedman, or Wilcoxon for two");
    f->source.add_to(*friedman);
    friedman->add_option("--columns", f->columns, "One an occasion, split at commas")->delimiter(',')->required();
    friedman->add_flag("--json", f->json);
    friedman->footer(
        "Example: precentral cohort friedman --csv cohort/patients.csv --columns relief_1,relief_2,relief_3,relief_4");
    friedman->callback([f] { print_friedman(*f); });

    auto p = std::make_shared<Arguments>();
    CLI::App* adjust = cohort.add_subcommand("adjust", "Many p values: Benjamini and Hochberg's false discovery rate");
    adjust->add_option("--p", p->p, "p values, split at commas")->delimiter(',')->required();
    adjust->add_flag("--json", p->json);
    adjust->footer("Example: precentral cohort adjust --p 0.01,0.04,0.03,0.005");
    adjust->callback([p] { print_adjusted(*p); });
}

}  // namespace precentral::cli
