// SPDX-License-Identifier: Apache-2.0
// A visit of a case on record, with the clinic's own tracker and stimulator: what is judged before it begins, and the
// running of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/guard_rails.h"
#include "data/progress.h"
#include "data/records.h"
#include "data/store.h"
#include "navigation/dose_limits.h"
#include "navigation/latest.h"
#include "navigation/session/operator_keys.h"
#include "navigation/session_view.h"
#include "navigation/tracker.h"

namespace precentral {

struct HeadModel;

struct ClinicOptions {
    std::string store;       // a path or a postgresql:// URL; must exist
    std::string case_code;   // "" = the only case there is
    std::string tracker;     // as open_tracker takes it
    std::string stimulator;  // as open_trigger takes it; "" = the tracker's link tells of pulses too
    ToolNames names;
    bool emg = true;           // sweeps come over the tracker's link; else the technician answers for each pulse
    DosePlan dose;             // the protocol, and the bounds of coil and site; earlier sessions come from the record
    std::optional<Side> side;  // of the target; opposite to the pain when empty
    std::optional<RailOverride> by;           // who goes on in spite of what stops, and why
    std::optional<std::filesystem::path> t1;  // for the record, where the case has no image yet
    double pulse_interval_s = 5.0;            // between single pulses
    double room_pace = 1.0;                   // of a simulated room, times real time; 0 = as fast as both can
    bool simulated_room = false;              // the tracker is `precentral simulate patient`, whose hands are led
};

struct VisitPlan {
    Case patient;
    Session session;  // with an id when an interrupted one is gone on with
    bool resumed = false;
    std::vector<std::string> warnings;  // sentences; kept with the session
};

// Which visit of which case it would be, judged: side against pain, days since the visit before, the dose against the
// published limits and against what was given within a week. Throws InputError with the reasons when something stops
// and nobody has overridden it; a dose that is refused cannot be overridden. A session that was begun within the last
// twelve hours and is not closed is gone on with.
VisitPlan plan_visit(const Store& store, const ClinicOptions& options, UtcTime now);

// Refuses an image whose content (content_sha256) is none of the case's record: its targets lie in another head.
void require_own_image(const Store& store, const Case& patient, const std::string& content_sha256);
// The same; adds the image where the case has none.
void require_own_image(Store& store, const Case& patient, const HeadModel& head,
                       const std::optional<std::filesystem::path>& t1);

struct VisitEnd {
    std::string case_code;
    int visit = 0;
};

// Runs the visit from registration to outcome. Throws InputError as above and for an address that cannot be used,
// Error, Cancelled. Waits as long as it takes for tracker, stimulator and hands. `screen` and `keys` may be null in a
// simulated room.
VisitEnd hold_visit(const ClinicOptions& options, const HeadModel& head, Latest<SessionView>* screen,
                    OperatorKeys* keys, const Progress& progress);

}  // namespace precentral
