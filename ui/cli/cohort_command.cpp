// SPDX-License-Identifier: Apache-2.0
// precentral cohort: the statistics of a cohort, each with its method's name and what it rests on.
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>

#include "data/cohort/odds_ratio.h"
#include "data/cohort/roc.h"
#include "data/cohort/survival.h"
#include "data/cohort/table_file.h"
#include "data/error.h"
#include "ui/cli/cohort_output.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

using nlohmann::json;
using namespace precentral::cohort;

struct OddsArguments {
    std::vector<int> table;
    std::string method = "fisher";
    double level = 0.95;
    bool json = false;
};

json to_json(const OddsRatio& r) {
    json out{{"odds_ratio", number(r.odds_ratio.value)},
             {"low", number(r.odds_ratio.low)},
             {"high", number(r.odds_ratio.high)},
             {"p", number(r.p)},
             {"level", r.odds_ratio.level},
             {"name", name_of(r.by)}};
    add_basis(out, r.basis);
    out["method"] = name_of(r.by);
    out["method_in_words"] = r.basis.method;
    out.erase("name");
    return out;
}

void print_odds(const OddsArguments& a) {
    const TwoByTwo table{a.table[0], a.table[1], a.table[2], a.table[3]};
    const bool all = a.method == "all";
    const OddsMethod chosen = all ? OddsMethod::fisher : odds_method_from(a.method);
    const OddsRatio result = odds_ratio(table, chosen, a.level);
    if (!all && std::isnan(result.odds_ratio.value)) throw InputError(result.basis.reason + ".");
    const std::vector<OddsRatio> shown = all ? odds_ratios(table, a.level) : std::vector<OddsRatio>{result};
    if (a.json) {
        json out = to_json(result);
        out["table"] = a.table;
        if (all) {
            out["methods"] = json::array();
            for (const OddsRatio& r : shown) out["methods"].push_back(to_json(r));
        }
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%d of %d against %d of %d with the outcome; %g %% intervals\n", table.a, table.a + table.b, table.c,
                table.c + table.d, 100.0 * a.level);
    for (const OddsRatio& r : shown) {
        std::printf("%-8s %-30s p = %-10s %s\n", name_of(r.by).c_str(), interval(r.odds_ratio).c_str(),
                    in_words(r.p).c_str(), r.basis.method.c_str());
        if (!r.basis.reason.empty()) std::printf("         %s\n", r.basis.reason.c_str());
    }
}

void add_odds(CLI::App& cohort) {
    auto a = std::make_shared<OddsArguments>();
    CLI::App* command = cohort.add_subcommand("odds", "The odds ratio of a 2 x 2 table, by a named method");
    command->add_option("--table", a->table, "a,b,c,d: with and without the outcome in group 1, then in group 2")
        ->expected(4)
        ->delimiter(',')
        ->required();
    command->add_option("--method", a->method, "woolf, fisher, midp, profile or all")->capture_default_str();
    command->add_option("--level", a->level, "Of the interval")->capture_default_str();
    command->add_flag("--json", a->json);
    command->footer("Example: precentral cohort odds --table 88,27,48,30 --method all");
    command->callback([a] { print_odds(*a); });
}

struct RocArguments {
    std::string csv, score, other, outcome;
    double level = 0.95;
    bool json = false;
};

