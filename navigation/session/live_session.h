// SPDX-License-Identifier: Apache-2.0
// The running session: what the devices say becomes poses, pulses and one picture for the screen; what is asked of the
// technician goes out. The steps of a visit (session_steps.h) are written on top of next_frame().
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "data/pulse_writer.h"
#include "data/store.h"
#include "imaging/head_model.h"
#include "navigation/efield/live_target_field.h"
#include "navigation/guidance.h"
#include "navigation/latest.h"
#include "navigation/placement.h"
#include "navigation/session/inbox.h"
#include "navigation/session/operator_keys.h"
#include "navigation/session/pulse_taker.h"
#include "navigation/session_view.h"
#include "navigation/theatre/theatre.h"

namespace precentral {

// Everything a session stands on; all of it outlives the session.
struct SessionParts {
    Store& store;
    PulseWriter& writer;
    const HeadModel& head;
    const SurfaceIndex& scalp;
    const SurfaceIndex& brain;
    Inbox& inbox;
    Device& device;
    Case patient;
    Session session;
    Latest<SessionView>* screen = nullptr;
    OperatorKeys* keys = nullptr;  // none: every step goes on by itself
    std::stop_token stop;
    // The technician is simulated: each frame is answered with what is asked.
    bool simulated_room = false;
    // Sweeps of the muscle arrive; without, the technician answers whether a twitch was seen.
    bool emg = true;
    // The time the first frame is dated to; a rehearsal dates its visits weeks apart. Now when empty.
    std::optional<UtcTime> dated = std::nullopt;
    std::function<void(const std::string&)> say = nullptr;  // for a person at a terminal
    double give_up_s = 20.0;  // after so long without a frame the session ends; it can be resumed
};

// One thread, the session's. Throws Cancelled when asked to stop, Error when the tracker stays away.
class LiveSession {
public:
    explicit LiveSession(const SessionParts& parts);

    // Answers the frame before, waits for the next one, and takes what came with it.
    const TrackerFrame& next_frame();
    const TrackerFrame& frame() const { return frame_; }
    double now_s() const { return frame_.device_time_s; }
    const SessionParts& parts() const { return parts_; }

    // What the technician is asked to do; sent with every frame until changed.
    Instruction instruction;
    // The picture for the screen; next_frame() fills in what is live and publishes it.
    SessionView view;
    PulseTaker pulses;

    // The stimulator's own pulse counter when the link came up, once it was told.
    std::optional<std::uint64_t> counter_at_start() const { return counter_at_start_; }
    // Pulses taken since the last call, not yet stored.
    std::vector<Pulse> take_pulses();
    // The sweep of that pulse, waiting for it at most 1 s of the device's time.
    std::optional<EmgSweep> await_sweep(std::uint64_t pulse_count);

    void enter(Step step, const std::string& sentence);
    void leave(Step step);  // marks it done
    // Shows the key and waits for it; without an operator returns at once.
    void await_key(const std::string& label, const std::string& caption);
    // Whether the main key was pressed since the last call.
    bool take_main_key();
    // Checks the registration if the operator has asked for it; where nothing is being given. True when it did.
    bool check_if_asked();
    // Shows the present view without waiting for a frame.
    void publish();
    void note(const std::string& kind, const std::string& text);

    void use(const CoilCalibrationRecord& calibration);
    void use(const RegistrationRecord& registration);
    void use(const TargetRecord& target);
    void show(const CheckView& check);
    // Where the coil is wanted now, for screen and hand; pulses still name the target in use.
    void aim_at(const Transform<Scan, Coil>& goal, const Point<Scan>& cortex);
    void use_stylus_tip(const Point<Stylus>& tip) { tip_in_stylus_ = tip; }
    const PulseSetting& setting() const { return pulses.setting; }

    // Of the present frame; empty unless head and tool are seen in it and what they need is known.
    std::optional<Point<Head>> tip_in_head() const;
    std::optional<Transform<Scan, Coil>> scan_from_coil() const;
    const std::optional<GuidanceView>& guidance() const { return view.guidance; }

    // Asks the hand to bring the coil to that pose, seen from where it is now.
    void ask_coil_to(const Transform<Scan, Coil>& goal);
    // One frame of it; true once it rests there: in plane within 1.5 mm, tilt and twist within 4 degrees over 0.25 s.
    bool bring_coil_to(const Transform<Scan, Coil>& goal);
    // In a simulated room presses the stimulator's button: one pulse, or a train. Elsewhere the technician does, and is
    // asked to; a pulse that does not tell its intensity is taken to have this one.
    void press(double intensity_mso, int pulses = 1, double frequency_hz = 0.0);

private:
    void guide_to(const TargetRecord& target);
    void follow_field();
    void handle(DeviceEvent event);
    void answer_frame();
    void look(const TrackerFrame& frame);
    void follow_keys();
    template <class Body>
    void look_at(const TrackedTool<Body>& tool, ToolView& shown, double& last_seen_s);

    SessionParts parts_;
    TrackerFrame frame_;
    bool frame_new_ = false;
    bool answered_ = true;
    std::deque<EmgSweep> sweeps_;
    std::vector<Pulse> taken_;
    std::optional<Guidance> guidance_;
    CoilModel coil_;
    std::unique_ptr<LiveTargetField> inner_skull_;  // only for a screen
    bool field_refined_ = false;                    // guidance uses the inner skull
    bool field_trouble_told_ = false;
    Point<Stylus> tip_in_stylus_;
    double registered_at_s_ = 0.0;
    double checked_at_s_ = 0.0;
    std::deque<double> frame_times_s_;
    double head_seen_s_ = -1.0, stylus_seen_s_ = -1.0, coil_seen_s_ = -1.0;
    double settled_since_s_ = -1.0;
    std::optional<std::uint64_t> counter_at_start_;
    bool clock_set_ = false;
    bool main_key_ = false;
    std::string stimulator_trouble_;
};

}  // namespace precentral
