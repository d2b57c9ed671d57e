// SPDX-License-Identifier: Apache-2.0
// A session on a thread of its own behind the window: what the window shows is pulled from it, what is asked of it goes
// there, and the review is written when it is over.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "imaging/head_model.h"
#include "navigation/latest.h"
#include "navigation/session/operator_keys.h"
#include "ui/desktop/session_verbs.h"

namespace precentral {

class MainWindow;

class RunningSession : public SessionVerbs {
public:
    struct Ended {
        std::string store;
        std::string case_code;
        std::filesystem::path folder;  // for the review
    };
    struct Work {
        std::filesystem::path t1;
        std::filesystem::path cache_dir;
        bool simulated = false;
        bool by_itself = false;  // no operator: every step goes on by itself
        std::function<Ended(const HeadModel&, Latest<SessionView>&, OperatorKeys*, const Progress&)> run;
    };

    explicit RunningSession(Work work);
    // `window` outlives the session.
    void start(MainWindow& window);
    // Waits until the thread has ended; before the window goes.
    void stop() {
        thread_.request_stop();
        if (thread_.joinable()) thread_.join();
    }
    SessionView view() const { return screen_.get(); }

    void advance() override;
    void pause_or_resume() override { keys_.toggle_pause(); }
    void record_outcome(const Outcome& outcome) override { keys_.give_outcome(outcome); }
    void answer_twitch(bool seen) override { keys_.answer_twitch(seen); }
    void check_registration() override { keys_.ask_for_check(); }
    void go_to(Step step) override;
    void undo() override;

private:
    void tell(const std::string& sentence);
    void work(MainWindow& window, const std::stop_token& stop);
    void write_report(const HeadModel& head, const Ended& ended);

    const Work work_;
    Latest<SessionView> screen_;
    OperatorKeys keys_;
    std::jthread thread_;
};

}  // namespace precentral
