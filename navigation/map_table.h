// SPDX-License-Identifier: Apache-2.0
// The pulses of a mapping, read from a table: a list of sites with amplitudes, or a session's exported pulses.
//
// CSV (RFC 4180) whose first line names the columns; mm, % of stimulator output, µV, degrees. Needed: mep_uv, and x, y,
// z (below the coil's centre, RAS) or coil_m00 … coil_m33 (scan_from_coil). Taken when there: intensity_mso, yaw_deg,
// rejected (1 = the sweep says nothing), mep_verdict ("rejected…"), purpose (rows of "treat" are left out). Rows
// without amplitude or place are left out. Lines that begin with # are remarks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/frames.h"

namespace precentral {

// By a full pose, or by a site with an angle.
struct GivenPulse {
    std::optional<Transform<Scan, Coil>> pose;
    Point<Scan> site;
    std::optional<double> yaw_deg;
    std::optional<double> intensity_mso;
    double mep_uv = 0.0;
    bool rejected = false;
};

// The fields of one row; quotes around those that hold commas, two quotes for one.
std::vector<std::string> csv_cells(const std::string& line);

// Throws InputError naming file and line; also when no row can be used.
std::vector<GivenPulse> read_map_table(const std::string& file);

}  // namespace precentral
