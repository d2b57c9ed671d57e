// SPDX-License-Identifier: Apache-2.0
#include "navigation/virtual_muscle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "data/error.h"
#include "navigation/dose_share.h"
#include "navigation/normal_law.h"

namespace precentral {
namespace {

TEST(NormalLaw, KnownValues) {
    EXPECT_NEAR(normal_cdf(1.959963984540054), 0.975, 1e-14);
    EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-12);
    EXPECT_NEAR(normal_quantile(1e-12), -7.034483825301131, 1e-9);
    EXPECT_NEAR(log_normal_cdf(-10.0), -53.23128515051247, 1e-10);
    EXPECT_NEAR(log_normal_cdf(-40.0), -804.6084420137538, 1e-6);
    EXPECT_NEAR(log_normal_cdf(-30.0 + 1e-9), log_normal_cdf(-30.0 - 1e-9), 1e-6);
    for (double p = 0.001; p < 1.0; p += 0.013) {
        EXPECT_NEAR(normal_cdf(normal_quantile(p)), p, 1e-13);
    }
}

// Mean 0.667, SD 0.0945 of the published population of 25,000 virtual subjects, and its typical spread s/T.
TEST(VirtualMuscle, PopulationHasThePublishedThresholds) {
    SeededRandom random(11);
    std::vector<double> thresholds;
    std::vector<double> spreads;
    for (int i = 0; i < 1000; ++i) {
        const VirtualMuscle muscle = VirtualMuscle::draw(random);
        thresholds.push_back(muscle.threshold());
        spreads.push_back(muscle.spread() / muscle.threshold());
        EXPECT_GT(muscle.threshold(), 0.3);
        EXPECT_LT(muscle.threshold(), 1.0);
    }
    double mean = 0.0;
    double square = 0.0;
    for (const double t : thresholds) {
        mean += t / 1000.0;
        square += t * t / 1000.0;
    }
    std::sort(spreads.begin(), spreads.end());
    EXPECT_NEAR(mean, 0.667, 0.010);
    EXPECT_NEAR(std::sqrt(square - mean * mean), 0.0945, 0.008);
    EXPECT_NEAR(spreads[500], 0.0745, 0.004);
}

TEST(VirtualMuscle, ThresholdIsWhereHalfOfThePulsesRespond) {
    SeededRandom random(5);
    for (const NoiseReading reading : {NoiseReading::standard_deviation, NoiseReading::variance}) {
        const VirtualMuscle muscle = VirtualMuscle::draw(random, reading);
        const auto share = [&](double x) {
            int count = 0;
            for (int i = 0; i < 20000; ++i) {
                count += muscle.mep_volt(x, random) >= 50e-6 ? 1 : 0;
            }
            return count / 20000.0;
        };
        EXPECT_NEAR(share(muscle.threshold()), 0.5, 0.016);
        const double above = muscle.threshold() + muscle.spread();
        EXPECT_NEAR(share(above), muscle.response_probability(above), 0.016);
        EXPECT_LT(share(0.5 * muscle.threshold()), 0.01);
    }
}

TEST(VirtualMuscle, ResponsesGrowWithIntensityAndStayFinite) {
    SeededRandom random(6);
    const VirtualMuscle muscle = VirtualMuscle::draw(random);
    double last = -1.0;
    for (double x = 0.05; x < 1.5; x += 0.05) {
        const double p = muscle.response_probability(x);
        EXPECT_GE(p, last - 1e-9);
        last = p;
        EXPECT_TRUE(std::isfinite(muscle.mep_volt(x, random)));
    }
    EXPECT_GT(muscle.mep_volt(0.0, random), 0.0);
}

TEST(VirtualMuscle, SenselessParametersAreRefused) {
    MuscleParameters p;
    p.p5 = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(VirtualMuscle{p}, InputError);
    p = {};
    p.p5 = 500.0;  // never responds
    EXPECT_THROW(VirtualMuscle{p}, InputError);
    p = {};
    p.sigma_x = 0.0;
    EXPECT_THROW(VirtualMuscle{p}, InputError);
}

TEST(SeededRandom, FirstNumbersAreFixed) {
    SeededRandom random(1);
    // mt19937_64 seeded with 1 starts with 2469588189546311528 (the sequence is fixed by the C++ standard).
    EXPECT_DOUBLE_EQ(draw_uniform(random), (static_cast<double>(2469588189546311528ULL >> 11U) + 0.5) * 0x1.0p-53);
    SeededRandom a = random_stream(1, 2);
    SeededRandom b = random_stream(1, 3);
    EXPECT_NE(a(), b());
    double sum = 0.0;
    double square = 0.0;
    for (int i = 0; i < 100000; ++i) {
        const double n = draw_normal(random);
        sum += n;
        square += n * n;
    }
    EXPECT_NEAR(sum / 1e5, 0.0, 0.013);
    EXPECT_NEAR(square / 1e5, 1.0, 0.018);
}

Transform<Scan, Coil> flat_coil(double x_mm, double y_mm, double lift_mm, double turn_deg) {
    const double a = turn_deg * 3.14159265358979323846 / 180.0;
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.linear().col(1) = Eigen::Vector3d(std::sin(a), std::cos(a), 0.0);
    pose.linear().col(2) = -Eigen::Vector3d::UnitZ();
    pose.linear().col(0) = Eigen::Vector3d(pose.linear().col(1)).cross(Eigen::Vector3d(pose.linear().col(2)));
    pose.translation() = Eigen::Vector3d(x_mm, y_mm, 15.0 + lift_mm);
    return Transform<Scan, Coil>(pose);
}

// The loss of the target's field over a sphere, 15 mm deep (70 mm figure-of-eight), in per cent.
TEST(DoseShare, FitsTheFieldOfACoilOverASphere) {
    const CorticalTarget target{{Eigen::Vector3d::Zero()}, {Eigen::Vector3d::UnitY()}, 15.0};
    const DoseModel model;
    const auto loss_pct = [&](const Transform<Scan, Coil>& pose) {
        return 100.0 * (1.0 - dose_share(model, pose, target));
    };
    struct Row {
        double amount, loss_pct;
    };
    for (const Row row : {Row{1.0, 4.2}, Row{2.0, 8.2}, Row{3.0, 12.1}, Row{5.0, 19.2}}) {
        EXPECT_NEAR(loss_pct(flat_coil(0, 0, row.amount, 0)), row.loss_pct, 0.3) << "lift " << row.amount;
    }
    for (const Row row : {Row{2.0, 0.3}, Row{3.0, 0.8}, Row{5.0, 2.1}, Row{10.0, 8.4}}) {
        EXPECT_NEAR(loss_pct(flat_coil(row.amount, 0, 0, 0)), row.loss_pct, 0.3) << "wings " << row.amount;
        EXPECT_NEAR(loss_pct(flat_coil(-row.amount, 0, 0, 0)), row.loss_pct, 0.3);
    }
    for (const Row row : {Row{2.0, 0.2}, Row{3.0, 0.4}, Row{5.0, 1.0}, Row{10.0, 4.0}}) {
        EXPECT_NEAR(loss_pct(flat_coil(0, row.amount, 0, 0)), row.loss_pct, 0.3) << "handle " << row.amount;
    }
    for (const Row row : {Row{5.0, 0.4}, Row{10.0, 1.5}, Row{20.0, 6.0}}) {
        EXPECT_NEAR(loss_pct(flat_coil(0, 0, 0, row.amount)), row.loss_pct, 0.3) << "turn " << row.amount;
        EXPECT_NEAR(loss_pct(flat_coil(0, 0, 0, -row.amount)), row.loss_pct, 0.3);
    }
}

TEST(DoseShare, StaysWithinZeroAndOne) {
    const CorticalTarget target{{Eigen::Vector3d::Zero()}, {Eigen::Vector3d::UnitY()}, 15.0};
    EXPECT_DOUBLE_EQ(dose_share({}, flat_coil(0, 0, 0, 0), target), 1.0);
    EXPECT_DOUBLE_EQ(dose_share({}, flat_coil(0, 0, 0, 180), target), 0.0);
    EXPECT_NEAR(dose_share({}, flat_coil(0, 0, 0, 90), target), 0.0, 1e-15);
    EXPECT_DOUBLE_EQ(dose_share({}, flat_coil(0, 0, -3, 0), target), 1.0);
    EXPECT_GT(relative_dose({}, flat_coil(0, 0, -3, 0), target), 1.1);
}

}  // namespace
}  // namespace precentral
