// SPDX-License-Identifier: Apache-2.0
// A folder about a cohort that can go with a paper: figures, tables, methods, dictionary, de-identified data.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "data/cohort/describe.h"
#include "data/cohort/target_map.h"
#include "data/progress.h"
#include "ui/report/cohort_map_ground.h"

namespace precentral {

struct CohortReportInput {
    explicit CohortReportInput(cohort::TableFile patients) : table(std::move(patients)) {}
    cohort::TableFile table;         // every patient, in the columns of dictionary.h
    std::string source;              // its name, without folders
    std::string response = "r30_4";  // yes/no column
    cohort::OddsMethod odds = cohort::OddsMethod::profile;
    const MapGround* ground = nullptr;  // none: no map
    std::string why_no_ground;          // said in the methods when there is none
    cohort::MapSettings map;
    std::vector<std::string> covariates;  // of the map, columns of numbers
};

struct CohortReport {
    int n = 0;
    std::vector<std::string> files;
    std::vector<std::string> not_made;  // "roc: …", what the data do not carry, and why
};

// Writes into `folder`, which is there already: methods.txt, table1.csv, figures/, map/, patients.csv (de-identified),
// dictionary.csv, files.csv with every file's SHA-256. What the data do not carry is left out and named. Main thread.
// Throws InputError when the table has no relief after session 4 or one class of response only, Error when a file
// cannot be written, Cancelled.
CohortReport write_cohort_report(const std::filesystem::path& folder, const CohortReportInput& input,
                                 const Progress& progress = {});

}  // namespace precentral
