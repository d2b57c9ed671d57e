// SPDX-License-Identifier: Apache-2.0
// The pulses of a session as one table for every other program: CSV (RFC 4180), UTF-8, a point as decimal mark.
//
// Columns: time (UTC, ms), train, index, intensity_mso, coil_m00 … coil_m33 (scan_from_coil, RAS mm, row by row),
// in_plane_mm, gap_mm, tilt_deg, twist_deg, pose_age_ms, valid (1 or 0), reason, mep_uv, then purpose, sequence,
// device_time_s, device_count, mep_latency_ms, mep_verdict. What is not known is empty.
#pragma once

#include <span>
#include <string>

#include "data/records.h"

namespace precentral {

std::string pulse_table(std::span<const Pulse> pulses);

// There complete or not at all; throws as write_text_file does.
void write_pulse_table(const std::string& path, std::span<const Pulse> pulses);

}  // namespace precentral
