// SPDX-License-Identifier: Apache-2.0
// A simulated treatment room: a head that sways, a camera with noise and drop-outs, a technician's two hands, a
// stimulator, and a patient whose muscle answers from a hidden hotspot and a hidden threshold.
//
// It knows the truth; the program under rehearsal learns only what the wire tells it. Time is the room's own: one step
// a camera frame. The same seed and the same instructions at the same frames give the same room, to the last bit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imaging/head_model.h"
#include "navigation/dose_share.h"
#include "navigation/emg_simulation.h"
#include "navigation/theatre/noise.h"
#include "navigation/tracker.h"
#include "navigation/virtual_muscle.h"

namespace precentral {

// What the technician reads on the screen and does. Reaction times and precision are the room's, not the screen's.
struct Instruction {
    enum class Act {
        none,
        touch_landmark,  // stylus to the anatomical landmark `what`
        touch_coil,      // stylus to the coil mark `what`
        pivot,           // stylus tip in a dimple, shaft swung around
        sweep,           // stylus over scalp and face
        move_coil,       // coil by `coil_from_goal`, as the screen shows it
        coil_away,
    };
    Act act = Act::none;
    std::string what;
    Transform<Coil, Coil> coil_from_goal;
    // Pressed once each time `press` changes.
    int press = 0;
    double intensity_mso = 0.0;
    int pulses = 1;
    double frequency_hz = 0.0;
    bool stop = false;  // pedal released: no more pulses of this train
};

struct TheatreOptions {
    std::uint64_t seed = 1;
    int visit = 1;  // the same patient with the head reference put on anew
    Side side = Side::left;
    double frame_rate_hz = 60.0;
    double reaction_s = 0.2;
    // The head reference is knocked by this much once so many pulses of trains have been given; 0 = never.
    double knock_mm = 0.0;
    std::uint64_t knock_after_pulses = 500;
};

// What only the room knows; shown at the end of a rehearsal.
struct HiddenTruth {
    Transform<Head, Scan> head_from_scan;
    Point<Scan> hotspot;
    double preferred_yaw_deg = 45.0;
    double threshold_mso = 0.0;             // P(MEP >= 50 uV) = 0.5 with the coil at its best
    std::uint64_t delivered = 0;            // pulses of this stimulator by its own counter
    std::uint64_t delivered_in_trains = 0;  // of them, those of trains
    double relief_percent = 0.0;
    double relief_days = 0.0;
    double pain_before = 0.0;
    double pain_after = 0.0;
};

struct RoomFrame {
    double time_s = 0.0;
    TrackedTool<Head> head;
    TrackedTool<Stylus> stylus;
    TrackedTool<CoilBody> coil;
    std::vector<Trigger> triggers;  // fired since the last frame, device times exact
    std::vector<EmgSweep> sweeps;   // complete by now
};

class Theatre {
public:
    // The head model must outlive the theatre.
    Theatre(const HeadModel& head, const SurfaceIndex& scalp, const TheatreOptions& options);

    // The stimulator's counters are kept through a loss of power.
    void set_counters(std::uint64_t delivered, std::uint64_t delivered_in_trains) {
        count_ = delivered;
        train_count_ = delivered_in_trains;
    }

    // Nobody reads the screen any more: the pedal is let go, no pulse is due.
    void release();

    // The camera's clock, which did not start with us.
    static constexpr double kClockStartS = 100.0;
    double time_of_frame(std::uint64_t frame) const {
        return kClockStartS + static_cast<double>(frame) / options_.frame_rate_hz;
    }

    // The next camera frame under the instruction that the technician acts on now.
    RoomFrame step(const Instruction& instruction);

    std::uint64_t frames() const { return frame_; }
    std::uint64_t reaction_frames() const;
    const TheatreOptions& options() const { return options_; }
    // As it is at that frame (the head reference slips); now when none is given.
    HiddenTruth truth(std::optional<std::uint64_t> frame = std::nullopt) const;

    // Coil marks that can be touched, in Coil axes.
    struct CoilMark {
        const char* name;
        Point<Coil> point;
    };
    static const std::vector<CoilMark>& coil_marks();

private:
    struct Occlusion {
        double mean_interval_s;
        double longest_s;
        double until_s = -1.0;
        double next_s = 0.0;
    };

    Transform<Tracker, Head> tracker_from_head(double t_s) const;
    Transform<Head, Scan> head_from_scan(double t_s) const;
    Transform<Scan, Coil> scan_from_coil(double t_s) const;
    void move_coil(const Instruction& instruction, double t_s, double dt_s);
    Transform<Tracker, Stylus> stylus_pose(const Instruction& instruction, double t_s, double dt_s);
    Point<Scan> touch_point(const Instruction& instruction);
    void plan_sweep();
    Point<Scan> swept_point(double dt_s);
    void press(const Instruction& instruction, double t_s);
    void fire(double t_s, RoomFrame& out);
    bool occluded(Occlusion& occlusion, double t_s);
    template <class Body>
    TrackedTool<Body> seen(const Transform<Tracker, Body>& truth, Occlusion& occlusion, double t_s);
    double share_at(const Transform<Scan, Coil>& pose) const;

    const HeadModel* head_;
    const SurfaceIndex* scalp_;
    TheatreOptions options_;
    // One stream a purpose, so that what one part draws does not shift another.
    Noise patient_noise_, camera_noise_, hand_noise_, muscle_noise_, occlusion_noise_;
    std::uint64_t frame_ = 0;

    // patient
    Transform<Head, Scan> head_from_scan_;
    Eigen::Vector3d slip_mm_per_min_;
    std::optional<double> knocked_at_s_;
    Point<Scan> hotspot_;
    double preferred_yaw_deg_ = 45.0;
    CorticalTarget site_;
    DoseModel dose_;
    VirtualMuscle muscle_;
    EmgSimulator emg_;
    double threshold_scale_ = 1.0;
    HiddenTruth told_;
    std::vector<Landmark> true_landmarks_;
    // camera and bodies
    Transform<Tracker, Head> tracker_from_head_base_;
    Transform<CoilBody, Coil> coil_body_from_coil_;
    Point<Stylus> tip_in_stylus_;
    Sway head_sway_mm_, head_sway_rad_, hand_sway_mm_, hand_sway_rad_, stylus_sway_mm_;
    Occlusion head_occlusion_{150.0, 0.4}, coil_occlusion_{45.0, 1.2}, stylus_occlusion_{60.0, 0.8};
    // hands
    Transform<Scan, Coil> coil_rest_;    // without tremor
    Transform<Scan, Coil> coil_before_;  // one frame ago, for pulses between frames
    Transform<Scan, Coil> coil_now_;
    std::vector<Transform<Scan, Coil>> coil_seen_;  // what the screen showed, reaction_frames ago
    Point<Scan> stylus_target_;
    Point<Scan> stylus_tip_;
    std::string touching_;
    Eigen::Vector3d touch_error_mm_ = Eigen::Vector3d::Zero();
    std::vector<Point<Scan>> sweep_path_;
    double sweep_at_mm_ = 0.0;
    double lift_off_until_mm_ = -1.0;
    double lift_off_mm_ = 0.0;
    // stimulator
    int last_press_ = 0;
    double intensity_mso_ = 0.0;
    std::vector<double> due_s_;  // device times of pulses still to come
    std::uint64_t count_ = 0;
    std::uint64_t train_count_ = 0;
    bool train_ = false;
    std::vector<std::pair<double, EmgSweep>> sweeps_due_;
};

}  // namespace precentral
