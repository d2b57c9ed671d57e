// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>

#include "data/error.h"
#include "report_cases.h"
#include "ui/report/cortex_picture.h"
#include "ui/report/fold_shade.h"

namespace precentral {
namespace {

// A ball of 70 mm with grooves every 30 degrees of longitude: folds that are known.
HeadModel grooved_ball() {
    HeadModel head;
    constexpr int kRings = 120, kSpokes = 240;
    const auto radius = [](double longitude) { return 70.0 - 4.0 * std::pow(std::cos(6.0 * longitude), 8); };
    for (int ring = 0; ring <= kRings; ++ring) {
        for (int spoke = 0; spoke < kSpokes; ++spoke) {
            const double latitude = (0.02 + 0.96 * ring / kRings) * std::numbers::pi;
            const double longitude = 2.0 * std::numbers::pi * spoke / kSpokes;
            const Eigen::Vector3d out(std::sin(latitude) * std::cos(longitude),
                                      std::sin(latitude) * std::sin(longitude), std::cos(latitude));
            head.brain.vertices.push_back({radius(longitude) * out});
            head.brain.normals.push_back({out});
        }
    }
    for (int ring = 0; ring < kRings; ++ring) {
        for (int spoke = 0; spoke < kSpokes; ++spoke) {
            const int a = ring * kSpokes + spoke, b = ring * kSpokes + (spoke + 1) % kSpokes;
            head.brain.triangles.push_back({a, a + kSpokes, b});
            head.brain.triangles.push_back({b, a + kSpokes, b + kSpokes});
        }
    }
    return head;
}

TEST(CortexView, LooksFromOutsideWithTheMidlineUp) {
    for (const Side side : {Side::left, Side::right}) {
        const TargetRecord target = test::target_over(side, 1);
        const CortexView view = view_of(target, 60.0, 1.5);
        EXPECT_EQ(view.front, side == Side::left ? -1 : 1);
        EXPECT_LT((view.project(target.cortex) - Eigen::Vector2d(0.5, 0.5)).norm(), 1e-12);
        const double front = view.project(target.cortex + Direction<Scan>{Eigen::Vector3d(0, 5, 0)}).x() - 0.5;
        EXPECT_EQ(front < 0.0, side == Side::left);
        EXPECT_LT(view.project(target.cortex + Direction<Scan>{Eigen::Vector3d(0, 0, 5)}).y(), 0.5);  // up
        // Seen from outside: right, up and outward are a right-handed set, so nothing is mirrored.
        EXPECT_NEAR(view.right.cross(view.up).dot(view.outward), 1.0, 1e-9);
    }
}

TEST(CortexView, AMillimetreIsAMillimetreEverywhere) {
    const CortexView view = view_of(test::target_over(Side::left, 1), 60.0, 1.5);
    std::mt19937 random(5);
    std::uniform_real_distribution<double> within(-25.0, 25.0);
    for (int i = 0; i < 100; ++i) {
        const double across = within(random), along = within(random), deep = within(random);
        const Eigen::Vector2d at =
            view.project(view.centre + across * view.right + along * view.up + deep * view.outward);
        EXPECT_NEAR((at.x() - 0.5) * 60.0, across, 1e-9);
        EXPECT_NEAR((0.5 - at.y()) * 40.0, along, 1e-9);
    }
}

TEST(FoldShade, IsDarkInTheGroovesAndLightOnTheCrowns) {
    const HeadModel head = grooved_ball();
    const std::vector<float> shade = fold_shade(head);
    ASSERT_EQ(shade.size(), head.brain.vertices.size());
    double groove = 0.0, crown = 0.0;
    int grooves = 0, crowns = 0;
    for (std::size_t i = 240 * 40; i < 240 * 80; ++i) {
        const std::size_t spoke = i % 20;  // a groove every 20 spokes
        if (spoke == 0) groove += static_cast<double>(shade[i]), ++grooves;
        if (spoke == 10) crown += static_cast<double>(shade[i]), ++crowns;
    }
    EXPECT_GT(groove / grooves, 0.5);
    EXPECT_LT(crown / crowns, 0.2);
}

TEST(CortexPicture, ShowsTheSurfaceWithoutADisplay) {
    const HeadModel head = grooved_ball();
    TargetRecord target = test::target_over(Side::left, 1);
    target.cortex = {70.0 * -target.scan_from_coil.z_axis().xyz};
    QImage picture;
    try {
        picture = render_cortex(head, view_of(target, 60.0, 1.5), 300);
    } catch (const InputError&) {
        throw;
    } catch (const Error& error) {
        GTEST_SKIP() << error.what();
    }
    ASSERT_EQ(picture.size(), QSize(300, 200));
    std::map<int, int> levels;
    double sum = 0.0;
    for (int y = 0; y < 200; ++y) {
        for (int x = 0; x < 300; ++x) {
            const int level = qGray(picture.pixel(x, y));
            ++levels[level / 8];
            sum += level;
        }
    }
    EXPECT_GT(levels.size(), 8U);  // shades, not one colour
    EXPECT_GT(sum / 60000.0, 110.0);
    EXPECT_LT(sum / 60000.0, 250.0);
    // Twice the same.
    EXPECT_EQ(render_cortex(head, view_of(target, 60.0, 1.5), 300), picture);
}

TEST(CortexPicture, RefusesAHeadWithoutABrain) {
    const HeadModel empty;
    EXPECT_THROW(render_cortex(empty, view_of(test::target_over(Side::left, 1), 60.0, 1.5), 100), InputError);
}

}  // namespace
}  // namespace precentral
