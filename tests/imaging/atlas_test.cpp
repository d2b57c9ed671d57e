// SPDX-License-Identifier: Apache-2.0
#include "imaging/atlas.h"

#include <gtest/gtest.h>

#include <random>

#include "data/error.h"
#include "fixtures.h"
#include "imaging/head_model.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

// A few labelled voxels on oblique, unequal voxels.
Volume few_labels(const std::vector<std::pair<Eigen::Vector3i, float>>& set) {
    Volume out;
    out.dims = {30, 24, 28};
    Eigen::Affine3d map = Eigen::Affine3d::Identity();
    map.linear() = Eigen::AngleAxisd(0.4, Vector3d(1, 2, -1).normalized()).toRotationMatrix() *
                   Vector3d(-2.0, 1.5, 2.5).asDiagonal();
    map.translation() = Vector3d(12, -20, -10);
    out.scan_from_voxel = AffineMap<Scan, Voxel>(map);
    std::vector<float> samples(out.count(), 0.0F);
    for (const auto& [v, value] : set) {
        samples[static_cast<std::size_t>(v[0] + 30 * (v[1] + 24 * v[2]))] = value;
    }
    out.samples = std::make_shared<const std::vector<float>>(std::move(samples));
    return out;
}

TEST(Atlas, FindsTheNearestLabelAsASlowSearchDoes) {
    std::mt19937 random(4);
    const auto upto = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    std::vector<std::pair<Eigen::Vector3i, float>> set;
    for (int i = 0; i < 25; ++i) {
        set.push_back({{upto(30), upto(24), upto(28)}, static_cast<float>(1 + upto(3))});
    }
    set.push_back({{3, 3, 3}, 9.0F});  // a value without a name is no label
    const Volume labels = few_labels(set);
    const Atlas atlas("made up", labels, {"", "one", "two", "three"}, false);
    int inside = 0;
    int none = 0;
    for (int trial = 0; trial < 300; ++trial) {
        const Vector3d v(upto(400) / 10.0 - 5.0, upto(340) / 10.0 - 5.0, upto(380) / 10.0 - 5.0);
        const Vector3d p = trial % 10 == 0 ? Vector3d(labels.scan_from_voxel.affine() *
                                                      set[static_cast<std::size_t>(upto(25))].first.cast<double>())
                                           : Vector3d(labels.scan_from_voxel.affine() * v);
        double best = 12.0;
        for (const auto& [voxel, value] : set) {
            if (value > 3.0F) continue;
            best = std::min(best, (labels.scan_from_voxel.affine() * voxel.cast<double>() - p).norm());
        }
        const auto found = atlas.label_at({p}, 12.0);
        if (!found) {
            EXPECT_EQ(best, 12.0);
            ++none;
            continue;
        }
        if (found->distance_mm == 0.0) {
            ++inside;
            continue;
        }
        EXPECT_NEAR(found->distance_mm, best, 1e-9);
        EXPECT_EQ(found->name, (std::array{"", "one", "two", "three"}[static_cast<std::size_t>(found->value)]));
    }
    EXPECT_GT(inside, 20);
    EXPECT_GT(none, 5);
    EXPECT_FALSE(atlas.label_at({{std::nan(""), 0, 0}}));
    EXPECT_FALSE(atlas.label_at({{1e300, 0, 0}}));
    EXPECT_FALSE(atlas.label_at({{500, 0, 0}}));
}

TEST(Atlas, SaysTheSideAndRefusesWhatCarriesNoName) {
    const Volume labels = few_labels({{{2, 10, 10}, 1.0F}, {{28, 10, 10}, 1.0F}});
    const Atlas atlas("made up", labels, {"", "gyrus"}, true);
    for (const int i : {2, 28}) {
        const Vector3d p = labels.scan_from_voxel.affine() * Vector3d(i, 10, 10);
        EXPECT_EQ(atlas.label_at({p})->name, p.x() < 0.0 ? "gyrus, left" : "gyrus, right");
    }
    EXPECT_THROW(Atlas("empty", few_labels({}), {"", "gyrus"}, true), InputError);
    EXPECT_THROW(Atlas("other", few_labels({{{2, 2, 2}, 7.0F}}), {"", "gyrus"}, true), InputError);
    const TemporaryFolder nothing;
    try {
        (void)load_atlases(nothing.path());
        ADD_FAILURE();
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find("mricron-data"), std::string::npos);
    }
}

// Places every neuroanatomist agrees on, in the atlases as installed.
TEST(Atlas, KnowsWherePlacesAre) {
    if (!std::filesystem::exists(demo_head())) GTEST_SKIP() << "Install the package mricron-data.";
    const auto atlases = load_atlases(kTemplateDir);
    ASSERT_EQ(atlases.size(), 3U);
    const auto names = [&](const Vector3d& p) {
        std::vector<std::string> out;
        for (const Atlas& atlas : atlases) {
            const auto label = atlas.label_at({p});
            out.push_back(label ? label->name : "");
        }
        return out;
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(names({-38.6, -15.4, 62.0}), (Names{"Precentral_L", "Brodmann 4, left", "Precentral Gyrus, left"}));
    EXPECT_EQ(names({38.6, -15.4, 62.0}), (Names{"Precentral_R", "Brodmann 4, right", "Precentral Gyrus, right"}));
    EXPECT_EQ(names({-40, -30, 60}), (Names{"Postcentral_L", "Brodmann 3, left", "Postcentral Gyrus, left"}));
    EXPECT_EQ(names({45, -20, 8}), (Names{"Heschl_R", "Brodmann 48, right", "Heschl's Gyrus, right"}));
    EXPECT_EQ(names({-10, -95, 0})[1], "Brodmann 17, left");
    EXPECT_EQ(names({0, 0, 130}), (Names{"", "", ""}));  // air above the head
    // A little above the crown of the precentral gyrus: still named, and how far off is said.
    const auto above = atlases[0].label_at({{-40, -14, 78}});
    ASSERT_TRUE(above);
    EXPECT_GT(above->distance_mm, 0.0);
    EXPECT_LE(above->distance_mm, 15.0);
}

}  // namespace
}  // namespace precentral
