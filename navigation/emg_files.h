// SPDX-License-Identifier: Apache-2.0
// EMG sweeps out of files, each cut around its pulse: CSV and MATLAB tables (time × trial), BrainVision, EDF/EDF+,
// BDF, and the EMG columns of a Brainsight export.
//
// Formats: BrainVision Core Data Format 1.0 (Brain Products); EDF: Kemp et al. 1992, doi 10.1016/0013-4694(92)90009-7;
// EDF+: Kemp & Olivan 2003, doi 10.1016/S1388-2457(03)00123-8; MATLAB level 5 MAT-files (MathWorks).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "navigation/tracker.h"

namespace precentral {

struct EmgFileOptions {
    std::string channel;               // only this channel, or this variable of a MATLAB file; "" = all, or the first
    std::string trigger;               // only pulses marked by this text; "" = all markers
    std::optional<double> rate_hz;     // of a table without a time column
    double start_ms = 0.0;             // of such a table's first row, relative to the pulse; negative
    double microvolts_per_unit = 1.0;  // of a table, which does not say its unit
    double before_ms = 100.0;          // cut out of a continuous recording before and after each pulse
    double after_ms = 120.0;
};

struct FiledSweep {
    std::string channel;  // "" when the file names none
    std::string label;    // of the pulse: the marker's text, the column's heading, the sample's name
    EmgSweep sweep;       // pulse_count: 1, 2, … in the order of the file
};

// All sweeps of the file, pulse by pulse, within a pulse in the order of the channels. Throws InputError naming the
// file when it cannot be read, is damaged, holds no EMG or no pulses, or when the options do not fit it.
std::vector<FiledSweep> read_emg_sweeps(const std::string& path, const EmgFileOptions& options = {});

}  // namespace precentral
