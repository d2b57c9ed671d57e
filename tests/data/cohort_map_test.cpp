// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <queue>

#include "data/cohort/draws.h"
#include "data/cohort/power_study.h"
#include "data/cohort/ranks.h"
#include "data/cohort/target_map.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// The integral by its definition: for each place, over the heights of the data below its own, the extent of its
// cluster.
std::vector<double> by_definition(const std::vector<float>& height, const std::vector<double>& size,
                                  const Neighbours& n, double extent, double power) {
    std::vector<float> levels{0.0F};
    for (const float h : height) {
        if (h > 0.0F) levels.push_back(h);
    }
    std::sort(levels.begin(), levels.end());
    std::vector<double> out(height.size(), 0.0);
    for (std::size_t place = 0; place < height.size(); ++place) {
        for (std::size_t l = 1; l < levels.size() && levels[l] <= height[place]; ++l) {
            std::vector<bool> in(height.size(), false);
            std::queue<int> open;
            open.push(static_cast<int>(place));
            in[place] = true;
            double area = 0.0;
            while (!open.empty()) {
                const auto at = static_cast<std::size_t>(open.front());
                open.pop();
                area += size[at];
                for (int e = n.start[at]; e < n.start[at + 1]; ++e) {
                    const auto to = static_cast<std::size_t>(n.to[static_cast<std::size_t>(e)]);
                    if (in[to] || height[to] < levels[l]) continue;
                    in[to] = true;
                    open.push(static_cast<int>(to));
                }
            }
            const double a = levels[l - 1], b = levels[l];
            out[place] +=
                std::pow(area, extent) * (std::pow(b, power + 1.0) - std::pow(a, power + 1.0)) / (power + 1.0);
        }
    }
    return out;
}

TEST(ThresholdFree, AgreesWithItsDefinition) {
    const MapPlaces patch = synthetic_patch();
    for (int trial = 0; trial < 6; ++trial) {
        Draws draws(4, static_cast<std::uint64_t>(trial));
        std::vector<float> height(patch.mni.size()), turned;
        for (float& h : height) h = static_cast<float>(draws.normal(0.0, 1.5));
        if (trial > 2) {  // ties
            for (float& h : height) h = std::round(h);
        }
        const EnhancementPowers powers{trial % 2 == 0 ? 1.0 : 0.5, trial == 4 ? 1.3 : 2.0};
        const auto fast = enhanced(height, patch.size, patch.neighbours, powers);
        for (const float h : height) turned.push_back(-h);
        const auto up = by_definition(height, patch.size, patch.neighbours, powers.extent, powers.height);
        const auto down = by_definition(turned, patch.size, patch.neighbours, powers.extent, powers.height);
        double largest = 0.0;
        for (std::size_t i = 0; i < height.size(); ++i) {
            EXPECT_NEAR(fast[i], up[i] - down[i], 2e-5 * (1.0 + std::abs(fast[i])));
            largest = std::max(largest, std::abs(fast[i]));
        }
        EXPECT_NEAR(largest_enhanced(height, patch.size, patch.neighbours, powers), largest, 1e-9 * largest);
    }
    const std::vector<std::array<int, 3>> cells{{0, 0, 0}, {1, 0, 0}, {5, 0, 0}, {1, 1, 0}};
    const Neighbours grid = neighbours_of(std::span<const std::array<int, 3>>(cells));
    EXPECT_EQ(grid.to, (std::vector<int>{1, 0, 3, 1}));
    const std::vector<std::array<int, 3>> broken{{0, 1, 9}};
    EXPECT_THROW(neighbours_of(3, broken), InputError);
}

MapPatients synthetic_patients(bool planted, std::uint64_t seed, int n = 120) {
    SyntheticSettings s;
    if (!planted) s = SyntheticSettings::null_cohort(n, seed);
    s.patients = n;
    s.seed = seed;
    if (planted) s.place_gain = 60.0;
    return map_patients(synthetic_cohort(s));
}

// At a place the t of the map is that of the plain correlation of relief with the Gaussian.
TEST(CohortMap, TIsThatOfACorrelation) {
    const MapPlaces patch = synthetic_patch();
    const MapPatients patients = synthetic_patients(true, 3);
    MapSettings settings;
    settings.permutations = 200;
    const TargetMap map = target_map(patch, patients, settings);
    const auto place = static_cast<std::size_t>(map.by_relief.best);
    std::vector<double> near;
    int within = 0;
    const double sd = 10.0 / (2.0 * std::sqrt(2.0 * std::log(2.0)));
    for (const auto& target : patients.target_mni) {
        const double away = (laid_on_left(target) - patch.mni[place]).norm();
        near.push_back(std::exp(-0.5 * away * away / (sd * sd)));
        within += away <= 10.0 ? 1 : 0;
    }
    const auto r = pearson(near, patients.relief);
    const double t = r.r.value * std::sqrt(118.0 / (1.0 - r.r.value * r.r.value));
    EXPECT_NEAR(map.by_relief.t[place], t, 1e-3 * std::abs(t));
    EXPECT_EQ(map.coverage.near[place], within);
    EXPECT_NEAR(map.difference[place], map.responder_density[place] - map.other_density[place], 1e-12);
    EXPECT_GT(map.coverage.mirrored, 0);
    int said = 0;
    for (std::size_t i = 0; i < patch.mni.size(); ++i) {
        EXPECT_EQ(std::isnan(map.difference[i]), map.coverage.near[i] < 5);
        said += std::isnan(map.by_relief.p[i]) ? 0 : 1;
    }
    EXPECT_EQ(said, map.coverage.covered);
}

