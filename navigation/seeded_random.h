// SPDX-License-Identifier: Apache-2.0
// Random numbers that come out the same for a seed with every standard library: the generator's sequence is fixed by
// the C++ standard, the laws here are explicit formulas (those of std::normal_distribution are not fixed).
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace precentral {

using SeededRandom = std::mt19937_64;

// A stream of its own for the index-th subject of a study: the first subjects of a larger study are those of a smaller.
inline SeededRandom random_stream(std::uint64_t seed, std::uint64_t index) {
    std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U),
                        static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32U)};
    return SeededRandom(words);
}

// Uniform on the open interval (0, 1).
inline double draw_uniform(SeededRandom& random) { return (static_cast<double>(random() >> 11U) + 0.5) * 0x1.0p-53; }

inline double draw_uniform(SeededRandom& random, double low, double high) {
    return low + (high - low) * draw_uniform(random);
}

// Standard normal (Box and Muller 1958, doi 10.1214/aoms/1177706645). Two uniforms a draw, nothing is kept back, so
// two streams with the same generator state always agree.
inline double draw_normal(SeededRandom& random) {
    const double radius = std::sqrt(-2.0 * std::log(draw_uniform(random)));
    return radius * std::cos(2.0 * 3.14159265358979323846 * draw_uniform(random));
}

inline double draw_normal(SeededRandom& random, double mean, double sd) { return mean + sd * draw_normal(random); }

}  // namespace precentral
