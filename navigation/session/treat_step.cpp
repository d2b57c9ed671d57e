// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "navigation/session/steps.h"

namespace precentral {
namespace {

Grade grade_of(const Pulse& pulse, const GuidanceTolerance& tolerance) {
    if (!pulse.valid || !pulse.deviation) return Grade::hidden;
    const double mm = pulse.deviation->in_plane_mm;
    return mm <= tolerance.in_plane_on_mm ? Grade::on : mm <= tolerance.in_plane_near_mm ? Grade::near : Grade::off;
}

// One session's trains, one after the other.
class Treatment {
public:
    Treatment(LiveSession& session, const ThresholdRecord& threshold, const std::vector<Pulse>& already_given,
              const TreatOptions& options)
        : session_(session),
          options_(options),
          by_hand_(!session.parts().simulated_room),
          protocol_(session.parts().session.protocol),
          goal_(session.setting().target.value().scan_from_coil),
          intensity_mso_(
              std::clamp(std::round(threshold.rmt_mso * protocol_.intensity_percent_rmt / 100.0), 1.0, 100.0)) {
        for (const Pulse& pulse : already_given) {
            if (pulse.purpose == PulsePurpose::treat) note_delivered(pulse);
        }
        live_ = true;
        session.instruction.intensity_mso = intensity_mso_;  // of pulses that do not tell theirs
        session.pulses.setting.purpose = PulsePurpose::treat;
        session.pulses.start_train(train_, given_);
        // Pulses that went out while the program was down belong to the train it was in.
        const auto counter = session.counter_at_start();
        if (!already_given.empty() && counter) session.pulses.on_counter(*counter, session.now_s());
        TreatmentView& shown = session.view.treatment;
        shown.intensity_mso = intensity_mso_;
        shown.rmt_mso = threshold.rmt_mso;
        publish();
    }

    void run() {
        while (train_ <= protocol_.trains) {
            if (given_ >= protocol_.pulses_per_train) {
                ++train_;
                given_ = 0;
                continue;
            }
            if (options_.check_half_way && train_ == protocol_.trains / 2 + 1 && given_ == 0 && !checked_half_way_) {
                checked_half_way_ = true;
                recheck_step(session_);
            }
            if (by_hand_) session_.pulses.start_train(train_, given_);  // it may start at any time
            wait_until_due();
            if (given_ < protocol_.pulses_per_train) deliver();
        }
        session_.pulses.start_train(0);
        if (options_.check_at_the_end) {
            session_.view.treatment.running = false;
            recheck_step(session_);
        }
    }

private:
    void step() {
        session_.next_frame();
        session_.ask_coil_to(goal_);
        for (Pulse& pulse : session_.take_pulses()) {
            last_pulse_s_ = pulse.device_time_s;
            note_delivered(pulse);
            session_.parts().writer.put(std::move(pulse));
        }
        follow_pause();
        publish();
    }

    void follow_pause() {
        OperatorKeys* keys = session_.parts().keys;
        // Between trains the window sends its main key, in a train its pause.
        const bool pressed = session_.take_main_key();
        if (keys == nullptr || !(keys->take_pause() || pressed)) return;
        paused_ = !paused_;
        if (paused_) session_.instruction.stop = true;
        session_.note(paused_ ? "paused" : "resumed", paused_ ? "by the operator" : "by the operator");
    }

    // The next train starts when its time has come, nobody has paused, and the coil rests on the target.
    void wait_until_due() {
        const double since_s = session_.now_s();
        bool noted = false;
        for (;;) {
            step();
            session_.check_if_asked();
            const bool there = session_.bring_coil_to(goal_);
            waiting_ = session_.now_s() >= due_s_ && !there;
            if (by_hand_ && running_) break;  // the technician has started it
            if (session_.now_s() >= due_s_ && there && !paused_) {
                if (!by_hand_) break;
                session_.view.sentence = start_words();
            }
            if (waiting_ && !noted && session_.now_s() - std::max(due_s_, since_s) > 5.0) {
                session_.note("waiting", "train " + std::to_string(train_) + " waits for the coil to be on target");
                noted = true;
            }
        }
        waiting_ = false;
    }

    std::string start_words() const {
        char text[120];
        std::snprintf(text, sizeof text, "Start train %d at the stimulator: %.0f %%, %d pulses", train_, intensity_mso_,
                      protocol_.pulses_per_train - given_);
        return text;
    }

