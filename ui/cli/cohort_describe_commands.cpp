// SPDX-License-Identifier: Apache-2.0
// precentral cohort table | forest: who the patients are, and who responds more often.
#include <cmath>
#include <cstdio>
#include <memory>

#include "data/cohort/describe.h"
#include "data/error.h"
#include "data/text_file.h"
#include "ui/cli/cohort_output.h"

namespace precentral::cli {
namespace {

using nlohmann::json;
using namespace precentral::cohort;

struct Arguments {
    TableSource source;
    std::string by = "r30_4", method = "profile", out;
    std::vector<std::string> columns;
    double level = 0.95;
    bool all = false, json = false;
};

// Every row of a table of another make; else those with relief after session 4.
Analysed rows_for(const Arguments& a) {
    const TableFile table = a.source.read();
    if (!a.all && table.has("relief_4")) return analysed(table);
    return {table, static_cast<int>(table.rows()), {}};
}

json group_json(const GroupSummary& g, bool category) {
    json out{{"n", g.n}, {"missing", g.missing}};
    if (category) {
        out["count"] = g.count;
    } else {
        out["median"] = number(g.middle);
        out["q1"] = number(g.low);
        out["q3"] = number(g.high);
    }
    return out;
}

std::string cell(const SummaryRow& row, const GroupSummary& g) {
    char text[64];
    if (g.n == 0) return "none known";
    if (row.value.empty()) {
        std::snprintf(text, sizeof text, "%.3g (%.3g to %.3g)", g.middle, g.low, g.high);
    } else {
        std::snprintf(text, sizeof text, "%d (%.0f %%)", g.count, 100.0 * g.count / g.n);
    }
    return text;
}

void print_table(const Arguments& a) {
    const Analysed rows = rows_for(a);
    Summary s = summarise(rows.table, a.by, a.columns);
    s.basis.exclusions.insert(s.basis.exclusions.end(), rows.exclusions.begin(), rows.exclusions.end());
    if (!a.out.empty()) write_text_file(a.out, summary_csv(s));
    if (a.json) {
        json out{{"by", s.group}, {"in_all", rows.in_all}, {"with", s.with}, {"without", s.without}};
        add_basis(out, s.basis);
        out["not_shown"] = s.left_out;
        out["rows"] = json::array();
        for (const SummaryRow& row : s.rows) {
            const bool category = !row.value.empty();
            json r{{"column", row.name},
                   {"unit", row.unit},
                   {"all", group_json(row.all, category)},
                   {"with", group_json(row.with, category)},
                   {"without", group_json(row.without, category)}};
            if (category) r["value"] = row.value;
            if (row.first) {
                r["p"] = number(row.p);
                r["test"] = row.test.method;
                if (!row.test.reason.empty()) r["reason"] = row.test.reason;
            }
            out["rows"].push_back(r);
        }
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%-34s %-22s %-22s %-22s %-8s %s\n", "", ("all " + std::to_string(s.basis.n)).c_str(),
                (s.group + " " + std::to_string(s.with)).c_str(),
                ("not " + s.group + " " + std::to_string(s.without)).c_str(), "p", "test");
    for (const SummaryRow& row : s.rows) {
        std::string name = row.name + (row.value.empty() ? "" : ": " + row.value);
        if (row.first && row.all.missing > 0) name += " (" + std::to_string(row.all.missing) + " missing)";
        std::printf(
            "%-34s %-22s %-22s %-22s %-8s %s\n", name.c_str(), cell(row, row.all).c_str(), cell(row, row.with).c_str(),
            cell(row, row.without).c_str(), row.first && !std::isnan(row.p) ? in_words(row.p).c_str() : "",
            row.first ? (row.test.method + (row.test.reason.empty() ? "" : " (" + row.test.reason + ")")).c_str() : "");
    }
    print_basis(s.basis);
    for (const std::string& line : s.left_out) std::printf("not shown: %s\n", line.c_str());
}

void print_forest(const Arguments& a) {
    const Analysed rows = rows_for(a);
    Forest f = forest(rows.table, a.by, odds_method_from(a.method), a.level);
    f.basis.exclusions.insert(f.basis.exclusions.end(), rows.exclusions.begin(), rows.exclusions.end());
    if (!a.out.empty()) write_text_file(a.out, forest_csv(f));
    if (a.json) {
        json out{{"outcome", f.outcome}, {"level", a.level}};
        add_basis(out, f.basis);
        out["method"] = name_of(f.shown);
        out["method_in_words"] = f.basis.method;
        out["comparisons"] = json::array();
        for (std::size_t i = 0; i < f.comparisons.size(); ++i) {
            const Comparison& c = f.comparisons[i];
            json one{{"name", c.name}, {"table", {c.table.a, c.table.b, c.table.c, c.table.d}}, {"missing", c.missing}};
            if (!c.why_not.empty()) one["reason"] = c.why_not;
            one["p_benjamini_hochberg"] = number(f.adjusted_p[i]);
            for (const OddsRatio& r : c.by_method) {
                json limits{{"odds_ratio", number(r.odds_ratio.value)},
                            {"low", number(r.odds_ratio.low)},
                            {"high", number(r.odds_ratio.high)},
                            {"p", number(r.p)}};
                if (!r.basis.reason.empty()) limits["reason"] = r.basis.reason;
                one["by_method"][name_of(r.by)] = limits;
                if (r.by == f.shown) one.update(limits);
            }
            out["comparisons"].push_back(one);
        }
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%-30s %-20s %-28s %-10s %s\n", "", (f.outcome + " / n").c_str(),
                ("odds ratio (" + in_words(100.0 * a.level) + " %)").c_str(), "p", "p (Benjamini-Hochberg)");
    for (std::size_t i = 0; i < f.comparisons.size(); ++i) {
        const Comparison& c = f.comparisons[i];
        const std::string counts = std::to_string(c.table.a) + "/" + std::to_string(c.table.a + c.table.b) + " v " +
                                   std::to_string(c.table.c) + "/" + std::to_string(c.table.c + c.table.d);
        if (c.by_method.empty()) {
            std::printf("%-30s %-20s none: %s\n", c.name.c_str(), counts.c_str(), c.why_not.c_str());
            continue;
        }
        const OddsRatio& r = c.by_method[static_cast<std::size_t>(f.shown)];
        std::printf("%-30s %-20s %-28s %-10s %s\n", c.name.c_str(), counts.c_str(), interval(r.odds_ratio).c_str(),
                    in_words(r.p).c_str(), in_words(f.adjusted_p[i]).c_str());
        if (!r.basis.reason.empty()) std::printf("    %s\n", r.basis.reason.c_str());
    }
    print_basis(f.basis);
}

}  // namespace

void add_cohort_describe(CLI::App& cohort) {
    auto a = std::make_shared<Arguments>();
    CLI::App* table = cohort.add_subcommand("table", "Table 1: who the patients are, by response");
    a->source.add_to(*table);
    table->add_option("--by", a->by, "Yes/no column that makes the groups")->capture_default_str();
    table->add_option("--columns", a->columns, "Columns to describe (default: those of the data dictionary)")
        ->delimiter(',');
    table->add_flag("--all", a->all, "Every row, also those without relief after session 4");
    table->add_option("--out", a->out, "CSV file of the table");
    table->add_flag("--json", a->json);
    table->footer("Example: precentral cohort table --csv cohort/patients.csv --by r10_4");
    table->callback([a] { print_table(*a); });

    auto f = std::make_shared<Arguments>();
    CLI::App* forest = cohort.add_subcommand("forest", "Odds ratios of the named comparisons, by every method");
    f->source.add_to(*forest);
    forest->add_option("--outcome", f->by, "Yes/no column")->capture_default_str();
    forest->add_option("--method", f->method, "Shown: woolf, fisher, midp or profile; the CSV and JSON have all")
        ->capture_default_str();
    forest->add_option("--level", f->level, "Of the intervals")->capture_default_str();
    forest->add_flag("--all", f->all, "Every row, also those without relief after session 4");
    forest->add_option("--out", f->out, "CSV file of the comparisons");
    forest->add_flag("--json", f->json);
    forest->footer("Example: precentral cohort forest --csv cohort/patients.csv --outcome r10_4 --method fisher");
    forest->callback([f] { print_forest(*f); });
}

}  // namespace precentral::cli
