// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/federated.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "data/error.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Counts {
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
    double n() const { return a + b + c + d; }
};

void pool(Pooled& out, const std::vector<Counts>& tables, double level) {
    double r = 0.0, s = 0.0, pr = 0.0, mixed = 0.0, qs = 0.0, excess = 0.0, variance = 0.0;
    for (const Counts& t : tables) {
        const double n = t.n();
        out.basis.n += static_cast<int>(n);
        if (n < 2.0) continue;
        const double ri = t.a * t.d / n, si = t.b * t.c / n, p = (t.a + t.d) / n, q = (t.b + t.c) / n;
        r += ri;
        s += si;
        pr += p * ri;
        mixed += p * si + q * ri;
        qs += q * si;
        const double row1 = t.a + t.b, row2 = t.c + t.d, with = t.a + t.c, without = t.b + t.d;
        excess += t.a - row1 * with / n;
        variance += row1 * row2 * with * without / (n * n * (n - 1.0));
    }
    out.odds_ratio = {kNan, kNan, kNan, level};
    out.p = kNan;
    if (variance > 0.0) out.p = chi_square_p(excess * excess / variance, 1.0);
    if (!(r > 0.0) || !(s > 0.0)) {
        out.basis.reason = "no finite odds ratio: in no centre do both outcomes occur in both groups";
        return;
    }
    const double error = std::sqrt(pr / (2.0 * r * r) + mixed / (2.0 * r * s) + qs / (2.0 * s * s));
    const double z = normal_quantile_two_sided(level);
    out.odds_ratio.value = r / s;
    out.odds_ratio.low = r / s * std::exp(-z * error);
    out.odds_ratio.high = r / s * std::exp(z * error);
}

}  // namespace

std::string centre_summary(const Forest& forest, const std::string& centre, int fewest) {
    if (centre.empty()) throw InputError("Give the centre a name; summaries are told apart by it.");
    std::vector<std::vector<std::string>> rows;
    for (const Comparison& c : forest.comparisons) {
        const int counts[] = {c.table.a, c.table.b, c.table.c, c.table.d};
        const bool small =
            std::any_of(std::begin(counts), std::end(counts), [&](int n) { return n > 0 && n < fewest; });
        std::vector<std::string> row{centre, forest.outcome, c.name};
        for (const int n : counts) row.push_back(small ? "" : std::to_string(n));
        row.push_back(small ? "yes" : "no");
        rows.push_back(std::move(row));
    }
    return csv_text({"centre", "outcome", "comparison", "a", "b", "c", "d", "withheld"}, rows);
}

std::vector<Pooled> combine(const std::vector<TableFile>& summaries, double level) {
    require_level(level);
    if (summaries.empty()) throw InputError("Give the summaries of one centre or more.");
    std::vector<Pooled> out;
    std::vector<std::vector<Counts>> tables;
    std::set<std::string> centres;
    std::string outcome;
    for (const TableFile& summary : summaries) {
        const auto centre = summary.text("centre"), name = summary.text("comparison"), what = summary.text("outcome");
        const auto a = summary.numbers("a"), b = summary.numbers("b"), c = summary.numbers("c"),
                   d = summary.numbers("d");
        const auto withheld = summary.outcomes("withheld");
        if (name.empty() || !centre[0]) throw InputError("\"" + summary.name() + "\" names no centre.");
        if (!centres.insert(*centre[0]).second) {
            throw InputError("The centre \"" + *centre[0] + "\" is there twice; its patients would count double.");
        }
        for (std::size_t i = 0; i < name.size(); ++i) {
            if (centre[i] != centre[0] || !name[i] || !what[i]) {
                throw InputError("\"" + summary.name() + "\" is not the summary of one centre.");
            }
            if (outcome.empty()) outcome = *what[i];
            if (*what[i] != outcome) {
                throw InputError("\"" + summary.name() + "\" is about " + *what[i] + ", the others about " + outcome +
                                 ".");
            }
            auto at = std::find_if(out.begin(), out.end(), [&](const Pooled& p) { return p.comparison == *name[i]; });
            if (at == out.end()) {
                out.emplace_back();
                out.back().comparison = *name[i];
                tables.emplace_back();
                at = std::prev(out.end());
            }
            if (withheld[i] > 0.5) {
                ++at->withheld;
                continue;
            }
            for (const double count : {a[i], b[i], c[i], d[i]}) {
                if (!(count >= 0.0 && count <= 1e6 && count == std::floor(count))) {
                    throw InputError("\"" + summary.name() +
                                     "\" has a count that is no whole number from 0 to 1 000 000.");
                }
            }
            ++at->centres;
            tables[static_cast<std::size_t>(at - out.begin())].push_back({a[i], b[i], c[i], d[i]});
        }
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].basis.method = "Mantel-Haenszel over centres, Robins-Breslow-Greenland limits";
        if (out[i].withheld > 0) {
            out[i].basis.exclusions.push_back(std::to_string(out[i].withheld) +
                                              " centres with a count too small to share");
        }
        pool(out[i], tables[i], level);
    }
    return out;
}

}  // namespace precentral::cohort
