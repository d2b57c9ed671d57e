// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "data/cohort/describe.h"
#include "data/cohort/dictionary.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

// Counts as rows of a table: `with` and `without` patients of one word.
void add(std::vector<std::vector<std::string>>& rows, const std::string& pain, int with, int without) {
    for (int i = 0; i < with + without; ++i) rows.push_back({pain, i < with ? "yes" : "no"});
}

TableFile reconstructed() {
    std::vector<std::vector<std::string>> rows;
    add(rows, "central", 88, 27);
    add(rows, "peripheral", 48, 30);
    rows.push_back({"", "yes"});
    return TableFile::from_text(csv_text({"pain", "r10_4"}, rows), "reconstructed");
}

// The table chosen to reproduce 2.03 [1.04; 4.00] of Thomas et al. 2025 by fisher.test.
TEST(CohortDescribe, ForestHasEveryMethod) {
    const Forest f = forest(reconstructed(), "r10_4", OddsMethod::fisher);
    ASSERT_EQ(f.comparisons.size(), 1u);
    const Comparison& c = f.comparisons[0];
    EXPECT_EQ(c.table.a, 88);
    EXPECT_EQ(c.table.d, 30);
    EXPECT_EQ(c.missing, 1);
    ASSERT_EQ(c.by_method.size(), 4u);
    EXPECT_NEAR(c.by_method[1].odds_ratio.value, 2.02925009983214, 1e-8);
    EXPECT_NEAR(c.by_method[1].odds_ratio.high, 4.00341430095429, 1e-8);
    EXPECT_NEAR(c.by_method[0].odds_ratio.high, 3.816, 5e-4);
    EXPECT_NEAR(f.adjusted_p[0], c.by_method[1].p, 1e-15);
    const TableFile csv = TableFile::from_text(forest_csv(f), "csv");
    EXPECT_EQ(csv.rows(), 4u);
    EXPECT_NEAR(csv.numbers("odds_ratio")[1], 2.0293, 5e-5);
}

// chisq.test(matrix(c(20, 10, 15, 12, 8, 25, 5, 9), ncol = 2, byrow = TRUE), correct = FALSE)
TEST(CohortDescribe, TableNamesItsTests) {
    std::vector<std::vector<std::string>> rows;
    add(rows, "a", 20, 10);
    add(rows, "b", 15, 12);
    add(rows, "c", 8, 25);
    add(rows, "d", 5, 9);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].push_back(i == 3 ? "" : std::to_string(i % 7));
        rows[i].push_back(i % 2 == 0 ? "woman" : "man");
        rows[i].push_back("");
    }
    const TableFile table =
        TableFile::from_text(csv_text({"region", "r30_4", "age_years", "sex", "depression"}, rows), "t");
    const Summary s = summarise(table, "r30_4");
    EXPECT_EQ(s.with, 48);
    EXPECT_EQ(s.without, 56);
    ASSERT_EQ(s.rows.size(), 7u);  // age, two sexes, four regions
    EXPECT_EQ(s.rows[0].all.missing, 1);
    EXPECT_EQ(s.rows[0].all.middle, 3.0);
    EXPECT_EQ(s.rows[1].test.method, "Fisher's exact test");
    EXPECT_NEAR(s.rows[3].p, 0.00457471779622, 1e-12);
    EXPECT_EQ(s.rows[3].with.count, 20);
    ASSERT_EQ(s.left_out.size(), 1u);
    EXPECT_NE(s.left_out[0].find("depression"), std::string::npos);
    EXPECT_EQ(TableFile::from_text(summary_csv(s), "csv").rows(), 7u);
}

TEST(CohortDescribe, SaysWhoIsLeftOut) {
    const TableFile all =
        TableFile::from_text("patient,sessions,relief_4,r30_4\na,4,40,yes\nb,2,,\nc,5,,\nd,6,10,no\n", "t");
    const Analysed kept = analysed(all);
    EXPECT_EQ(kept.in_all, 4);
    EXPECT_EQ(kept.table.rows(), 2u);
    ASSERT_EQ(kept.exclusions.size(), 2u);
    EXPECT_EQ(kept.exclusions[0], "1 with fewer than 4 sessions");
    EXPECT_EQ(kept.exclusions[1], "1 with relief after session 4 not known");
}

TEST(CohortDescribe, RefusesWhatCannotBeCompared) {
    EXPECT_THROW(analysed(TableFile::from_text("a,b\n1,2\n", "t")), InputError);
    EXPECT_THROW(analysed(TableFile::from_text("relief_4\nNA\n", "t")), InputError);
    const TableFile one = TableFile::from_text("pain,r\ncentral,yes\nperipheral,yes\n", "t");
    EXPECT_THROW(forest(one, "r"), InputError);
    EXPECT_THROW(summarise(one, "r"), InputError);
    EXPECT_THROW(forest(TableFile::from_text("x,r\n1,yes\n2,no\n", "t"), "r"), InputError);
    EXPECT_THROW(summarise(one, "nothing"), InputError);
    // Separation: an odds ratio without end, with its reason.
    const Forest f = forest(TableFile::from_text("pain,r\ncentral,yes\ncentral,yes\nperipheral,no\n", "t"), "r");
    EXPECT_FALSE(f.comparisons[0].by_method[3].basis.reason.empty());
}

TEST(CohortDescribe, DictionaryNamesEveryColumnOnce) {
    auto names = names_of(patient_columns());
    for (const Column& c : patient_columns()) EXPECT_FALSE(c.meaning.empty()) << c.name;
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
    EXPECT_EQ(TableFile::from_text(dictionary_csv(), "d").rows(), patient_columns().size() + session_columns().size());
}

TEST(CohortDescribe, CsvQuotesWhatNeedsIt) {
    const TableFile back = TableFile::from_text(csv_text({"a", "b,\"c\""}, {{"x\ny", ""}, {"\"", "1.5"}}), "t");
    EXPECT_EQ(back.columns()[1], "b,\"c\"");
    EXPECT_EQ(back.text("a")[0].value(), "x\ny");
    EXPECT_FALSE(back.text("b,\"c\"")[0].has_value());
    EXPECT_EQ(csv_number(0.1), "0.1");
    EXPECT_EQ(csv_number(std::nan("")), "");
}

}  // namespace
}  // namespace precentral::cohort
