// SPDX-License-Identifier: Apache-2.0
#include "ui/cli/cohort_output.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <set>

#include "data/cohort/from_store.h"
#include "data/error.h"
#include "data/store.h"
#include "data/text_fields.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {

using namespace precentral::cohort;

nlohmann::json number(double value) { return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr); }

void add_basis(nlohmann::json& out, const Basis& basis) {
    out["method"] = basis.method;
    out["n"] = basis.n;
    out["missing"] = basis.missing;
    out["exclusions"] = basis.exclusions;
    if (!basis.reason.empty()) out["reason"] = basis.reason;
}

std::string in_words(double value) {
    if (std::isnan(value)) return "none";
    if (std::isinf(value)) return value > 0 ? "infinite" : "-infinite";
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return text;
}

std::string interval(const Estimate& e) {
    return in_words(e.value) + " [" + in_words(e.low) + "; " + in_words(e.high) + "]";
}

void print_basis(const Basis& basis) {
    std::printf("%s; n = %d, missing %d\n", basis.method.c_str(), basis.n, basis.missing);
    for (const std::string& line : basis.exclusions) std::printf("left out: %s\n", line.c_str());
    if (!basis.reason.empty()) std::printf("note: %s\n", basis.reason.c_str());
}

nlohmann::json to_json(const Estimate& e) {
    return {{"value", number(e.value)}, {"low", number(e.low)}, {"high", number(e.high)}, {"level", e.level}};
}

void TableSource::add_to(CLI::App& command) {
    command.add_option("--csv", csv, "A table with a header, one row a patient (simulate cohort writes an example)");
    command.add_option("--store", store, "A store of cases: a file or a postgresql URL");
}

TableFile TableSource::read() const {
    if (csv.empty() == store.empty()) throw InputError("Give either --csv FILE or --store PLACE.");
    if (!csv.empty()) return TableFile(csv);
    return patients_of(*open_store_to_read(store), store, terminal_progress());
}

std::string TableSource::name() const {
    if (csv.empty())
        return store.find("://") == std::string::npos ? std::filesystem::path(store).filename().string()
                                                      : std::string("a PostgreSQL store");
    return std::filesystem::path(csv).filename().string();
}

std::vector<Predictor> predictors_of(const TableFile& table, const std::vector<std::string>& columns) {
    std::vector<Predictor> out;
    for (const std::string& column : columns) {
        const auto cells = table.text(column);
        bool numeric = true;
        std::set<std::string> words;
        for (const auto& cell : cells) {
            if (!cell) continue;
            numeric = numeric && number_in(*cell).has_value();
            words.insert(*cell);
        }
        if (words.empty()) throw InputError("The column \"" + column + "\" is empty; leave it out.");
        if (numeric) {
            out.push_back({column, table.numbers(column)});
            continue;
        }
        if (words.size() < 2) throw InputError("The column \"" + column + "\" does not vary; leave it out.");
        if (words.size() > 12) {
            throw InputError("The column \"" + column + "\" has " + std::to_string(words.size()) +
                             " different words; a predictor has at most 12.");
        }
        for (auto word = std::next(words.begin()); word != words.end(); ++word) {
            Predictor predictor{column + ": " + *word, {}};
            for (const auto& cell : cells) {
                predictor.values.push_back(!cell            ? std::numeric_limits<double>::quiet_NaN()
                                           : *cell == *word ? 1.0
                                                            : 0.0);
            }
            out.push_back(std::move(predictor));
        }
    }
    return out;
}

}  // namespace precentral::cli
