// SPDX-License-Identifier: Apache-2.0
// What the screen says: numbers, clocks, and above all whether anything is live.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fake_session.h"
#include "screen.h"
#include "ui/desktop/grid.h"
#include "ui/desktop/guidance_drawing.h"
#include "ui/desktop/scene_marks.h"
#include "ui/desktop/shown.h"

namespace precentral {
namespace {

using std::chrono::milliseconds;

const SteadyTime kNow = SteadyTime{} + std::chrono::hours(3);

TEST(GuidanceNumber, HasOneDecimalBelowTenAndNoneAbove) {
    EXPECT_EQ(guidance_number(0.0), "0.0");
    EXPECT_EQ(guidance_number(0.64), "0.6");
    EXPECT_EQ(guidance_number(9.94), "9.9");
    EXPECT_EQ(guidance_number(9.96), "10");
    EXPECT_EQ(guidance_number(42.4), "42");
    EXPECT_EQ(guidance_number(99.4), "99");
    EXPECT_EQ(guidance_number(99.6), "far");
    EXPECT_EQ(guidance_number(5000.0), "far");
    EXPECT_EQ(guidance_number(-0.44), QString(QChar(0x2212)) + "0.4");
    EXPECT_EQ(guidance_number(-0.01), "0.0");
    EXPECT_EQ(guidance_number(std::numeric_limits<double>::quiet_NaN()), "–");
}

TEST(Clock, CountsWholeSecondsUp) {
    EXPECT_EQ(clock_text(86.0), "1:26");
    EXPECT_EQ(clock_text(85.2), "1:26");
    EXPECT_EQ(clock_text(0.0), "0:00");
    EXPECT_EQ(clock_text(1058.0), "17:38");
    EXPECT_EQ(clock_text(-1.0), "–");
    EXPECT_EQ(clock_text(std::nan("")), "–");
}

TEST(Tracking, AFrameIsLiveForExactly150Ms) {
    SessionView view = fake::treat_on_target(kNow - milliseconds(149));
    EXPECT_NE(shown_of(view, kNow, false, nullptr).guidance, nullptr);
    EXPECT_FALSE(tracking_of(view, kNow).lost());
    view.frame_received = kNow - milliseconds(151);
    const Shown shown = shown_of(view, kNow, false, nullptr);
    EXPECT_EQ(shown.guidance, nullptr);
    EXPECT_EQ(shown.tracking.missing, Missing::frames);
    EXPECT_NEAR(shown.tracking.seconds, 0.151, 1e-6);
}

TEST(Tracking, AViewWithoutAnyFrameIsNeverLive) {
    SessionView view = fake::treat_on_target(SteadyTime{});
    EXPECT_EQ(shown_of(view, SteadyTime{} + milliseconds(10), false, nullptr).guidance, nullptr);
}

TEST(Tracking, NamesWhatIsMissingFirst) {
    SessionView view = fake::treat_on_target(kNow);
    view.coil.state = ToolState::hidden;
    EXPECT_EQ(tracking_of(view, kNow).title, "Coil hidden");
    view.coil.state = ToolState::out_of_volume;
    EXPECT_EQ(tracking_of(view, kNow).title, "Coil out of range");
    view.coil.state = ToolState::missing;
    EXPECT_EQ(tracking_of(view, kNow).title, "Coil missing");
    view.head.state = ToolState::hidden;
    EXPECT_EQ(tracking_of(view, kNow).title, "Head reference hidden");
    view.link = LinkState::lost;
    view.link_why = "The camera at 10.0.0.7 closed the connection.";
    EXPECT_EQ(tracking_of(view, kNow).title, "Tracker lost");
    EXPECT_EQ(tracking_of(view, kNow).happened, "The camera at 10.0.0.7 closed the connection.");
    EXPECT_FALSE(tracking_of(view, kNow).todo.isEmpty());
}

TEST(Tracking, GuidanceOfAHiddenToolIsNotShownEvenIfTheSessionStillHasIt) {
    SessionView view = fake::treat_on_target(kNow);
    view.coil.state = ToolState::hidden;
    ASSERT_TRUE(view.guidance.has_value());
    EXPECT_EQ(shown_of(view, kNow, false, nullptr).guidance, nullptr);
}

TEST(Tracking, RegisterNeedsTheStylusAndNotTheCoil) {
    SessionView view = fake::register_step(kNow, 5);
    view.coil.state = ToolState::missing;
    EXPECT_FALSE(tracking_of(view, kNow).lost());
    view.stylus.state = ToolState::hidden;
    EXPECT_EQ(tracking_of(view, kNow).title, "Stylus hidden");
}

TEST(Grid, IsTheDrawnOneAtBothSizes) {
    const Grid g = grid_for({1280, 800}, true);
    EXPECT_EQ(g.patient, QRect(12, 12, 140, 64));
    EXPECT_EQ(g.side, QRect(164, 12, 764, 64));
    EXPECT_EQ(g.registration, QRect(940, 12, 328, 64));
    EXPECT_EQ(g.steps, QRect(12, 88, 140, 552));
    EXPECT_EQ(g.stage, QRect(164, 88, 764, 552));
    EXPECT_EQ(g.numbers, QRect(940, 88, 328, 552));
    EXPECT_EQ(g.strip, QRect(12, 652, 916, 136));
    EXPECT_EQ(g.key, QRect(940, 652, 328, 136));
    EXPECT_EQ(grid_for({1280, 800}, false).stage, QRect(164, 88, 764, 700));
    const Grid big = grid_for({1920, 1080}, true);
    EXPECT_DOUBLE_EQ(big.scale, 1.35);
    EXPECT_EQ(big.steps.width(), 189);
    EXPECT_EQ(big.numbers.width(), 443);
    EXPECT_EQ(big.stage.width(), 1224);
    EXPECT_EQ(big.key, QRect(1461, 880, 443, 184));
}

TEST(Grid, AreasNeverOverlapAndStayInside) {
    for (int width = 960; width <= 3840; width += 173) {
        for (int height = 600; height <= 2160; height += 131) {
            for (const bool strip : {false, true}) {
                const Grid g = grid_for({width, height}, strip);
                std::vector<QRect> areas = {g.patient, g.side, g.registration, g.steps, g.stage, g.numbers, g.key};
                if (strip) areas.push_back(g.strip);
                for (std::size_t i = 0; i < areas.size(); ++i) {
                    ASSERT_TRUE(QRect(0, 0, width, height).contains(areas[i])) << width << "x" << height << " " << i;
                    for (std::size_t j = 0; j < i; ++j) {
                        ASSERT_FALSE(areas[i].intersects(areas[j])) << width << "x" << height << " " << i << " " << j;
                    }
                }
            }
        }
    }
}

TEST(BullsEye, IsLinearToFiveMillimetresAndEndsAtTheRim) {
    EXPECT_DOUBLE_EQ(bulls_eye_radius(0.0, 210), 0.0);
    EXPECT_DOUBLE_EQ(bulls_eye_radius(2.0, 210), 70.0);
    EXPECT_DOUBLE_EQ(bulls_eye_radius(5.0, 210), 175.0);
    EXPECT_DOUBLE_EQ(bulls_eye_radius(20.0, 210), 210.0);
    EXPECT_DOUBLE_EQ(bulls_eye_radius(300.0, 210), 210.0);
    for (double mm = 0.0; mm < 25.0; mm += 0.1) EXPECT_LE(bulls_eye_radius(mm, 210), bulls_eye_radius(mm + 0.1, 210));
}

// The picture is a view from outside the head, never its mirror image: for a target whose z points into the head,
// turning from right to down on the screen is turning from +x to +y of the target.
TEST(BullsEye, IsARotationForAnyCompass) {
    for (int i = 0; i < 36; ++i) {
        const double a = i * 10.0 * 3.14159265358979 / 180.0;
        TargetCompass compass;
        compass.midline = {std::cos(a), std::sin(a)};
        compass.front = {-std::sin(a), std::cos(a)};
        for (const bool turned : {false, true}) {
            const TargetToScreen to_screen(compass, turned);
            const QPointF x = to_screen({1, 0});
            const QPointF y = to_screen({0, 1});
            EXPECT_NEAR(x.x() * y.y() - x.y() * y.x(), 1.0, 1e-12);
            const QPointF midline = to_screen(compass.midline);
            EXPECT_NEAR(midline.x(), 0.0, 1e-12);
            EXPECT_NEAR(midline.y(), turned ? 1.0 : -1.0, 1e-12);
            const QPointF front = to_screen(compass.front);
            EXPECT_NEAR(front.x(), to_screen.front_left() ? -1.0 : 1.0, 1e-12);
        }
    }
}

// A real head: left target, normal pointing left and up. Standing at the patient's left side, the nose is to the left.
TEST(BullsEye, PutsTheFrontLeftForALeftTargetAndRightForARightOne) {
    for (const Side side : {Side::left, Side::right}) {
        const double s = side == Side::left ? -1.0 : 1.0;
        const Eigen::Vector3d z = -Eigen::Vector3d(0.6 * s, 0.0, 0.8);  // into the head
        Eigen::Vector3d y = Eigen::Vector3d(-s, 1.0, 0.0);
        y = (y - y.dot(z) * z).normalized();
        const Eigen::Vector3d x = y.cross(z);
        const Eigen::Vector3d to_midline(-s, 0, 0);
        const Eigen::Vector3d to_front(0, 1, 0);
        TargetCompass compass;
        compass.midline = Eigen::Vector2d(to_midline.dot(x), to_midline.dot(y)).normalized();
        compass.front = Eigen::Vector2d(to_front.dot(x), to_front.dot(y)).normalized();
        EXPECT_EQ(TargetToScreen(compass, false).front_left(), side == Side::left);
        EXPECT_EQ(TargetToScreen(compass, true).front_left(), side == Side::right);
    }
}

// Every view of the scene carries a side letter: the side seen, or both at their own ends.
TEST(SceneMarks, AlwaysCarryTheSide) {
    NEED_SCREEN(test::Screen::memory);
    const HeadBox head{Eigen::Vector3d::Zero(), Eigen::Vector3d(78, 98, 105)};
    for (int i = 0; i < 72; ++i) {
        for (const double up : {-0.9, -0.3, 0.0, 0.4, 0.95}) {
            const double a = i * 5.0 * 3.14159265358979 / 180.0;
            SceneMarks marks;
            marks.head = head;
            marks.view_direction = Eigen::Vector3d(std::cos(a), std::sin(a), up).normalized();
            const Eigen::Vector3d right = marks.view_direction.cross(Eigen::Vector3d::UnitZ()).normalized();
            const auto project = [&](const Point<Scan>& p) {
                return std::optional(QPointF(300 + 1.5 * p.xyz.dot(right), 200.0));
            };
            QImage image(600, 400, QImage::Format_RGB32);
            QPainter painter(&image);
            std::vector<DrawnText> notes;
            Ink ink(painter, dark_theme(), &notes);
            draw_scene_marks(ink, 600, 400, marks, project);
            double left_x = -1;
            double right_x = -1;
            for (const DrawnText& note : notes) (note.text == "L" ? left_x : right_x) = note.ink.center().x();
            if (notes.size() == 2) {
                // Seen from the front the patient's left is at the right, from behind at the left.
                EXPECT_EQ(left_x<right_x, right.x()> 0.0);
            } else {
                ASSERT_EQ(notes.size(), 1U);
                EXPECT_EQ(notes.front().text == "L", marks.view_direction.x() > 0.0);
            }
        }
    }
}

TEST(CameraPlace, StandsOnTheTargetsSideAndLooksAtTheHead) {
    const HeadBox head{Eigen::Vector3d(2, -15, 10), Eigen::Vector3d(78, 98, 105)};
    for (const Side side : {Side::left, Side::right}) {
        const double s = side == Side::left ? -1.0 : 1.0;
        EXPECT_GT(s * camera_place(SceneLook::Camera::standing, head, side, false, {}, {}).away.x(), 0.5);
        EXPECT_LT(s * camera_place(SceneLook::Camera::standing, head, side, true, {}, {}).away.x(), -0.3);
        for (const auto camera :
             {SceneLook::Camera::standing, SceneLook::Camera::next_patch, SceneLook::Camera::cortex}) {
            const CameraPlace at_centre =
                camera_place(camera, head, side, false, Point<Scan>{head.centre + Eigen::Vector3d(0, 0, 10)},
                             Point<Scan>{head.centre});
            EXPECT_NEAR(at_centre.away.norm(), 1.0, 1e-12);
        }
    }
}

}  // namespace
}  // namespace precentral
