// SPDX-License-Identifier: Apache-2.0
// What leaves the house: counts of centres, and de-identified tables.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "data/cohort/deidentify.h"
#include "data/cohort/federated.h"
#include "data/cohort/synthetic_tables.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

TableFile centre(const std::string& name, const std::string& counts, const std::string& outcome = "r10_4") {
    return TableFile::from_text(
        "centre,outcome,comparison,a,b,c,d,withheld\n" + name + "," + outcome + ",pain," + counts + "\n", name);
}

// mantelhaen.test(array(c(44, 18, 8, 11, 20, 10, 15, 12, 9, 0, 6, 7), c(2, 2, 3)), correct = FALSE), R 4.2.2.
TEST(CohortShare, PooledRatioAgreesWithR) {
    const auto pooled = combine({centre("A", "44,8,18,11,no"), centre("B", "20,15,10,12,no"), centre("C", "9,6,0,7,no"),
                                 centre("D", ",,,,yes")});
    ASSERT_EQ(pooled.size(), 1u);
    EXPECT_NEAR(pooled[0].odds_ratio.value, 2.95949548535755, 1e-12);
    EXPECT_NEAR(pooled[0].odds_ratio.low, 1.45137579972561, 1e-9);
    EXPECT_NEAR(pooled[0].odds_ratio.high, 6.03469723658585, 1e-9);
    EXPECT_NEAR(pooled[0].p, 0.00228291472168938, 1e-12);
    EXPECT_EQ(pooled[0].centres, 3);
    EXPECT_EQ(pooled[0].withheld, 1);
    EXPECT_EQ(pooled[0].basis.n, 160);
}

// One centre alone is its own sample odds ratio; splitting nobody's table changes nothing about refusals.
TEST(CohortShare, OneCentreIsItsOwnTable) {
    const auto one = combine({centre("A", "44,8,18,11,no")});
    EXPECT_NEAR(one[0].odds_ratio.value, 44.0 * 11.0 / (8.0 * 18.0), 1e-12);
    const auto none = combine({centre("A", ",,,,yes")});
    EXPECT_TRUE(std::isnan(none[0].odds_ratio.value));
    EXPECT_FALSE(none[0].basis.reason.empty());
    EXPECT_THROW(combine({}), InputError);
    EXPECT_THROW(combine({centre("A", "1,2,3,4,no"), centre("A", "1,2,3,4,no")}), InputError);
    EXPECT_THROW(combine({centre("A", "1,2,3,4,no"), centre("B", "1,2,3,4,no", "r30_4")}), InputError);
    EXPECT_THROW(combine({centre("A", "1,-2,3,4,no")}), InputError);
    EXPECT_THROW(combine({centre("A", "1,2.5,3,4,no")}), InputError);
    EXPECT_THROW(combine({centre("A", "1,,3,4,no")}), InputError);
}

TEST(CohortShare, SmallCountsStayAtHome) {
    Forest f;
    f.outcome = "r10_4";
    f.comparisons.resize(3);
    f.comparisons[0] = {"x", {10, 4, 20, 30}, 0, {}, ""};
    f.comparisons[1] = {"y", {10, 5, 20, 0}, 0, {}, ""};
    f.comparisons[2] = {"z", {10, 50, 20, 30}, 0, {}, ""};
    const TableFile out = TableFile::from_text(centre_summary(f, "A", 5), "A");
    EXPECT_EQ(out.outcomes("withheld"), (std::vector<double>{1.0, 0.0, 0.0}));
    EXPECT_FALSE(out.text("d")[0].has_value());  // nor can the small one be worked out from the others
    EXPECT_EQ(out.numbers("a")[2], 10.0);
}

TEST(CohortShare, DeidentifiedTableNamesNobody) {
    const auto patients = synthetic_cohort({});
    std::string text = patients_csv(patients);
    text.insert(text.find('\n'), ",surname");
    for (std::size_t at = text.find('\n') + 1; at < text.size();) {
        at = text.find('\n', at);
        text.insert(at, ",Durand");
        at += 8;
    }
    const TableFile table = TableFile::from_text(text, "t");
    const Deidentified out = deidentified(table, 3);
    EXPECT_EQ(out.csv.find("Durand"), std::string::npos);
    EXPECT_EQ(out.csv.find("PRC-"), std::string::npos);
    const TableFile back = TableFile::from_text(out.csv, "d");
    EXPECT_EQ(back.rows(), table.rows());
    EXPECT_FALSE(back.has("entry_year"));
    EXPECT_FALSE(back.has("age_years"));
    // The order says nothing of the entry, and the rows are whole: relief goes with distance as before.
    auto before = table.numbers("distance_mm"), after = back.numbers("distance_mm");
    EXPECT_NE(before, after);
    std::sort(before.begin(), before.end());
    std::sort(after.begin(), after.end());
    EXPECT_EQ(before, after);
    for (const char* column : {"cause", "region"}) {
        const auto cells = back.text(column);
        for (const auto& cell : cells) {
            if (cell) {
                EXPECT_GE(std::count(cells.begin(), cells.end(), cell), kSmallCell) << *cell;
            }
        }
    }
    EXPECT_EQ(deidentified(table, 3).csv, out.csv);
}

}  // namespace
}  // namespace precentral::cohort
