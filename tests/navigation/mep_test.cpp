// SPDX-License-Identifier: Apache-2.0
#include "navigation/mep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/error.h"
#include "navigation/emg_simulation.h"

namespace precentral {
namespace {

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

EmgScene quiet_scene(double noise_uv) {
    EmgScene scene;
    scene.noise_low_uv = scene.noise_high_uv = noise_uv;
    scene.contracted_share = 0.0;
    return scene;
}

EmgSweep good_sweep(double volt = 200e-6) { return EmgSimulator(3, quiet_scene(4.0)).sweep(volt, 7).sweep; }

// Goals of the measurement on synthetic EMG: at 5 µV RMS false positives ≤ 0.1 %, 60 µV found in ≥ 99 %, amplitude
// error median ≤ 3 µV, latency error median ≤ 0.5 ms.
TEST(Mep, FindsSmallPotentialsAndNothingInNoise) {
    constexpr int kSweeps = 1500;
    int false_positives = 0;
    int found = 0;
    std::vector<double> amplitude_error;
    std::vector<double> latency_error;
    for (int i = 0; i < kSweeps; ++i) {
        EmgSimulator emg(static_cast<std::uint64_t>(i), quiet_scene(5.0));
        false_positives += measure_mep(emg.sweep(0.0, 1).sweep).responded() ? 1 : 0;
        const MepMeasurement small = measure_mep(emg.sweep(60e-6, 2).sweep);
        found += small.responded() ? 1 : 0;
        amplitude_error.push_back(std::abs(small.amplitude_uv - 60.0));
        const SimulatedSweep larger = emg.sweep(60e-6 * std::pow(30.0, i / (kSweeps - 1.0)), 3);
        const MepMeasurement measured = measure_mep(larger.sweep);
        if (measured.latency_ms) {
            latency_error.push_back(std::abs(*measured.latency_ms - larger.onset_ms));
        }
    }
    EXPECT_LE(false_positives, kSweeps / 1000);
    EXPECT_GE(found, kSweeps * 982 / 1000);  // 99 % less three standard errors
    EXPECT_LE(median(amplitude_error), 3.0);
    EXPECT_GE(latency_error.size(), static_cast<std::size_t>(kSweeps) * 98 / 100);
    EXPECT_LE(median(latency_error), 0.5);
}

TEST(Mep, TheNoiseCriterionHoldsInLoudNoise) {
    int false_positives = 0;
    for (int i = 0; i < 1000; ++i) {
        const MepMeasurement m =
            measure_mep(EmgSimulator(static_cast<std::uint64_t>(i), quiet_scene(10.0)).sweep(0.0, 1).sweep);
        false_positives += m.responded() ? 1 : 0;
    }
    EXPECT_LE(false_positives, 10);
}

TEST(Mep, AmplitudeScalesWithThePotential) {
    for (const double volt : {100e-6, 500e-6, 2e-3, 8e-3}) {
        const MepMeasurement m = measure_mep(EmgSimulator(5, quiet_scene(2.0)).sweep(volt, 1).sweep);
        EXPECT_EQ(m.verdict, MepVerdict::accepted);
        EXPECT_NEAR(m.amplitude_uv, 1e6 * volt, 6.0 + 0.01e6 * volt);
        EXPECT_LT(m.highest_ms, m.lowest_ms);  // the simulated potential starts upward
    }
}

TEST(Mep, MainsHumIsTakenOffNotTakenForActivity) {
    for (const double mains_hz : {50.0, 49.8, 60.0}) {
        for (const double start_ms : {-50.0, -120.0}) {
            EmgScene scene = quiet_scene(4.0);
            scene.mains_hz = mains_hz;
            scene.mains_highest_uv = 60.0;
            scene.start_ms = start_ms;
            int answered = 0;
            int wrong = 0;
            for (int i = 0; i < 100; ++i) {
                EmgSimulator emg(static_cast<std::uint64_t>(i), scene);
                answered += measure_mep(emg.sweep(150e-6, 1).sweep).responded() ? 1 : 0;
                wrong += measure_mep(emg.sweep(0.0, 1).sweep).verdict != MepVerdict::weak ? 1 : 0;
            }
            EXPECT_GE(answered, 99) << mains_hz << " Hz from " << start_ms << " ms";
            EXPECT_LE(wrong, 1) << mains_hz << " Hz from " << start_ms << " ms";
        }
    }
}

TEST(Mep, ASlowArtefactTailIsTakenOff) {
    EmgScene scene = quiet_scene(4.0);
    scene.artefact_tau_ms = 3.0;  // 10 mV at the pulse leaves 67 µV at 15 ms
    int wrong = 0;
    std::vector<double> error;
    for (int i = 0; i < 300; ++i) {
        EmgSimulator emg(static_cast<std::uint64_t>(i), scene);
        wrong += measure_mep(emg.sweep(0.0, 1).sweep).responded() ? 1 : 0;
        error.push_back(std::abs(measure_mep(emg.sweep(200e-6, 1).sweep).amplitude_uv - 200.0));
    }
    EXPECT_LE(wrong, 3);
    EXPECT_LE(median(error), 6.0);
}

TEST(Mep, AMuscleNotAtRestIsRejectedAndARestingOneIsNot) {
    EmgScene active = quiet_scene(4.0);
    active.contracted_share = 1.0;
    int caught = 0;
    int wrongly = 0;
    for (int i = 0; i < 500; ++i) {
        const MepMeasurement m =
            measure_mep(EmgSimulator(static_cast<std::uint64_t>(i), active).sweep(300e-6, 1).sweep);
        caught += m.verdict == MepVerdict::rejected && verdict_text(m).find("not at rest") != std::string::npos ? 1 : 0;
        wrongly +=
            measure_mep(EmgSimulator(static_cast<std::uint64_t>(i), quiet_scene(4.0)).sweep(300e-6, 1).sweep).verdict ==
                    MepVerdict::rejected
                ? 1
                : 0;
    }
    EXPECT_EQ(caught, 500);
    EXPECT_LE(wrongly, 5);
}

TEST(Mep, AShortBurstBeforeThePulseIsCaught) {
    EmgSweep sweep = good_sweep();
    for (std::size_t i = 0; i < sweep.microvolts.size(); ++i) {
        const double t = sweep.start_ms + 1000.0 * static_cast<double>(i) / sweep.sample_rate_hz;
        if (t > -45.0 && t < -25.0) {
            sweep.microvolts[i] += static_cast<float>(60.0 * std::sin(2.0 * 3.14159265 * 0.11 * t));
        }
    }
    EXPECT_EQ(measure_mep(sweep).verdict, MepVerdict::rejected);
}

TEST(Mep, HostileSweepsAreRejectedWithAReason) {
    const auto expect_rejected = [](const EmgSweep& sweep, const std::string& word) {
        const MepMeasurement m = measure_mep(sweep);
        EXPECT_EQ(m.verdict, MepVerdict::rejected) << word;
        EXPECT_FALSE(m.responded());
        EXPECT_FALSE(m.latency_ms.has_value());
        EXPECT_NE(verdict_text(m).find(word), std::string::npos) << verdict_text(m);
        EXPECT_TRUE(std::isfinite(m.amplitude_uv));
    };
    expect_rejected({}, "sample rate");
    EmgSweep sweep = good_sweep();
    sweep.microvolts[400] = std::numeric_limits<float>::quiet_NaN();
    expect_rejected(sweep, "not numbers");
    sweep = good_sweep();
    sweep.microvolts[400] = std::numeric_limits<float>::infinity();
    expect_rejected(sweep, "not numbers");
    sweep = good_sweep();
    sweep.microvolts.resize(sweep.microvolts.size() / 2 + 50);
    expect_rejected(sweep, "too early");
    sweep = good_sweep();
    sweep.microvolts.clear();
    expect_rejected(sweep, "ends");
    sweep = good_sweep();
    sweep.start_ms = -5.0;
    expect_rejected(sweep, "before the pulse");
    sweep = good_sweep();
    std::fill(sweep.microvolts.begin(), sweep.microvolts.end(), 12.0F);
    expect_rejected(sweep, "flat");
    sweep = good_sweep(3e-3);
    for (float& uv : sweep.microvolts) {
        uv = std::clamp(uv, -800.0F, 800.0F);
    }
    expect_rejected(sweep, "saturated");
    sweep = good_sweep();
    sweep.sample_rate_hz = 200.0;
    expect_rejected(sweep, "too few");
    sweep = good_sweep();
    sweep.sample_rate_hz = std::numeric_limits<double>::quiet_NaN();
    expect_rejected(sweep, "sample rate");
}

TEST(Mep, SenselessRulesAreRefused) {
    MepRules rules;
    rules.window_end_ms = 10.0;
    EXPECT_THROW(measure_mep(good_sweep(), rules), InputError);
    rules = {};
    rules.window_start_ms = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(measure_mep(good_sweep(), rules), InputError);
}

TEST(EmgSimulation, IsTheSameForTheSameSeed) {
    EXPECT_EQ(EmgSimulator(9).sweep(1e-4, 1).sweep.microvolts, EmgSimulator(9).sweep(1e-4, 1).sweep.microvolts);
    EXPECT_NE(EmgSimulator(9).sweep(1e-4, 1).sweep.microvolts, EmgSimulator(10).sweep(1e-4, 1).sweep.microvolts);
    EmgScene scene;
    scene.sample_rate_hz = 0.0;
    EXPECT_THROW(EmgSimulator(1, scene), InputError);
}

TEST(EmgSimulation, NoiseHasTheRmsAskedFor) {
    EmgScene scene = quiet_scene(5.0);
    scene.mains_highest_uv = 0.0;
    double sum = 0.0;
    for (int i = 0; i < 200; ++i) {
        const double uv =
            measure_mep(EmgSimulator(static_cast<std::uint64_t>(i), scene).sweep(0.0, 1).sweep).rest_rms_uv;
        sum += uv * uv / 200.0;
    }
    EXPECT_NEAR(std::sqrt(sum), 5.0, 0.15);
}

}  // namespace
}  // namespace precentral
