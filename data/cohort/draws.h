// SPDX-License-Identifier: Apache-2.0
// Random draws that are the same everywhere for the same seed and stream.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <span>
#include <utility>

namespace precentral::cohort {

// The standard's own distributions differ from library to library; these do not. Every stream of a seed is a sequence
// of its own, so that work can be shared out in any order. One thread an object.
class Draws {
public:
    explicit Draws(std::uint64_t seed, std::uint64_t stream = 0) : engine_(mixed(seed ^ mixed(stream + 1))) {}

    // In [0, 1).
    double uniform() { return static_cast<double>(engine_() >> 11U) * 0x1.0p-53; }
    double between(double low, double high) { return low + (high - low) * uniform(); }
    bool chance(double p) { return uniform() < p; }
    // 0 … count - 1, each as likely; count > 0.
    std::uint64_t below(std::uint64_t count) {
        const std::uint64_t most = std::mt19937_64::max() - std::mt19937_64::max() % count;
        std::uint64_t x = engine_();
        while (x >= most) x = engine_();
        return x % count;
    }
    // Box & Muller, Ann Math Stat 1958;29:610, doi:10.1214/aoms/1177706645.
    double normal(double mean = 0.0, double sd = 1.0) {
        const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
        return mean + sd * radius * std::cos(2.0 * std::numbers::pi * uniform());
    }
    double exponential(double mean) { return -mean * std::log(1.0 - uniform()); }
    // Every order as likely (Fisher and Yates).
    template <class T>
    void shuffle(std::span<T> values) {
        for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
    }

private:
    // The finaliser of splitmix64: neighbouring seeds give unrelated sequences. Steele et al., OOPSLA 2014,
    // doi:10.1145/2660193.2660195.
    static std::uint64_t mixed(std::uint64_t x) {
        x += 0x9e3779b97f4a7c15ULL;
        x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
        return x ^ (x >> 31U);
    }
    std::mt19937_64 engine_;
};

}  // namespace precentral::cohort
