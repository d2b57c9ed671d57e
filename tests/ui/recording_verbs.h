// SPDX-License-Identifier: Apache-2.0
// Notes which verbs a screen called.
#pragma once

#include <string>
#include <vector>

#include "ui/desktop/session_verbs.h"

namespace precentral::test {

struct RecordingVerbs : SessionVerbs {
    std::vector<std::string> calls;
    std::vector<Outcome> outcomes;
    void advance() override { calls.push_back("advance"); }
    void pause_or_resume() override { calls.push_back("pause_or_resume"); }
    void go_to(Step step) override {
        calls.push_back(std::string("go_to ") + kStepNames[static_cast<std::size_t>(step)]);
    }
    void answer_twitch(bool seen) override { calls.push_back(seen ? "twitch" : "no twitch"); }
    void check_registration() override { calls.push_back("check_registration"); }
    void undo() override { calls.push_back("undo"); }
    void record_outcome(const Outcome& outcome) override {
        calls.push_back("record_outcome");
        outcomes.push_back(outcome);
    }
};

}  // namespace precentral::test
