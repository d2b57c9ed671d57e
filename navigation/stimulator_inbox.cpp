// SPDX-License-Identifier: Apache-2.0
#include "navigation/stimulator_inbox.h"

#include "navigation/trigger_clock.h"

namespace precentral {

void StimulatorInbox::on_trigger(const Trigger& trigger) {
    Trigger counted = trigger;
    {
        const std::scoped_lock lock(mutex_);
        if (trigger.count == 0) {  // it does not count
            counted.count = last_count_ + 1;
        } else {
            // The first, or the first after it was switched off and on: what it counted before is not ours.
            const bool anew = !before_first_ || trigger.count <= *before_first_ ||
                              base_ + (trigger.count - *before_first_) <= last_count_;
            if (anew) {
                before_first_ = trigger.count - 1;
                base_ = last_count_;
            }
            counted.count = base_ + (trigger.count - *before_first_);
        }
        last_count_ = counted.count;
    }
    Inbox::on_trigger(counted);
}

void StimulatorInbox::on_sweep(const EmgSweep& sweep) {
    EmgSweep counted = sweep;
    {
        const std::scoped_lock lock(mutex_);
        if (before_first_) counted.pulse_count = base_ + (sweep.pulse_count - *before_first_);
    }
    Inbox::on_sweep(counted);
}

void StimulatorInbox::on_text(const std::string& device, const std::string& text) {
    const bool line = device == "Trigger";  // as TriggerBridge names it
    Inbox::on_text(line ? kStimulatorDevice : device, line && text == TriggerBridge::kHeard ? "" : text);
}

}  // namespace precentral
