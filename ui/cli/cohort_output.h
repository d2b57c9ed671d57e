// SPDX-License-Identifier: Apache-2.0
// What the verbs of precentral cohort have in common: where a table comes from, and how results are printed.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/cohort/basis.h"
#include "data/cohort/logistic.h"
#include "data/cohort/table_file.h"

namespace precentral::cli {

// JSON knows neither infinity nor NaN: both are null, and `reason` says which.
nlohmann::json number(double value);
void add_basis(nlohmann::json& out, const cohort::Basis& basis);
std::string in_words(double value);
std::string interval(const cohort::Estimate& e);
void print_basis(const cohort::Basis& basis);
nlohmann::json to_json(const cohort::Estimate& e);

// --csv FILE or --store PLACE, one of them.
struct TableSource {
    std::string csv, store;
    void add_to(CLI::App& command);
    // Throws InputError when none or both are given, and as TableFile and the store do.
    cohort::TableFile read() const;
    // The name for messages and reports, without its folder.
    std::string name() const;
};

// Numbers as they are; words become one 0/1 predictor for each but the first in the alphabet ("pain: peripheral", the
// rest against "central"). Throws InputError when a column is missing, empty, or has more than 12 different words.
std::vector<cohort::Predictor> predictors_of(const cohort::TableFile& table, const std::vector<std::string>& columns);

void add_cohort_describe(CLI::App& cohort);  // table, forest
void add_cohort_models(CLI::App& cohort);    // logistic, cox, mixed, transition
void add_cohort_time(CLI::App& cohort);      // incidence, youden, resample
void add_cohort_map(CLI::App& cohort);       // map
void add_cohort_report(CLI::App& cohort);    // report
void add_cohort_centres(CLI::App& cohort);   // summarise, combine
void add_cohort_ranks(CLI::App& cohort);     // correlate, friedman, adjust
void add_simulate_cohort(CLI::App& simulate);

}  // namespace precentral::cli
