// SPDX-License-Identifier: Apache-2.0
#include "navigation/normal_law.h"

#include <cmath>
#include <limits>

namespace precentral {
namespace {

constexpr double kRootHalf = 0.70710678118654752440;
constexpr double kLogRootTwoPi = 0.91893853320467274178;

}  // namespace

double normal_cdf(double z) { return 0.5 * std::erfc(-z * kRootHalf); }

double log_normal_cdf(double z) {
    if (z > -30.0) {
        return std::log(normal_cdf(z));
    }
    // Asymptotic series of Mills' ratio: its relative error at -30 is below 1e-9.
    const double inverse_square = 1.0 / (z * z);
    const double series = -inverse_square * (1.0 - inverse_square * (3.0 - 15.0 * inverse_square));
    return -0.5 * z * z - kLogRootTwoPi - std::log(-z) + std::log1p(series);
}

double normal_quantile(double p) {
    if (!(p > 0.0)) {
        return -std::numeric_limits<double>::infinity();
    }
    if (!(p < 1.0)) {
        return std::numeric_limits<double>::infinity();
    }
    if (p > 0.5) {
        return -normal_quantile(1.0 - p);
    }
    // Newton steps on log Φ, which is concave, from a start on the side where they converge without overshoot.
    const double log_p = std::log(p);
    double z = p < 1e-3 ? -std::sqrt(-2.0 * log_p) : 0.0;
    for (int step = 0; step < 60; ++step) {
        const double log_cdf = log_normal_cdf(z);
        const double slope = std::exp(-0.5 * z * z - kLogRootTwoPi - log_cdf);
        const double change = (log_cdf - log_p) / slope;
        z -= change;
        if (std::abs(change) < 1e-14 * (1.0 + std::abs(z))) {
            break;
        }
    }
    return z;
}

}  // namespace precentral
