// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/describe.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "data/cohort/dictionary.h"
#include "data/cohort/ranks.h"
#include "data/error.h"
#include "data/session_numbers.h"
#include "data/text_fields.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
using Text = std::vector<std::optional<std::string>>;

bool is_numeric(const Text& cells) {
    return std::all_of(cells.begin(), cells.end(), [](const auto& cell) { return !cell || number_in(*cell); });
}

std::string unit_of(const std::string& column) {
    for (const Column& c : patient_columns()) {
        if (c.name == column) return c.unit;
    }
    return "";
}

GroupSummary of_numbers(const std::vector<double>& values) {
    GroupSummary out;
    for (const double v : values) std::isnan(v) ? ++out.missing : ++out.n;
    out.middle = quantile(values, 0.5).value_or(kNan);
    out.low = quantile(values, 0.25).value_or(kNan);
    out.high = quantile(values, 0.75).value_or(kNan);
    return out;
}

GroupSummary of_category(const Text& cells, const std::string& value) {
    GroupSummary out{0, 0, kNan, kNan, kNan, 0};
    for (const auto& cell : cells) {
        if (!cell) {
            ++out.missing;
            continue;
        }
        ++out.n;
        if (*cell == value) ++out.count;
    }
    return out;
}

// Which rows have the outcome, which do not, by index.
struct Groups {
    std::vector<std::size_t> with, without;
};

template <class T>
std::vector<T> pick(const std::vector<T>& from, const std::vector<std::size_t>& rows) {
    std::vector<T> out;
    for (const std::size_t row : rows) out.push_back(from[row]);
    return out;
}

double chi_square_test(const std::vector<std::array<int, 2>>& counts, Basis& basis) {
    double n = 0.0;
    std::array<double, 2> column{};
    for (const auto& row : counts) {
        for (std::size_t j = 0; j < 2; ++j) {
            column[j] += row[j];
            n += row[j];
        }
    }
    double chi = 0.0, smallest = n;
    for (const auto& row : counts) {
        for (std::size_t j = 0; j < 2; ++j) {
            const double expected = (row[0] + row[1]) * column[j] / n;
            smallest = std::min(smallest, expected);
            chi += (row[j] - expected) * (row[j] - expected) / expected;
        }
    }
    basis.method = "Pearson's chi-square test";
    if (smallest < 5.0) basis.reason = "an expected count is below 5, so p is approximate";
    return chi_square_p(chi, static_cast<double>(counts.size()) - 1.0);
}

void add_number(Summary& out, const std::string& column, const std::vector<double>& values, const Groups& groups) {
    SummaryRow row;
    row.name = column;
    row.unit = unit_of(column);
    const auto with = pick(values, groups.with), without = pick(values, groups.without);
    row.all = of_numbers(values);
    row.with = of_numbers(with);
    row.without = of_numbers(without);
    row.p = kNan;
    if (row.with.n > 0 && row.without.n > 0) {
        const RankTest test = rank_sum(with, without);
        row.test = test.basis;
        row.p = test.p;
    } else {
        row.test.reason = "a group has no value";
    }
    out.rows.push_back(row);
}

void add_category(Summary& out, const std::string& column, const Text& cells, const Groups& groups) {
    std::set<std::string> values;
    for (const auto& cell : cells) {
        if (cell) values.insert(*cell);
    }
    if (values.size() > 30) {
        out.left_out.push_back(column + " (" + std::to_string(values.size()) + " different values)");
        return;
    }
    const Text with = pick(cells, groups.with), without = pick(cells, groups.without);
    std::vector<std::array<int, 2>> counts;
    const std::size_t first = out.rows.size();
    for (const std::string& value : values) {
        SummaryRow row;
        row.name = column;
        row.value = value;
        row.first = out.rows.size() == first;
        row.all = of_category(cells, value);
        row.with = of_category(with, value);
        row.without = of_category(without, value);
        row.p = kNan;
        if (row.with.count + row.without.count > 0) counts.push_back({row.with.count, row.without.count});
        out.rows.push_back(row);
    }
    SummaryRow& lead = out.rows[first];
    lead.test.n = lead.with.n + lead.without.n;
    lead.test.missing = lead.with.missing + lead.without.missing;
    if (counts.size() < 2 || lead.with.n == 0 || lead.without.n == 0) {
        lead.test.reason = "nothing to compare";
    } else if (counts.size() == 2) {
        const OddsRatio r = odds_ratio({counts[0][0], counts[0][1], counts[1][0], counts[1][1]}, OddsMethod::fisher);
        lead.p = r.p;
        lead.test.method = "Fisher's exact test";
    } else {
        lead.p = chi_square_test(counts, lead.test);
    }
}

