// SPDX-License-Identifier: Apache-2.0
// How well an affine map lays one image over another of any contrast, and the map that lays it best.
#pragma once

#include <vector>

#include "data/progress.h"
#include "imaging/work_grid.h"

namespace precentral {

// One place of the fixed image with its brightness.
struct FixedSample {
    Eigen::Vector3d place = Eigen::Vector3d::Zero();  // mm
    float value = 0.0F;
};

// One sample in each cell of `step_mm` that the mask touches, at a place in the cell that looks random but is always
// the same. `mask` has the grid's voxels. Values are interpolated.
std::vector<FixedSample> spread_samples(const Field& field, const WorkGrid& grid, const Mask& mask, double step_mm);

// Mattes' mutual information of the fixed samples and the moving image (Mattes et al. 2003,
// doi 10.1109/TMI.2003.809072): 32 bins, cubic B-spline window on the moving side. Samples that map outside the moving
// image are left out. Sums are taken in a fixed order, so that the same input gives the same value on any number of
// cores.
class MutualInformation {
public:
    MutualInformation(std::vector<FixedSample> fixed, Field moving, const WorkGrid& moving_grid);

    // Nats; `gradient`, when asked for, is by the entries of moving_from_fixed (3 × 4, of the matrix in front of
    // (place - middle, 1)). -1 when fewer than a fifth of the samples are inside.
    double value(const Eigen::Matrix<double, 3, 4>& moving_from_centred, Eigen::Matrix<double, 3, 4>* gradient) const;

    const Eigen::Vector3d& middle() const { return middle_; }  // of the fixed samples

private:
    std::vector<FixedSample> fixed_;  // places relative to the middle
    std::vector<unsigned char> fixed_bin_;
    Eigen::Vector3d middle_ = Eigen::Vector3d::Zero();
    Field moving_;  // already in units of bins
    WorkGrid moving_grid_;
};

enum class Freedom { rigid, similarity, affine };  // 6, 7 or 12 numbers

// The map near `start` that maximises the information (BFGS with backtracking). Throws Cancelled.
struct Match {
    Eigen::Affine3d moving_from_fixed = Eigen::Affine3d::Identity();
    double information = -1.0;
    int evaluations = 0;
};
Match best_match(const MutualInformation& information, const Eigen::Affine3d& start, Freedom freedom, int most_steps,
                 const Progress& progress = {});

}  // namespace precentral