void print_roc(const RocArguments& a) {
    const TableFile table(a.csv);
    const auto score = table.numbers(a.score), outcome = table.outcomes(a.outcome);
    const Roc r = roc(score, outcome, a.level);
    std::optional<RocComparison> against;
    if (!a.other.empty()) against = compare_rocs(score, table.numbers(a.other), outcome, a.level);
    if (a.json) {
        json out{{"auc", number(r.auc.value)},
                 {"low", number(r.auc.low)},
                 {"high", number(r.auc.high)},
                 {"level", a.level},
                 {"cut", number(r.cut)},
                 {"sensitivity", number(r.sensitivity.value)},
                 {"sensitivity_low", number(r.sensitivity.low)},
                 {"sensitivity_high", number(r.sensitivity.high)},
                 {"specificity", number(r.specificity.value)},
                 {"specificity_low", number(r.specificity.low)},
                 {"specificity_high", number(r.specificity.high)},
                 {"with_outcome", r.with},
                 {"without_outcome", r.without}};
        add_basis(out, r.basis);
        if (against) {
            json other{{"column", a.other},
                       {"auc", number(against->second_auc)},
                       {"difference", number(against->difference.value)},
                       {"low", number(against->difference.low)},
                       {"high", number(against->difference.high)},
                       {"z", number(against->z)},
                       {"p", number(against->p)}};
            add_basis(other, against->basis);
            out["against"] = other;
        }
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("area         %s\n", interval(r.auc).c_str());
    std::printf("cut          %s or more (chosen on these data, so optimistic)\n", in_words(r.cut).c_str());
    std::printf("sensitivity  %s\nspecificity  %s\n", interval(r.sensitivity).c_str(), interval(r.specificity).c_str());
    std::printf("%d with the outcome, %d without\n", r.with, r.without);
    print_basis(r.basis);
    if (!against) return;
    std::printf("%s: area %s, difference %s, p = %s\n", a.other.c_str(), in_words(against->second_auc).c_str(),
                interval(against->difference).c_str(), in_words(against->p).c_str());
    print_basis(against->basis);
}

void add_roc(CLI::App& cohort) {
    auto a = std::make_shared<RocArguments>();
    CLI::App* command = cohort.add_subcommand("roc", "How well a score foretells an outcome");
    command->add_option("--csv", a->csv, "A table with a header, one row a patient")->required();
    command->add_option("--score", a->score, "Column; a higher value speaks for the outcome")->required();
    command->add_option("--against", a->other, "Column of a second score to compare with");
    command->add_option("--outcome", a->outcome, "Column of 1/0, yes/no or true/false")->required();
    command->add_option("--level", a->level, "Of the intervals")->capture_default_str();
    command->add_flag("--json", a->json);
    command->footer(
        "Example: precentral cohort roc --csv cohort.csv --score relief_4 --against relief_1 --outcome r30_8");
    command->callback([a] { print_roc(*a); });
}

struct SurvivalArguments {
    std::string csv, time, event, group;
    double level = 0.95;
    bool json = false;
};

// One curve of those in a group.
struct GroupCurve {
    std::string name;
    SurvivalCurve curve;
};

json to_json(const GroupCurve& g) {
    json steps = json::array();
    for (const SurvivalStep& s : g.curve.steps) {
        steps.push_back({{"time", s.time},
                         {"at_risk", s.at_risk},
                         {"events", s.events},
                         {"survival", s.survival.value},
                         {"low", number(s.survival.low)},
                         {"high", number(s.survival.high)}});
    }
    json out{{"group", g.name},
             {"events", g.curve.events},
             {"median", number(g.curve.median.value)},
             {"median_low", number(g.curve.median.low)},
             {"median_high", number(g.curve.median.high)},
             {"steps", steps}};
    add_basis(out, g.curve.basis);
    return out;
}

void print_survival(const SurvivalArguments& a) {
    const TableFile table(a.csv);
    const auto time = table.numbers(a.time), event = table.outcomes(a.event);
    std::vector<GroupCurve> curves;
    std::optional<LogRank> test;
    int without_group = 0;
    if (a.group.empty()) {
        curves.push_back({"all", kaplan_meier(time, event, a.level)});
    } else {
        const auto names = table.text(a.group);
        std::map<std::string, int> numbers;
        for (const auto& name : names) {
            if (name) numbers.emplace(*name, 0);
        }
        int next = 0;
        for (auto& [name, index] : numbers) {
            index = next++;
            std::vector<double> own_time, own_event;
            for (std::size_t i = 0; i < names.size(); ++i) {
                if (names[i] != name) continue;
                own_time.push_back(time[i]);
                own_event.push_back(event[i]);
            }
            curves.push_back({name, kaplan_meier(own_time, own_event, a.level)});
        }
        std::vector<double> grouped_time, grouped_event;
        std::vector<int> group;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (!names[i]) {
                ++without_group;
                continue;
            }
            grouped_time.push_back(time[i]);
            grouped_event.push_back(event[i]);
            group.push_back(numbers.at(*names[i]));
        }
        test = log_rank(grouped_time, grouped_event, group);
        if (without_group > 0) test->basis.exclusions.push_back(std::to_string(without_group) + " without a group");
    }
    if (a.json) {
        json out{{"level", a.level}, {"curves", json::array()}};
        for (const GroupCurve& g : curves) out["curves"].push_back(to_json(g));
        if (test) {
            json log_rank_json{{"chi_square", test->chi_square},
                               {"degrees", test->degrees},
                               {"p", test->p},
                               {"observed", test->observed},
                               {"expected", test->expected}};
            add_basis(log_rank_json, test->basis);
            out["log_rank"] = log_rank_json;
        }
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    for (const GroupCurve& g : curves) {
        std::printf("%s: %d of %d with the event, median %s\n", g.name.c_str(), g.curve.events, g.curve.basis.n,
                    interval(g.curve.median).c_str());
        std::printf("      time  at risk  events  without the event\n");
        for (const SurvivalStep& s : g.curve.steps) {
            std::printf("%10s %8d %7d  %s\n", in_words(s.time).c_str(), s.at_risk, s.events,
                        interval(s.survival).c_str());
        }
        print_basis(g.curve.basis);
    }
    if (!test) return;
    std::printf("chi-square %s with %d degrees, p = %s\n", in_words(test->chi_square).c_str(), test->degrees,
                in_words(test->p).c_str());
    print_basis(test->basis);
}

void add_survival(CLI::App& cohort) {
    auto a = std::make_shared<SurvivalArguments>();
    CLI::App* command = cohort.add_subcommand("survival", "Time to an event: curves with limits, groups compared");
    command->add_option("--csv", a->csv, "A table with a header, one row a patient")->required();
    command->add_option("--time", a->time, "Column of the time to the event or to the end of observation")->required();
    command->add_option("--event", a->event, "Column of 1/0, yes/no or true/false; no is censored")->required();
    command->add_option("--group", a->group, "Column to compare by (log-rank)");
    command->add_option("--level", a->level, "Of the limits")->capture_default_str();
    command->add_flag("--json", a->json);
    command->footer(
        "Example: precentral cohort survival --csv cohort.csv --time months --event lost --group aetiology");
    command->callback([a] { print_survival(*a); });
}

}  // namespace

void add_cohort(CLI::App& app) {
    CLI::App* cohort = app.add_subcommand("cohort", "Statistics of a cohort, with method, n and what is missing");
    cohort->require_subcommand(1);
    add_odds(*cohort);
    add_roc(*cohort);
    add_survival(*cohort);
    add_cohort_describe(*cohort);
    add_cohort_models(*cohort);
    add_cohort_time(*cohort);
    add_cohort_map(*cohort);
    add_cohort_report(*cohort);
    add_cohort_ranks(*cohort);
    add_cohort_centres(*cohort);
}

}  // namespace precentral::cli
