// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/deidentify.h"

#include <cmath>
#include <map>
#include <numeric>

#include "data/cohort/dictionary.h"
#include "data/cohort/draws.h"

namespace precentral::cohort {
namespace {

std::vector<std::string> age_bands(const std::vector<double>& ages) {
    std::vector<std::string> out;
    for (const double age : ages) {
        if (std::isnan(age)) {
            out.emplace_back();
        } else if (age >= 80.0) {
            out.emplace_back("80 and above");
        } else {
            const int low = 10 * static_cast<int>(std::floor(age / 10.0));
            out.push_back(std::to_string(low) + " to " + std::to_string(low + 9));
        }
    }
    return out;
}

std::vector<std::string> common_words(const std::vector<std::optional<std::string>>& cells) {
    std::map<std::string, int> counts;
    for (const auto& cell : cells) {
        if (cell) ++counts[*cell];
    }
    int others = 0;
    for (const auto& [word, count] : counts) others += count < kSmallCell ? count : 0;
    const std::string rare = others >= kSmallCell ? "other" : "";
    std::vector<std::string> out;
    for (const auto& cell : cells) out.push_back(!cell ? "" : counts[*cell] < kSmallCell ? rare : *cell);
    return out;
}

std::vector<std::string> whole(const std::vector<double>& values) {
    std::vector<std::string> out;
    for (const double v : values) out.push_back(csv_number(std::round(v)));
    return out;
}

}  // namespace

Deidentified deidentified(const TableFile& table, std::uint64_t seed) {
    Deidentified out;
    std::vector<std::size_t> order(table.rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Draws(seed).shuffle(std::span(order));
    std::vector<std::string> columns{"patient"};
    std::vector<std::vector<std::string>> cells;
    std::string dropped;
    for (const std::string& name : table.columns()) {
        bool known = false;
        for (const Column& column : patient_columns()) known = known || column.name == name;
        if (!known) dropped += (dropped.empty() ? "" : ", ") + name;
        if (!known || name == "patient" || name == "entry_year") continue;
        columns.push_back(name == "age_years" ? "age_band" : name);
        const bool place = name.size() == 8 && (name.rfind("target_", 0) == 0);
        if (name == "age_years") {
            cells.push_back(age_bands(table.numbers(name)));
        } else if (name == "cause" || name == "region") {
            cells.push_back(common_words(table.text(name)));
        } else if (place || name.rfind("hotspot_", 0) == 0) {
            cells.push_back(whole(table.numbers(name)));
        } else {
            auto& column = cells.emplace_back();
            for (const auto& cell : table.text(name)) column.push_back(cell.value_or(""));
        }
    }
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < order.size(); ++i) {
        char code[24];
        std::snprintf(code, sizeof code, "P%04zu", i + 1);
        std::vector<std::string> row{code};
        for (const auto& column : cells) row.push_back(column[order[i]]);
        rows.push_back(std::move(row));
    }
    out.csv = csv_text(columns, rows);
    out.changes = {
        "Patients are renamed and put in a random order; their codes and years of entry are left out.",
        "Ages are given in bands of ten years, 80 and above as one.",
        "Causes and regions of fewer than " + std::to_string(kSmallCell) + " patients are joined as \"other\".",
        "Places are rounded to 1 mm."};
    if (!dropped.empty()) out.changes.push_back("Columns that the data dictionary does not know are left out.");
    return out;
}

}  // namespace precentral::cohort
