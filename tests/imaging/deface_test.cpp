// SPDX-License-Identifier: Apache-2.0
// The face goes, the brain stays to the last bit.
#include "imaging/deface.h"

#include <gtest/gtest.h>

#include <random>

#include "data/error.h"
#include "fixtures.h"
#include "imaging/inside.h"
#include "imaging/scalp.h"
#include "imaging/volume_io.h"
#include "imaging/voxel_ops.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

// Random values on oblique voxels of unequal size.
Volume noise(unsigned seed) {
    Volume out;
    out.dims = {60, 70, 50};
    Eigen::Affine3d map = Eigen::Affine3d::Identity();
    map.linear() = Eigen::AngleAxisd(0.3, Vector3d(1, -1, 2).normalized()).toRotationMatrix() *
                   Vector3d(-4.0, 4.0, 5.0).asDiagonal();
    map.translation() = -(map.linear() * Vector3d(30, 35, 25));
    out.scan_from_voxel = AffineMap<Scan, Voxel>(map);
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> any(1.0F, 1000.0F);
    std::vector<float> samples(out.count());
    for (float& sample : samples) sample = any(random);
    out.samples = std::make_shared<const std::vector<float>>(std::move(samples));
    return out;
}

TEST(VoxelsInside, AgreeWithTheSignOfTheDistance) {
    const Volume image = noise(1);
    const Surface ball = sphere({3, -5, 7}, 61.0, 4);
    const SurfaceIndex index(ball);
    const Mask mask = voxels_inside(ball, image);
    std::size_t i = 0;
    std::size_t wrong = 0;
    for (int z = 0; z < image.dims[2]; ++z) {
        for (int y = 0; y < image.dims[1]; ++y) {
            for (int x = 0; x < image.dims[0]; ++x, ++i) {
                if (i % 7 != 0) continue;
                const double away = index.closest(image.scan_from_voxel * Point<Voxel>{Vector3d(x, y, z)}).distance_mm;
                if (std::abs(away) < 1e-3) continue;
                wrong += (mask[i] != 0) == (away < 0.0) ? 0U : 1U;
            }
        }
    }
    EXPECT_EQ(wrong, 0U);
    // Edges and corners that lie exactly on voxel rows do not count twice.
    Volume even = image;
    even.scan_from_voxel = AffineMap<Scan, Voxel>();
    const Mask cube = voxels_inside(box({10, 10, 10}, {20, 20, 20}), even);
    EXPECT_EQ(count_of(cube), 11U * 10U * 10U);  // along the row both ends, across it each border once
    // A surface that lies partly or wholly outside the image.
    EXPECT_EQ(count_of(voxels_inside(box({-9, -9, -9}, {-2, -2, -2}), even)), 0U);
    EXPECT_EQ(count_of(voxels_inside(box({-9, -9, -9}, {200, 200, 200}), even)), even.count());
}

struct Fiducials {
    Point<Scan> nasion{{0, 90, -30}}, left{{-80, 0, -35}}, right{{80, 0, -35}};
};

TEST(Deface, KeepsTheBrainAndTheBoxAndNothingElse) {
    for (unsigned seed = 1; seed <= 3; ++seed) {
        const Volume t1 = noise(seed);
        const Surface brain = sphere({0, 0, 10}, 65.0, 4);  // reaches below the box's floor
        const Mask mask = voxels_inside(brain, t1);
        const Fiducials f;
        const KeptBox kept = kept_box(f.nasion, f.left, f.right, brain);
        const Volume out = defaced(t1, mask, kept);
        const SurfaceIndex index(brain);
        const float air = *std::min_element(t1.samples->begin(), t1.samples->end());
        std::size_t i = 0;
        std::size_t gone = 0;
        for (int z = 0; z < t1.dims[2]; ++z) {
            for (int y = 0; y < t1.dims[1]; ++y) {
                for (int x = 0; x < t1.dims[0]; ++x, ++i) {
                    const Point<Scan> p = t1.scan_from_voxel * Point<Voxel>{Vector3d(x, y, z)};
                    const float before = (*t1.samples)[i];
                    const float after = (*out.samples)[i];
                    if (mask[i] != 0 || kept.holds(p)) {
                        ASSERT_EQ(after, before);
                    } else if (i % 5 == 0 && index.closest(p).distance_mm > kept.brain_margin_mm + 6.0) {
                        // (6 mm: half a diagonal of these coarse voxels, by which the margin may be wider)
                        ASSERT_EQ(after, air);
                        ++gone;
                    }
                }
            }
        }
        EXPECT_GT(gone, 1000U);
        EXPECT_EQ(out.dims, t1.dims);
        EXPECT_EQ(out.scan_from_voxel.matrix(), t1.scan_from_voxel.matrix());
    }
}

