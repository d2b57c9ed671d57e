// SPDX-License-Identifier: Apache-2.0
// precentral cohort incidence | youden | resample: competing events, and what a cut or a number is worth when data are
// drawn again.
#include <cmath>
#include <cstdio>
#include <memory>

#include "data/cohort/resample.h"
#include "data/cohort/survival.h"
#include "data/error.h"
#include "data/session_numbers.h"
#include "ui/cli/cohort_output.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

using nlohmann::json;
using namespace precentral::cohort;

struct Arguments {
    TableSource source;
    std::string time = "followed_years", cause = "end_cause", score, outcome, column, group;
    ResampleSettings resample;
    double level = 0.95;
    bool json = false;
};

void print_incidence(const Arguments& a) {
    const TableFile table = a.source.read();
    const CumulativeIncidence c = aalen_johansen(table.numbers(a.time), table.numbers(a.cause));
    if (a.json) {
        json out{{"steps", json::array()}};
        add_basis(out, c.basis);
        for (const IncidenceStep& s : c.steps) {
            out["steps"].push_back({{"time", s.time},
                                    {"at_risk", s.at_risk},
                                    {"free", s.free},
                                    {"incidence", s.incidence},
                                    {"standard_error", s.standard_error}});
        }
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("      time  at risk  without any    share with cause 1, 2, ... (standard error)\n");
    for (const IncidenceStep& s : c.steps) {
        std::printf("%10s %8d %12.4f   ", in_words(s.time).c_str(), s.at_risk, s.free);
        for (std::size_t i = 0; i < s.incidence.size(); ++i) {
            std::printf("  %.4f (%.4f)", s.incidence[i], s.standard_error[i]);
        }
        std::printf("\n");
    }
    print_basis(c.basis);
}

void print_youden(const Arguments& a) {
    const TableFile table = a.source.read();
    const CutOptimism c = youden_optimism(table.numbers(a.score), table.outcomes(a.outcome), a.resample, a.level);
    if (a.json) {
        json out{{"cut", c.cut},
                 {"cut_low", number(c.cut_spread.low)},
                 {"cut_high", number(c.cut_spread.high)},
                 {"apparent", c.apparent},
                 {"optimism", c.optimism},
                 {"corrected", c.corrected}};
        add_basis(out, c.basis);
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("cut        %s or more\n", interval(c.cut_spread).c_str());
    std::printf("Youden     %.4f on these data, of which %.4f is owed to choosing the cut on them: %.4f\n", c.apparent,
                c.optimism, c.corrected);
    print_basis(c.basis);
}

void print_bootstrap(const Arguments& a) {
    const TableFile table = a.source.read();
    const auto values = table.numbers(a.column);
    if (!a.group.empty()) {
        const auto groups = table.outcomes(a.group);
        std::vector<double> with, without;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!std::isnan(groups[i])) (groups[i] > 0.5 ? with : without).push_back(values[i]);
        }
        const PermutationTest test = permutation_test(with, without, a.resample, terminal_progress());
        if (a.json) {
            json out{{"difference", test.difference}, {"p", test.p}};
            add_basis(out, test.basis);
            std::printf("%s\n", out.dump(2).c_str());
            return;
        }
        std::printf("mean of %s with %s less without: %s, p = %s\n", a.column.c_str(), a.group.c_str(),
                    in_words(test.difference).c_str(), in_words(test.p).c_str());
        print_basis(test.basis);
        return;
    }
    std::vector<double> known;
    for (const double v : values) {
        if (!std::isnan(v)) known.push_back(v);
    }
    const auto median = [&](std::span<const int> rows) {
        std::vector<double> drawn;
        for (const int row : rows) drawn.push_back(known[static_cast<std::size_t>(row)]);
        return quantile(drawn, 0.5).value_or(std::nan(""));
    };
    Bootstrap b = bootstrap(static_cast<int>(known.size()), median, a.resample, a.level, terminal_progress());
    b.basis.missing = static_cast<int>(values.size() - known.size());
    if (a.json) {
        json out = to_json(b.estimate);
        out["standard_error"] = b.standard_error;
        out["bias"] = b.bias;
        add_basis(out, b.basis);
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("median of %s: %s\n", a.column.c_str(), interval(b.estimate).c_str());
    print_basis(b.basis);
}

CLI::App* verb(CLI::App& cohort, Arguments& a, const char* name, const char* what) {
    CLI::App* command = cohort.add_subcommand(name, what);
    a.source.add_to(*command);
    command->add_flag("--json", a.json);
    return command;
}

void add_resample(CLI::App& command, Arguments& a) {
    command.add_option("--times", a.resample.times, "How often data are drawn again")->capture_default_str();
    command.add_option("--seed", a.resample.seed, "The same seed gives the same answer")->capture_default_str();
    command.add_option("--level", a.level, "Of the interval")->capture_default_str();
}

}  // namespace

void add_cohort_time(CLI::App& cohort) {
    auto i = std::make_shared<Arguments>();
    CLI::App* incidence = verb(cohort, *i, "incidence", "Competing events: cumulative incidence (Aalen-Johansen)");
    incidence->add_option("--time", i->time, "Column of the time to the first event or to the end of observation")
        ->capture_default_str();
    incidence->add_option("--cause", i->cause, "Column: 0 censored, 1, 2, ... what happened")->capture_default_str();
    incidence->footer("Example: precentral cohort incidence --csv cohort/patients.csv");
    incidence->callback([i] { print_incidence(*i); });

    auto y = std::make_shared<Arguments>();
    CLI::App* youden = verb(cohort, *y, "youden", "A cut chosen on the data, and its optimism by bootstrap");
    youden->add_option("--score", y->score, "Column; a higher value speaks for the outcome")->required();
    youden->add_option("--outcome", y->outcome, "Yes/no column")->required();
    add_resample(*youden, *y);
    youden->footer(
        "Example: precentral cohort youden --csv cohort/patients.csv --score relief_4 --outcome "
        "implant_success");
    youden->callback([y] { print_youden(*y); });

    auto b = std::make_shared<Arguments>();
    CLI::App* bootstrap =
        verb(cohort, *b, "resample", "A median with bootstrap limits, or two means under permuted labels");
    bootstrap->add_option("--column", b->column, "Column of numbers")->required();
    bootstrap->add_option("--by", b->group, "Yes/no column: permute its labels and compare the means");
    add_resample(*bootstrap, *b);
    bootstrap->footer("Example: precentral cohort resample --csv cohort/patients.csv --column distance_mm --by r30_4");
    bootstrap->callback([b] { print_bootstrap(*b); });
}

}  // namespace precentral::cli
