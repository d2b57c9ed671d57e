// SPDX-License-Identifier: Apache-2.0
// What the operator asks for, from the screen's thread to the session's.
#pragma once

#include <mutex>
#include <optional>

#include "data/records.h"

namespace precentral {

class OperatorKeys {
public:
    // Screen's thread.
    void press_main_key() {
        const std::scoped_lock lock(mutex_);
        ++main_key_;
    }
    void toggle_pause() {
        const std::scoped_lock lock(mutex_);
        ++pause_;
    }
    void ask_for_check() {
        const std::scoped_lock lock(mutex_);
        ++check_;
    }
    // Whether a twitch was seen after the last pulse.
    void answer_twitch(bool seen) {
        const std::scoped_lock lock(mutex_);
        twitch_ = seen;
    }
    void give_outcome(const Outcome& outcome) {
        const std::scoped_lock lock(mutex_);
        outcome_ = outcome;
    }
    // Session's thread: each takes what was pressed since the last time.
    bool take_main_key() { return take(main_key_); }
    bool take_pause() { return take(pause_); }
    bool take_check() { return take(check_); }
    std::optional<bool> take_twitch() {
        const std::scoped_lock lock(mutex_);
        std::optional<bool> out;
        out.swap(twitch_);
        return out;
    }
    std::optional<Outcome> take_outcome() {
        const std::scoped_lock lock(mutex_);
        std::optional<Outcome> out;
        out.swap(outcome_);
        return out;
    }

private:
    bool take(int& presses) {
        const std::scoped_lock lock(mutex_);
        const bool pressed = presses > 0;
        presses = 0;
        return pressed;
    }

    std::mutex mutex_;
    int main_key_ = 0;
    int pause_ = 0;
    int check_ = 0;
    std::optional<bool> twitch_;
    std::optional<Outcome> outcome_;
};

}  // namespace precentral
