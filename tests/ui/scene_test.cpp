// SPDX-License-Identifier: Apache-2.0
// The 3D view: rendered for real where there is OpenGL, and absent without harm where there is none.
#include <gtest/gtest.h>

#include <QLabel>
#include <QTest>
#include <cmath>
#include <iostream>

#include "fake_session.h"
#include "recording_verbs.h"
#include "screen.h"
#include "ui/desktop/main_window.h"
#include "ui/desktop/scene_view.h"
#include "ui/desktop/vtk_view.h"

namespace precentral {
namespace {

// Pixels as blue as the coil is drawn.
int blue_pixels(const QImage& image) {
    int count = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const QRgb p = image.pixel(x, y);
            count += qBlue(p) > 70 && qBlue(p) > qRed(p) + 35 ? 1 : 0;
        }
    }
    return count;
}

// Skin and brain are redder than the ground.
int warm_pixels(const QImage& image) {
    int count = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const QRgb p = image.pixel(x, y);
            count += qRed(p) > 60 && qRed(p) > qBlue(p) + 10 ? 1 : 0;
        }
    }
    return count;
}

class Scene : public testing::Test {
protected:
    void SetUp() override { NEED_SCREEN(test::Screen::x11); }

    MainWindow& open(SessionView (*make)(SteadyTime)) {
        head_ = fake::simple_head();
        make_ = make;
        window_ = std::make_unique<MainWindow>(
            [this] {
                SessionView view = make_(steady_now());
                fake::place_on(view, *head_);
                if (view.scan_from_coil) {
                    view.scan_from_coil = Transform<Scan, Coil>(view.scan_from_coil->isometry() * coil_moved_);
                }
                return view;
            },
            verbs_);
        window_->set_voice({});
        window_->set_head(head_);
        window_->show();
        for (int i = 0; i < 2000 && !window_->scene_ready(); ++i) test::wait_ms(10);
        test::wait_ms(500);
        return *window_;
    }

    SessionView (*make_)(SteadyTime) = nullptr;
    Eigen::Isometry3d coil_moved_ = Eigen::Isometry3d::Identity();
    std::shared_ptr<const HeadModel> head_;
    test::RecordingVerbs verbs_;
    std::unique_ptr<MainWindow> window_;
};

TEST_F(Scene, DrawsHeadAndCoilAndTakesAHiddenCoilAway) {
    MainWindow& window = open(fake::treat_on_target);
    ASSERT_TRUE(window.scene()->isVisible());
    QImage image = window.scene()->picture();
    EXPECT_GT(warm_pixels(image), 4000);
    EXPECT_GT(blue_pixels(image), 1500);
    EXPECT_TRUE(window.scene()->coil_shown());
    make_ = fake::treat_coil_hidden;
    window.refresh();
    EXPECT_FALSE(window.scene()->coil_shown());  // at once, before any frame
    EXPECT_FALSE(window.scene()->isVisible());
    image = window.scene()->picture();
    EXPECT_EQ(blue_pixels(image), 0);
}

TEST_F(Scene, MovesTheCoilWithTheTracker) {
    MainWindow& window = open(fake::treat_on_target);
    const QImage before = window.scene()->picture();
    coil_moved_.translation() = Eigen::Vector3d(30, 0, -20);
    test::wait_ms(600);
    const QImage after = window.scene()->picture();
    ASSERT_EQ(before.size(), after.size());
    int changed = 0;
    for (int y = 0; y < before.height(); ++y) {
        for (int x = 0; x < before.width(); ++x) changed += before.pixel(x, y) != after.pixel(x, y) ? 1 : 0;
    }
    EXPECT_GT(changed, 1500);
    EXPECT_GT(blue_pixels(after), 1000);
}

TEST_F(Scene, RendersNothingWhileNothingMoves) {
    MainWindow& window = open(fake::treat_on_target);
    test::wait_ms(500);
    const int before = window.scene()->frames();
    ASSERT_GT(before, 0);
    test::wait_ms(700);
    EXPECT_LE(window.scene()->frames(), before + 1);
}

// A left target is seen from the left: the left hand area is nearer to the camera than the right one, and in view.
TEST_F(Scene, ProjectsPointsWhereTheyAreDrawn) {
    MainWindow& window = open(fake::target_step);
    const auto left = window.scene()->project(head_->fiducials[1].point);
    const auto nose = window.scene()->project(head_->fiducials[0].point);
    ASSERT_TRUE(left && nose);
    EXPECT_LT(nose->x(), left->x());  // the nose to the left of the left ear
    EXPECT_TRUE(QRectF(window.scene()->rect()).contains(*left));
}

