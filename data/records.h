// SPDX-License-Identifier: Apache-2.0
// What is kept about a case: plain facts, each naming what it was made under. Nothing here is ever rewritten;
// a correction is a new record.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/frames.h"
#include "data/time.h"

namespace precentral {

// Given by the store, 1 and up, unique within one kind of record; 0 = not stored yet.
using RecordId = std::int64_t;

enum class Side { left, right };
inline Side opposite(Side side) { return side == Side::left ? Side::right : Side::left; }
inline const char* to_word(Side side) { return side == Side::left ? "left" : "right"; }
inline const char* to_letter(Side side) { return side == Side::left ? "L" : "R"; }

// One patient, known by a random code only. Identity lives elsewhere, sealed.
struct Case {
    std::string code;  // "PRC-" and eight letters or digits
    Side pain_side = Side::right;
    std::string pain_region;    // "hand"
    std::string aetiology;      // "central pain after ischaemic stroke"
    std::string worst_symptom;  // "burning"; the most disabling symptom, in the patient's words
    std::optional<int> birth_year;
    std::string sex;  // "woman", "man", "" when not recorded
    bool simulated = false;
    UtcTime created{};
};

// The MRI a case is navigated on.
struct ImageRecord {
    RecordId id = 0;
    std::string case_code;
    std::string content_sha256;  // of the file as it was read; names the head model made from it
    std::string path;            // where it was read from
    std::array<int, 3> dims{};
    Eigen::Vector3d spacing_mm = Eigen::Vector3d::Zero();
    AffineMap<Scan, Voxel> scan_from_voxel;
    UtcTime added{};
};

// What a session is meant to deliver.
struct Protocol {
    std::string name = "20 Hz M1, 20 x 80";
    double frequency_hz = 20.0;
    int trains = 20;
    int pulses_per_train = 80;
    double pause_s = 84.0;                // from the end of a train to the start of the next
    double intensity_percent_rmt = 80.0;  // of the resting motor threshold
    int pulses() const { return trains * pulses_per_train; }
};

// One visit of the patient.
struct Session {
    RecordId id = 0;
    std::string case_code;
    int visit = 1;  // 1, 2, … within the case
    Protocol protocol;
    Side target_side = Side::left;
    bool simulated = false;
    UtcTime started{};
};

struct FiducialResidual {
    std::string name;
    double residual_mm = 0.0;  // in the fit
    double left_out_mm = 0.0;  // when the fit is made without it
};

struct RegistrationRecord {
    RecordId id = 0;
    RecordId session = 0;
    Transform<Scan, Head> scan_from_head;
    double rms_mm = 0.0;  // what the fit left; not the error at the target
    std::vector<FiducialResidual> fiducials;
    int surface_points = 0;
    double predicted_rms_mm = 0.0;  // expected error at the target
    double predicted_p95_mm = 0.0;  // 95 % bound of it
    double predicted_angle_deg = 0.0;
    std::string verdict;  // "good", "fair", "poor"
    std::vector<std::string> reasons;
    UtcTime made{};
};

struct TouchedLandmark {
    std::string name;
    Point<Head> point;
};

// Landmarks touched for a registration, and again later to see whether it still holds.
struct LandmarkTouches {
    RecordId id = 0;
    RecordId session = 0;
    RecordId registration = 0;  // the one they were touched for, or are checked against
    std::vector<TouchedLandmark> landmarks;
    // Of a check; empty where the registration was made from them.
    std::optional<double> drift_mm;  // of the target since then
    std::optional<double> drift_deg;
    std::string verdict;  // "fine", "touch again", "register again", "the head reference has slipped"
    std::vector<std::string> reasons;
    UtcTime made{};
};

struct CoilCalibrationRecord {
    RecordId id = 0;
    RecordId session = 0;
    std::string coil_name;
    Transform<CoilBody, Coil> coil_body_from_coil;
    std::string source;  // where it came from: a file, a block, touched landmarks
    double rms_mm = 0.0;
    UtcTime made{};
};

// Where the coil should be. An edit is a new target; what was stimulated never changes.
struct TargetRecord {
    RecordId id = 0;
    RecordId session = 0;
    std::string name;  // "hand, left M1"
    Side side = Side::left;
    Point<Scan> cortex;  // the point on the cortex that is aimed at
    Transform<Scan, Coil> scan_from_coil;
    std::optional<Point<Mni>> cortex_mni;
    std::string source;  // "template hand area", "own hotspot, 41 pulses"
    UtcTime made{};
};

struct HotspotRecord {
    RecordId id = 0;
    RecordId session = 0;
    std::string muscle;
    Point<Scan> cortex;
    Transform<Scan, Coil> scan_from_coil;
    double radius95_mm = 0.0;  // 95 % of the posterior lies within
    int pulses = 0;
    std::string method;
    UtcTime made{};
};

struct ThresholdRecord {
    RecordId id = 0;
    RecordId session = 0;
    std::string muscle;
    double rmt_mso = 0.0;  // resting motor threshold, % of maximum stimulator output
    double low95_mso = 0.0;
    double high95_mso = 0.0;
    int pulses = 0;
    std::string method;
    UtcTime made{};
};

// Coil against target, all measured in the target's frame.
struct Deviation {
    double in_plane_mm = 0.0;  // distance within the target's coil plane
    double gap_mm = 0.0;       // coil centre above the scalp along the coil's normal; negative = pressed in
    double tilt_deg = 0.0;     // between the coil normals
    double twist_deg = 0.0;    // rotation about the normal, signed: positive turns +x towards +y
};

enum class PulsePurpose { map, threshold, treat };
const char* to_word(PulsePurpose purpose);
PulsePurpose purpose_from_word(std::string_view word);

// One pulse of the stimulator, as it really was.
struct Pulse {
    RecordId id = 0;
    RecordId session = 0;
    PulsePurpose purpose = PulsePurpose::treat;
    int sequence = 0;  // 1, 2, … within the session
    int train = 0;     // 1, 2, …; 0 outside trains
    int index = 0;     // 1, 2, … within the train; 0 outside trains
    UtcTime time{};
    double device_time_s = 0.0;      // on the device's own clock
    std::uint64_t device_count = 0;  // the stimulator's own pulse counter, 0 when it has none
    double intensity_mso = 0.0;
    RecordId registration = 0;
    RecordId calibration = 0;
    RecordId target = 0;
    // As the camera saw them, interpolated at the pulse's own time; empty when the body was not seen.
    std::optional<Transform<Tracker, Head>> tracker_from_head;
    std::optional<Transform<Tracker, CoilBody>> tracker_from_coil_body;
    double pose_age_ms = 0.0;  // to the nearer of the two frames the pose was interpolated between
    bool valid = false;        // a pose stands behind it
    std::string reason;        // why not
    std::optional<Transform<Scan, Coil>> scan_from_coil;
    std::optional<Deviation> deviation;
    std::optional<double> mep_uv;  // peak to peak
    std::optional<double> mep_latency_ms;
    std::string mep_verdict;  // "accepted", "weak", "rejected: muscle not at rest"
};

// Pain after a visit, as the patient tells it at the next one.
struct Outcome {
    RecordId id = 0;
    RecordId session = 0;
    std::optional<double> relief_percent;  // -100 … 100, negative = worse
    std::optional<double> relief_days;
    std::optional<double> pain_before;          // 0 … 10
    std::optional<double> pain_after;           // 0 … 10
    std::optional<double> worst_symptom_after;  // 0 … 10
    std::string adverse_events;                 // "none" is an answer; empty = not asked
    std::string note;
    UtcTime asked{};
};

// What happened, in order: "started", "step done: Register", "paused: coil hidden", "closed".
struct SessionEvent {
    RecordId id = 0;
    RecordId session = 0;
    std::string kind;
    std::string text;
    UtcTime time{};
};

}  // namespace precentral
