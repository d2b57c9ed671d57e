// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/running_session.h"

#include <QDesktopServices>
#include <QMetaObject>
#include <QUrl>

#include "data/store.h"
#include "ui/desktop/main_window.h"
#include "ui/report/review.h"

namespace precentral {

RunningSession::RunningSession(Work work) : work_(std::move(work)) {
    SessionView first;
    first.simulated = work_.simulated;
    first.sentence = "Preparing the head …";
    first.step = Step::image;
    screen_.put(first);
}

void RunningSession::start(MainWindow& window) {
    thread_ = std::jthread([this, &window](const std::stop_token& stop) { work(window, stop); });
}

void RunningSession::advance() {
    const SessionView now = screen_.get();
    if (now.report_path.empty()) {
        keys_.press_main_key();
    } else {
        QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(now.report_path)));
    }
}

void RunningSession::go_to(Step) { tell("The steps are taken in their order. C checks the registration."); }
void RunningSession::undo() { tell("Undo is not built yet; nothing was taken back."); }

void RunningSession::tell(const std::string& sentence) {
    SessionView now = screen_.get();
    now.trouble = sentence;
    screen_.put(now);
}

void RunningSession::work(MainWindow& window, const std::stop_token& stop) {
    try {
        Progress progress{stop, [&window](double fraction, std::string_view doing) {
                              const QString words =
                                  QString::fromUtf8(doing.data(), static_cast<qsizetype>(doing.size()));
                              QMetaObject::invokeMethod(
                                  &window, [&window, fraction, words] { window.set_preparing(fraction, words); });
                          }};
        const auto head = std::make_shared<const HeadModel>(prepare_head(work_.t1, work_.cache_dir, progress));
        QMetaObject::invokeMethod(&window, [&window, head] { window.set_head(head); });
        progress.report = nullptr;
        const Ended ended = work_.run(*head, screen_, work_.by_itself ? nullptr : &keys_, progress);
        // Text is drawn on the thread that owns the fonts.
        QMetaObject::invokeMethod(&window, [this, head, ended] { write_report(*head, ended); });
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

void RunningSession::write_report(const HeadModel& head, const Ended& ended) {
    SessionView last = screen_.get();
    try {
        const auto store = open_store_to_read(ended.store);
        ReviewInput review = gather_review(*store, ended.case_code);
        review.head = &head;
        const auto report = ended.folder / (ended.case_code + "-review.pdf");
        write_review(review, report);
        last.report_path = report.string();
        last.sentence = "The review is written";
        last.key = {"OPEN THE REVIEW", "as a PDF", true, true};
    } catch (const std::exception& error) {
        last.trouble = error.what();
    }
    last.step = Step::review;
    for (const Step done : {Step::treat, Step::outcome}) last.steps[static_cast<std::size_t>(done)] = StepState::done;
    last.treatment.running = false;
    last.steps[static_cast<std::size_t>(Step::review)] = StepState::current;
    last.guidance.reset();
    last.scan_from_coil.reset();
    screen_.put(last);
}

}  // namespace precentral
