// SPDX-License-Identifier: Apache-2.0
// From a whole-head T1 of 1 mm to the head that is navigated on, stage by stage. The patient is made from the template
// (another shape, contrast, shading, noise) so that nothing fits by itself. Asked for on two cores: scalp 3 s, brain
// and affine 20 s, all 75 s, 3 GB. Beside it, on one machine: InVesalius' scalp 25 to 30 s; elastix 5.0 (affine 3 ×
// 250, then B-spline 10 mm 4 × 500) 32 s of CPU for the map to the template alone.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "../imaging/synthetic_patient.h"
#include "imaging/head_model.h"

namespace precentral {
namespace {

struct Stages {
    Template to = load_template(kTemplateDir);
    SyntheticPatient patient = synthetic_patient(to, 1);
    Scalp scalp = extract_scalp(patient.t1, "patient");
    TemplateMatch match = match_template(patient.t1, scalp, to, "patient");
    BrainMask rough = find_brain(patient.t1, match, nullptr, to, "patient");
    Normalisation by = normalise(patient.t1, match, rough, to);
    BrainMask brain = find_brain(patient.t1, match, &by.bend, to, "patient");
};

const Stages& stages() {
    static const Stages made;
    return made;
}

void say_memory(benchmark::State& state) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    state.counters["peak_MB"] = static_cast<double>(usage.ru_maxrss) / 1024.0;
}

void scalp(benchmark::State& state) {
    const Stages& s = stages();
    for (auto _ : state) benchmark::DoNotOptimize(extract_scalp(s.patient.t1, "patient"));
    state.counters["triangles"] = static_cast<double>(s.scalp.surface.triangles.size());
}
void affine(benchmark::State& state) {
    const Stages& s = stages();
    for (auto _ : state) benchmark::DoNotOptimize(match_template(s.patient.t1, s.scalp, s.to, "patient"));
}
void brain(benchmark::State& state) {
    const Stages& s = stages();
    for (auto _ : state) benchmark::DoNotOptimize(find_brain(s.patient.t1, s.match, nullptr, s.to, "patient"));
}
void warp(benchmark::State& state) {
    const Stages& s = stages();
    for (auto _ : state) benchmark::DoNotOptimize(normalise(s.patient.t1, s.match, s.rough, s.to));
    say_memory(state);
}
void cortex(benchmark::State& state) {
    const Stages& s = stages();
    for (auto _ : state) benchmark::DoNotOptimize(brain_surfaces(s.brain, "patient"));
}

// The median of three runs of each, and the CPU of all threads.
void thrice(benchmark::internal::Benchmark* stage) {
    stage->Unit(benchmark::kSecond)->Iterations(1)->Repetitions(3)->ReportAggregatesOnly();
    stage->MeasureProcessCPUTime()->UseRealTime();
}
BENCHMARK(scalp)->Apply(thrice);
BENCHMARK(affine)->Apply(thrice);
BENCHMARK(brain)->Apply(thrice);
BENCHMARK(warp)->Apply(thrice);
BENCHMARK(cortex)->Apply(thrice);

}  // namespace
}  // namespace precentral
