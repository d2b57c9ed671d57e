// SPDX-License-Identifier: Apache-2.0
// precentral-navigator: the technician's window.
#include <QApplication>
#include <QCommandLineParser>
#include <QDesktopServices>
#include <QMetaObject>
#include <QStandardPaths>
#include <QUrl>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <thread>

#include "data/store.h"
#include "navigation/rehearsal.h"
#include "ui/desktop/main_window.h"
#include "ui/desktop/vtk_view.h"
#include "ui/report/review.h"

namespace precentral {
namespace {

constexpr const char* kDemoT1 = "/usr/share/mricron/templates/ch2.nii.gz";

// The demo's session: rehearses on a thread of its own; the window pulls what it shows.
class DemoSession : public SessionVerbs {
public:
    DemoSession(RehearsalOptions options, bool by_itself) : options_(std::move(options)), by_itself_(by_itself) {
        SessionView first;
        first.simulated = true;
        first.sentence = "Preparing the head …";
        first.step = Step::image;
        screen_.put(first);
    }

    SessionView view() const { return screen_.get(); }

    void start(MainWindow& window) {
        thread_ = std::jthread([this, &window](const std::stop_token& stop) { work(window, stop); });
    }

    void advance() override {
        const SessionView now = screen_.get();
        if (now.report_path.empty()) {
            keys_.press_main_key();
        } else {
            QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(now.report_path)));
        }
    }
    void pause_or_resume() override { keys_.toggle_pause(); }
    void record_outcome(const Outcome& outcome) override { keys_.give_outcome(outcome); }
    void go_to(Step) override { tell("The demo takes the steps in their order."); }
    void check_registration() override { keys_.ask_for_check(); }
    void undo() override { tell("Undo is not built yet; nothing was taken back."); }

private:
    void tell(const std::string& sentence) {
        SessionView now = screen_.get();
        now.trouble = sentence;
        screen_.put(now);
    }

    void work(MainWindow& window, const std::stop_token& stop) {
        try {
            Progress progress{stop, [&window](double fraction, std::string_view doing) {
                                  const QString words =
                                      QString::fromUtf8(doing.data(), static_cast<qsizetype>(doing.size()));
                                  QMetaObject::invokeMethod(
                                      &window, [&window, fraction, words] { window.set_preparing(fraction, words); });
                              }};
            const auto head =
                std::make_shared<const HeadModel>(prepare_head(options_.t1, options_.cache_dir, progress));
            QMetaObject::invokeMethod(&window, [&window, head] { window.set_head(head); });
            progress.report = nullptr;
            const RehearsalResult result = rehearse(options_, *head, &screen_, by_itself_ ? nullptr : &keys_, progress);
            // Text is drawn on the thread that owns the fonts.
            QMetaObject::invokeMethod(&window, [this, head, result] { write_report(*head, result); });
        } catch (const Cancelled&) {
            // The window is closing.
        } catch (const std::exception& error) {
            SessionView last = screen_.get();
            last.guidance.reset();
            last.scan_from_coil.reset();
            last.stylus_tip.reset();
            last.key = {};
            last.trouble = error.what();
            screen_.put(last);
        }
    }

    void write_report(const HeadModel& head, const RehearsalResult& result) {
        SessionView last = screen_.get();
        try {
            const auto store = open_store(result.store.string());
            ReviewInput review = gather_review(*store, result.case_code);
            review.head = &head;
            const auto report = options_.out / (result.case_code + "-review.pdf");
            write_review(review, report);
            last.report_path = report.string();
            last.sentence = "The review is written";
            last.key = {"OPEN THE REVIEW", "as a PDF", true, true};
        } catch (const std::exception& error) {
            last.trouble = error.what();
        }
        last.step = Step::review;
        for (const Step done : {Step::treat, Step::outcome})
            last.steps[static_cast<std::size_t>(done)] = StepState::done;
        last.treatment.running = false;
        last.steps[static_cast<std::size_t>(Step::review)] = StepState::current;
        last.guidance.reset();
        last.scan_from_coil.reset();
        screen_.put(last);
    }

    const RehearsalOptions options_;
    const bool by_itself_;
    Latest<SessionView> screen_;
    OperatorKeys keys_;
    std::jthread thread_;
};

}  // namespace
}  // namespace precentral

int main(int argc, char** argv) {
    using namespace precentral;
    for (int i = 1; i < argc; ++i) {
        // Help needs no display.
        const bool help = std::strcmp(argv[i], "--help") == 0 || std::strcmp(argv[i], "-h") == 0;
        if (help) setenv("QT_QPA_PLATFORM", "offscreen", 1);
    }
    VtkView::choose_gl_format();
    QApplication app(argc, argv);
    QApplication::setApplicationName("precentral-navigator");
    QApplication::setOrganizationName("Precentral");
    QCommandLineParser parser;
    parser.setApplicationDescription("Precentral: navigated TMS of the primary motor cortex. " + disclaimer());
    parser.addHelpOption();
    const QCommandLineOption demo("demo", "Open the demo patient in a simulated room.");
    const QCommandLineOption play("autoplay", "Every step goes on by itself.");
    const QCommandLineOption seed("seed", "Another patient for another number.", "N", "1");
    const QCommandLineOption visits("visits", "Visits of the test period.", "N", "1");
    const QCommandLineOption pace("pace", "Times real time.", "X", "1");
    const QCommandLineOption t1("t1", "Another head than Colin27.", "FILE", kDemoT1);
    const QCommandLineOption out("out", "Where the demo's record and report go.", "DIR",
                                 QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + "/demo");
    for (const auto& option : {demo, play, seed, visits, pace, t1, out}) parser.addOption(option);
    parser.process(app);
    if (!parser.isSet(demo)) {
        std::fputs(
            "Give --demo: opening a clinic's own case and tracker from the window is not built yet. "
            "The command line has: precentral image, head, register, track, case, review.\n",
            stderr);
        return 2;
    }
    bool numbers_read[3] = {};
    parser.value(seed).toULongLong(&numbers_read[0]);
    const bool some_visits = parser.value(visits).toInt(&numbers_read[1]) >= 1;
    const bool some_pace = parser.value(pace).toDouble(&numbers_read[2]) > 0.0;
    if (!numbers_read[0] || !numbers_read[1] || !numbers_read[2] || !some_visits || !some_pace) {
        std::fputs("--seed and --visits are whole numbers, --visits at least 1; --pace is a number above 0.\n", stderr);
        return 2;
    }
    if (!std::filesystem::exists(parser.value(t1).toStdString())) {
        std::fprintf(stderr, "There is no file %s.\n", parser.value(t1).toStdString().c_str());
        return 2;
    }
    RehearsalOptions options;
    options.t1 = parser.value(t1).toStdString();
    options.out = std::filesystem::absolute(parser.value(out).toStdString());
    options.cache_dir =
        QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation).toStdString() + "/precentral";
    options.seed = parser.value(seed).toULongLong();
    options.visits = std::max(1, parser.value(visits).toInt());
    options.pace = std::max(0.1, parser.value(pace).toDouble());
    options.train_pause_s = 6.0;
    options.pulse_interval_s = 1.0;

    DemoSession session(options, parser.isSet(play));
    MainWindow window([&session] { return session.view(); }, session);
    window.restore_settings();
    window.show();
    session.start(window);
    return QApplication::exec();
}
