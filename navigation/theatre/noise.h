// SPDX-License-Identifier: Apache-2.0
// Random vectors, and motion that is smooth in time.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "navigation/seeded_random.h"

namespace precentral {

class Noise : public SeededRandom {
public:
    explicit Noise(std::uint64_t seed) : SeededRandom(seed) {}
    double uniform() { return draw_uniform(*this); }
    double normal() { return draw_normal(*this); }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    Eigen::Vector3d normal3(double sd) {
        const double x = normal();
        const double y = normal();
        const double z = normal();
        return sd * Eigen::Vector3d(x, y, z);
    }
    Eigen::Vector3d direction() { return normal3(1.0).normalized(); }
};

// A sum of sines with random phases in three axes: what a head or a hand does when it tries to be still.
class Sway {
public:
    // rms: of each axis; frequencies in Hz, equal shares of the power.
    Sway(double rms, const std::vector<double>& frequencies_hz, Noise& noise) {
        const double amplitude = rms * std::sqrt(2.0 / static_cast<double>(frequencies_hz.size()));
        for (const double f : frequencies_hz) {
            waves_.push_back({2.0 * std::numbers::pi * f * noise.uniform(0.9, 1.1),
                              amplitude,
                              {noise.uniform(0.0, 6.28), noise.uniform(0.0, 6.28), noise.uniform(0.0, 6.28)}});
        }
    }
    Eigen::Vector3d at(double t_s) const {
        Eigen::Vector3d sum = Eigen::Vector3d::Zero();
        for (const Wave& wave : waves_) {
            for (int axis = 0; axis < 3; ++axis)
                sum[axis] += wave.amplitude * std::sin(wave.rate * t_s + wave.phase[axis]);
        }
        return sum;
    }

private:
    struct Wave {
        double rate;
        double amplitude;
        Eigen::Vector3d phase;
    };
    std::vector<Wave> waves_;
};

}  // namespace precentral
