// SPDX-License-Identifier: Apache-2.0
// Who the patients are, by response: Table 1, and the odds ratios of named comparisons.
#pragma once

#include <string>
#include <vector>

#include "data/cohort/odds_ratio.h"
#include "data/cohort/table_file.h"

namespace precentral::cohort {

// The patients an analysis rests on, and why the others are not in it.
struct Analysed {
    TableFile table;
    int in_all = 0;
    std::vector<std::string> exclusions;  // "19 with fewer than 4 sessions"
};

// Those with relief at the fourth session. Throws InputError naming the column when relief_4 is missing, or when nobody
// is left.
Analysed analysed(const TableFile& all);

struct GroupSummary {
    int n = 0;
    int missing = 0;
    double middle = 0.0, low = 0.0, high = 0.0;  // median and quartiles of a number; NaN of none
    int count = 0;                               // with this value, of a category
};

struct SummaryRow {
    std::string name;   // the column
    std::string value;  // of a category; "" for a number
    std::string unit;
    GroupSummary all, with, without;
    Basis test;         // of the column; on the first row of a category
    double p = 1.0;     // NaN where there is none
    bool first = true;  // first row of its column
};

struct Summary {
    Basis basis;
    std::string group;  // the yes/no column
    int with = 0, without = 0;
    std::vector<SummaryRow> rows;
    std::vector<std::string> left_out;  // columns with nothing in them
};

// Numbers by the Wilcoxon rank-sum test, categories of two by Fisher's exact test, of more by Pearson's chi-square.
// Without `columns` those of dictionary.h that the table has and that describe patients before treatment, with the
// target and relief after session 4. Throws InputError naming a column that is not there, and when one group is empty.
Summary summarise(const TableFile& table, const std::string& group, std::vector<std::string> columns = {});
std::string summary_csv(const Summary& summary);

struct Comparison {
    std::string name;  // "central v peripheral"
    TwoByTwo table;    // first group with and without, second with and without
    int missing = 0;   // in neither group, or without an outcome
    std::vector<OddsRatio> by_method;
    std::string why_not;  // no odds ratio, and why
};

struct Forest {
    Basis basis;
    std::string outcome;
    OddsMethod shown = OddsMethod::profile;
    std::vector<Comparison> comparisons;
    std::vector<double> adjusted_p;  // Benjamini-Hochberg over the shown method
};

// The comparisons of the columns that the table has: causes, places of pain, duration, depression, distance. Throws
// InputError when the outcome column is missing or has one class only.
Forest forest(const TableFile& table, const std::string& outcome, OddsMethod shown = OddsMethod::profile,
              double level = 0.95);
std::string forest_csv(const Forest& forest);

}  // namespace precentral::cohort
