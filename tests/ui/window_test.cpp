// SPDX-License-Identifier: Apache-2.0
// Keys and clicks become verbs, each once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QButtonGroup>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

#include "fake_session.h"
#include "recording_verbs.h"
#include "screen.h"
#include "ui/desktop/main_key.h"
#include "ui/desktop/main_window.h"
#include "ui/desktop/outcome_stage.h"

namespace precentral {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Window : public testing::Test {
protected:
    void SetUp() override { NEED_SCREEN(test::Screen::memory); }

    MainWindow& open(SessionView view) {
        view_ = std::move(view);
        window_ = std::make_unique<MainWindow>([this] { return view_; }, verbs_, [this] { return now_; });
        window_->set_voice({});
        window_->show();
        return *window_;
    }

    SteadyTime now_ = steady_now();
    SessionView view_;
    test::RecordingVerbs verbs_;
    std::unique_ptr<MainWindow> window_;
};

TEST_F(Window, SpacePausesOnceWhileATrainRuns) {
    QTest::keyClick(&open(fake::treat_on_target(now_)), Qt::Key_Space);
    EXPECT_THAT(verbs_.calls, ElementsAre("pause_or_resume"));
}

TEST_F(Window, CChecksTheRegistrationBetweenTrainsOnly) {
    SessionView running = fake::treat_on_target(now_);
    ASSERT_TRUE(running.treatment.running);
    QTest::keyClick(&open(running), Qt::Key_C);
    EXPECT_THAT(verbs_.calls, IsEmpty());
    SessionView between = fake::treat_off_target(now_);
    ASSERT_FALSE(between.treatment.running);
    QTest::keyClick(&open(between), Qt::Key_C);
    EXPECT_THAT(verbs_.calls, ElementsAre("check_registration"));
    between.registration.reset();  // nothing to check
    QTest::keyClick(&open(between), Qt::Key_C);
    EXPECT_THAT(verbs_.calls, ElementsAre("check_registration"));
}

TEST_F(Window, YAndNAnswerOnlyWhenAsked) {
    SessionView view = fake::map_step(now_);
    QTest::keyClick(&open(view), Qt::Key_Y);
    EXPECT_THAT(verbs_.calls, IsEmpty());
    view.asks_for_twitch = true;
    MainWindow& window = open(view);
    QTest::keyClick(&window, Qt::Key_Y);
    QTest::keyClick(&window, Qt::Key_N);
    EXPECT_THAT(verbs_.calls, ElementsAre("twitch", "no twitch"));
}

TEST_F(Window, AHeldSpaceKeyPressesOnce) {
    MainWindow& window = open(fake::treat_on_target(now_));
    QKeyEvent first(QEvent::KeyPress, Qt::Key_Space, Qt::NoModifier, QStringLiteral(" "), false);
    QKeyEvent again(QEvent::KeyPress, Qt::Key_Space, Qt::NoModifier, QStringLiteral(" "), true);
    QApplication::sendEvent(&window, &first);
    for (int i = 0; i < 5; ++i) QApplication::sendEvent(&window, &again);
    EXPECT_THAT(verbs_.calls, ElementsAre("pause_or_resume"));
}

TEST_F(Window, PauseIsNeverRefusedWhileATrainRuns) {
    SessionView view = fake::treat_on_target(now_);
    view.key = {"RESUME", "", false, false};
    view.coil.state = ToolState::hidden;
    QTest::keyClick(&open(view), Qt::Key_Space);
    EXPECT_THAT(verbs_.calls, ElementsAre("pause_or_resume"));
}

TEST_F(Window, ResumeNeedsALivePoseOnThisScreen) {
    SessionView view = fake::treat_on_target(now_);
    view.treatment.running = false;
    view.treatment.paused = true;
    view.key = {"RESUME", "", true, true};
    MainWindow& window = open(view);
    now_ += std::chrono::seconds(1);  // the last frame is old by now
    window.refresh();
    QTest::keyClick(&window, Qt::Key_Space);
    EXPECT_THAT(verbs_.calls, IsEmpty());
    view_.frame_received = now_;
    window.refresh();
    QTest::keyClick(&window, Qt::Key_Space);
    EXPECT_THAT(verbs_.calls, ElementsAre("pause_or_resume"));
}

TEST_F(Window, MainKeyAdvancesByClickSpaceAndEnter) {
    MainWindow& window = open(fake::target_step(now_));
    QTest::mouseClick(window.main_key(), Qt::LeftButton);
    QTest::keyClick(&window, Qt::Key_Space);
    QTest::keyClick(&window, Qt::Key_Return);
    EXPECT_THAT(verbs_.calls, ElementsAre("advance", "advance", "advance"));
}

TEST_F(Window, ADisabledMainKeyDoesNothing) {
    SessionView view = fake::target_step(now_);
    view.key.enabled = false;
    MainWindow& window = open(view);
    QTest::mouseClick(window.main_key(), Qt::LeftButton);
    QTest::keyClick(&window, Qt::Key_Space);
    QTest::keyClick(&window, Qt::Key_Escape);
    EXPECT_THAT(verbs_.calls, IsEmpty());
}

TEST_F(Window, ControlAndNumberGoToDoneStepsOnly) {
    MainWindow& window = open(fake::target_step(now_));
    QTest::keyClick(&window, Qt::Key_3, Qt::ControlModifier);
    QTest::keyClick(&window, Qt::Key_7, Qt::ControlModifier);  // blocked
    QTest::keyClick(&window, Qt::Key_4, Qt::ControlModifier);  // where we are
    QTest::keyClick(&window, Qt::Key_2, Qt::ControlModifier);
    EXPECT_THAT(verbs_.calls, ElementsAre("check_registration", "go_to Image"));
}

TEST_F(Window, NoStepIsLeftWhileATrainRuns) {
    MainWindow& window = open(fake::treat_on_target(now_));
    for (int key = Qt::Key_1; key <= Qt::Key_9; ++key)
        QTest::keyClick(&window, static_cast<Qt::Key>(key), Qt::ControlModifier);
    EXPECT_THAT(verbs_.calls, IsEmpty());
}

TEST_F(Window, AClickOnAStepGoesThere) {
    MainWindow& window = open(fake::target_step(now_));
    Panel* steps = window.panels()[3];
    QTest::mouseClick(steps, Qt::LeftButton, Qt::NoModifier, QPoint(60, 44 + 58));  // Image
    QTest::mouseClick(steps, Qt::LeftButton, Qt::NoModifier, QPoint(60, 44 + 58 * 8));
    EXPECT_THAT(verbs_.calls, ElementsAre("go_to Image"));
}

TEST_F(Window, OutcomeStartsEmptyAndIsRecordedOnceWhenAsked) {
    MainWindow& window = open(fake::outcome_step(now_));
    OutcomeStage& form = *window.outcome_form();
    EXPECT_FALSE(form.outcome().relief_percent.has_value());
    EXPECT_FALSE(form.outcome().pain_before.has_value());
    EXPECT_FALSE(form.outcome().pain_after.has_value());
    EXPECT_TRUE(form.outcome().adverse_events.empty());
    QTest::keyClick(&window, Qt::Key_Return);
    EXPECT_THAT(verbs_.calls, IsEmpty());
    QTest::keyClicks(form.relief(), QStringLiteral("40"));
    QTest::keyClicks(form.days(), QStringLiteral("6.5"));
    QTest::mouseClick(form.before()->button(7), Qt::LeftButton);
    QTest::mouseClick(form.after()->button(4), Qt::LeftButton);
    QTest::keyClick(&window, Qt::Key_Return);
    EXPECT_THAT(verbs_.calls, IsEmpty()) << "adverse events were not asked yet";
    QTest::mouseClick(form.no_adverse(), Qt::LeftButton);
    QTest::keyClick(&window, Qt::Key_Return);
    ASSERT_THAT(verbs_.calls, ElementsAre("record_outcome"));
    const Outcome& outcome = verbs_.outcomes.front();
    EXPECT_DOUBLE_EQ(outcome.relief_percent.value(), 40.0);
    EXPECT_DOUBLE_EQ(outcome.relief_days.value(), 6.5);
    EXPECT_DOUBLE_EQ(outcome.pain_before.value(), 7.0);
    EXPECT_DOUBLE_EQ(outcome.pain_after.value(), 4.0);
    EXPECT_EQ(outcome.adverse_events, "none");
    // Once recorded the key goes on instead.
    view_.relief = "40 % for 6.5 days";
    window.refresh();
    QTest::keyClick(&window, Qt::Key_Return);
    EXPECT_THAT(verbs_.calls, ElementsAre("record_outcome", "advance"));
}

TEST_F(Window, OutcomeRefusesWhatIsNoRelief) {
    MainWindow& window = open(fake::outcome_step(now_));
    OutcomeStage& form = *window.outcome_form();
    form.relief()->setText(QStringLiteral("250"));
    QTest::mouseClick(form.no_adverse(), Qt::LeftButton);
    EXPECT_TRUE(form.missing().contains(QStringLiteral("relief")));
    QTest::keyClick(&window, Qt::Key_Return);
    EXPECT_THAT(verbs_.calls, IsEmpty());
    form.relief()->setText(QStringLiteral("-30"));
    EXPECT_EQ(form.missing(), QString());
    EXPECT_DOUBLE_EQ(form.outcome().relief_percent.value(), -30.0);
}

TEST_F(Window, SpaceInATextFieldTypesASpace) {
    MainWindow& window = open(fake::outcome_step(now_));
    OutcomeStage& form = *window.outcome_form();
    QTest::keyClicks(form.adverse(), QStringLiteral("mild headache"));
    EXPECT_EQ(form.adverse()->text(), QStringLiteral("mild headache"));
    EXPECT_THAT(verbs_.calls, IsEmpty());
}

// Nothing moves, nothing is painted.
TEST_F(Window, AStillScreenIsNotRepainted) {
    struct Counter : QObject {
        int paints = 0;
        bool eventFilter(QObject*, QEvent* event) override {
            paints += event->type() == QEvent::Paint ? 1 : 0;
            return false;
        }
    };
    MainWindow& window = open(fake::treat_off_target(now_));
    test::wait_ms(600);
    Counter counter;
    for (Panel* panel : window.panels()) panel->installEventFilter(&counter);
    for (int i = 0; i < 60; ++i) {
        view_.revision++;
        window.refresh();
        test::wait_ms(2);
    }
    EXPECT_EQ(counter.paints, 0);
    view_.guidance->offset_mm.x() += 0.4;
    window.refresh();
    test::wait_ms(50);
    EXPECT_GE(counter.paints, 1);
}

TEST_F(Window, DigitsChangeTenTimesASecondAndStatesAtOnce) {
    MainWindow& window = open(fake::treat_on_target(now_));
    Panel* numbers = window.panels()[4];
    const auto shows = [&](const QString& text) {
        for (const DrawnText& drawn : numbers->texts()) {
            if (drawn.text == text) return true;
        }
        return false;
    };
    now_ += std::chrono::milliseconds(200);
    view_.frame_received = now_;
    view_.guidance->deviation.gap_mm = 0.7;
    window.refresh();
    EXPECT_TRUE(shows("0.7"));
    now_ += std::chrono::milliseconds(16);
    view_.frame_received = now_;
    view_.guidance->deviation.gap_mm = 0.8;
    window.refresh();
    EXPECT_TRUE(shows("0.7"));
    now_ += std::chrono::milliseconds(16);
    view_.frame_received = now_;
    view_.guidance->deviation.gap_mm = 1.4;
    view_.guidance->gap = Grade::near;
    window.refresh();
    EXPECT_TRUE(shows("1.4"));
}

}  // namespace
}  // namespace precentral
