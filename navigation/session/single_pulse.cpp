// SPDX-License-Identifier: Apache-2.0
#include "navigation/session/single_pulse.h"

#include <cmath>

namespace precentral {
namespace {

// The technician's eye instead of an amplifier: Y or N.
void take_twitch(LiveSession& session, AnsweredPulse& answered) {
    OperatorKeys* keys = session.parts().keys;
    if (keys == nullptr) throw Error("Without EMG somebody has to answer whether the hand twitched.");
    keys->take_twitch();
    session.view.asks_for_twitch = true;
    session.view.sentence = "Did the hand twitch? Y or N";
    std::optional<bool> seen;
    while (!(seen = keys->take_twitch())) session.next_frame();
    session.view.asks_for_twitch = false;
    answered.usable = true;
    answered.responded = *seen;
    answered.pulse.mep_verdict = *seen ? "twitch seen" : "no twitch seen";
    session.view.mapping.verdict = answered.pulse.mep_verdict;
}

}  // namespace

AnsweredPulse give_pulse(LiveSession& session, const Transform<Scan, Coil>& goal, double intensity_mso,
                         double interval_s, double& last_pulse_s) {
    const double asked_s = session.now_s();
    bool ready = false;
    bool paused = false;
    double waiting_since_s = asked_s;
    session.view.key = {"PAUSE", "single pulses are given", true, false};
    do {
        session.next_frame();
        if (session.check_if_asked()) waiting_since_s = session.now_s();
        if (session.take_main_key()) {
            paused = !paused;
            session.view.key = paused ? MainKey{"RESUME", "no pulse is given", true, true}
                                      : MainKey{"PAUSE", "single pulses are given", true, false};
        }
        ready = session.bring_coil_to(goal) && !paused;
        if (paused) waiting_since_s = session.now_s();
        if (session.now_s() - waiting_since_s > 120.0) {
            throw Error("The coil did not reach its place within two minutes. " + session.view.trouble);
        }
    } while (!ready || session.now_s() - last_pulse_s < interval_s);

    session.press(intensity_mso);
    const bool by_hand = !session.parts().simulated_room;
    if (by_hand) session.view.sentence = "Set " + std::to_string(std::lround(intensity_mso)) + " % and give one pulse";
    const double pressed_s = session.now_s();
    std::vector<Pulse> taken;
    while (taken.empty()) {
        session.next_frame();
        session.ask_coil_to(goal);
        taken = session.take_pulses();
        if (by_hand) session.check_if_asked();
        if (!by_hand && session.now_s() - pressed_s > 5.0) {
            throw Error("The stimulator gave no pulse within five seconds. Is it armed, and its trigger connected?");
        }
    }
    AnsweredPulse answered;
    answered.pulse = taken.back();
    last_pulse_s = answered.pulse.device_time_s;
    if (!session.parts().emg) {
        take_twitch(session, answered);
        taken.back() = answered.pulse;
        for (Pulse& pulse : taken) session.parts().writer.put(std::move(pulse));
        return answered;
    }
    if (const auto sweep = session.await_sweep(answered.pulse.device_count)) {
        answered.mep = measure_mep(*sweep);
        session.view.mapping.sweep = *sweep;
    } else {
        answered.mep.reasons = {"no sweep came from the EMG amplifier"};
    }
    answered.pulse.mep_verdict = verdict_text(answered.mep);
    if (answered.mep.verdict != MepVerdict::rejected) {
        answered.pulse.mep_uv = answered.mep.amplitude_uv;
        answered.pulse.mep_latency_ms = answered.mep.latency_ms;
    }
    answered.usable = answered.mep.verdict != MepVerdict::rejected;
    answered.responded = answered.mep.responded();
    session.view.mapping.mep_uv = answered.mep.amplitude_uv;
    session.view.mapping.latency_ms = answered.mep.latency_ms.value_or(0.0);
    session.view.mapping.rest_rms_uv = answered.mep.rest_rms_uv;
    session.view.mapping.verdict = answered.pulse.mep_verdict;
    taken.back() = answered.pulse;
    for (Pulse& pulse : taken) session.parts().writer.put(std::move(pulse));
    return answered;
}

}  // namespace precentral
