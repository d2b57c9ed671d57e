// SPDX-License-Identifier: Apache-2.0
// Every screen at several sizes: no text is cut off or lies on another, and nothing that is not live is drawn.
#include <gtest/gtest.h>

#include <QKeyEvent>
#include <QPushButton>
#include <QRegularExpression>
#include <QStyle>
#include <QStyleOptionButton>

#include "fake_session.h"
#include "recording_verbs.h"
#include "screen.h"
#include "ui/desktop/main_key.h"
#include "ui/desktop/main_window.h"

namespace precentral {
namespace {

using Make = SessionView (*)(SteadyTime);

struct NamedView {
    const char* name;
    Make make;
    friend void PrintTo(const NamedView& view, std::ostream* out) { *out << view.name; }
};

const NamedView kViews[] = {
    {"patient", fake::patient_step},
    {"image", fake::image_step},
    {"register, start", [](SteadyTime now) { return fake::register_step(now, 1); }},
    {"register, surface", [](SteadyTime now) { return fake::register_step(now, 17); }},
    {"register, done", [](SteadyTime now) { return fake::register_step(now, 40); }},
    {"target", fake::target_step},
    {"map", fake::map_step},
    {"treat on", fake::treat_on_target},
    {"treat off", fake::treat_off_target},
    {"treat hidden", fake::treat_coil_hidden},
    {"treat far and long",
     [](SteadyTime now) {
         SessionView v = fake::treat_off_target(now);
         v.guidance->deviation = {132.0, 88.0, 47.0, -170.0};
         v.guidance->offset_mm = {-93.0, 93.0};
         v.guidance->act = "Bring the coil down to the head and slide it a long way to the midline";
         v.guidance->then = "turn it against the clock until the handle points back and to the side";
         v.trouble = "The disk is full: pulses cannot be kept. Free some space on the disk of the store, then resume.";
         v.key.label = "START TRAIN 18 NOW";
         v.key.caption = "a caption that is much longer than the key is wide, and so has to go over two lines";
         v.target_name = "LEFT PRIMARY MOTOR CORTEX, LEG";
         v.pain = "both feet and the lower back";
         v.registration->age_s = 7300;
         v.treatment.waiting_for_target = true;
         return v;
     }},
    {"link lost",
     [](SteadyTime now) {
         SessionView v = fake::treat_on_target(now);
         v.link = LinkState::lost;
         v.link_why = "The tracking device at theatre-camera.local:18944 closed the connection without a word.";
         return v;
     }},
    {"outcome", fake::outcome_step},
    {"review", fake::review_step},
    {"empty", [](SteadyTime) { return SessionView(); }},
};

class Screens : public testing::TestWithParam<NamedView> {
protected:
    void SetUp() override {
        NEED_SCREEN(test::Screen::memory);
        view_ = GetParam().make(now_);
        window_ = std::make_unique<MainWindow>([this] { return view_; }, verbs_, [this] { return now_; });
        window_->set_voice({});
        window_->show();
    }

