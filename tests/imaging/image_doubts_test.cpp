// SPDX-License-Identifier: Apache-2.0
// A simple head, and what is no longer one: each is told by its samples alone.
#include "imaging/image_doubts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <random>

#include "fixtures.h"
#include "imaging/volume_io.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

// 2 mm voxels, axes to the right, front and up; `value` of a place in mm, the middle of the box at the origin.
Volume made(const std::array<int, 3>& dims, const std::function<float(const Vector3d&)>& value) {
    Volume out;
    out.dims = dims;
    Eigen::Affine3d map = Eigen::Affine3d::Identity();
    map.linear() *= 2.0;
    map.translation() = Vector3d(1.0 - dims[0], 1.0 - dims[1], 1.0 - dims[2]);
    out.scan_from_voxel = AffineMap<Scan, Voxel>(map);
    auto samples = std::make_shared<std::vector<float>>();
    for (int k = 0; k < dims[2]; ++k) {
        for (int j = 0; j < dims[1]; ++j) {
            for (int i = 0; i < dims[0]; ++i) samples->push_back(value(map * Vector3d(i, j, k)));
        }
    }
    out.samples = std::move(samples);
    return out;
}

// An ellipsoid of skin around one of brain, a neck below, noise in the air.
struct Head {
    std::mt19937 random{4};
    std::normal_distribution<float> noise{0.0F, 6.0F};
    Vector3d middle = Vector3d::Zero();
    bool stripped = false;

    float operator()(const Vector3d& at) {
        const Vector3d p = at - middle;
        const double brain = p.cwiseQuotient(Vector3d(65, 82, 62)).norm();
        const double head = p.cwiseQuotient(Vector3d(78, 98, 90)).norm();
        const bool neck = p[2] < 0 && Vector3d(p[0], p[1] + 20, 0).norm() < 60;
        if (brain < 1) return 300.0F + std::abs(noise(random));
        if (stripped) return 0.0F;
        return (head < 1 || neck ? 200.0F : 0.0F) + std::abs(noise(random));
    }
};

std::string doubts_of(const Volume& volume) {
    std::string out;
    for (const std::string& doubt : image_doubts(volume)) out += doubt + "\n";
    return out;
}

const std::array<int, 3> kDims = {96, 120, 120};

TEST(ImageDoubts, AWholeHeadRaisesNone) { EXPECT_EQ(doubts_of(made(kDims, Head{})), ""); }

TEST(ImageDoubts, WithoutItsScalp) {
    Head head;
    head.stripped = true;
    EXPECT_NE(doubts_of(made(kDims, head)).find("skull-stripped"), std::string::npos);
}

TEST(ImageDoubts, CutOffAtTheTopAndAtASideAreNamed) {
    Head head;
    head.middle = {0, 0, 60};
    std::string text = doubts_of(made(kDims, head));
    EXPECT_NE(text.find("edge of the image at the top ("), std::string::npos) << text;
    EXPECT_EQ(text.find("on the"), std::string::npos) << text;
    head.middle = {-35, 0, 0};
    text = doubts_of(made(kDims, head));
    EXPECT_NE(text.find("on the left ("), std::string::npos) << text;
    EXPECT_EQ(text.find("at the top"), std::string::npos) << text;
}

TEST(ImageDoubts, LabelsAndCt) {
    Head head;
    const Volume t1 = made(kDims, head);
    Volume labels = t1;
    auto samples = std::make_shared<std::vector<float>>(*t1.samples);
    for (float& sample : *samples) sample = std::floor(sample / 40.0F);
    labels.samples = samples;
    EXPECT_NE(doubts_of(labels).find("map of labels"), std::string::npos);
    samples = std::make_shared<std::vector<float>>(*t1.samples);
    for (float& sample : *samples) sample = sample < 100.0F ? -1000.0F - sample : sample / 10.0F;
    labels.samples = samples;
    EXPECT_NE(doubts_of(labels).find("CT"), std::string::npos);
}

TEST(ImageDoubts, TooSmallAndTooLarge) {
    EXPECT_NE(doubts_of(made({96, 120, 20}, Head{})).find("covers only 192 × 240 × 40 mm"), std::string::npos);
    Volume volume = made({96, 120, 120}, Head{});
    Eigen::Affine3d map = volume.scan_from_voxel.affine();
    map.linear() *= 10.0;
    volume.scan_from_voxel = AffineMap<Scan, Voxel>(map);
    EXPECT_NE(doubts_of(volume).find("which is no head"), std::string::npos);
}

// The demo patient's whole head raises no doubt; the same without its scalp, and a map of its regions, do.
TEST(ImageDoubts, OfTheDemoPatient) {
    const auto folder = demo_head().parent_path();
    if (!std::filesystem::exists(demo_head())) GTEST_SKIP() << "the package mricron-data is not installed";
    EXPECT_EQ(doubts_of(read_volume(demo_head())), "");
    EXPECT_NE(doubts_of(read_volume(folder / "ch2bet.nii.gz")).find("skull-stripped"), std::string::npos);
    EXPECT_NE(doubts_of(read_volume(folder / "aal.nii.gz")).find("map of labels"), std::string::npos);
}

}  // namespace
}  // namespace precentral
