// SPDX-License-Identifier: Apache-2.0
// The field for the screen: the newest pose wins, and the head it was computed in is named truly.
#include "ui/desktop/field_painter.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "navigation/efield/coil_file.h"
#include "navigation/efield/inner_skull.h"
#include "tests/navigation/efield_fixtures.h"
#include "ui/desktop/field_legend.h"

namespace precentral {
namespace {

std::shared_ptr<const PaintedField> answer(const FieldPainter& painter, std::uint64_t wish) {
    for (int i = 0; i < 2000; ++i) {
        if (auto newest = painter.newest(); newest && newest->wish >= wish) return newest;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return nullptr;
}

TEST(FieldPainter, NamesTheHeadItWasComputedIn) {
    const auto scalp = std::make_shared<const Surface>(ellipsoid(1280, Eigen::Vector3d::Constant(90.0)));
    const auto cortex = std::make_shared<const Surface>(ellipsoid(1280, Eigen::Vector3d::Constant(75.0)));
    const Surface shell = ellipsoid(320, Eigen::Vector3d::Constant(80.0));
    const CoilModel coil = coil_from("figure8-70");
    ShellModesOptions quick;
    quick.training_poses = 200;
    quick.largest_rms_error = quick.largest_worst_error = 0.5;
    const auto modes = std::make_shared<ShellModes>(prepare_shell_modes(shell, cortex->vertices, coil, quick));
    const auto others = std::make_shared<ShellModes>(*modes);
    others->points.pop_back();

    FieldPainter painter(scalp, cortex);
    EXPECT_EQ(painter.newest(), nullptr);
    const auto pose = on_ball(Eigen::Vector3d::UnitZ(), 90.0, 0.3);
    const auto sphere = answer(painter, painter.want(pose, nullptr));
    ASSERT_NE(sphere, nullptr);
    EXPECT_EQ(sphere->origin.head, "sphere");
    ASSERT_EQ(sphere->share.size(), cortex->vertices.size());
    const auto peak = std::max_element(sphere->share.begin(), sphere->share.end());
    EXPECT_NEAR(*peak, 1.0, 1e-5);
    EXPECT_LT(distance_mm(cortex->vertices[static_cast<std::size_t>(peak - sphere->share.begin())],
                          {Eigen::Vector3d(0, 0, 75)}),
              12.0);
    // Modes for other points than this cortex's are not used, nor is it said that they are.
    const auto refused = answer(painter, painter.want(pose, others));
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(refused->origin.head, "sphere");
    const auto inner = answer(painter, painter.want(pose, modes));
    ASSERT_NE(inner, nullptr);
    EXPECT_EQ(inner->origin.head, "inner skull");
    EXPECT_NEAR(inner->peak_v_per_m, sphere->peak_v_per_m, 0.05 * sphere->peak_v_per_m);  // a ball is a sphere
    // A hundred wishes at once: the last is answered, and it is the last pose's.
    std::uint64_t last = 0;
    for (int i = 0; i <= 100; ++i) {
        last = painter.want(on_ball(Eigen::Vector3d(0.01 * i, 0, 1).normalized(), 90.0, 0.3), modes);
    }
    const auto newest = answer(painter, last);
    ASSERT_NE(newest, nullptr);
    EXPECT_EQ(newest->wish, last);
    const auto there = std::max_element(newest->share.begin(), newest->share.end()) - newest->share.begin();
    EXPECT_GT(cortex->vertices[static_cast<std::size_t>(there)].xyz.x(), 35.0);
}

TEST(FieldLegend, EachStepOfTheColoursIsLighter) {
    const QColor cortex(0xe0c3b4);
    EXPECT_EQ(field_colour(0.0, cortex), cortex);
    EXPECT_EQ(field_colour(std::nan(""), cortex), cortex);
    const auto lightness = [&](double share) {
        const QColor c = field_colour(share, cortex);
        return 0.2126 * std::pow(c.redF(), 2.2) + 0.7152 * std::pow(c.greenF(), 2.2) +
               0.0722 * std::pow(c.blueF(), 2.2);
    };
    for (double share = 0.36; share < 1.0; share += 0.01) EXPECT_GT(lightness(share + 0.01), lightness(share)) << share;
    EXPECT_EQ(field_colour(1.4, cortex), field_colour(1.0, cortex));
}

}  // namespace
}  // namespace precentral
