// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "imaging/mutual_information.h"
#include "imaging/voxel_ops.h"

namespace precentral {
namespace {

using Eigen::Affine3d;
using Eigen::Vector3d;

WorkGrid grid() { return {{48, 52, 44}, {{-70, -80, -60}}, 3.0}; }

// A lumpy image: a few smooth blobs, with rings for fine detail.
double brightness(const Vector3d& p) {
    double sum = 0.0;
    for (int n = 0; n < 7; ++n) {
        const Vector3d at(40 * std::sin(2.1 * n), 45 * std::cos(1.3 * n + 1), 35 * std::sin(0.7 * n + 2));
        sum += (60 + 25 * n) * std::exp(-(p - at).squaredNorm() / (2 * (12.0 + 2 * n) * (12.0 + 2 * n)));
    }
    return sum + 25.0 * std::sin(sum / 12.0);
}

Field image(const WorkGrid& on, const Affine3d& place_from_grid, double noise, std::mt19937& random) {
    std::normal_distribution<double> normal(0.0, 1.0);
    Field out(on.count());
    for (int k = 0; k < on.dims[2]; ++k) {
        for (int j = 0; j < on.dims[1]; ++j) {
            for (int i = 0; i < on.dims[0]; ++i) {
                out[on.index(i, j, k)] =
                    static_cast<float>(brightness(place_from_grid * on.place(i, j, k).xyz) + noise * normal(random));
            }
        }
    }
    return out;
}

// All but a rim of 5 voxels: a head, too, has air around it.
Mask inner() {
    Mask out(grid().count(), 0);
    for (int k = 5; k < grid().dims[2] - 5; ++k) {
        for (int j = 5; j < grid().dims[1] - 5; ++j) {
            for (int i = 5; i < grid().dims[0] - 5; ++i) out[grid().index(i, j, k)] = 1;
        }
    }
    return out;
}

TEST(MutualInformation, TheGradientIsTheSlope) {
    std::mt19937 random(1);
    std::normal_distribution<double> normal;
    const Field fixed = image(grid(), Affine3d::Identity(), 3.0, random);
    Field moving = image(grid(), Affine3d::Identity(), 3.0, random);
    smooth(moving, grid().dims, 1.0);
    const MutualInformation information(spread_samples(fixed, grid(), Mask(grid().count(), 1), 5.0), moving, grid());
    for (int n = 0; n < 10; ++n) {
        Eigen::Matrix<double, 3, 4> map = Eigen::Matrix<double, 3, 4>::Zero();
        map.leftCols<3>().setIdentity();
        map.col(3) = information.middle();
        for (Eigen::Index i = 0; i < 9; ++i) map(i % 3, i / 3) += 0.03 * normal(random);
        map.col(3) += 3.0 * Vector3d(normal(random), normal(random), normal(random));
        Eigen::Matrix<double, 3, 4> gradient;
        information.value(map, &gradient);
        for (Eigen::Index i = 0; i < 12; ++i) {
            // Few samples leave the image within such a small step; those that do bend the slope a little.
            const double step = (i < 9 ? 1e-6 : 1e-4);
            auto ahead = map;
            auto behind = map;
            ahead(i % 3, i / 3) += step;
            behind(i % 3, i / 3) -= step;
            const double slope = (information.value(ahead, nullptr) - information.value(behind, nullptr)) / (2 * step);
            EXPECT_NEAR(slope, gradient(i % 3, i / 3), 0.08 * std::abs(slope) + (i < 9 ? 0.05 : 2e-3));
        }
    }
}

TEST(MutualInformation, FindsTheMapThroughAnotherContrastTheSameWayEachTime) {
    std::mt19937 random(2);
    Affine3d truth = Affine3d::Identity();
    truth.linear() = Eigen::AngleAxisd(0.15, Vector3d(1, 0.5, -0.3).normalized()).toRotationMatrix() *
                     Vector3d(1.05, 0.96, 1.08).asDiagonal();
    truth.linear()(0, 1) += 0.03;
    truth.translation() = Vector3d(6, -9, 4);
    Field fixed = image(grid(), truth, 4.0, random);
    for (float& value : fixed) value = 300.0F * std::exp(-value / 150.0F);  // bright becomes dark, and bent
    const Field moving = image(grid(), Affine3d::Identity(), 4.0, random);
    const MutualInformation information(spread_samples(fixed, grid(), inner(), 4.0), moving, grid());
    Match match = best_match(information, Affine3d::Identity(), Freedom::similarity, 60);
    match = best_match(information, match.moving_from_fixed, Freedom::affine, 80);
    for (int n = 0; n < 100; ++n) {
        std::normal_distribution<double> normal(0.0, 25.0);
        const Vector3d p(normal(random), normal(random), normal(random));
        EXPECT_LT((match.moving_from_fixed * p - truth * p).norm(), 0.3);
    }
    const Match again = best_match(information, match.moving_from_fixed, Freedom::affine, 80);
    const Match third = best_match(information, match.moving_from_fixed, Freedom::affine, 80);
    EXPECT_EQ(again.moving_from_fixed.matrix(), third.moving_from_fixed.matrix());  // to the last bit
}

TEST(MutualInformation, NothingSharedIsNoInformation) {
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    Field noise(grid().count());
    for (float& value : noise) value = normal(random);
    const Field moving = image(grid(), Affine3d::Identity(), 0.0, random);
    const MutualInformation information(spread_samples(noise, grid(), Mask(grid().count(), 1), 4.0), moving, grid());
    Eigen::Matrix<double, 3, 4> map = Eigen::Matrix<double, 3, 4>::Zero();
    map.leftCols<3>().setIdentity();
    map.col(3) = information.middle();
    EXPECT_LT(information.value(map, nullptr), 0.05);
    map.col(3) += Vector3d(1000, 0, 0);  // nothing overlaps
    EXPECT_EQ(information.value(map, nullptr), -1.0);
}

TEST(MutualInformation, StopsWhenAsked) {
    std::mt19937 random(4);
    const Field fixed = image(grid(), Affine3d::Identity(), 3.0, random);
    const MutualInformation information(spread_samples(fixed, grid(), Mask(grid().count(), 1), 5.0), fixed, grid());
    std::stop_source source;
    source.request_stop();
    Progress progress;
    progress.stop = source.get_token();
    EXPECT_THROW(best_match(information, Affine3d::Identity(), Freedom::rigid, 10, progress), Cancelled);
}

}  // namespace
}  // namespace precentral
