// SPDX-License-Identifier: Apache-2.0
#include "navigation/motor_threshold.h"
#include "navigation/session/single_pulse.h"
#include "navigation/session/steps.h"

namespace precentral {

ThresholdRecord threshold_step(LiveSession& session, const StepTimes& times, std::optional<double> expected_mso) {
    session.enter(Step::threshold, "Find the motor threshold; the hand stays relaxed");
    session.await_key("START", "single pulses at the hotspot");
    const SessionParts& parts = session.parts();
    session.pulses.setting.purpose = PulsePurpose::threshold;
    const Transform<Scan, Coil> goal = session.setting().target.value().scan_from_coil;

    ThresholdOptions options;
    options.half_width = 0.04;
    options.fewest_pulses = 20;
    if (expected_mso) {
        options.prior = ThresholdPrior{*expected_mso, 10.0};
        options.start_mso = std::round(std::min(100.0, *expected_mso * 1.05));
    }
    BayesThreshold procedure(options);
    ThresholdView& shown = session.view.threshold;
    shown = {};
    double last_pulse_s = session.now_s();
    int rejected = 0;
    while (!procedure.estimate().enough) {
        const double intensity_mso = procedure.next_mso();
        shown.next_mso = intensity_mso;
        const AnsweredPulse answer = give_pulse(session, goal, intensity_mso, times.pulse_interval_s, last_pulse_s);
        // A pulse without a pose, or with the coil away from the hotspot, says nothing about this threshold.
        const bool held = answer.pulse.deviation && answer.pulse.deviation->in_plane_mm < 4.0;
        if (!answer.usable || !held) {
            if (++rejected > 60) throw Error("Most sweeps are rejected: " + answer.pulse.mep_verdict + ".");
            continue;
        }
        procedure.add(answer.pulse.intensity_mso, answer.responded);
        const ThresholdEstimate now = procedure.estimate();
        shown.pulses.push_back({answer.pulse.intensity_mso, answer.responded});
        shown.rmt_mso = now.rmt_mso;
        shown.low95_mso = now.low95_mso;
        shown.high95_mso = now.high95_mso;
        shown.spread_mso = now.spread_mso;
        shown.enough = now.enough;
    }
    const ThresholdEstimate found = procedure.estimate();
    if (found.not_reached) throw Error(found.verdict);
    ThresholdRecord record;
    record.session = parts.session.id;
    record.muscle = "first dorsal interosseous";
    record.rmt_mso = found.rmt_mso;
    record.low95_mso = found.low95_mso;
    record.high95_mso = found.high95_mso;
    record.pulses = found.pulses;
    record.method = parts.emg ? "Bayes, 50 µV" : "Bayes, twitch seen";
    record.made = utc_now();
    record.id = parts.store.add(record);
    session.view.treatment.rmt_mso = record.rmt_mso;
    session.leave(Step::threshold);
    return record;
}

}  // namespace precentral
