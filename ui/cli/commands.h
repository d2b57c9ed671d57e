// SPDX-License-Identifier: Apache-2.0
// The verbs of the command line; each adds itself with its options, examples and what it runs.
#pragma once

#include <CLI/CLI.hpp>

namespace precentral::cli {

void add_demo(CLI::App& app);
void add_case(CLI::App& app);  // case new | list | show | import | export, review
void add_case_new(CLI::App& case_group);
void add_case_import(CLI::App& case_group);
void add_replay(CLI::App& app);
void add_store(CLI::App& app);    // store check | backup | restore | migrate
void add_vault(CLI::App& app);    // vault add | show | change-passphrase
void add_markers(CLI::App& app);  // markers convert
void add_image(CLI::App& app);    // image info | convert
void add_head(CLI::App& app);
void add_normalise(CLI::App& app);
void add_register(CLI::App& app);  // register points | surface | simulate
void add_register_simulate(CLI::App& register_group);
void add_calibrate(CLI::App& app);  // calibrate pivot | coil
void add_simulate(CLI::App& app);   // simulate patient | tracker | emg | cohort, threshold simulate, hotspot simulate
void add_simulate_tracker(CLI::App& simulate);
void add_simulate_emg(CLI::App& simulate);
void add_track(CLI::App& app);
void add_efield(CLI::App& app);               // efield: at points, or the best pose
void add_cohort(CLI::App& app);               // cohort odds | roc | table | survival
void add_mep(CLI::App& app);                  // the sweeps of an EMG file
void add_dose(CLI::App& app);                 // dose check
void add_threshold_run(CLI::App& app);        // after add_simulate, which makes the group
void add_hotspot_run(CLI::App& app);          // likewise
void add_simulate_stimulator(CLI::App& app);  // likewise
void add_stimulator(CLI::App& app);           // stimulator listen

}  // namespace precentral::cli
