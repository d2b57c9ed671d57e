// SPDX-License-Identifier: Apache-2.0
// The peel lies at its depth, is painted with what is there, and never crosses itself.
#include "imaging/peel.h"

#include <gtest/gtest.h>

#include <random>

#include "data/error.h"
#include "fixtures.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

// Values that rise linearly, so that trilinear sampling is exact, on oblique voxels.
Volume ramp(const Vector3d& slope) {
    Volume out;
    out.dims = {90, 100, 80};
    Eigen::Affine3d map = Eigen::Affine3d::Identity();
    map.linear() = Eigen::AngleAxisd(0.3, Vector3d(1, 1, -1).normalized()).toRotationMatrix() *
                   Vector3d(-3.0, 2.5, 3.5).asDiagonal();
    map.translation() = -(map.linear() * Vector3d(45, 50, 40));
    out.scan_from_voxel = AffineMap<Scan, Voxel>(map);
    std::vector<float> samples;
    for (int k = 0; k < 80; ++k) {
        for (int j = 0; j < 100; ++j) {
            for (int i = 0; i < 90; ++i) samples.push_back(static_cast<float>(slope.dot(map * Vector3d(i, j, k))));
        }
    }
    out.samples = std::make_shared<const std::vector<float>>(std::move(samples));
    return out;
}

TEST(Peel, LiesAtItsDepthAndIsPaintedWithWhatIsThere) {
    const Vector3d middle(4, -6, 9);
    const Peel peel(sphere(middle, 88.0, 5));
    const Vector3d slope(1.0, -2.0, 0.5);
    const Volume image = ramp(slope);
    for (const double depth : {0.0, 3.0, 10.0, 20.0, 40.0}) {
        const PaintedSurface p = peel.at(depth, image);
        ASSERT_EQ(p.values.size(), p.surface.vertices.size());
        const MeshMeasures m = measured(p.surface);
        EXPECT_TRUE(m.watertight());
        EXPECT_EQ(m.shells, 1);
        EXPECT_GT(m.volume_ml, 0.0);
        double mean = 0.0;
        for (std::size_t i = 0; i < p.values.size(); ++i) {
            const Vector3d& at = p.surface.vertices[i].xyz;
            const double off = 88.0 - (at - middle).norm() - depth;
            mean += off / static_cast<double>(p.values.size());
            EXPECT_LT(std::abs(off), 0.9) << depth;
            EXPECT_NEAR(p.values[i], slope.dot(at), 1e-3);
            EXPECT_GT(p.surface.normals[i].xyz.dot((at - middle).normalized()), 0.95);
        }
        EXPECT_LT(std::abs(mean), 0.3) << depth;
    }
}

// A ball with a thin spike, like an ear: pushed inwards along its normals it would turn inside out.
TEST(Peel, WhatIsThinnerThanTheDepthVanishesInsteadOfFolding) {
    Surface spiked = sphere(Vector3d::Zero(), 80.0, 6);
    for (auto& vertex : spiked.vertices) {
        const Vector3d& p = vertex.xyz;
        const double beside = std::hypot(p.y(), p.z());
        if (p.x() > 0.0 && beside < 7.0) vertex.xyz.x() += 30.0 * (1.0 - beside / 7.0);
    }
    spiked.normals.clear();
    const Peel peel(spiked);
    const Volume image = ramp({1, 0, 0});
    const PaintedSurface p = peel.at(12.0, image);
    const MeshMeasures m = measured(p.surface);
    EXPECT_TRUE(m.watertight());
    EXPECT_EQ(m.shells, 1);
    for (std::size_t i = 0; i < p.surface.vertices.size(); ++i) {
        EXPECT_LT(p.surface.vertices[i].xyz.norm(), 73.0);  // nothing of the spike is left
        EXPECT_GT(p.surface.normals[i].xyz.dot(p.surface.vertices[i].xyz.normalized()), 0.8);
    }
    const PaintedSurface skin = peel.at(0.0, image);
    const auto farthest = std::max_element(skin.surface.vertices.begin(), skin.surface.vertices.end(),
                                           [](const auto& a, const auto& b) { return a.xyz.x() < b.xyz.x(); });
    EXPECT_GT(farthest->xyz.x(), 88.0);  // on the skin itself the spike is there
}

TEST(Peel, OutsideTheImageThereIsNothing) {
    const Peel peel(sphere({400, 0, 0}, 60.0, 4));
    for (const float value : peel.at(5.0, ramp({1, 1, 1})).values) EXPECT_EQ(value, 0.0F);
}

TEST(Peel, RefusesDepthsAndSurfacesThatMakeNoSense) {
    const Volume image = ramp({1, 0, 0});
    const Peel peel(sphere(Vector3d::Zero(), 60.0, 4));
    EXPECT_NEAR(peel.deepest_mm(), 60.0, 5.0);  // the smoothing rounds the very middle off
    EXPECT_THROW((void)peel.at(-1.0, image), InputError);
    EXPECT_THROW((void)peel.at(std::nan(""), image), InputError);
    EXPECT_THROW((void)peel.at(90.0, image), InputError);
    EXPECT_THROW(Peel(Surface{}), InputError);
    Surface open = sphere(Vector3d::Zero(), 60.0, 4);
    open.triangles.pop_back();
    EXPECT_THROW(Peel{open}, InputError);
    EXPECT_THROW(Peel(sphere(Vector3d::Zero(), 9000.0, 2)), InputError);
}

}  // namespace
}  // namespace precentral
