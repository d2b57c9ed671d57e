// SPDX-License-Identifier: Apache-2.0
// A synthetic cohort written where analyses read from: a folder of tables, or a store.
#pragma once

#include <string>
#include <vector>

#include "data/cohort/synthetic.h"
#include "data/progress.h"
#include "data/store.h"

namespace precentral::cohort {

std::string patients_csv(const std::vector<SyntheticPatient>& patients);
std::string sessions_csv(const std::vector<SyntheticPatient>& patients);
// What was planted, one number a line: name,value,meaning.
std::string truth_csv(const SyntheticSettings& settings);

// patients.csv, sessions.csv, dictionary.csv, truth.csv and README.txt. The folder is there already. Throws as
// write_text_file.
void write_synthetic(const std::string& folder, const SyntheticSettings& settings,
                     const std::vector<SyntheticPatient>& patients);

// Cases, sessions, hotspots, targets, thresholds, outcomes and events; no pulses and no MRI: places are those of the
// template, so scan coordinates are MNI. Implant and lost relief are events of the last session. Depression and
// duration of pain have no place in the record and are left out. Throws InputError when a case is there already.
void store_synthetic(Store& store, const std::vector<SyntheticPatient>& patients, const Progress& progress = {});

}  // namespace precentral::cohort
