// SPDX-License-Identifier: Apache-2.0
#include "navigation/recruitment.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "navigation/normal_law.h"

namespace precentral {
namespace {

constexpr double kOutliers = 0.02;       // share of answers that have nothing to do with the pose
constexpr double kOutlierDecades = 2.5;  // over which their amplitudes spread
// Threshold of the average muscle: where its curve brings 42 µV, which with the 8 µV of its noise floor make 50.
constexpr double kAverageThresholdMso = 69.45;
constexpr double kNoiseX = 4.88 / kAverageThresholdMso;  // of the drive, as a share of the threshold
constexpr double kNoiseDecades = 0.20;  // 0.11 from pulse to pulse, the rest because muscles differ from the average
constexpr std::size_t kNodes = 25;

double recruitment_log10_uv(double share_of_threshold) {
    const double excess = kAverageThresholdMso * share_of_threshold - 46.5;
    const double decades = excess > 0.0 ? 4.551 / (1.0 + 4426.0 / std::pow(excess, 2.775)) : 0.0;
    return decades - 1.0;  // the curve counts from 0.1 µV
}

// log10 µV at that drive, at equally likely values of the noise on the drive.
std::array<double, kNodes> levels_at(double drive) {
    static const std::array<double, kNodes> nodes = [] {
        std::array<double, kNodes> out{};
        for (std::size_t i = 0; i < kNodes; ++i) {
            out[i] = normal_quantile((static_cast<double>(i) + 0.5) / static_cast<double>(kNodes));
        }
        return out;
    }();
    std::array<double, kNodes> out{};
    for (std::size_t i = 0; i < kNodes; ++i) {
        out[i] = recruitment_log10_uv(std::exp(drive) + kNoiseX * nodes[i]);
    }
    return out;
}

}  // namespace

std::vector<double> likelihood_by_drive(const DriveGrid& grid, bool responded, double mep_uv) {
    const double level = std::log10(std::max(kMepResponseUv, mep_uv));
    std::vector<double> out;
    for (int d = 0; d < grid.count; ++d) {
        double sum = 0.0;
        for (const double expected : levels_at(grid.lowest + d * grid.step)) {
            const double z = (level - expected) / kNoiseDecades;
            sum += (responded ? 0.39894228040143268 / kNoiseDecades * std::exp(-0.5 * z * z) : normal_cdf(z)) / kNodes;
        }
        out.push_back((1.0 - kOutliers) * sum + kOutliers * (responded ? 1.0 / kOutlierDecades : 1.0) * 0.5);
    }
    return out;
}

std::vector<DriveResponse> responses_by_drive(const DriveGrid& grid) {
    std::vector<DriveResponse> out;
    for (int d = 0; d < grid.count; ++d) {
        double mean = 0.0;
        double square = 0.0;
        for (const double expected : levels_at(grid.lowest + d * grid.step)) {
            const double level = std::max(std::log10(kMepResponseUv), expected);
            mean += level / kNodes;
            square += level * level / kNodes;
        }
        out.push_back({mean, std::max(0.0, square - mean * mean) + kNoiseDecades * kNoiseDecades});
    }
    return out;
}

}  // namespace precentral
