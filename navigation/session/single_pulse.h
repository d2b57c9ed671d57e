// SPDX-License-Identifier: Apache-2.0
// One pulse with its answer from the muscle: what mapping and threshold are made of.
#pragma once

#include "navigation/mep.h"
#include "navigation/session/live_session.h"

namespace precentral {

struct AnsweredPulse {
    Pulse pulse;
    MepMeasurement mep;   // empty where twitches are looked at
    bool usable = false;  // says whether the muscle responded
    bool responded = false;
};

// Holds the coil at `goal`, waits until `interval_s` have passed since the pulse before, has the pulse given and its
// sweep measured. The record, complete with its MEP, is put to the writer.
AnsweredPulse give_pulse(LiveSession& session, const Transform<Scan, Coil>& goal, double intensity_mso,
                         double interval_s, double& last_pulse_s);

}  // namespace precentral
