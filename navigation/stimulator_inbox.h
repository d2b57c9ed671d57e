// SPDX-License-Identifier: Apache-2.0
// The inbox of a session whose pulses are heard from a stimulator that knows nothing of the session.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "navigation/session/inbox.h"

namespace precentral {

// Pulses go on counting from the session's last recorded one; jumps of the stimulator's own counter are kept, and a
// stimulator that was switched off and on, or does not count, goes on where it stopped. What is wrong with its line
// comes as a text of kStimulatorDevice. Made for TriggerBridge, which puts the pulses on the tracker's clock.
class StimulatorInbox : public Inbox {
public:
    explicit StimulatorInbox(std::uint64_t last_count) : last_count_(last_count) {}

    void on_trigger(const Trigger& trigger) override;
    void on_sweep(const EmgSweep& sweep) override;
    void on_text(const std::string& device, const std::string& text) override;

private:
    std::mutex mutex_;
    std::uint64_t last_count_;                   // of the session
    std::uint64_t base_ = 0;                     // of the session where the stimulator's was `before_first_`
    std::optional<std::uint64_t> before_first_;  // its own counter
};

}  // namespace precentral