std::string summary_text(const SummaryRow& row, const GroupSummary& g) {
    if (!row.value.empty()) {
        char share[48];
        std::snprintf(share, sizeof share, "%d (%.0f %%)", g.count, g.n > 0 ? 100.0 * g.count / g.n : 0.0);
        return g.n > 0 ? share : "";
    }
    if (g.n == 0) return "";
    char text[96];
    std::snprintf(text, sizeof text, "%.4g (%.4g to %.4g)", g.middle, g.low, g.high);
    return text;
}

// Which of two groups a patient is in, 1 or 0; NaN neither.
struct Split {
    std::string name;
    std::vector<double> first;
};

std::vector<Split> splits_of(const TableFile& table) {
    std::vector<Split> out;
    const auto words = [&](const std::string& column, const std::string& one, const std::string& other,
                           const std::string& name) {
        if (!table.has(column)) return;
        Split split{name, {}};
        for (const auto& cell : table.text(column)) {
            const std::string word = cell ? lower(*cell) : "";
            split.first.push_back(word == one ? 1.0 : word == other ? 0.0 : kNan);
        }
        out.push_back(std::move(split));
    };
    const auto numbers = [&](const std::string& column, double most, bool at_it, const std::string& name) {
        if (!table.has(column)) return;
        Split split{name, {}};
        for (const double v : table.numbers(column)) {
            split.first.push_back(std::isnan(v) ? kNan : (at_it ? v <= most : v < most) ? 1.0 : 0.0);
        }
        out.push_back(std::move(split));
    };
    words("pain", "central", "peripheral", "central v peripheral");
    words("cause", "ischaemic stroke", "haemorrhagic stroke", "ischaemic v haemorrhagic");
    words("region", "hand", "leg", "hand v leg pain");
    words("region", "face", "leg", "face v leg pain");
    words("sex", "woman", "man", "women v men");
    numbers("pain_years", 5.0, false, "under 5 years v longer");
    numbers("depression", 11.0, false, "depression < 11 v higher");
    numbers("distance_mm", 5.0, true, "target \xE2\x89\xA4 5 mm v further");
    return out;
}

}  // namespace

Analysed analysed(const TableFile& all) {
    const auto relief = all.numbers("relief_4");
    std::vector<bool> keep(relief.size());
    const auto sessions = all.has("sessions") ? all.numbers("sessions") : std::vector<double>(relief.size(), kNan);
    int few = 0, unanswered = 0;
    for (std::size_t i = 0; i < relief.size(); ++i) {
        keep[i] = !std::isnan(relief[i]);
        if (!keep[i]) ++(sessions[i] < 4.0 ? few : unanswered);
    }
    Analysed out{all.where(keep), static_cast<int>(all.rows()), {}};
    if (few > 0) out.exclusions.push_back(std::to_string(few) + " with fewer than 4 sessions");
    if (unanswered > 0) out.exclusions.push_back(std::to_string(unanswered) + " with relief after session 4 not known");
    if (out.table.rows() == 0) {
        throw InputError("\"" + all.name() + "\" has nobody with relief after the fourth session.");
    }
    return out;
}

Summary summarise(const TableFile& table, const std::string& group, std::vector<std::string> columns) {
    Summary out;
    out.group = group;
    out.basis.method =
        "median (quartiles) or count (%); Wilcoxon rank-sum, Fisher's exact or Pearson's chi-square test";
    Groups groups;
    const auto outcome = table.outcomes(group);
    for (std::size_t i = 0; i < outcome.size(); ++i) {
        if (std::isnan(outcome[i])) {
            ++out.basis.missing;
        } else {
            (outcome[i] > 0.5 ? groups.with : groups.without).push_back(i);
        }
    }
    out.with = static_cast<int>(groups.with.size());
    out.without = static_cast<int>(groups.without.size());
    out.basis.n = out.with + out.without;
    if (out.with == 0 || out.without == 0) {
        throw InputError("All patients have the same \"" + group +
                         "\" (or none is known), so there are no two groups.");
    }
    if (columns.empty()) {
        for (const char* name : {"age_years", "sex", "pain", "cause", "region", "pain_years", "depression",
                                 "pain_before", "side", "distance_mm", "rmt_mso", "sessions", "relief_4"}) {
            if (table.has(name) && name != group) columns.emplace_back(name);
        }
    }
    for (const std::string& column : columns) {
        const Text cells = table.text(column);
        if (std::none_of(cells.begin(), cells.end(), [](const auto& c) { return c.has_value(); })) {
            out.left_out.push_back(column + " (nothing known)");
        } else if (is_numeric(cells)) {
            add_number(out, column, table.numbers(column), groups);
        } else {
            add_category(out, column, cells, groups);
        }
    }
    return out;
}

