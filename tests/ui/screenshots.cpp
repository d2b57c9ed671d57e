// SPDX-License-Identifier: Apache-2.0
// Draws every screen of the desktop program from made-up views and writes the pictures: screenshots DIR [T1].
// With a T1 the head is the real one. Needs a display with OpenGL for the 3D view (xvfb-run will do).
#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QLabel>
#include <QTest>
#include <iostream>

#include "fake_session.h"
#include "ui/desktop/main_window.h"
#include "ui/desktop/vtk_view.h"

using namespace precentral;

namespace {

struct NoVerbs : SessionVerbs {
    void advance() override {}
    void pause_or_resume() override {}
    void go_to(Step) override {}
    void check_registration() override {}
    void answer_twitch(bool) override {}
    void undo() override {}
    void record_outcome(const Outcome&) override {}
};

void wait_ms(int ms) {
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < ms) QApplication::processEvents(QEventLoop::AllEvents, 10);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "Usage: screenshots DIR [T1]\n";
        return 2;
    }
    VtkView::choose_gl_format();
    QApplication app(argc, argv);
    const QDir dir(QString::fromLocal8Bit(argv[1]));
    if (!dir.mkpath(QStringLiteral("."))) {
        std::cerr << "Cannot write to " << argv[1] << ": choose another folder.\n";
        return 1;
    }
    std::shared_ptr<const HeadModel> head;
    try {
        head = argc > 2 ? std::make_shared<const HeadModel>(
                              prepare_head(argv[2], std::filesystem::temp_directory_path() / "precentral-screenshots"))
                        : fake::simple_head();
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    using Make = std::function<SessionView(SteadyTime)>;
    const std::vector<std::pair<QString, Make>> screens = {
        {QStringLiteral("patient"), fake::patient_step},
        {QStringLiteral("image"), fake::image_step},
        {QStringLiteral("register-start"), [](SteadyTime now) { return fake::register_step(now, 1); }},
        {QStringLiteral("register-check"), [](SteadyTime now) { return fake::check_step(now); }},
        {QStringLiteral("register"), [](SteadyTime now) { return fake::register_step(now, 40); }},
        {QStringLiteral("target"), fake::target_step},
        {QStringLiteral("map"), fake::map_step},
        {QStringLiteral("treat"), fake::treat_on_target},
        {QStringLiteral("treat-off"), fake::treat_off_target},
        {QStringLiteral("treat-lost"), fake::treat_coil_hidden},
        {QStringLiteral("outcome"), fake::outcome_step},
        {QStringLiteral("review"), fake::review_step},
    };
    Make make = screens.front().second;
    NoVerbs verbs;
    MainWindow window(
        [&] {
            SessionView view = make(steady_now());
            fake::place_on(view, *head);
            return view;
        },
        verbs);
    window.set_voice({});
    window.set_head(head);
    window.show();
    for (int i = 0; i < 3000 && !window.scene_ready(); ++i) wait_ms(10);
    for (const QSize size : {QSize(1280, 800), QSize(1920, 1080)}) {
        window.resize(size);
        for (const auto& [name, view] : screens) {
            make = view;
            wait_ms(900);
            const QString file = dir.filePath(QStringLiteral("%1-%2.png").arg(name).arg(size.width()));
            if (!window.grab().save(file)) {
                std::cerr << "Cannot write " << file.toStdString() << '\n';
                return 1;
            }
        }
    }
    make = fake::treat_off_target;
    for (const QSize size : {QSize(1920, 1080), QSize(1280, 800)}) {
        window.resize(size);
        wait_ms(500);
        if (size.width() == 1920) QTest::keyClick(&window, Qt::Key_E);
        wait_ms(1200);
        window.grab().save(dir.filePath(QStringLiteral("treat-field-%1.png").arg(size.width())));
    }
    QTest::keyClick(&window, Qt::Key_E);
    window.set_theme(light_theme());
    window.resize(1280, 800);
    wait_ms(900);
    window.grab().save(dir.filePath(QStringLiteral("treat-off-light-1280.png")));
    return 0;
}
