// SPDX-License-Identifier: Apache-2.0
// The synthetic cohort has the shares it is said to have, and what was planted can be found again.
#include <gtest/gtest.h>

#include <cmath>

#include "data/cohort/describe.h"
#include "data/cohort/from_store.h"
#include "data/cohort/mixed_model.h"
#include "data/cohort/power_study.h"
#include "data/cohort/ranks.h"
#include "data/cohort/synthetic_tables.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

struct Shares {
    double at10 = 0.0, above30 = 0.0, central = 0.0, peripheral = 0.0, ischaemic = 0.0, haemorrhagic = 0.0;
};

Shares shares_of(const std::vector<SyntheticPatient>& patients) {
    double n = 0, n_central = 0, n_peripheral = 0, n_isch = 0, n_haem = 0;
    Shares s;
    for (const auto& p : patients) {
        if (!p.completed()) continue;
        const double r = p.relief[3] >= 10.0 ? 1.0 : 0.0;
        n += 1;
        s.at10 += r;
        s.above30 += p.relief[3] > 30.0 ? 1.0 : 0.0;
        (p.central ? s.central : s.peripheral) += r;
        (p.central ? n_central : n_peripheral) += 1;
        if (p.cause == "ischaemic stroke") s.ischaemic += r, n_isch += 1;
        if (p.cause == "haemorrhagic stroke") s.haemorrhagic += r, n_haem += 1;
    }
    return {s.at10 / n,           s.above30 / n,          s.central / n_central, s.peripheral / n_peripheral,
            s.ischaemic / n_isch, s.haemorrhagic / n_haem};
}

// Shares of a large cohort against Thomas et al. 2025 and the tables reconstructed from it.
TEST(CohortSynthetic, HasThePublishedShares) {
    SyntheticSettings settings;
    settings.patients = 20000;
    const auto patients = synthetic_cohort(settings);
    const Shares s = shares_of(patients);
    EXPECT_NEAR(s.at10, 136.0 / 193.0, 0.015);
    EXPECT_NEAR(s.above30, 0.42, 0.02);
    EXPECT_NEAR(s.central, 88.0 / 115.0, 0.015);
    EXPECT_NEAR(s.peripheral, 48.0 / 78.0, 0.02);
    EXPECT_NEAR(s.ischaemic, 44.0 / 52.0, 0.02);
    EXPECT_NEAR(s.haemorrhagic, 18.0 / 29.0, 0.03);
    double completed_first = 0, completed = 0, stopped_first = 0, stopped = 0;
    for (const auto& p : patients) {
        (p.completed() ? completed_first : stopped_first) += p.relief[0];
        (p.completed() ? completed : stopped) += 1;
    }
    EXPECT_EQ(completed, 20000);
    EXPECT_GT(stopped / 20000.0, 0.05);
    EXPECT_LT(stopped / 20000.0, 0.2);
    EXPECT_LT(stopped_first / stopped, completed_first / completed - 5.0);  // who has less relief stops sooner
}

TEST(CohortSynthetic, IsTheSameForTheSameSeed) {
    SyntheticSettings settings;
    EXPECT_EQ(patients_csv(synthetic_cohort(settings)), patients_csv(synthetic_cohort(settings)));
    settings.seed = 2;
    EXPECT_NE(patients_csv(synthetic_cohort(settings)), patients_csv(synthetic_cohort({})));
    EXPECT_EQ(analysed(TableFile::from_text(patients_csv(synthetic_cohort({})), "x")).table.rows(), 193u);
    settings.patients = 0;
    EXPECT_THROW(synthetic_cohort(settings), InputError);
}

// The slope on distance is what was planted (rounding and drop-out take little of it), and nothing where nothing was.
TEST(CohortSynthetic, PlantedSlopeIsThere) {
    for (const bool planted : {true, false}) {
        SyntheticSettings settings;
        if (!planted) settings = SyntheticSettings::null_cohort(1, 1);
        settings.patients = 20000;
        std::vector<double> relief, distance;
        for (const auto& p : synthetic_cohort(settings)) {
            if (!p.completed()) continue;
            relief.push_back(p.relief[3]);
            distance.push_back(p.distance_mm);
        }
        const auto r = pearson(relief, distance);
        double mr = 0, md = 0, sr = 0, sd = 0;
        for (std::size_t i = 0; i < relief.size(); ++i) mr += relief[i] / 2e4, md += distance[i] / 2e4;
        for (std::size_t i = 0; i < relief.size(); ++i) {
            sr += (relief[i] - mr) * (relief[i] - mr);
            sd += (distance[i] - md) * (distance[i] - md);
        }
        const double slope = r.r.value * std::sqrt(sr / sd);
        EXPECT_NEAR(slope, planted ? -1.65 : 0.0, 0.35) << planted;
        if (!planted) {
            EXPECT_LT(std::abs(r.r.value), 0.025);
        }
    }
}

// What goes into a store comes out as the same table, but for the columns the record has no place for.
TEST(CohortSynthetic, StoreAndTableAgree) {
    SyntheticSettings settings;
    settings.patients = 20;
    const auto patients = synthetic_cohort(settings);
    const auto store = open_store(":memory:");
    store_synthetic(*store, patients);
    const TableFile stored = patients_of(*store, "memory");
    const TableFile written = TableFile::from_text(patients_csv(patients), "written");
    ASSERT_EQ(stored.rows(), written.rows());
    for (const char* column :
         {"patient",  "simulated", "entry_year", "age_years",   "sex",           "pain",       "cause",
          "region",   "side",      "target_x",   "distance_mm", "rmt_mso",       "sessions",   "relief_1",
          "relief_4", "relief_8",  "r10_4",      "r30_4",       "first_session", "first_event"}) {
        const auto a = stored.text(column), b = written.text(column);
        for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].value_or("NA"), b[i].value_or("NA")) << column << i;
    }
    const auto years = stored.numbers("followed_years"), truth = written.numbers("followed_years");
    const auto end = stored.text("end");
    for (std::size_t i = 0; i < years.size(); ++i) {
        EXPECT_EQ(std::isnan(years[i]), std::isnan(truth[i]));
        if (!std::isnan(years[i]) && *end[i] != "ongoing") {
            EXPECT_NEAR(years[i], truth[i], 0.011);
        }
    }
    EXPECT_THROW(patients_of(*open_store(":memory:"), "empty"), InputError);
}

// A small version of the study; `precentral simulate cohort --study` runs the large one.
TEST(CohortSynthetic, PowerIsAsPredicted) {
    PowerStudySettings settings;
    settings.cohorts = 400;
    settings.permutations = 0;
    const auto findings = power_study(settings);
    for (const PowerFinding& f : findings) {
        const double n = f.cohorts;
        EXPECT_NEAR(f.found / n, f.predicted, 3.5 * std::sqrt(f.predicted * (1.0 - f.predicted) / n)) << f.test;
        EXPECT_NEAR(f.found_null / n, 0.05, 3.5 * std::sqrt(0.05 * 0.95 / n)) << f.test;
    }
    EXPECT_GT(findings[0].predicted, 0.6);
    settings.cohorts = 1;
    EXPECT_THROW(power_study(settings), InputError);
}

}  // namespace
}  // namespace precentral::cohort