TEST_F(Scene, ShowsEveryStageWithoutTrouble) {
    MainWindow& window = open(fake::image_step);
    for (auto make : {fake::target_step, fake::map_step, fake::treat_off_target, fake::outcome_step, fake::review_step,
                      fake::patient_step}) {
        make_ = make;
        test::wait_ms(250);
        EXPECT_FALSE(window.grab().isNull());
    }
    make_ = [](SteadyTime now) { return fake::register_step(now, 30); };
    test::wait_ms(400);
    EXPECT_GT(warm_pixels(window.scene()->picture()), 20000);
}

// Yellow as the field's peak is painted.
int yellow_pixels(const QImage& image) {
    int count = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const QRgb p = image.pixel(x, y);
            count += qGreen(p) > 110 && qGreen(p) > qBlue(p) + 60 && qRed(p) > qBlue(p) + 40 ? 1 : 0;
        }
    }
    return count;
}

TEST_F(Scene, PaintsTheFieldOfALiveCoilOnly) {
    MainWindow& window = open(fake::map_step);
    for (int i = 0; i < 500 && !window.scene()->field_shown(); ++i) test::wait_ms(10);
    ASSERT_TRUE(window.scene()->field_shown());
    test::wait_ms(600);
    const int painted = yellow_pixels(window.scene()->picture());
    EXPECT_GT(painted, 500);
    QTest::keyClick(&window, Qt::Key_E);
    EXPECT_FALSE(window.scene()->field_shown());
    EXPECT_LT(yellow_pixels(window.scene()->picture()), painted / 10);
    QTest::keyClick(&window, Qt::Key_E);
    for (int i = 0; i < 500 && !window.scene()->field_shown(); ++i) test::wait_ms(10);
    EXPECT_TRUE(window.scene()->field_shown());
    make_ = [](SteadyTime now) {
        SessionView view = fake::map_step(now);
        view.coil.state = ToolState::hidden;
        view.scan_from_coil.reset();
        view.guidance.reset();
        return view;
    };
    window.refresh();
    EXPECT_FALSE(window.scene()->field_shown());  // at once
    test::wait_ms(300);
    EXPECT_FALSE(window.scene()->field_shown());
}

TEST_F(Scene, TheFieldFollowsTheCoilAndDoesNotHoldTheScreenUp) {
    MainWindow& window = open(fake::map_step);
    for (int i = 0; i < 500 && !window.scene()->field_shown(); ++i) test::wait_ms(10);
    ASSERT_TRUE(window.scene()->field_shown());
    const auto run_for = [&](double seconds) {
        const SteadyTime from = steady_now();
        double slowest_s = 0.0;
        while (seconds_between(from, steady_now()) < seconds) {
            coil_moved_.translation().x() = 15.0 * std::sin(4.0 * seconds_between(from, steady_now()));
            const SteadyTime before = steady_now();
            window.refresh();
            slowest_s = std::max(slowest_s, seconds_between(before, steady_now()));
            test::wait_ms(10);
        }
        return slowest_s;
    };
    const int fields = window.scene()->fields();
    const int frames = window.scene()->frames();
    const double slowest_s = run_for(3.0);
    const double fields_per_s = (window.scene()->fields() - fields) / 3.0;
    const double frames_per_s = (window.scene()->frames() - frames) / 3.0;
    QTest::keyClick(&window, Qt::Key_E);
    const int bare = window.scene()->frames();
    run_for(3.0);
    std::cout << "with the field: " << fields_per_s << " fields/s, " << frames_per_s << " frames/s drawn, slowest turn "
              << 1e3 * slowest_s << " ms; without: " << (window.scene()->frames() - bare) / 3.0 << " frames/s\n";
    EXPECT_GT(fields_per_s, 3.0);
    EXPECT_GT(frames_per_s, 2.0);
    EXPECT_LT(slowest_s, 0.25);
}

TEST(SceneWithoutGl, IsALabelAndTheGuidanceGoesOn) {
    NEED_SCREEN(test::Screen::memory);
    ASSERT_FALSE(VtkView::gl_available());
    const SteadyTime now = steady_now();
    test::RecordingVerbs verbs;
    MainWindow window([&] { return fake::treat_on_target(now); }, verbs, [&] { return now; });
    window.set_head(fake::simple_head());
    window.show();
    for (int i = 0; i < 2000 && !window.scene_ready(); ++i) test::wait_ms(10);
    ASSERT_TRUE(window.scene_ready());
    const auto* label = window.scene()->findChild<QLabel*>();
    ASSERT_NE(label, nullptr);
    EXPECT_TRUE(label->text().startsWith(QStringLiteral("No 3D view")));
    EXPECT_TRUE(window.scene()->picture().isNull());
    EXPECT_FALSE(window.scene()->coil_shown());
    EXPECT_FALSE(window.grab().isNull());
}

}  // namespace
}  // namespace precentral