    void deliver() {
        if (!by_hand_) {
            session_.pulses.start_train(train_, given_);
            session_.press(intensity_mso_, protocol_.pulses_per_train - given_, protocol_.frequency_hz);
            running_ = true;
            last_pulse_s_ = session_.now_s();
        }
        session_.view.sentence = "Hold the coil on the target";
        while (given_ < protocol_.pulses_per_train) {
            step();
            const double silent_s = session_.now_s() - last_pulse_s_;
            if (paused_ && silent_s > 0.5) break;  // the rest of the train follows after the pause
            if (by_hand_ && silent_s > std::max(1.0, 3.0 / protocol_.frequency_hz)) {
                session_.note("train stopped", "train " + std::to_string(train_) + " after " + std::to_string(given_) +
                                                   " of " + std::to_string(protocol_.pulses_per_train) + " pulses");
                break;
            }
            if (!paused_ && silent_s > 5.0) {
                throw Error("The stimulator stopped giving pulses in train " + std::to_string(train_) +
                            ". What was given is kept; start again to resume this session.");
            }
        }
        running_ = false;
        due_s_ = given_ < protocol_.pulses_per_train ? session_.now_s() : last_pulse_s_ + protocol_.pause_s;
    }

    void note_delivered(const Pulse& pulse) {
        if (pulse.train > train_) {  // read back from an interrupted run
            train_ = pulse.train;
            given_ = 0;
        }
        // A pulse of an earlier train, or of none, is recorded and drawn but is no part of this one.
        if (pulse.train == train_) {
            given_ = std::max(given_ + 1, pulse.index);
            if (by_hand_ && live_) running_ = true;
        }
        delivered_.push_back({pulse.train, pulse.valid,
                              pulse.deviation ? static_cast<float>(pulse.deviation->in_plane_mm) : 0.0F,
                              grade_of(pulse, tolerance_)});
        fresh_ = true;
    }

    void publish() {
        TreatmentView& shown = session_.view.treatment;
        shown.train = std::min(train_, protocol_.trains);
        shown.pulse_in_train = given_;
        shown.running = running_;
        shown.paused = paused_;
        shown.waiting_for_target = waiting_;
        shown.held = paused_ ? "paused" : waiting_ ? "waits for target" : "";
        shown.next_train_in_s = running_ ? 0.0 : std::max(0.0, due_s_ - session_.now_s());
        const double train_s = (protocol_.pulses_per_train - 1) / protocol_.frequency_hz;
        const int trains_after = std::max(0, protocol_.trains - train_);
        shown.remaining_s = shown.next_train_in_s + (protocol_.pulses_per_train - given_) / protocol_.frequency_hz +
                            trains_after * (protocol_.pause_s + train_s);
        if (fresh_ || !shown.pulses) shown.pulses = std::make_shared<const std::vector<DeliveredPulse>>(delivered_);
        fresh_ = false;
        session_.view.key =
            paused_ ? MainKey{"RESUME", "the coil must be on target", true, true} : MainKey{"PAUSE", "", true, false};
    }

    LiveSession& session_;
    const TreatOptions options_;
    const bool by_hand_;  // the technician starts the trains; this program only hears the pulses
    bool live_ = false;   // past what an interrupted run has left
    const Protocol protocol_;
    const Transform<Scan, Coil> goal_;
    const double intensity_mso_;
    const GuidanceTolerance tolerance_;
    std::vector<DeliveredPulse> delivered_;
    int train_ = 1;
    int given_ = 0;
    double due_s_ = 0.0;
    double last_pulse_s_ = 0.0;
    bool running_ = false, paused_ = false, waiting_ = false, fresh_ = true;
    bool checked_half_way_ = false;
};

}  // namespace

void treat_step(LiveSession& session, const ThresholdRecord& threshold, const std::vector<Pulse>& already_given,
                const TreatOptions& options) {
    session.enter(Step::treat, "Hold the coil on the target");
    session.await_key("START", "train 1 starts when the coil is on target");
    session.take_pulses();
    Treatment(session, threshold, already_given, options).run();
    if (!session.parts().writer.wait_until_written()) {
        throw Error(session.parts().writer.trouble().value_or("Some pulses could not be written."));
    }
    session.leave(Step::treat);
}

}  // namespace precentral
