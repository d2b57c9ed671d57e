// SPDX-License-Identifier: Apache-2.0
// The steps of a visit. Each asks, waits for what it needs, and adds its facts to the store as it gets them.
// All on the session's thread; all throw as LiveSession::next_frame does.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "navigation/session/live_session.h"

namespace precentral {

struct StepTimes {
    double pulse_interval_s = 5.0;  // between single pulses; shorter ones depend on each other
};

// Stylus tip by pivoting, coil by touching its marks.
void calibrate_tools(LiveSession& session);

// Fiducials, then points all over scalp and face; the record is stored and in use afterwards.
// Throws Error when the fit is poor even with more points.
void register_step(LiveSession& session);

enum class CheckEnd { holds, registered_anew, left_out };

// Touches the landmarks of the registration in use once more and keeps what that shows. Where the head has moved
// against its reference, registers anew from these touches (the operator is asked first), or as in register_step when
// they do not suffice; the records before stay as they are. The operator can leave it out.
CheckEnd recheck_step(LiveSession& session);

// The hand area of M1 by the template, as a coil pose on the scalp; stored and in use afterwards.
void target_step(LiveSession& session);
// The target of an earlier visit: a new record that says where it comes from.
void repeat_target(LiveSession& session, const TargetRecord& earlier, int visit);

// Finds the hotspot from responses; its pose is the target in use afterwards.
HotspotRecord map_step(LiveSession& session, const StepTimes& times);

// `expected_mso`: what mapping or an earlier visit suggests.
ThresholdRecord threshold_step(LiveSession& session, const StepTimes& times, std::optional<double> expected_mso);

// Delivers what is still missing of the protocol at its share of the threshold; every pulse is put to the writer as it
// comes. Pauses on the operator's key; a train never starts while the coil is hidden or off target.
struct TreatOptions {
    bool check_half_way = false;  // of the trains; the operator can ask at any time between trains
    bool check_at_the_end = true;
};
void treat_step(LiveSession& session, const ThresholdRecord& threshold, const std::vector<Pulse>& already_given,
                const TreatOptions& options = {});

// Asks the operator for the outcome and gives what was typed; `session` and `asked` are not filled in.
Outcome outcome_step(LiveSession& session);

// How a visit goes from registration to its last train.
struct VisitCourse {
    StepTimes times;
    TreatOptions treat;
    std::function<void(const char*)> say;  // "registered", "on target", …
};

// Goes on where an interrupted run of the same session stopped. A target and a hotspot of an earlier session of the
// case are used again; without an earlier one the hotspot is mapped, where sweeps arrive, or the template's hand area
// is what is aimed at.
void take_course(LiveSession& session, const VisitCourse& course);

}  // namespace precentral
