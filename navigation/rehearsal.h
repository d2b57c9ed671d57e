// SPDX-License-Identifier: Apache-2.0
// The whole service on a simulated patient: the test period of a few visits from MRI to outcome, in a simulated room
// that runs as another process, and what was found against what was hidden.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/progress.h"
#include "navigation/latest.h"
#include "navigation/session/operator_keys.h"
#include "navigation/session_view.h"

namespace precentral {

struct HeadModel;

struct RehearsalOptions {
    std::filesystem::path t1;
    std::filesystem::path out;        // the store, the room's files and the report live here; created when absent
    std::filesystem::path cache_dir;  // prepared heads
    std::filesystem::path program;    // that plays the room; "" = precentral beside this executable
    std::uint64_t seed = 1;
    int visits = 4;
    double pace = 0.0;              // times real time; 0 = as fast as both processes can
    double train_pause_s = 1.0;     // between trains; 84 in the clinic
    double pulse_interval_s = 0.4;  // between single pulses; 5 in the clinic
    // The head reference is knocked by so much in the middle of the trains, and the registration checked at half time
    // too; 0 = it only slips a little and is checked at the end.
    double knock_mm = 0.0;
};

struct VisitResult {
    int visit = 0;
    double registration_error_mm = 0.0;  // at the hidden hotspot
    double predicted_rms_mm = 0.0;       // what the registration itself expected there
    double predicted_p95_mm = 0.0;
    double threshold_mso = 0.0;
    double threshold_error_mso = 0.0;  // found minus hidden
    std::uint64_t delivered = 0;       // pulses in trains by the stimulator's own counter
    std::uint64_t recorded = 0;        // pulses of the treatment in the store
    std::uint64_t with_pose = 0;
    bool resumed = false;
    std::vector<LandmarkTouches> checks;  // of the registration, in the order of time
};

struct RehearsalResult {
    std::string case_code;
    std::filesystem::path store;
    double hotspot_error_mm = 0.0;  // found against hidden, first visit
    double hotspot_radius95_mm = 0.0;
    int map_pulses = 0;
    std::vector<VisitResult> visits;
};

// Runs, or goes on with what an interrupted run of the same seed left in `out`. Throws InputError for an unusable T1 or
// folder, Error when a device stays away, Cancelled. `screen` and `keys` may be null: then every step goes on by
// itself.
RehearsalResult rehearse(const RehearsalOptions& options, const HeadModel& head, Latest<SessionView>* screen,
                         OperatorKeys* keys, const Progress& progress);

}  // namespace precentral
