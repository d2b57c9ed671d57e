// SPDX-License-Identifier: Apache-2.0
// What one response says about how strongly a muscle was driven: the law of amplitudes of an average hand muscle.
//
// Drive is log(I · r / T): intensity times relative dose over the threshold; 0 at threshold. Amplitudes follow the
// average recruitment curve of Goetz et al. 2019 (doi 10.1109/TNSRE.2019.2926543) with noise on the drive and on the
// amplitude; all below 50 µV are one answer.
#pragma once

#include <vector>

namespace precentral {

inline constexpr double kMepResponseUv = 50.0;

struct DriveGrid {
    double lowest = -1.6;
    double step = 0.005;
    int count = 512;
};

// Likelihood of the answer (per decade of amplitude when responded) at each drive of the grid. A small share of answers
// is allowed to have nothing to do with the drive.
std::vector<double> likelihood_by_drive(const DriveGrid& grid, bool responded, double mep_uv);

// Mean and variance of log10(amplitude in µV, at least 50) to be expected at each drive.
struct DriveResponse {
    double mean = 0.0;
    double variance = 0.0;
};
std::vector<DriveResponse> responses_by_drive(const DriveGrid& grid);

}  // namespace precentral
