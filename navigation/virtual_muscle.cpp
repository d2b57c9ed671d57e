// SPDX-License-Identifier: Apache-2.0
#include "navigation/virtual_muscle.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "data/error.h"
#include "navigation/normal_law.h"

namespace precentral {
namespace {

constexpr double kResponseVolt = 50e-6;
constexpr double kUnitVolt = 1e-7;  // amplitude of the curve at p2 = 0
constexpr double kSmallestVolt = 1e-8;
constexpr double kLowest = 0.05;  // where a threshold is looked for, fractions of MSO
constexpr double kHighest = 1.5;

// Exponent of the recruitment curve: decades above kUnitVolt at `excess` % MSO above p5.
double recruitment_decades(const MuscleParameters& muscle, double excess) {
    if (!(excess > 0.0)) {
        return 0.0;
    }
    return muscle.p2 / (1.0 + muscle.p3 / std::pow(excess, muscle.p4));
}

double floor_volt(const MuscleParameters& muscle, double uniform) {
    const double k = muscle.floor_shape;
    const double minus_log = -std::log(uniform);
    const double location = std::pow(10.0, muscle.p1);
    if (std::abs(k) < 1e-9) {
        return location - muscle.floor_scale_volt * std::log(minus_log);
    }
    return location + muscle.floor_scale_volt * (std::pow(minus_log, -k) - 1.0) / k;
}

bool usable(const MuscleParameters& m) {
    for (const double value : {m.p1, m.p2, m.p3, m.p4, m.p5, m.sigma_y, m.sigma_x, m.floor_scale_volt, m.floor_shape}) {
        if (!std::isfinite(value)) {
            return false;
        }
    }
    return m.p3 > 0.0 && m.p4 > 0.0 && m.sigma_y > 0.0 && m.sigma_x > 0.0 && m.floor_scale_volt >= 0.0;
}

template <std::size_t N>
std::array<double, N> mid_quantiles_of_normal() {
    std::array<double, N> nodes{};
    for (std::size_t i = 0; i < N; ++i) {
        nodes[i] = normal_quantile((static_cast<double>(i) + 0.5) / static_cast<double>(N));
    }
    return nodes;
}

MuscleParameters draw_parameters(SeededRandom& random, NoiseReading reading) {
    // Population of Goetz 2019: means and covariance of (p1, p2, log10 p3, log10 p4, log10 p5).
    static const Eigen::Matrix3d shape_factor = [] {
        Eigen::Matrix3d c;
        c << 7.202738820058, 0.569742608764, -0.197461987887,  //
            0.569742608764, 0.047425817251, -0.015113039713,   //
            -0.197461987887, -0.015113039713, 0.007107112788;
        return Eigen::Matrix3d(c.llt().matrixL());
    }();
    MuscleParameters muscle;
    muscle.p1 = draw_normal(random, -5.081764824125, std::sqrt(0.003570541967));
    muscle.p2 = draw_normal(random, 4.532264929, std::sqrt(0.126168431583));
    Eigen::Vector3d normals;
    for (double& n : normals) {
        n = draw_normal(random);
    }
    const Eigen::Vector3d logs = Eigen::Vector3d(3.646550162125, 0.4263900355, 1.66648713475) + shape_factor * normals;
    muscle.p3 = std::pow(10.0, logs[0]);
    muscle.p4 = std::pow(10.0, logs[1]);
    muscle.p5 = std::pow(10.0, logs[2]);
    const auto width = [&](double value) { return reading == NoiseReading::variance ? std::sqrt(value) : value; };
    muscle.sigma_y = std::pow(10.0, draw_normal(random, -0.96453346025, width(0.022758778017)));
    muscle.sigma_x = std::pow(10.0, draw_normal(random, 0.688273244, width(0.023671071119)));
    muscle.floor_scale_volt = 1.55e-6 * std::pow(1.5, draw_normal(random));
    muscle.floor_shape = 0.14 * std::exp2(draw_normal(random));
    return muscle;
}

double one_response(const MuscleParameters& muscle, double fraction, SeededRandom& random) {
    const double floor = floor_volt(muscle, draw_uniform(random));
    const double e_y = draw_normal(random, 0.0, muscle.sigma_y);
    const double e_x = draw_normal(random, 0.0, muscle.sigma_x);
    const double decades = e_y + recruitment_decades(muscle, 100.0 * fraction - muscle.p5 + e_x);
    return std::max(kSmallestVolt, floor + kUnitVolt * std::pow(10.0, decades));
}

bool accepted(const MuscleParameters& muscle, SeededRandom& random) {
    constexpr int kTrials = 300;
    bool small = false;
    bool large = false;
    for (int i = 0; i < kTrials; ++i) {
        const double volt = one_response(muscle, 0.2 + i * (1.0 / (kTrials - 1)), random);
        if (volt < 1e-7 || volt > 30e-3) {
            return false;
        }
        small = small || volt < 30e-6;
        large = large || volt > 1e-3;
    }
    return small && large;
}

double probability_of_response(const MuscleParameters& muscle, double fraction) {
    static const std::array<double, 48> normal_nodes = mid_quantiles_of_normal<48>();
    constexpr int kFloorNodes = 12;
    std::array<double, kFloorNodes> needed{};  // decades the evoked part must reach, for each level of the floor
    for (int j = 0; j < kFloorNodes; ++j) {
        const double missing = kResponseVolt - floor_volt(muscle, (j + 0.5) / kFloorNodes);
        needed[static_cast<std::size_t>(j)] = missing > 0.0 ? std::log10(missing / kUnitVolt) : -1e9;
    }
    double sum = 0.0;
    for (const double node : normal_nodes) {
        const double decades = recruitment_decades(muscle, 100.0 * fraction - muscle.p5 + muscle.sigma_x * node);
        for (const double level : needed) {
            sum += normal_cdf((decades - level) / muscle.sigma_y);
        }
    }
    return sum / (static_cast<double>(normal_nodes.size()) * kFloorNodes);
}

std::optional<double> intensity_for(const MuscleParameters& muscle, double probability) {
    double low = kLowest;
    double high = kHighest;
    if (probability_of_response(muscle, low) > probability || probability_of_response(muscle, high) < probability) {
        return std::nullopt;
    }
    while (high - low > 1e-6) {
        const double middle = 0.5 * (low + high);
        (probability_of_response(muscle, middle) < probability ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

}  // namespace

VirtualMuscle::VirtualMuscle(const MuscleParameters& parameters) : parameters_(parameters) {
    if (!usable(parameters)) {
        throw InputError("The virtual muscle's parameters must be finite, its widths and p3, p4 positive.");
    }
    const std::optional<double> half = intensity_for(parameters, 0.5);
    const std::optional<double> low = intensity_for(parameters, 0.15865525393145707);
    const std::optional<double> high = intensity_for(parameters, 0.84134474606854293);
    if (!half || !low || !high) {
        throw InputError("This virtual muscle has no motor threshold between 5 and 150 % of stimulator output.");
    }
    threshold_ = *half;
    spread_ = 0.5 * (*high - *low);
}

VirtualMuscle VirtualMuscle::draw(SeededRandom& random, NoiseReading reading) {
    for (;;) {
        const MuscleParameters parameters = draw_parameters(random, reading);
        if (!usable(parameters) || !accepted(parameters, random) || probability_of_response(parameters, 0.3) >= 0.5 ||
            probability_of_response(parameters, 1.0) <= 0.5 || probability_of_response(parameters, kLowest) > 0.15 ||
            probability_of_response(parameters, kHighest) < 0.85) {
            continue;
        }
        return VirtualMuscle(parameters);
    }
}

double VirtualMuscle::mep_volt(double effective_mso_fraction, SeededRandom& random) const {
    return one_response(parameters_, effective_mso_fraction, random);
}

double VirtualMuscle::response_probability(double effective_mso_fraction) const {
    return probability_of_response(parameters_, effective_mso_fraction);
}

}  // namespace precentral
