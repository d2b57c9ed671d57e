// SPDX-License-Identifier: Apache-2.0
// 5000 permutations of a map of 20 000 places for 200 patients: at most 60 s on two cores.
#include <benchmark/benchmark.h>

#include <cmath>

#include "data/cohort/draws.h"
#include "data/cohort/target_map.h"

namespace precentral::cohort {
namespace {

// A gently folded sheet of 100 x 200 vertices, 1 mm apart, covered all over.
MapPlaces sheet() {
    std::vector<Eigen::Vector3d> vertices;
    std::vector<std::array<int, 3>> triangles;
    for (int i = 0; i < 100; ++i) {
        for (int j = 0; j < 200; ++j) {
            const int here = static_cast<int>(vertices.size());
            vertices.emplace_back(-90.0 + 0.7 * i, -100.0 + 0.7 * j, 3.0 * std::sin(0.2 * i) * std::sin(0.2 * j));
            if (i == 99 || j == 199) continue;
            triangles.push_back({here, here + 1, here + 200});
            triangles.push_back({here + 1, here + 201, here + 200});
        }
    }
    return surface_places(std::move(vertices), triangles);
}

void map_of_20000(benchmark::State& state) {
    const MapPlaces places = sheet();
    MapPatients patients;
    Draws draws(1);
    for (int i = 0; i < 200; ++i) {
        patients.target_mni.push_back(places.mni[draws.below(places.mni.size())]);
        patients.relief.push_back(std::round(draws.normal(25.0, 27.0)));
        patients.responder.push_back(patients.relief.back() > 30.0 ? 1.0 : 0.0);
    }
    MapSettings settings;
    settings.fewest = 2;
    settings.near_mm = 30.0;
    settings.statistic = state.range(0) == 0 ? MapStatistic::largest_t : MapStatistic::threshold_free;
    for (auto _ : state) {
        const TargetMap map = target_map(places, patients, settings);
        state.counters["covered"] = map.coverage.covered;
        state.counters["smallest_p"] = map.by_relief.smallest_p;
    }
    // Both maps, of responders and of relief, are permuted.
    state.SetLabel(state.range(0) == 0 ? "largest t, two maps" : "threshold-free clusters, two maps");
}
BENCHMARK(map_of_20000)->Arg(0)->Arg(1)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

}  // namespace
}  // namespace precentral::cohort
