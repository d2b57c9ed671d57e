// SPDX-License-Identifier: Apache-2.0
#include "imaging/voxel_ops.h"

#include <gtest/gtest.h>

#include <random>

#include "fixtures.h"
#include "imaging/iso_surface.h"

namespace precentral {
namespace {

using Dims = std::array<int, 3>;
constexpr Dims kDims = {23, 17, 19};

WorkGrid small_grid() { return {kDims, {{0, 0, 0}}, 1.0}; }

Mask random_mask(std::mt19937& random, double share) {
    std::bernoulli_distribution set(share);
    Mask out(small_grid().count());
    for (auto& voxel : out) voxel = set(random) ? 1 : 0;
    return out;
}

TEST(VoxelOps, DistancesAreThoseOfTheNearestVoxel) {
    std::mt19937 random(1);
    const WorkGrid grid = small_grid();
    for (const double share : {0.002, 0.05, 0.6}) {
        const Mask mask = random_mask(random, share);
        const Field distance = squared_distance(mask, kDims, 1);
        for (int k = 0; k < kDims[2]; k += 2) {
            for (int j = 0; j < kDims[1]; j += 3) {
                for (int i = 0; i < kDims[0]; i += 2) {
                    float nearest = 1e12F;
                    for (int c = 0; c < kDims[2]; ++c) {
                        for (int b = 0; b < kDims[1]; ++b) {
                            for (int a = 0; a < kDims[0]; ++a) {
                                if (mask[grid.index(a, b, c)] == 0) continue;
                                const int d = (a - i) * (a - i) + (b - j) * (b - j) + (c - k) * (c - k);
                                nearest = std::min(nearest, static_cast<float>(d));
                            }
                        }
                    }
                    EXPECT_EQ(distance[grid.index(i, j, k)], nearest);
                }
            }
        }
    }
    const Field none = squared_distance(Mask(grid.count(), 0), kDims, 1);
    EXPECT_GE(*std::min_element(none.begin(), none.end()), 1e11F);
}

// Against a plain flood fill.
TEST(VoxelOps, TheLargestPartIsConnectedAndLargest) {
    std::mt19937 random(2);
    const WorkGrid grid = small_grid();
    for (int round = 0; round < 20; ++round) {
        const Mask mask = random_mask(random, 0.2 + 0.01 * round);
        std::vector<int> label(mask.size(), 0);
        std::size_t most = 0;
        int count = 0;
        for (std::size_t seed = 0; seed < mask.size(); ++seed) {
            if (mask[seed] == 0 || label[seed] != 0) continue;
            ++count;
            std::vector<std::size_t> todo{seed};
            label[seed] = count;
            std::size_t size = 0;
            while (!todo.empty()) {
                const std::size_t at = todo.back();
                todo.pop_back();
                ++size;
                const int i = static_cast<int>(at) % kDims[0];
                const int j = static_cast<int>(at) / kDims[0] % kDims[1];
                const int k = static_cast<int>(at) / (kDims[0] * kDims[1]);
                const auto visit = [&](int a, int b, int c) {
                    if (a < 0 || b < 0 || c < 0 || a >= kDims[0] || b >= kDims[1] || c >= kDims[2]) return;
                    const std::size_t to = grid.index(a, b, c);
                    if (mask[to] == 0 || label[to] != 0) return;
                    label[to] = count;
                    todo.push_back(to);
                };
                visit(i - 1, j, k);
                visit(i + 1, j, k);
                visit(i, j - 1, k);
                visit(i, j + 1, k);
                visit(i, j, k - 1);
                visit(i, j, k + 1);
            }
            most = std::max(most, size);
        }
        const Mask part = largest_part(mask, kDims);
        EXPECT_EQ(count_of(part), most);
        int which = 0;
        for (std::size_t v = 0; v < part.size(); ++v) {
            if (part[v] == 0) continue;
            if (which == 0) which = label[v];
            EXPECT_EQ(label[v], which);
        }
    }
    EXPECT_EQ(count_of(largest_part(Mask(grid.count(), 0), kDims)), 0U);
}

TEST(VoxelOps, HolesAreFilledAndBaysAreNot) {
    const WorkGrid grid = small_grid();
    Mask shell(grid.count(), 0);
    for (int k = 4; k <= 12; ++k) {
        for (int j = 4; j <= 12; ++j) {
            for (int i = 4; i <= 12; ++i) {
                const bool wall = i == 4 || i == 12 || j == 4 || j == 12 || k == 4 || k == 12;
                shell[grid.index(i, j, k)] = wall ? 1 : 0;
            }
        }
    }
    Mask closed_shell = shell;
    fill_holes(closed_shell, kDims);
    EXPECT_EQ(count_of(closed_shell), 9U * 9U * 9U);
    Mask open_shell = shell;
    open_shell[grid.index(8, 8, 4)] = 0;
    const std::size_t before = count_of(open_shell);
    fill_holes(open_shell, kDims);
    EXPECT_EQ(count_of(open_shell), before);
}

TEST(VoxelOps, SmoothingKeepsTheSumAndSpreadsByItsSigma) {
    const Dims dims = {41, 41, 41};
    const WorkGrid grid{dims, {{0, 0, 0}}, 1.0};
    Field field(grid.count(), 0.0F);
    field[grid.index(20, 20, 20)] = 1.0F;
    smooth(field, dims, 2.0);
    double sum = 0.0;
    double spread = 0.0;
    for (int k = 0; k < 41; ++k) {
        for (int j = 0; j < 41; ++j) {
            for (int i = 0; i < 41; ++i) {
                const auto value = static_cast<double>(field[grid.index(i, j, k)]);
                sum += value;
                spread += value * (i - 20) * (i - 20);
            }
        }
    }
    EXPECT_NEAR(sum, 1.0, 1e-4);
    EXPECT_NEAR(std::sqrt(spread), 2.0, 0.05);
    Field flat(grid.count(), 7.0F);
    smooth(flat, dims, 3.0);
    for (const float value : flat) EXPECT_NEAR(static_cast<double>(value), 7.0, 1e-4);
}

TEST(VoxelOps, OtsuPartsTwoClouds) {
    std::mt19937 random(3);
    std::normal_distribution<float> dark(10.0F, 3.0F);
    std::normal_distribution<float> bright(100.0F, 15.0F);
    Field field;
    for (int i = 0; i < 20000; ++i) field.push_back(i % 3 == 0 ? bright(random) : dark(random));
    const float threshold = otsu_threshold(field);
    EXPECT_GT(threshold, 20.0F);
    EXPECT_LT(threshold, 75.0F);
    EXPECT_EQ(otsu_threshold(Field(100, 4.0F)), 4.0F);
}

TEST(IsoSurface, ABallBecomesOneClosedSphereInMillimetres) {
    WorkGrid grid{{60, 62, 64}, {{-30, 10, -50}}, 1.5};
    const Eigen::Vector3d middle = grid.place(30, 31, 32).xyz + Eigen::Vector3d(0.3, -0.2, 0.4);
    Field field(grid.count());
    for (int k = 0; k < grid.dims[2]; ++k) {
        for (int j = 0; j < grid.dims[1]; ++j) {
            for (int i = 0; i < grid.dims[0]; ++i) {
                field[grid.index(i, j, k)] = static_cast<float>(30.0 - (grid.place(i, j, k).xyz - middle).norm());
            }
        }
    }
    field[grid.index(2, 2, 2)] = 50.0F;  // a speck, which is another shell
    Surface ball = iso_surface(field, grid, 0.0F);
    MeshMeasures m = measured(ball);
    EXPECT_TRUE(m.watertight());
    EXPECT_EQ(m.shells, 1);
    EXPECT_NEAR(m.volume_ml, 113.1, 0.6);  // 4/3 π 30³ mm³, outward normals
    for (const auto& v : ball.vertices) EXPECT_NEAR((v.xyz - middle).norm(), 30.0, 0.05);
    taubin_smooth(ball, 15);
    EXPECT_NEAR(measured(ball).volume_ml, 113.1, 0.8);
    EXPECT_TRUE(iso_surface(field, grid, 1000.0F).empty());
}

TEST(WorkGrid, ResamplingAnObliqueVolumeFindsTheSameValuesAtTheSamePlaces) {
    std::mt19937 random(4);
    std::uniform_real_distribution<double> place(-13.0, 13.0);
    Volume volume;
    volume.dims = {50, 60, 55};
    Eigen::Affine3d map = Eigen::Affine3d::Identity();
    map.linear() = Eigen::AngleAxisd(0.5, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix() *
                   Eigen::Vector3d(-1.0, 0.9, 1.2).asDiagonal();  // left-handed
    map.translation() = -(map.linear() * Eigen::Vector3d(24.5, 29.5, 27.0));
    volume.scan_from_voxel = AffineMap<Scan, Voxel>(map);
    const auto linear = [](const Eigen::Vector3d& p) { return 100.0 + p[0] + 2.0 * p[1] - 3.0 * p[2]; };
    std::vector<float> samples;
    for (int k = 0; k < volume.dims[2]; ++k) {
        for (int j = 0; j < volume.dims[1]; ++j) {
            for (int i = 0; i < volume.dims[0]; ++i) {
                samples.push_back(static_cast<float>(linear(map * Eigen::Vector3d(i, j, k))));
            }
        }
    }
    volume.samples = std::make_shared<const std::vector<float>>(samples);
    const WorkGrid grid = grid_around(volume, 1.0, 5.0);
    const Field field = resampled(volume, grid, -1.0F);
    for (int n = 0; n < 200; ++n) {
        const Eigen::Vector3d p(place(random), place(random), place(random));
        const Eigen::Vector3d voxel = (p - grid.first.xyz) / grid.spacing_mm;
        EXPECT_NEAR(static_cast<double>(sampled(field, grid, voxel)), linear(p), 0.01);
    }
    EXPECT_EQ(field.front(), -1.0F);
}

}  // namespace
}  // namespace precentral
