// SPDX-License-Identifier: Apache-2.0
// Which column holds which member of a record: said once, used to write, to read and to name.
//
// `columns(row, record)` calls row(name, member) for each column in the order of the table; row.link(name, id) for the
// id of another record, where 0 means none.
#pragma once

#include <concepts>
#include <limits>
#include <type_traits>

#include "data/records.h"

namespace precentral {

// R is Record or const Record.
template <class R, class Record>
concept Is = std::same_as<std::remove_const_t<R>, Record>;

template <class Record>
inline constexpr const char* kTable = nullptr;
template <>
inline constexpr const char* kTable<Case> = "cases";
template <>
inline constexpr const char* kTable<ImageRecord> = "images";
template <>
inline constexpr const char* kTable<Session> = "sessions";
template <>
inline constexpr const char* kTable<RegistrationRecord> = "registrations";
template <>
inline constexpr const char* kTable<LandmarkTouches> = "landmark_touches";
template <>
inline constexpr const char* kTable<CoilCalibrationRecord> = "coil_calibrations";
template <>
inline constexpr const char* kTable<TargetRecord> = "targets";
template <>
inline constexpr const char* kTable<HotspotRecord> = "hotspots";
template <>
inline constexpr const char* kTable<ThresholdRecord> = "thresholds";
template <>
inline constexpr const char* kTable<Pulse> = "pulses";
template <>
inline constexpr const char* kTable<Outcome> = "outcomes";
template <>
inline constexpr const char* kTable<SessionEvent> = "events";

template <class Row, Is<Case> R>
void columns(Row& row, R& r) {
    row("code", r.code);
    row("pain_side", r.pain_side);
    row("pain_region", r.pain_region);
    row("aetiology", r.aetiology);
    row("worst_symptom", r.worst_symptom);
    row("birth_year", r.birth_year);
    row("sex", r.sex);
    row("simulated", r.simulated);
    row("created", r.created);
}

template <class Row, Is<ImageRecord> R>
void columns(Row& row, R& r) {
    row("case_code", r.case_code);
    row("content_sha256", r.content_sha256);
    row("path", r.path);
    row("dims", r.dims);
    row("spacing_mm", r.spacing_mm);
    row("scan_from_voxel", r.scan_from_voxel);
    row("added", r.added);
}

template <class Row, Is<Session> R>
void columns(Row& row, R& r) {
    row("case_code", r.case_code);
    row("visit", r.visit);
    row("protocol_name", r.protocol.name);
    row("frequency_hz", r.protocol.frequency_hz);
    row("trains", r.protocol.trains);
    row("pulses_per_train", r.protocol.pulses_per_train);
    row("pause_s", r.protocol.pause_s);
    row("intensity_percent_rmt", r.protocol.intensity_percent_rmt);
    row("target_side", r.target_side);
    row("simulated", r.simulated);
    row("started", r.started);
}

template <class Row, Is<RegistrationRecord> R>
void columns(Row& row, R& r) {
    row.link("session", r.session);
    row("scan_from_head", r.scan_from_head);
    row("rms_mm", r.rms_mm);
    row("fiducials", r.fiducials);
    row("surface_points", r.surface_points);
    row("predicted_rms_mm", r.predicted_rms_mm);
    row("predicted_p95_mm", r.predicted_p95_mm);
    row("predicted_angle_deg", r.predicted_angle_deg);
    row("verdict", r.verdict);
    row("reasons", r.reasons);
    row("made", r.made);
}

template <class Row, Is<LandmarkTouches> R>
void columns(Row& row, R& r) {
    row.link("session", r.session);
    row.link("registration", r.registration);
    row("landmarks", r.landmarks);
    row("drift_mm", r.drift_mm);
    row("drift_deg", r.drift_deg);
    row("verdict", r.verdict);
    row("reasons", r.reasons);
    row("made", r.made);
}

template <class Row, Is<CoilCalibrationRecord> R>
void columns(Row& row, R& r) {
    row.link("session", r.session);
    row("coil_name", r.coil_name);
    row("coil_body_from_coil", r.coil_body_from_coil);
    row("source", r.source);
    row("rms_mm", r.rms_mm);
    row("made", r.made);
}

template <class Row, Is<TargetRecord> R>
void columns(Row& row, R& r) {
    row.link("session", r.session);
    row("name", r.name);
    row("side", r.side);
    row("cortex", r.cortex);
    row("scan_from_coil", r.scan_from_coil);
    row("cortex_mni", r.cortex_mni);
    row("source", r.source);
    row("made", r.made);
}

template <class Row, Is<HotspotRecord> R>
void columns(Row& row, R& r) {
    row.link("session", r.session);
    row("muscle", r.muscle);
    row("cortex", r.cortex);
    row("scan_from_coil", r.scan_from_coil);
    row("radius95_mm", r.radius95_mm);
    row("pulses", r.pulses);
    row("method", r.method);
    row("made", r.made);
}

template <class Row, Is<ThresholdRecord> R>
void columns(Row& row, R& r) {
    row.link("session", r.session);
    row("muscle", r.muscle);
    row("rmt_mso", r.rmt_mso);
    row("low95_mso", r.low95_mso);
    row("high95_mso", r.high95_mso);
    row("pulses", r.pulses);
    row("method", r.method);
    row("made", r.made);
}

template <class Row, Is<Pulse> R>
void columns(Row& row, R& r) {
    row.link("session", r.session);
    row("purpose", r.purpose);
    row("sequence", r.sequence);
    row("train", r.train);
    row("train_index", r.index);
    row("time", r.time);
    row("device_time_s", r.device_time_s);
    row("device_count", r.device_count);
    row("intensity_mso", r.intensity_mso);
    row.link("registration", r.registration);
    row.link("calibration", r.calibration);
    row.link("target", r.target);
    row("tracker_from_head", r.tracker_from_head);
    row("tracker_from_coil_body", r.tracker_from_coil_body);
    row("pose_age_ms", r.pose_age_ms);
    row("valid", r.valid);
    row("reason", r.reason);
    row("scan_from_coil", r.scan_from_coil);
    // Four columns, so that they can be asked for by name; all empty when the deviation is not known.
    std::optional<double> in_plane_mm, gap_mm, tilt_deg, twist_deg;
    if (r.deviation) {
        in_plane_mm = r.deviation->in_plane_mm;
        gap_mm = r.deviation->gap_mm;
        tilt_deg = r.deviation->tilt_deg;
        twist_deg = r.deviation->twist_deg;
    }
    row("in_plane_mm", in_plane_mm);
    row("gap_mm", gap_mm);
    row("tilt_deg", tilt_deg);
    row("twist_deg", twist_deg);
    if constexpr (!std::is_const_v<R>) {
        r.deviation.reset();
        constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
        if (in_plane_mm || gap_mm || tilt_deg || twist_deg) {
            r.deviation = Deviation{in_plane_mm.value_or(kUnknown), gap_mm.value_or(kUnknown),
                                    tilt_deg.value_or(kUnknown), twist_deg.value_or(kUnknown)};
        }
    }
    row("mep_uv", r.mep_uv);
    row("mep_latency_ms", r.mep_latency_ms);
    row("mep_verdict", r.mep_verdict);
}

template <class Row, Is<Outcome> R>
void columns(Row& row, R& r) {
    row.link("session", r.session);
    row("relief_percent", r.relief_percent);
    row("relief_days", r.relief_days);
    row("pain_before", r.pain_before);
    row("pain_after", r.pain_after);
    row("worst_symptom_after", r.worst_symptom_after);
    row("adverse_events", r.adverse_events);
    row("note", r.note);
    row("asked", r.asked);
}

template <class Row, Is<SessionEvent> R>
void columns(Row& row, R& r) {
    row.link("session", r.session);
    row("kind", r.kind);
    row("text", r.text);
    row("time", r.time);
}

}  // namespace precentral