TEST(Deface, TheBoxIsSaidInWordsAndFollowsTheHead) {
    const Surface brain = sphere({0, 0, 10}, 65.0, 3);
    const Fiducials f;
    const KeptBox kept = kept_box(f.nasion, f.left, f.right, brain);
    EXPECT_NEAR(kept.low_mm.z(), 30.0, 1e-12);
    EXPECT_NEAR(kept.high_mm.x(), 65.0 + 35.0, 0.5);
    EXPECT_NE(kept.words().find("from 30 mm to"), std::string::npos) << kept.words();
    EXPECT_FALSE(kept.holds(f.nasion));
    EXPECT_FALSE(kept.holds(f.left));
    EXPECT_TRUE(kept.holds({{0, 0, 80}}));
    // Turned with the head.
    Eigen::Isometry3d motion = Eigen::Isometry3d::Identity();
    motion.linear() = Eigen::AngleAxisd(0.7, Vector3d(1, 2, 3).normalized()).toRotationMatrix();
    motion.translation() = Vector3d(-300, 20, 400);
    const Transform<Scan, Scan> move(motion);
    Surface moved = brain;
    for (auto& vertex : moved.vertices) vertex = move * vertex;
    const KeptBox there = kept_box(move * f.nasion, move * f.left, move * f.right, moved);
    std::mt19937 random(6);
    std::uniform_real_distribution<double> any(-130.0, 130.0);
    for (int trial = 0; trial < 500; ++trial) {
        const Point<Scan> p{{any(random), any(random), any(random)}};
        EXPECT_EQ(kept.holds(p), there.holds(move * p));
    }
    // What is cut off a surface is gone, and what is left lies in the box.
    const Surface cut = defaced(sphere(Vector3d::Zero(), 90.0, 4), kept);
    EXPECT_FALSE(cut.empty());
    for (const auto& vertex : cut.vertices) EXPECT_TRUE(kept.holds(vertex));
    require_usable(cut, "the cut surface");
    EXPECT_TRUE(defaced(sphere({0, 0, -200}, 20.0, 2), kept).empty());
}

TEST(Deface, RefusesWhatIsNoHead) {
    const Surface brain = sphere({0, 0, 10}, 65.0, 3);
    const Fiducials f;
    EXPECT_THROW(kept_box(f.nasion, f.right, f.left, brain), InputError);  // exchanged: the brain is below
    EXPECT_THROW(kept_box(f.left, f.left, f.right, brain), InputError);
    EXPECT_THROW(kept_box({{200, 20, -35}}, f.left, f.right, brain), InputError);
    EXPECT_THROW(kept_box({{std::nan(""), 0, 0}}, f.left, f.right, brain), InputError);
    EXPECT_THROW(kept_box(f.nasion, f.left, f.right, Surface{}), InputError);
    const KeptBox kept = kept_box(f.nasion, f.left, f.right, brain);
    const Volume t1 = noise(1);
    EXPECT_THROW(defaced(t1, Mask(t1.count(), 0), kept), InputError);
    EXPECT_THROW(defaced(t1, Mask(10, 1), kept), InputError);
}

// The demo head: its brain as the template's makers drew it, its face gone from the skin that can be made of the rest.
TEST(Deface, NoNoseAndNoEyesAreLeftOfTheDemoHead) {
    if (!std::filesystem::exists(demo_head())) GTEST_SKIP() << "Install the package mricron-data.";
    const Volume t1 = read_volume(demo_head());
    const Volume bet = read_volume(demo_head().parent_path() / "ch2bet.nii.gz");
    ASSERT_EQ(bet.dims, t1.dims);
    Mask brain(t1.count(), 0);
    Surface outline;  // its voxels are enough to measure a box
    for (std::size_t i = 0; i < brain.size(); ++i) {
        brain[i] = (*bet.samples)[i] > 0.0F ? 1 : 0;
        if (brain[i] == 0) continue;
        const auto index = static_cast<int>(i);
        const Vector3d voxel(index % t1.dims[0], index / t1.dims[0] % t1.dims[1], index / t1.dims[0] / t1.dims[1]);
        outline.vertices.push_back(t1.scan_from_voxel * Point<Voxel>{voxel});
    }
    outline.triangles = {{0, 1, 2}};
    const Point<Scan> nasion{{0.0, 86.8, -40.0}};
    const KeptBox kept = kept_box(nasion, {{-86.1, -20.0, -48.0}}, {{85.8, -20.0, -48.0}}, outline);
    const Volume out = defaced(t1, brain, kept);
    std::size_t changed_brain = 0;
    std::size_t changed = 0;
    for (std::size_t i = 0; i < brain.size(); ++i) {
        const bool same = (*out.samples)[i] == (*t1.samples)[i];
        changed += same ? 0U : 1U;
        changed_brain += same || brain[i] == 0 ? 0U : 1U;
    }
    EXPECT_EQ(changed_brain, 0U);
    EXPECT_GT(changed, 500000U);

    const SurfaceIndex before(extract_scalp(t1, "the demo head").surface);
    const SurfaceIndex after(extract_scalp(out, "the defaced demo head").surface);
    const auto from = [](const SurfaceIndex& scalp, const Vector3d& p) {
        double nearest = 1e9;
        for (const auto& vertex : scalp.surface().vertices) nearest = std::min(nearest, (vertex.xyz - p).norm());
        return nearest;
    };
    // The root and bridge of the nose and the skin over both eyes of Colin27.
    for (const Vector3d& place : {Vector3d(0, 86.8, -40), Vector3d(0, 92, -60), Vector3d(-33, 76, -42),
                                  Vector3d(33, 76, -42), Vector3d(-33, 64, -42), Vector3d(33, 64, -42)}) {
        EXPECT_GT(from(after, place), 10.0) << place.transpose();
    }
    EXPECT_LT(from(before, nasion.xyz), 5.0);
    EXPECT_LT(from(before, {-33, 76, -42}), 10.0);
    // Over the motor cortex nothing has changed.
    for (const Vector3d& place : {Vector3d(-45, -15, 90), Vector3d(45, -15, 90), Vector3d(0, -30, 105)}) {
        EXPECT_LT(distance_mm(before.closest({place}).point, after.closest({place}).point), 0.7);
    }
}

}  // namespace
}  // namespace precentral