std::string summary_csv(const Summary& summary) {
    std::vector<std::vector<std::string>> rows;
    for (const SummaryRow& row : summary.rows) {
        rows.push_back({row.name, row.value, row.unit, std::to_string(row.all.n), std::to_string(row.all.missing),
                        summary_text(row, row.all), std::to_string(row.with.n), summary_text(row, row.with),
                        std::to_string(row.without.n), summary_text(row, row.without),
                        row.first ? csv_number(row.p) : "", row.first ? row.test.method : "",
                        row.first ? row.test.reason : ""});
    }
    return csv_text({"column", "value", "unit", "n", "missing", "all", "n " + summary.group, summary.group,
                     "n not " + summary.group, "not " + summary.group, "p", "test", "note"},
                    rows);
}

Forest forest(const TableFile& table, const std::string& outcome, OddsMethod shown, double level) {
    Forest out;
    out.outcome = outcome;
    out.shown = shown;
    const auto result = table.outcomes(outcome);
    int with = 0, without = 0;
    for (const double v : result) std::isnan(v) ? ++out.basis.missing : ++(v > 0.5 ? with : without);
    out.basis.n = with + without;
    if (with == 0 || without == 0) {
        throw InputError("All patients have the same \"" + outcome + "\" (or none is known); no odds can be compared.");
    }
    std::vector<double> p;
    for (const Split& split : splits_of(table)) {
        Comparison c;
        c.name = split.name;
        for (std::size_t i = 0; i < result.size(); ++i) {
            if (std::isnan(result[i]) || std::isnan(split.first[i])) {
                ++c.missing;
            } else if (split.first[i] > 0.5) {
                ++(result[i] > 0.5 ? c.table.a : c.table.b);
            } else {
                ++(result[i] > 0.5 ? c.table.c : c.table.d);
            }
        }
        const bool empty = c.table.a + c.table.b == 0 || c.table.c + c.table.d == 0;
        if (empty && c.missing == static_cast<int>(result.size())) continue;  // the column says nothing of this
        if (empty || c.table.a + c.table.c == 0 || c.table.b + c.table.d == 0) {
            c.why_not = empty ? "nobody in one of the groups" : "the same outcome in all of them";
            p.push_back(kNan);
        } else {
            c.by_method = odds_ratios(c.table, level);
            const OddsRatio& r = c.by_method[static_cast<std::size_t>(shown)];
            p.push_back(r.p);
            out.basis.method = r.basis.method;
        }
        out.comparisons.push_back(std::move(c));
    }
    if (out.comparisons.empty()) {
        throw InputError("\"" + table.name() +
                         "\" has none of the columns that are compared: pain, cause, region, sex, pain_years, "
                         "depression, distance_mm.");
    }
    out.adjusted_p = benjamini_hochberg(p);
    return out;
}

std::string forest_csv(const Forest& forest) {
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < forest.comparisons.size(); ++i) {
        const Comparison& c = forest.comparisons[i];
        const std::vector<std::string> counts{c.name,
                                              std::to_string(c.table.a),
                                              std::to_string(c.table.a + c.table.b),
                                              std::to_string(c.table.c),
                                              std::to_string(c.table.c + c.table.d),
                                              std::to_string(c.missing)};
        if (c.by_method.empty()) {
            auto row = counts;
            row.insert(row.end(), {"", "", "", "", "", "", c.why_not});
            rows.push_back(row);
        }
        for (const OddsRatio& r : c.by_method) {
            auto row = counts;
            row.insert(row.end(), {name_of(r.by), csv_number(r.odds_ratio.value), csv_number(r.odds_ratio.low),
                                   csv_number(r.odds_ratio.high), csv_number(r.p),
                                   r.by == forest.shown ? csv_number(forest.adjusted_p[i]) : "", r.basis.reason});
            rows.push_back(row);
        }
    }
    return csv_text({"comparison", "with 1", "n 1", "with 2", "n 2", "missing", "method", "odds_ratio", "low", "high",
                     "p", "p Benjamini-Hochberg", "note"},
                    rows);
}

}  // namespace precentral::cohort
