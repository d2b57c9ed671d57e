// SPDX-License-Identifier: Apache-2.0
// One picture of the running session for a screen: plain values, made by the session's thread at every frame, pulled
// by the screen through Latest<SessionView>. A screen draws this and nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/records.h"
#include "navigation/tracker.h"
#include "registration/recheck.h"

namespace precentral {

struct ShellModes;

enum class Step { patient, image, registration, target, map, threshold, treat, outcome, review };
inline constexpr std::array<const char*, 9> kStepNames = {"Patient",   "Image", "Register", "Target", "Map",
                                                          "Threshold", "Treat", "Outcome",  "Review"};
inline constexpr int kSteps = 9;

enum class StepState { open, current, done, blocked };

// on: filled disc; near: triangle; off: square; hidden: broken ring.
enum class Grade { on, near, off, hidden };

struct ToolView {
    ToolState state = ToolState::missing;
    double rate_hz = 0.0;
    double hidden_s = 0.0;  // since it was last seen
};

struct RegistrationView {
    double predicted_rms_mm = 0.0;
    double predicted_p95_mm = 0.0;
    double rms_mm = 0.0;
    int surface_points = 0;
    double age_s = 0.0;
    std::string verdict;  // "good", "fair", "poor"
    std::vector<FiducialResidual> fiducials;
};

// The newest check of the registration: landmarks touched again.
struct CheckView {
    double drift_mm = 0.0;        // of the target since the registration
    double drift_error_mm = 0.0;  // what touching alone would show
    double drift_deg = 0.0;
    RecheckVerdict verdict = RecheckVerdict::fine;
    double age_s = 0.0;
    struct Row {
        std::string name;
        double moved_mm = 0.0;
        double left_mm = 0.0;  // once the common motion is taken off
    };
    std::vector<Row> rows;
    std::string reason;  // the first, "" when fine
};

// Coil against the target, only while head and coil are seen in a fresh frame.
struct GuidanceView {
    Deviation deviation;
    Grade in_plane = Grade::hidden;
    Grade gap = Grade::hidden;
    Grade tilt = Grade::hidden;
    Grade twist = Grade::hidden;
    Grade overall = Grade::hidden;
    // Coil centre relative to the target in the target's own axes, mm: x = target +x, y = target +y (away from handle).
    Eigen::Vector2d offset_mm = Eigen::Vector2d::Zero();
    // The coil's normal seen in the target's axes: components along target +x and +y, degrees.
    Eigen::Vector2d tilt_xy_deg = Eigen::Vector2d::Zero();
    double field_percent = 0.0;  // field at the target, % of what the coil gives on its planned pose; 0 = not known
    std::string field_model;     // of that: "sphere", "inner skull"; "" = not known
    std::string act;             // "Press down 2 mm" or "On target. Hold still."
    std::string then;            // the next one, "" if none
};

// Which way is which on the bull's-eye: unit vectors in the target's (x, y) axes.
struct TargetCompass {
    Eigen::Vector2d midline = Eigen::Vector2d::UnitY();
    Eigen::Vector2d front = Eigen::Vector2d::UnitX();
};

struct DeliveredPulse {
    int train = 0;
    bool valid = false;
    float in_plane_mm = 0.0F;
    Grade grade = Grade::hidden;
};

struct TreatmentView {
    Protocol protocol;
    double intensity_mso = 0.0;
    double rmt_mso = 0.0;
    int train = 0;  // running or next, 1…
    int pulse_in_train = 0;
    bool running = false;  // a train is being delivered
    bool paused = false;
    bool waiting_for_target = false;
    double next_train_in_s = 0.0;
    double remaining_s = 0.0;
    std::string held;  // why nothing runs, "" if it does
    std::shared_ptr<const std::vector<DeliveredPulse>> pulses;
};

struct MapPulseView {
    Point<Scan> cortex;
    double mep_uv = 0.0;
    bool responded = false;
};

struct MappingView {
    std::vector<MapPulseView> pulses;
    std::optional<Point<Scan>> hotspot;
    double radius95_mm = 0.0;
    EmgSweep sweep;  // the newest
    double mep_uv = 0.0;
    double latency_ms = 0.0;
    double rest_rms_uv = 0.0;
    std::string verdict;  // "accepted", "weak", "rejected: …"
};

struct ThresholdPulseView {
    double intensity_mso = 0.0;
    bool responded = false;
};

struct ThresholdView {
    std::vector<ThresholdPulseView> pulses;
    double rmt_mso = 0.0;
    double low95_mso = 0.0;
    double high95_mso = 0.0;
    double spread_mso = 0.0;  // of the response curve
    double next_mso = 0.0;
    bool enough = false;
};

struct TouchView {
    std::string ask;  // "Touch the nasion"
    int touched = 0;
    int wanted = 0;
    std::vector<Point<Scan>> points;  // placed with the best fit so far, empty before three fiducials
};

// One key, always in the same place.
struct MainKey {
    std::string label;    // "PAUSE", "TOUCH", "START TRAIN 1"
    std::string caption;  // small, below
    bool enabled = false;
    bool filled = false;  // the next forward step; PAUSE is outlined
};

struct SessionView {
    std::uint64_t revision = 0;
    std::string case_code;
    Side target_side = Side::left;
    std::string target_name;  // "LEFT M1"
    std::string pain;         // "right hand"
    bool simulated = false;
    int visit = 1;
    Step step = Step::patient;
    std::array<StepState, kSteps> steps{};
    std::array<std::string, kSteps> step_notes;  // three words on why a step is blocked or not built yet
    LinkState link = LinkState::connecting;
    std::string link_why;
    SteadyTime frame_received{};  // of the frame this view was made from
    ToolView head, stylus, coil;
    std::optional<RegistrationView> registration;
    std::optional<CheckView> check;  // of that registration
    std::optional<TargetRecord> target;
    TargetCompass compass;
    std::optional<GuidanceView> guidance;
    std::optional<Transform<Scan, Coil>> scan_from_coil;  // live only
    std::optional<Point<Scan>> stylus_tip;                // live only
    std::shared_ptr<const ShellModes> inner_skull;        // for the field on the cortex, once prepared
    bool asks_for_twitch = false;                         // Y or N is waited for
    TouchView touch;
    MappingView mapping;
    ThresholdView threshold;
    TreatmentView treatment;
    std::string relief;       // the outcome as recorded, "" before
    std::string report_path;  // once written
    MainKey key;
    std::string sentence;  // what is being done or to be done now
    std::string trouble;   // one sentence when something is wrong, "" otherwise
};

}  // namespace precentral