TEST(CohortMap, FindsAPlantedPlaceAndTheSameEveryTime) {
    const MapPlaces patch = synthetic_patch();
    const MapPatients patients = synthetic_patients(true, 8);
    MapSettings settings;
    settings.permutations = 300;
    for (const auto statistic : {MapStatistic::largest_t, MapStatistic::threshold_free}) {
        settings.statistic = statistic;
        const TargetMap map = target_map(patch, patients, settings);
        EXPECT_LE(map.by_relief.smallest_p, 0.01);
        EXPECT_LT((patch.mni[static_cast<std::size_t>(map.by_relief.best)] - synthetic_area("hand")).norm(), 12.0);
        const TargetMap again = target_map(patch, patients, settings);
        for (std::size_t i = 0; i < patch.mni.size(); ++i) {
            if (!std::isnan(map.by_relief.p[i])) {
                EXPECT_EQ(map.by_relief.p[i], again.by_relief.p[i]);
            }
        }
    }
}

// What a covariate explains is not found in the place; shifting relief by the covariate changes nothing.
TEST(CohortMap, CovariatesAreHeldConstant) {
    const MapPlaces patch = synthetic_patch();
    MapPatients patients = synthetic_patients(false, 5);
    MapSettings settings;
    settings.permutations = 99;
    Draws draws(9);
    Predictor covariate{"c", {}};
    for (std::size_t i = 0; i < patients.relief.size(); ++i) covariate.values.push_back(draws.normal());
    patients.covariates = {covariate};
    const TargetMap before = target_map(patch, patients, settings);
    for (std::size_t i = 0; i < patients.relief.size(); ++i) patients.relief[i] += 40.0 * covariate.values[i];
    const TargetMap after = target_map(patch, patients, settings);
    for (std::size_t i = 0; i < patch.mni.size(); ++i) {
        if (!std::isnan(before.by_relief.t[i])) {
            EXPECT_NEAR(before.by_relief.t[i], after.by_relief.t[i], 1e-3);
        }
    }
}

// No relation: a corrected p below 0.05 anywhere in about 5 of 100 cohorts.
TEST(CohortMap, KeepsItsLevelWhereNothingIs) {
    const MapPlaces patch = synthetic_patch();
    MapSettings settings;
    settings.permutations = 199;
    settings.statistic = MapStatistic::threshold_free;
    int found = 0;
    for (int i = 0; i < 100; ++i) {
        settings.seed = static_cast<std::uint64_t>(i);
        Draws draws(31, settings.seed);
        MapPatients patients;
        for (int p = 0; p < 60; ++p) {
            const auto place = patch.mni[draws.below(patch.mni.size())];
            patients.target_mni.push_back(place);
            patients.relief.push_back(std::round(draws.normal(25.0, 27.0)));
            patients.responder.push_back(patients.relief.back() > 30.0 ? 1.0 : 0.0);
        }
        if (target_map(patch, patients, settings).by_relief.smallest_p <= 0.05) ++found;
    }
    EXPECT_LE(found, 13);  // 3.5 standard errors above 5
}

TEST(CohortMap, RefusesWhatSaysNothing) {
    const MapPlaces patch = synthetic_patch();
    MapSettings settings;
    settings.permutations = 19;
    MapPatients patients = synthetic_patients(false, 1, 30);
    EXPECT_THROW(target_map(patch, {}, settings), InputError);
    MapPatients one = patients;
    std::fill(one.responder.begin(), one.responder.end(), 1.0);
    EXPECT_THROW(target_map(patch, one, settings), InputError);
    MapPatients flat = patients;
    std::fill(flat.relief.begin(), flat.relief.end(), 20.0);
    EXPECT_THROW(target_map(patch, flat, settings), InputError);
    MapPatients unknown = patients;
    for (auto& target : unknown.target_mni) target.x() = kNan;
    EXPECT_THROW(target_map(patch, unknown, settings), InputError);
    MapPatients far = patients;
    for (auto& target : far.target_mni) target.z() += 500.0;
    EXPECT_THROW(coverage_map(patch, far, settings), InputError);
    MapPatients uneven = patients;
    uneven.relief.pop_back();
    EXPECT_THROW(target_map(patch, uneven, settings), InputError);
    settings.permutations = 1;
    EXPECT_THROW(target_map(patch, patients, settings), InputError);
    settings.permutations = 19;
    Progress stopped;
    std::stop_source stop;
    stop.request_stop();
    stopped.stop = stop.get_token();
    EXPECT_THROW(target_map(patch, patients, settings, stopped), Cancelled);
}

}  // namespace
}  // namespace precentral::cohort