    SteadyTime now_ = steady_now();
    SessionView view_;
    test::RecordingVerbs verbs_;
    std::unique_ptr<MainWindow> window_;
};

TEST_P(Screens, CutOffNoTextAndLayNoneOnAnother) {
    for (const QSize size :
         {QSize(1280, 800), QSize(1920, 1080), QSize(1024, 640), QSize(1280, 1024), QSize(2560, 1080)}) {
        window_->resize(size);
        window_->refresh();
        for (Panel* panel : window_->panels()) {
            if (!panel->isVisible()) continue;
            const auto texts = panel->texts();
            for (std::size_t i = 0; i < texts.size(); ++i) {
                const QRectF box = texts[i].ink;
                if (box.isEmpty()) continue;
                EXPECT_TRUE(QRectF(panel->rect()).adjusted(-0.5, -0.5, 0.5, 0.5).contains(box))
                    << texts[i].text.toStdString() << " leaves its panel at " << size.width() << "x" << size.height();
                for (std::size_t j = 0; j < i; ++j) {
                    const QRectF common = box.intersected(texts[j].ink);
                    EXPECT_FALSE(common.width() > 1.0 && common.height() > 1.0)
                        << texts[i].text.toStdString() << " lies on " << texts[j].text.toStdString() << " at "
                        << size.width() << "x" << size.height();
                }
            }
        }
    }
}

// Ordinary buttons show their whole label, too.
TEST_P(Screens, CutOffNoButton) {
    for (const QSize size : {QSize(1280, 800), QSize(1920, 1080), QSize(1024, 640)}) {
        window_->resize(size);
        window_->refresh();
        for (const QPushButton* button : window_->findChildren<QPushButton*>()) {
            if (!button->isVisible()) continue;
            QStyleOptionButton option;
            option.initFrom(button);
            option.text = button->text();
            const QRect room = button->style()->subElementRect(QStyle::SE_PushButtonContents, &option, button);
            EXPECT_LE(button->fontMetrics().horizontalAdvance(button->text()), room.width())
                << button->text().toStdString() << " at " << size.width();
        }
    }
}

TEST_P(Screens, SayTheSideInALetterAndNoName) {
    window_->refresh();
    bool letter = false;
    for (Panel* panel : window_->panels()) {
        if (!panel->isVisible()) continue;
        for (const DrawnText& text : panel->texts())
            letter = letter || text.text == QLatin1String(to_letter(view_.target_side));
    }
    EXPECT_TRUE(letter);
    EXPECT_EQ(window_->windowTitle(), "Precentral");
}

TEST_P(Screens, KeepTheMainKeyAtItsPlace) {
    window_->resize(1280, 800);
    window_->refresh();
    EXPECT_EQ(window_->main_key()->geometry(), QRect(940, 652, 328, 136));
    EXPECT_TRUE(window_->main_key()->isVisible());
    window_->resize(1920, 1080);
    window_->refresh();
    EXPECT_EQ(window_->main_key()->geometry(), QRect(1461, 880, 443, 184));
}

INSTANTIATE_TEST_SUITE_P(All, Screens, testing::ValuesIn(kViews), [](const auto& one) {
    std::string name = one.param.name;
    std::erase_if(name, [](char c) { return c == ' ' || c == ','; });
    return name;
});

// The texts of all areas that guide the hand.
QStringList guiding_texts(const MainWindow& window) {
    QStringList out;
    const auto panels = window.panels();
    for (Panel* panel : panels) {
        if (!panel->isVisible() || (panel != window.stage() && panel != panels[4])) continue;  // stage and numbers
        for (const DrawnText& text : panel->texts()) out << text.text;
    }
    return out;
}

TEST(Treat, ShowsTheFourNumbersAndTheField) {
    NEED_SCREEN(test::Screen::memory);
    const SteadyTime now = steady_now();
    test::RecordingVerbs verbs;
    MainWindow window([&] { return fake::treat_off_target(now); }, verbs, [&] { return now; });
    window.show();
    const QStringList texts = guiding_texts(window);
    for (const char* expected : {"3.2", "3.4", "5.7", "3.0", "86 %", "Press down 3 mm.", "then slide 3 mm to the front",
                                 "Midline", "Ear", "Front", "Back"}) {
        EXPECT_TRUE(texts.contains(QString::fromUtf8(expected))) << expected;
    }
}

TEST(Treat, HiddenShowsNoNumberOfAnOldPose) {
    NEED_SCREEN(test::Screen::memory);
    SteadyTime now = steady_now();
    SessionView view = fake::treat_off_target(now);
    test::RecordingVerbs verbs;
    MainWindow window([&] { return view; }, verbs, [&] { return now; });
    window.set_voice({});
    window.show();
    ASSERT_TRUE(guiding_texts(window).contains("3.2"));
    // The session freezes: its last view still holds guidance and pose, but no new frame arrives.
    now += std::chrono::milliseconds(151);
    window.refresh();
    const QStringList texts = guiding_texts(window);
    EXPECT_TRUE(texts.contains("Tracker silent"));
    EXPECT_EQ(texts.count("–"), 5);  // four numbers and the field
    const QRegularExpression number(QStringLiteral("^[0-9]+\\.[0-9]$"));
    EXPECT_EQ(texts.filter(number), QStringList{"0.2"});  // the seconds since
    EXPECT_TRUE(texts.filter("mm").isEmpty());
    now += std::chrono::seconds(3);
    window.refresh();
    EXPECT_TRUE(guiding_texts(window).contains("3.2"));  // 3.2 s since, and by chance the old gap:
    EXPECT_EQ(guiding_texts(window).filter(number).size(), 1);
    // A new frame brings the numbers back at once.
    view.frame_received = now;
    window.refresh();
    EXPECT_TRUE(guiding_texts(window).contains("Press down 3 mm."));
    EXPECT_EQ(guiding_texts(window).count("–"), 0);
}

TEST(Treat, CoilHiddenSaysWhatHappenedAndWhatToDo) {
    NEED_SCREEN(test::Screen::memory);
    const SteadyTime now = steady_now();
    test::RecordingVerbs verbs;
    MainWindow window([&] { return fake::treat_coil_hidden(now); }, verbs, [&] { return now; });
    window.set_voice({});
    window.show();
    const QString all = guiding_texts(window).join(QLatin1Char(' '));
    for (const char* expected :
         {"Coil hidden", "1.8", "The camera lost sight of the coil.", "Clear the view between camera and coil",
          "Held: the coil is hidden.", "Head seen", "It kept 3 of this train's pulses"}) {
        EXPECT_TRUE(all.contains(QString::fromUtf8(expected))) << expected << "\n" << all.toStdString();
    }
}

TEST(Treat, TurningTheViewTurnsItsWords) {
    NEED_SCREEN(test::Screen::memory);
    const SteadyTime now = steady_now();
    test::RecordingVerbs verbs;
    MainWindow window([&] { return fake::treat_on_target(now); }, verbs, [&] { return now; });
    window.show();
    const auto y_of = [&](const QString& word) {
        for (const DrawnText& text : window.stage()->texts()) {
            if (text.text == word) return text.ink.center().y();
        }
        return -1.0;
    };
    EXPECT_LT(y_of("Midline"), y_of("Ear"));
    QKeyEvent turn(QEvent::KeyPress, Qt::Key_F, Qt::NoModifier);
    QApplication::sendEvent(&window, &turn);
    EXPECT_GT(y_of("Midline"), y_of("Ear"));
}

// Near, off and hidden differ by shape, not by colour alone.
TEST(Marks, DifferInShape) {
    NEED_SCREEN(test::Screen::memory);
    const auto covered = [](Grade grade) {
        QImage image(56, 56, QImage::Format_ARGB32_Premultiplied);
        image.fill(Qt::transparent);
        QPainter painter(&image);
        painter.setRenderHint(QPainter::Antialiasing);
        Ink ink(painter, dark_theme());
        ink.mark(grade, {28, 28}, 28);
        painter.end();
        std::vector<bool> out;
        for (int y = 0; y < 56; ++y) {
            for (int x = 0; x < 56; ++x) out.push_back(qAlpha(image.pixel(x, y)) > 127);
        }
        return out;
    };
    const Grade grades[] = {Grade::on, Grade::near, Grade::off, Grade::hidden};
    for (const Grade a : grades) {
        for (const Grade b : grades) {
            if (a == b) continue;
            const auto ca = covered(a);
            const auto cb = covered(b);
            int differing = 0;
            for (std::size_t i = 0; i < ca.size(); ++i) differing += ca[i] != cb[i] ? 1 : 0;
            EXPECT_GT(differing, 80);
        }
    }
}

}  // namespace
}  // namespace precentral
