// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "navigation/session/session_start.h"
#include "navigation/session/steps.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

// The sessions of the case before this one, the latest first.
std::vector<Session> earlier_sessions(const LiveSession& live) {
    std::vector<Session> out;
    for (const Session& known : live.parts().store.sessions(live.parts().session.case_code)) {
        if (known.visit < live.parts().session.visit) out.insert(out.begin(), known);
    }
    return out;
}

std::optional<std::pair<TargetRecord, int>> earlier_target(const LiveSession& live) {
    for (const Session& before : earlier_sessions(live)) {
        const auto target = last_of(live.parts().store.targets(before.id));
        if (target && target->side == live.parts().session.target_side) return std::pair{*target, before.visit};
    }
    return std::nullopt;
}

std::optional<double> expected_threshold(const LiveSession& live) {
    for (const Session& before : earlier_sessions(live)) {
        if (before.target_side != live.parts().session.target_side) continue;
        if (const auto known = last_of(live.parts().store.thresholds(before.id))) return known->rmt_mso;
    }
    return std::nullopt;
}

void find_target(LiveSession& live, const VisitCourse& course) {
    const SessionParts& parts = live.parts();
    const auto target = last_of(parts.store.targets(parts.session.id));
    if (last_of(parts.store.hotspots(parts.session.id))) {
        live.use(*target);
    } else if (const auto earlier = earlier_target(live)) {
        if (target) {
            live.use(*target);
        } else {
            repeat_target(live, earlier->first, earlier->second);
        }
    } else {
        target_step(live);
        if (parts.emg) {
            map_step(live, course.times);
        } else {
            live.view.step_notes[static_cast<std::size_t>(Step::map)] = "needs EMG";
            live.note("not mapped", "no EMG; the hand area of the template is aimed at");
        }
    }
}

}  // namespace

Outcome outcome_step(LiveSession& live) {
    live.enter(Step::outcome, "How did it go since?");
    live.view.sentence = "Record the outcome";
    live.view.key = {"SAVE", "relief, and whether anything went wrong", true, true};
    live.view.guidance.reset();
    live.view.scan_from_coil.reset();
    std::optional<Outcome> typed;
    while (!(typed = live.parts().keys->take_outcome())) {
        if (live.parts().stop.stop_requested()) throw Cancelled();
        live.publish();
        std::this_thread::sleep_for(50ms);
    }
    return *typed;
}

void take_course(LiveSession& live, const VisitCourse& course) {
    const SessionParts& parts = live.parts();
    const RecordId session = parts.session.id;
    const auto say = [&](const char* what) {
        if (course.say) course.say(what);
    };
    const auto given = parts.store.pulses(session);
    if (!given.empty()) live.pulses.resume_after(given.back().sequence, given.back().device_count);
    // What an interrupted run has left stands: the head reference was not touched in between.
    if (const auto calibration = last_of(parts.store.calibrations(session))) live.use(*calibration);
    const auto registration = last_of(parts.store.registrations(session));
    if (registration && registration->verdict != "poor") {
        live.use(*registration);
        live.view.steps[static_cast<std::size_t>(Step::registration)] = StepState::done;
    } else {
        register_step(live);
    }
    say("registered");
    find_target(live, course);
    say("on target");
    auto threshold = last_of(parts.store.thresholds(session));
    if (!threshold) threshold = threshold_step(live, course.times, expected_threshold(live));
    say("threshold found");
    treat_step(live, *threshold, given, course.treat);
    say("treated");
}

}  // namespace precentral
