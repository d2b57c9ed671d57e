// SPDX-License-Identifier: Apache-2.0
// The whole way from a T1 to a head, on the demo patient and on a head made from it that differs in every way a scanner
// and another person would differ by an affine map.
#include "imaging/head_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>

#include "data/error.h"
#include "fixtures.h"
#include "imaging/volume_io.h"

namespace precentral {
namespace {

using Eigen::Affine3d;
using Eigen::Vector3d;

// The demo head, prepared once for all tests of this file, with the cache it was kept in.
class DemoHead : public testing::Test {
protected:
    static void SetUpTestSuite() {
        if (!std::filesystem::exists(demo_head())) return;
        folder_.emplace();
        head_ = prepare_head(demo_head(), folder_->path());
    }
    static void TearDownTestSuite() {
        head_.reset();
        folder_.reset();
    }
    void SetUp() override {
        if (!head_) GTEST_SKIP() << "The demo head is not there: install the package mricron-data.";
    }

    static std::filesystem::path kept_file() { return std::filesystem::directory_iterator(folder_->path())->path(); }

    static inline std::optional<TemporaryFolder> folder_;
    static inline std::optional<HeadModel> head_;
};

void expect_same(const HeadModel& a, const HeadModel& b) {
    EXPECT_EQ(a.scalp.vertices, b.scalp.vertices);
    EXPECT_EQ(a.scalp.triangles, b.scalp.triangles);
    EXPECT_EQ(a.brain.vertices, b.brain.vertices);
    EXPECT_EQ(a.brain.triangles, b.brain.triangles);
    EXPECT_EQ(a.template_space.affine.matrix(), b.template_space.affine.matrix());
    EXPECT_EQ(a.template_space.bend.arrows, b.template_space.bend.arrows);
    EXPECT_EQ(a.template_space.second.arrows, b.template_space.second.arrows);
    EXPECT_EQ(a.brain_mask, b.brain_mask);
    EXPECT_EQ(a.brain_volume_ml, b.brain_volume_ml);
    EXPECT_EQ(a.content_sha256, b.content_sha256);
    ASSERT_EQ(a.fiducials.size(), b.fiducials.size());
    for (std::size_t i = 0; i < a.fiducials.size(); ++i) EXPECT_EQ(a.fiducials[i].point, b.fiducials[i].point);
    ASSERT_EQ(a.motor.size(), b.motor.size());
    for (std::size_t i = 0; i < a.motor.size(); ++i) {
        EXPECT_EQ(a.motor[i].point, b.motor[i].point);
        EXPECT_EQ(a.motor[i].source, b.motor[i].source);
    }
}

TEST_F(DemoHead, TheScalpIsOneClosedShellOfPlausibleSize) {
    const MeshMeasures m = measured(head_->scalp);
    EXPECT_TRUE(m.watertight());
    EXPECT_EQ(m.shells, 1);
    EXPECT_LE(head_->scalp.triangles.size(), 150000U);
    EXPECT_GT(m.volume_ml, 3700.0);  // positive: normals point outwards
    EXPECT_LT(m.volume_ml, 4500.0);
    for (std::size_t i = 0; i < head_->scalp.normals.size(); ++i) {
        EXPECT_NEAR(head_->scalp.normals[i].norm(), 1.0, 1e-9);
    }
}

TEST_F(DemoHead, TheBrainIsClosedAndInsideTheScalp) {
    const MeshMeasures m = measured(head_->brain);
    EXPECT_TRUE(m.watertight());
    EXPECT_EQ(m.shells, 1);
    EXPECT_GT(m.volume_ml, 1200.0);
    EXPECT_GT(head_->brain_volume_ml, 1500.0);  // Colin27's brain is large: 1737 ml of the template's own mask
    EXPECT_LT(head_->brain_volume_ml, 1950.0);
    EXPECT_GT(m.area_cm2, 1300.0);  // folded: a smooth ball of this volume has 650 cm²
    const SurfaceIndex scalp(head_->scalp);
    std::size_t outside = 0;
    for (const auto& vertex : head_->brain.vertices) outside += scalp.closest(vertex).distance_mm > 0.0 ? 1U : 0U;
    EXPECT_EQ(outside, 0U);
}

TEST_F(DemoHead, LandmarksLieOnTheirSurfaceOnTheirSide) {
    const SurfaceIndex scalp(head_->scalp);
    const SurfaceIndex brain(head_->brain);
    ASSERT_EQ(head_->fiducials.size(), 3U);
    ASSERT_EQ(head_->motor.size(), 6U);
    for (const auto& l : head_->fiducials) {
        EXPECT_LT(std::abs(scalp.closest(l.point).distance_mm), 0.01) << l.name;
        EXPECT_FALSE(l.source.empty());
    }
    for (const auto& l : head_->motor) {
        EXPECT_LT(std::abs(brain.closest(l.point).distance_mm), 2.0) << l.name;  // on the hull over the crowns
        const bool left = l.name.find("left") != std::string::npos;
        EXPECT_EQ(l.point.xyz[0] < 0.0, left) << l.name;
        EXPECT_FALSE(l.source.empty());
    }
    // The preauricular points of Colin27 (ASA 10-20 positions) are on this very head.
    EXPECT_LT(distance_mm(landmark_named(head_->fiducials, "nasion").point, {{0.0, 86.8, -40.0}}), 3.0);
    EXPECT_LT(distance_mm(landmark_named(head_->fiducials, "left preauricular").point, {{-86.1, -20.0, -48.0}}), 3.0);
    EXPECT_LT(distance_mm(landmark_named(head_->fiducials, "right preauricular").point, {{85.8, -20.0, -48.0}}), 3.0);
    EXPECT_LT(distance_mm(landmark_named(head_->motor, "hand, left M1").point, {{-38.6, -15.4, 62.0}}), 8.0);
    for (const char* name :
         {"hand, left M1", "hand, right M1", "face, left M1", "face, right M1", "leg, left M1", "leg, right M1"}) {
        EXPECT_NO_THROW(landmark_named(head_->motor, name));
    }
    EXPECT_THROW(landmark_named(head_->motor, "tongue"), InputError);
}

TEST_F(DemoHead, ItsMapToTemplateSpaceIsNearlyNoneAndThisIsSaid) {
    for (const Vector3d& p : {Vector3d(-60, 0, 0), Vector3d(60, -80, 40), Vector3d(0, 60, -30), Vector3d(0, -20, 75)}) {
        EXPECT_LT(distance_mm(head_->template_space.affine * Point<Scan>{p}, {p}), 0.3);
    }
    const bool said = std::any_of(head_->warnings.begin(), head_->warnings.end(),
                                  [](const std::string& w) { return w.find("same head") != std::string::npos; });
    EXPECT_TRUE(said);
}

TEST_F(DemoHead, ComesBackTheSameFromTheCacheInNoTime) {
    const auto began = std::chrono::steady_clock::now();
    const HeadModel again = prepare_head(demo_head(), folder_->path());
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(), 10.0);
    expect_same(again, *head_);
    EXPECT_EQ(again.warnings, head_->warnings);
    EXPECT_EQ(*again.t1.samples, *head_->t1.samples);
    ASSERT_EQ(again.seconds.size(), 1U);  // nothing was computed
}

TEST_F(DemoHead, ADamagedCacheIsMadeAgainAndTheResultIsTheSame) {
    {
        std::fstream file(kept_file(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(500000);
        file.put('!').put('!');
    }
    const HeadModel again = prepare_head(demo_head(), folder_->path());
    expect_same(again, *head_);  // made anew: the same file gives the same head
    EXPECT_GT(again.seconds.size(), 3U);
    EXPECT_NE(again.warnings.back().find("damaged"), std::string::npos);
    // And now it is whole again.
    EXPECT_EQ(prepare_head(demo_head(), folder_->path()).warnings, head_->warnings);
}

TEST_F(DemoHead, StopsAtOnceAndLeavesNothingBehind) {
    const TemporaryFolder cache;
    std::stop_source source;
    Progress progress;
    progress.stop = source.get_token();
    progress.report = [&](double fraction, std::string_view) {
        if (fraction > 0.1) source.request_stop();
    };
    EXPECT_THROW(prepare_head(demo_head(), cache.path(), progress), Cancelled);
    EXPECT_TRUE(std::filesystem::is_empty(cache.path()));
}

TEST_F(DemoHead, ARefusedImageNamesTheFile) {
    const TemporaryFolder folder;
    const auto refused = [&](const std::filesystem::path& path) {
        try {
            (void)make_head(path);
            ADD_FAILURE() << path << " was taken for a head";
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos) << error.what();
        }
    };
    refused(folder / "missing.nii.gz");
    refused(demo_head().parent_path() / "ch2bet.nii.gz");  // the skull is off
    Volume noise;
    noise.dims = {120, 120, 120};
    Affine3d map = Affine3d::Identity();
    map.linear() *= 1.5;
    noise.scan_from_voxel = AffineMap<Scan, Voxel>(map);
    std::vector<float> samples(noise.count());
    std::mt19937 random(1);
    for (auto& sample : samples) sample = static_cast<float>(random() % 200);
    noise.samples = std::make_shared<const std::vector<float>>(samples);
    write_nifti(noise, folder / "noise.nii");
    refused(folder / "noise.nii");
    EXPECT_THROW(make_head(demo_head(), {}, folder.path()), InputError);  // no template there
}

// Another head: turned, stretched, another contrast, shaded, noisy, on oblique voxels of another size and order.
TEST_F(DemoHead, AnotherHeadIsLaidOverTheTemplateAndMeasuredRight) {
    Affine3d other_from_demo = Affine3d::Identity();
    other_from_demo.linear() = Eigen::AngleAxisd(0.20, Vector3d(1, 0.3, -0.2).normalized()).toRotationMatrix() *
                               Vector3d(0.94, 0.90, 0.96).asDiagonal();
    other_from_demo.translation() = Vector3d(15, -30, 25);
    Volume other;
    other.dims = {190, 200, 215};
    Affine3d map = Affine3d::Identity();
    // i to the left, j down, k to the front, and askew.
    map.linear() << -1.05, 0, 0, 0, 0, 1.0, 0, -1.0, 0;
    map.linear() = Eigen::AngleAxisd(0.1, Vector3d(0, 1, 1).normalized()).toRotationMatrix() * map.linear();
    map.translation() = Vector3d(15, -30, 25) - map.linear() * Vector3d(95, 100, 107);
    other.scan_from_voxel = AffineMap<Scan, Voxel>(map);
    const Affine3d demo_voxel_from_other_voxel =
        head_->t1.scan_from_voxel.affine().inverse() * other_from_demo.inverse() * map;
    std::vector<float> samples;
    samples.reserve(other.count());
    std::mt19937 random(5);
    std::normal_distribution<float> normal(0.0F, 1.0F);
    const auto& demo = head_->t1;
    for (int k = 0; k < other.dims[2]; ++k) {
        for (int j = 0; j < other.dims[1]; ++j) {
            for (int i = 0; i < other.dims[0]; ++i) {
                const Vector3d v = demo_voxel_from_other_voxel * Vector3d(i, j, k);
                const Eigen::Vector3i low = v.array().floor().cast<int>();
                float value = 0.0F;
                const bool inside = low.minCoeff() >= 0 && low[0] + 1 < demo.dims[0] && low[1] + 1 < demo.dims[1] &&
                                    low[2] + 1 < demo.dims[2];
                for (int c = 0; inside && c < 8; ++c) {
                    const Eigen::Vector3i d(c & 1, (c >> 1) & 1, (c >> 2) & 1);
                    const Vector3d w = (v - (low + d).cast<double>()).cwiseAbs();
                    value += static_cast<float>((1 - w[0]) * (1 - w[1]) * (1 - w[2])) *
                             demo.at(low[0] + d[0], low[1] + d[1], low[2] + d[2]);
                }
                const float bent = 700.0F * std::pow(value / 254.0F, 0.85F);
                const float shade = 1.0F + 0.2F * std::sin(0.013F * static_cast<float>(i + 2 * j));
                samples.push_back(std::abs(bent * shade + 8.0F * normal(random)));
            }
        }
    }
    other.samples = std::make_shared<const std::vector<float>>(std::move(samples));
    const TemporaryFolder folder;
    write_nifti(other, folder / "other.nii");
    const HeadModel head = make_head(folder / "other.nii");

    // The map to template space: the demo head's is nearly none, so this one is the inverse of how the head was made.
    std::normal_distribution<double> spread(0.0, 30.0);
    for (int n = 0; n < 100; ++n) {
        const Point<Mni> p{Vector3d(spread(random), spread(random) - 20.0, spread(random) + 10.0)};
        EXPECT_LT(distance_mm(head.template_space.affine * Point<Scan>{other_from_demo * p.xyz}, p), 1.0);
    }
    EXPECT_TRUE(measured(head.scalp).watertight());
    EXPECT_TRUE(measured(head.brain).watertight());
    const double shrink = other_from_demo.linear().determinant();
    EXPECT_NEAR(head.brain_volume_ml, shrink * head_->brain_volume_ml, 0.04 * head_->brain_volume_ml);
    // The scalp lies where the demo head's scalp was moved to. The neck's lid is left out: noise makes it ragged.
    Surface moved = head_->scalp;
    for (auto& vertex : moved.vertices) vertex.xyz = other_from_demo * vertex.xyz;
    moved.normals.clear();
    const SurfaceIndex scalp(head.scalp);
    std::vector<double> apart;
    for (std::size_t i = 0; i < moved.vertices.size(); i += 7) {
        if (head_->scalp.vertices[i].xyz[2] > -40.0)
            apart.push_back(std::abs(scalp.closest(moved.vertices[i]).distance_mm));
    }
    std::sort(apart.begin(), apart.end());
    // The bent contrast moves the boundary between skin and air by a share of a voxel.
    EXPECT_LT(apart[apart.size() / 2], 0.7);
    EXPECT_LT(apart[apart.size() * 95 / 100], 1.5);
    for (const auto& l : head.fiducials) {
        const Point<Scan> truth{other_from_demo * landmark_named(head_->fiducials, l.name).point.xyz};
        EXPECT_LT(distance_mm(l.point, truth), 3.0) << l.name;
    }
    for (const auto& l : head.motor) {
        const Point<Scan> truth{other_from_demo * landmark_named(head_->motor, l.name).point.xyz};
        // The leg area lies beside the venous sinus, which noise may or may not join to the brain.
        const double allowed_mm = l.name.find("leg") == 0 ? 10.0 : 4.0;
        EXPECT_LT(distance_mm(l.point, truth), allowed_mm) << l.name;
    }
}

}  // namespace
}  // namespace precentral
