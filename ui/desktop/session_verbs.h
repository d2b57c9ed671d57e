// SPDX-License-Identifier: Apache-2.0
// What a screen can ask of the session. Each returns at once; the answer is the next SessionView.
#pragma once

#include "data/records.h"
#include "navigation/session_view.h"

namespace precentral {

struct SessionVerbs {
    virtual ~SessionVerbs() = default;
    // The main key as it is labelled now, when it is enabled and no train runs or is paused.
    virtual void advance() = 0;
    // While a train runs (always allowed), or while paused and the main key is enabled.
    virtual void pause_or_resume() = 0;
    // A done or open step; never while a train runs.
    virtual void go_to(Step step) = 0;
    // Takes the newest touched point or answer back, as an amendment.
    virtual void undo() = 0;
    // Whether a twitch was seen after the last pulse, while SessionView::asks_for_twitch.
    virtual void answer_twitch(bool seen) = 0;
    // Landmarks touched again against the registration in use; between trains and pulses.
    virtual void check_registration() = 0;
    // `id`, `session` and `asked` are the session's to fill in.
    virtual void record_outcome(const Outcome& outcome) = 0;
};

}  // namespace precentral
