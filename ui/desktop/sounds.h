// SPDX-License-Identifier: Apache-2.0
// When the screen speaks up, and through what. Which sound is due is decided here without any device; the packaged
// Qt 6 dependencies hold no audio output, so the default voice is the system's bell, for the alarms only.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "ui/desktop/shown.h"

namespace precentral {

enum class Sound {
    near_tick,   // soft and low, once a second
    off_fall,    // two notes down
    back_rise,   // two notes up
    train_soon,  // three quick notes, 3 s before a train
    alarm,       // alternating for 3 s, then once each 5 s; the mute key does not reach it
};

// The sounds due between the last look and this one.
class SoundCues {
public:
    std::vector<Sound> due(const Shown& shown);

private:
    std::optional<Grade> grade_;
    bool lost_ = false;
    SteadyTime lost_since_{};
    SteadyTime last_alarm_{};
    SteadyTime last_tick_{};
    bool announced_ = false;
};

using Voice = std::function<void(Sound)>;
// The system's bell for off_fall and alarm; nothing for the rest.
Voice bell_voice();

}  // namespace precentral
