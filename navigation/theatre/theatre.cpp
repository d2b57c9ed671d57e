// SPDX-License-Identifier: Apache-2.0
#include "navigation/theatre/theatre.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "navigation/emg_simulation.h"
#include "navigation/placement.h"

namespace precentral {
namespace {

constexpr double kRadians = std::numbers::pi / 180.0;

// Camera: 0.15 mm and 0.1 degrees a body and axis, the order of an optical tracker's repeatability.
constexpr double kCameraNoiseMm = 0.15;
constexpr double kCameraNoiseRad = 0.1 * kRadians;
constexpr double kHandSpeedMmPerS = 220.0;
constexpr double kHandTimeConstantS = 0.18;
constexpr double kSweepSpeedMmPerS = 90.0;
constexpr double kScalpMapSdMm = 6.0;  // scatter of the hotspot about its published mean, an axis

Eigen::Isometry3d small_motion(const Eigen::Vector3d& shift_mm, const Eigen::Vector3d& turn_rad) {
    Eigen::Isometry3d motion = Eigen::Isometry3d::Identity();
    const double angle = turn_rad.norm();
    if (angle > 0.0) motion.linear() = Eigen::AngleAxisd(angle, turn_rad / angle).toRotationMatrix();
    motion.translation() = shift_mm;
    return motion;
}

Eigen::Matrix3d frame_with_z(const Eigen::Vector3d& z) {
    return Eigen::Quaterniond::FromTwoVectors(Eigen::Vector3d::UnitZ(), z.normalized()).toRotationMatrix();
}

Eigen::Vector3d limited(const Eigen::Vector3d& v, double longest) {
    const double length = v.norm();
    return length > longest ? Eigen::Vector3d(v * (longest / length)) : v;
}

// As the lab population: 36-78 % of stimulator output (198 subjects, first dorsal interosseous).
VirtualMuscle draw_muscle(Noise& noise) {
    for (;;) {
        VirtualMuscle muscle = VirtualMuscle::draw(noise);
        const double threshold_mso = 100.0 * muscle.threshold();
        if (threshold_mso > 36.0 && threshold_mso < 78.0) return muscle;
    }
}

}  // namespace

const std::vector<Theatre::CoilMark>& Theatre::coil_marks() {
    static const std::vector<CoilMark> marks = {{"left wing", {{-85.0, 0.0, -8.0}}},
                                                {"right wing", {{85.0, 0.0, -8.0}}},
                                                {"front", {{0.0, 40.0, -8.0}}},
                                                {"middle", {{0.0, 0.0, -14.0}}},
                                                {"handle", {{0.0, -140.0, -20.0}}}};
    return marks;
}

Theatre::Theatre(const HeadModel& head, const SurfaceIndex& scalp, const TheatreOptions& options)
    : head_(&head),
      scalp_(&scalp),
      options_(options),
      patient_noise_(options.seed * 7919U + 1U),
      camera_noise_(options.seed * 7919U + 100U * static_cast<std::uint64_t>(options.visit) + 2U),
      hand_noise_(options.seed * 7919U + 100U * static_cast<std::uint64_t>(options.visit) + 3U),
      muscle_noise_(options.seed * 7919U + 100U * static_cast<std::uint64_t>(options.visit) + 4U),
      occlusion_noise_(options.seed * 7919U + 100U * static_cast<std::uint64_t>(options.visit) + 5U),
      muscle_(draw_muscle(patient_noise_)),
      emg_(options.seed * 7919U + 100U * static_cast<std::uint64_t>(options.visit) + 6U),
      head_sway_mm_(3.0, {0.03, 0.07, 0.16, 0.3}, hand_noise_),
      head_sway_rad_(1.2 * kRadians, {0.02, 0.06, 0.14}, hand_noise_),
      hand_sway_mm_(0.35, {0.25, 0.7, 1.9, 7.0}, hand_noise_),
      hand_sway_rad_(0.5 * kRadians, {0.2, 0.6, 1.7}, hand_noise_),
      stylus_sway_mm_(0.25, {0.5, 1.6, 6.0}, hand_noise_) {
    // The patient: the same on every visit.
    const Landmark& hand = landmark_named(head.motor, options.side == Side::left ? "hand, left M1" : "hand, right M1");
    const TangentFrame local = tangent_frame(scalp.patch_normal(scalp.closest(hand.point).point, 20.0), options.side);
    const SurfaceIndex brain(head.brain);
    double lateral_mm = 0.0;
    double frontal_mm = 0.0;
    do {
        lateral_mm = kScalpMapSdMm * patient_noise_.normal();
        frontal_mm = kScalpMapSdMm * patient_noise_.normal();
    } while (std::hypot(lateral_mm, frontal_mm) > 15.0);
    hotspot_ = brain.closest(hand.point + lateral_mm * local.midline + frontal_mm * local.front).point;
    preferred_yaw_deg_ = 45.0 + 12.0 * patient_noise_.normal();
    dose_.along_wings_mm *= patient_noise_.uniform(0.9, 1.1);
    dose_.along_handle_mm *= patient_noise_.uniform(0.9, 1.1);
    const Transform<Scan, Coil> best = coil_over(scalp, hotspot_, preferred_yaw_deg_, options.side);
    site_ = {hotspot_, best.y_axis(), (best.inverse() * hotspot_).xyz.z()};
    const double first_relief = patient_noise_.uniform(0.0, 30.0);
    const double gain = 7.0 * patient_noise_.normal() + 6.0;
    told_.pain_before = std::round(patient_noise_.uniform(5.0, 9.0));
    std::vector<double> wobble;
    for (int visit = 1; visit <= options.visit; ++visit) {
        wobble = {5.0 * patient_noise_.normal(), 0.012 * patient_noise_.normal()};
    }
    told_.relief_percent =
        std::clamp(5.0 * std::round((first_relief + gain * (options.visit - 1) + wobble[0]) / 5.0), 0.0, 90.0);
    told_.relief_days = std::round(told_.relief_percent / 3.0);
    told_.pain_after = std::round(told_.pain_before * (1.0 - told_.relief_percent / 100.0));
    threshold_scale_ = options.visit == 1 ? 1.0 : 1.0 + wobble[1];
    // Where the landmarks really are differs from where the picture says.
    std::vector<Landmark> landmarks = head.fiducials;
    for (Landmark& landmark : landmarks) {
        const Direction<Scan> slip{patient_noise_.normal3(1.5)};
        landmark.point = scalp.closest(landmark.point + slip).point;
    }
    true_landmarks_ = std::move(landmarks);

    // The visit: bodies put on anew.
    head_from_scan_ = Transform<Head, Scan>(
        small_motion(camera_noise_.normal3(60.0), camera_noise_.direction() * camera_noise_.uniform(0.0, 2.8)));
    slip_mm_per_min_ = camera_noise_.direction() * 0.03;
    Eigen::Isometry3d camera = Eigen::Isometry3d::Identity();
    camera.linear() = frame_with_z(camera_noise_.direction());
    camera.translation() = Eigen::Vector3d(100.0 * camera_noise_.normal(), 100.0 * camera_noise_.normal(), -1700.0);
    tracker_from_head_base_ = Transform<Tracker, Head>(camera);
    Eigen::Isometry3d mount = small_motion({15.0, -60.0, -70.0}, camera_noise_.direction() * 0.6);
    coil_body_from_coil_ = Transform<CoilBody, Coil>(mount.inverse());
    tip_in_stylus_ = Point<Stylus>{Eigen::Vector3d(2.0 * camera_noise_.normal(), 2.0 * camera_noise_.normal(), -162.0)};

    Eigen::Isometry3d away = coil_over(scalp, hand.point, 45.0, options.side).isometry();
    away.translation() -= 160.0 * away.linear().col(2);
    coil_rest_ = coil_before_ = coil_now_ = Transform<Scan, Coil>(away);
    stylus_tip_ = stylus_target_ = Point<Scan>{away.translation() + Eigen::Vector3d(0.0, 150.0, 0.0)};
    for (Occlusion* o : {&head_occlusion_, &coil_occlusion_, &stylus_occlusion_}) {
        o->next_s = kClockStartS - o->mean_interval_s * std::log(occlusion_noise_.uniform());
    }
    plan_sweep();
}

std::uint64_t Theatre::reaction_frames() const {
    return static_cast<std::uint64_t>(std::lround(options_.reaction_s * options_.frame_rate_hz));
}

HiddenTruth Theatre::truth(std::optional<std::uint64_t> frame) const {
    HiddenTruth truth = told_;
    truth.head_from_scan = head_from_scan(time_of_frame(frame.value_or(frame_)));
    truth.hotspot = hotspot_;
    truth.preferred_yaw_deg = preferred_yaw_deg_;
    truth.threshold_mso = 100.0 * muscle_.threshold() * threshold_scale_;
    truth.delivered = count_;
    truth.delivered_in_trains = train_count_;
    return truth;
}

Transform<Tracker, Head> Theatre::tracker_from_head(double t_s) const {
    return Transform<Tracker, Head>(tracker_from_head_base_.isometry() *
                                    small_motion(head_sway_mm_.at(t_s), head_sway_rad_.at(t_s)));
}

// The reference slips a little on the skin: 0.03 mm a minute. A knock takes it away at once.
Transform<Head, Scan> Theatre::head_from_scan(double t_s) const {
    Eigen::Vector3d shift_mm = slip_mm_per_min_ * ((t_s - kClockStartS) / 60.0);
    Eigen::Vector3d turn_rad = Eigen::Vector3d::Zero();
    if (knocked_at_s_ && t_s >= *knocked_at_s_) {
        shift_mm += options_.knock_mm * Eigen::Vector3d(0.6, 0.64, 0.48);
        turn_rad = Eigen::Vector3d(0.0, 0.0, 1.5 * kRadians);
    }
    return Transform<Head, Scan>(small_motion(shift_mm, turn_rad) * head_from_scan_.isometry());
}

// The resting hand with its tremor, pressed no deeper into the skin than 0.5 mm.
Transform<Scan, Coil> Theatre::scan_from_coil(double t_s) const {
    Transform<Scan, Coil> pose(coil_rest_.isometry() * small_motion(hand_sway_mm_.at(t_s), hand_sway_rad_.at(t_s)));
    const double gap = gap_mm(*scalp_, pose);
    if (gap < -0.5) {
        Eigen::Isometry3d lifted = pose.isometry();
        lifted.translation() += (gap + 0.5) * lifted.linear().col(2);
        pose = Transform<Scan, Coil>(lifted);
    }
    return pose;
}

void Theatre::move_coil(const Instruction& instruction, double t_s, double dt_s) {
    coil_seen_.push_back(coil_now_);
    if (coil_seen_.size() > reaction_frames() + 1U) coil_seen_.erase(coil_seen_.begin());
    if (instruction.act == Instruction::Act::move_coil) {
        // The hand goes where the screen asked it to, from where it was when the screen said so.
        const Eigen::Isometry3d goal = coil_seen_.front().isometry() * instruction.coil_from_goal.isometry();
        const Eigen::Isometry3d rest = coil_rest_.isometry();
        // The eye sees the coil with its tremor; the hand corrects only what stands out of it.
        const Eigen::Vector3d shift = goal.translation() - coil_now_.isometry().translation();
        const Eigen::AngleAxisd turn(goal.linear() * coil_now_.isometry().linear().transpose());
        const double share = 1.0 - std::exp(-dt_s / kHandTimeConstantS);
        Eigen::Isometry3d next = rest;
        next.translation() += limited(shift * share, kHandSpeedMmPerS * dt_s);
        next.linear() = Eigen::AngleAxisd(std::clamp(turn.angle() * share, -1.5 * dt_s, 1.5 * dt_s), turn.axis())
                            .toRotationMatrix() *
                        rest.linear();
        coil_rest_ = Transform<Scan, Coil>(next);
        // Skin stops the coil.
        const double gap = gap_mm(*scalp_, coil_rest_);
        if (gap < 0.0) {
            next.translation() += gap * next.linear().col(2);
            coil_rest_ = Transform<Scan, Coil>(next);
        }
    }
    coil_before_ = coil_now_;
    coil_now_ = scan_from_coil(t_s);
}

Point<Scan> Theatre::touch_point(const Instruction& instruction) {
    const std::string key = std::to_string(static_cast<int>(instruction.act)) + instruction.what;
    if (key != touching_) {
        touching_ = key;
        const bool coil = instruction.act == Instruction::Act::touch_coil;
        touch_error_mm_ = hand_noise_.normal3(coil ? 0.3 : 1.2);
    }
    const Direction<Scan> error{touch_error_mm_};
    if (instruction.act == Instruction::Act::touch_landmark) {
        const Landmark& landmark = landmark_named(true_landmarks_, instruction.what);
        return scalp_->closest(landmark.point + error).point;
    }
    for (const CoilMark& mark : coil_marks()) {
        if (mark.name == instruction.what) return coil_now_ * mark.point + error;
    }
    throw InputError("The coil has no mark called \"" + instruction.what + "\".");
}

void Theatre::plan_sweep() {
    const Point<Scan>& nasion = landmark_named(head_->fiducials, "nasion").point;
    const double ear_z = landmark_named(head_->fiducials, "left preauricular").point.xyz.z();
    std::vector<Point<Scan>> reachable;
    for (const Point<Scan>& v : head_->scalp.vertices) {
        const Eigen::Vector3d d = v.xyz - nasion.xyz;
        const bool face = d.y() > -35.0 && d.z() > -35.0 && std::abs(d.x()) < 45.0;
        const bool dome = v.xyz.z() > ear_z + 35.0;
        if (face || dome) reachable.push_back(v);
    }
    if (reachable.empty()) throw InputError("The scalp has no part above the ears to sweep over.");
    // Farthest-point sampling spreads the way points; the nearest one next makes a path.
    std::vector<double> nearest(reachable.size(), 1e9);
    std::vector<Point<Scan>> points;
    std::size_t pick = 0;
    for (int i = 0; i < 60; ++i) {
        points.push_back(reachable[pick]);
        std::size_t farthest = 0;
        for (std::size_t j = 0; j < reachable.size(); ++j) {
            nearest[j] = std::min(nearest[j], distance_mm(reachable[j], reachable[pick]));
            if (nearest[j] > nearest[farthest]) farthest = j;
        }
        pick = farthest;
    }
    sweep_path_ = {points.front()};
    points.erase(points.begin());
    while (!points.empty()) {
        const auto next = std::min_element(points.begin(), points.end(), [&](const auto& a, const auto& b) {
            return distance_mm(a, sweep_path_.back()) < distance_mm(b, sweep_path_.back());
        });
        sweep_path_.push_back(*next);
        points.erase(next);
    }
}

Point<Scan> Theatre::swept_point(double dt_s) {
    const double before_mm = sweep_at_mm_;
    sweep_at_mm_ += kSweepSpeedMmPerS * dt_s;
    double left_mm = sweep_at_mm_;
    std::size_t leg = 0;
    double length_mm = distance_mm(sweep_path_[0], sweep_path_[1]);
    while (left_mm > length_mm) {
        left_mm -= length_mm;
        leg = (leg + 1) % (sweep_path_.size() - 1);
        length_mm = distance_mm(sweep_path_[leg], sweep_path_[leg + 1]);
    }
    const Direction<Scan> along = sweep_path_[leg + 1] - sweep_path_[leg];
    const SurfacePoint on_skin = scalp_->closest(sweep_path_[leg] + (left_mm / length_mm) * along);
    // About one twentieth of the way the tip is off the skin.
    if (sweep_at_mm_ > lift_off_until_mm_ && hand_noise_.uniform() < (sweep_at_mm_ - before_mm) / 190.0) {
        lift_off_until_mm_ = sweep_at_mm_ + 10.0;
        lift_off_mm_ = hand_noise_.uniform(3.0, 10.0);
    }
    const double off_skin_mm = sweep_at_mm_ < lift_off_until_mm_ ? lift_off_mm_ : 0.5 * hand_noise_.normal() + 0.3;
    return on_skin.point + off_skin_mm * on_skin.normal;
}

Transform<Tracker, Stylus> Theatre::stylus_pose(const Instruction& instruction, double t_s, double dt_s) {
    const Transform<Tracker, Scan> tracker_from_scan = tracker_from_head(t_s) * head_from_scan(t_s);
    using Act = Instruction::Act;
    Direction<Scan> shaft{Eigen::Vector3d(0.3, 0.5, 0.8).normalized()};
    if (instruction.act == Act::pivot) {
        // The dimple stands still in the room; the shaft swings around it.
        const Eigen::Vector3d dimple(120.0, 40.0, -1500.0);
        const double swing = 0.55 * std::sin(2.0 * t_s);
        const Eigen::Vector3d axis(std::sin(swing) * std::cos(1.3 * t_s), std::sin(swing) * std::sin(1.3 * t_s),
                                   std::cos(swing));
        Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
        pose.linear() = frame_with_z(axis) * Eigen::AngleAxisd(0.7 * t_s, Eigen::Vector3d::UnitZ()).toRotationMatrix();
        pose.translation() = dimple + 0.15 * stylus_sway_mm_.at(t_s) - pose.linear() * tip_in_stylus_.xyz;
        return Transform<Tracker, Stylus>(pose);
    }
    if (instruction.act == Act::sweep) {
        stylus_target_ = swept_point(dt_s);
        stylus_tip_ = stylus_target_;
        shaft = scalp_->closest(stylus_target_).normal;
    } else if (instruction.act == Act::touch_landmark || instruction.act == Act::touch_coil) {
        stylus_target_ = touch_point(instruction);
        shaft = instruction.act == Act::touch_coil ? -coil_now_.z_axis() : scalp_->closest(stylus_target_).normal;
        stylus_tip_ = stylus_tip_ + Direction<Scan>{limited((stylus_target_ - stylus_tip_).xyz, 350.0 * dt_s)};
    }
    const Direction<Tracker> z = tracker_from_scan * shaft;
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.linear() = frame_with_z(z.xyz);
    const Point<Tracker> tip = tracker_from_scan * (stylus_tip_ + Direction<Scan>{stylus_sway_mm_.at(t_s)});
    pose.translation() = tip.xyz - pose.linear() * tip_in_stylus_.xyz;
    return Transform<Tracker, Stylus>(pose);
}

void Theatre::release() {
    due_s_.clear();
    train_ = false;
    last_press_ = 0;
}

void Theatre::press(const Instruction& instruction, double t_s) {
    if (instruction.stop) {
        due_s_.clear();
        train_ = false;
    }
    if (instruction.press == last_press_) return;
    last_press_ = instruction.press;
    if (instruction.press == 0 || instruction.pulses < 1) return;
    intensity_mso_ = instruction.intensity_mso;
    train_ = instruction.pulses > 1;
    const double start_s = t_s + hand_noise_.uniform(0.02, 0.08);
    for (int i = 0; i < instruction.pulses; ++i) {
        due_s_.push_back(start_s + (i == 0 ? 0.0 : static_cast<double>(i) / instruction.frequency_hz));
    }
}

double Theatre::share_at(const Transform<Scan, Coil>& pose) const { return relative_dose(dose_, pose, site_); }

void Theatre::fire(double t_s, RoomFrame& out) {
    const double dt_s = 1.0 / options_.frame_rate_hz;
    while (!due_s_.empty() && due_s_.front() <= t_s) {
        const double when_s = due_s_.front();
        due_s_.erase(due_s_.begin());
        ++count_;
        out.triggers.push_back({SteadyTime{}, when_s, count_, intensity_mso_});
        if (train_) {  // the amplifier keeps no sweeps during a train
            if (++train_count_ >= options_.knock_after_pulses && options_.knock_mm > 0.0 && !knocked_at_s_) {
                knocked_at_s_ = when_s;
            }
            continue;
        }
        const double u = std::clamp(1.0 - (t_s - when_s) / dt_s, 0.0, 1.0);
        const double share = share_at(interpolate(coil_before_, coil_now_, u));
        const double effective = intensity_mso_ / 100.0 * share / threshold_scale_;
        const double volt = muscle_.mep_volt(effective, muscle_noise_);
        sweeps_due_.emplace_back(when_s + 0.16, emg_.sweep(volt, count_).sweep);
    }
    while (!sweeps_due_.empty() && sweeps_due_.front().first <= t_s) {
        out.sweeps.push_back(std::move(sweeps_due_.front().second));
        sweeps_due_.erase(sweeps_due_.begin());
    }
}

bool Theatre::occluded(Occlusion& occlusion, double t_s) {
    if (t_s >= occlusion.next_s) {
        occlusion.until_s = t_s + occlusion_noise_.uniform(0.1, occlusion.longest_s);
        occlusion.next_s = occlusion.until_s - occlusion.mean_interval_s * std::log(occlusion_noise_.uniform());
    }
    return t_s < occlusion.until_s;
}

template <class Body>
TrackedTool<Body> Theatre::seen(const Transform<Tracker, Body>& truth, Occlusion& occlusion, double t_s) {
    TrackedTool<Body> tool;
    const Eigen::Vector3d shift = camera_noise_.normal3(kCameraNoiseMm);
    const Eigen::Vector3d turn = camera_noise_.normal3(kCameraNoiseRad);
    if (occluded(occlusion, t_s)) {
        tool.state = ToolState::hidden;
        return tool;
    }
    tool.state = ToolState::visible;
    Eigen::Isometry3d noisy = truth.isometry();
    noisy.linear() = noisy.linear() * small_motion(Eigen::Vector3d::Zero(), turn).linear();
    noisy.translation() += shift;
    tool.tracker_from_tool = Transform<Tracker, Body>(noisy);
    return tool;
}

RoomFrame Theatre::step(const Instruction& instruction) {
    const double dt_s = 1.0 / options_.frame_rate_hz;
    const double t_s = time_of_frame(frame_);
    RoomFrame out;
    out.time_s = t_s;
    move_coil(instruction, t_s, dt_s);
    const Transform<Tracker, Stylus> stylus = stylus_pose(instruction, t_s, dt_s);
    fire(t_s, out);
    press(instruction, t_s);
    const Transform<Tracker, Head> head = tracker_from_head(t_s);
    out.head = seen(head, head_occlusion_, t_s);
    out.stylus = seen(stylus, stylus_occlusion_, t_s);
    out.coil = seen(head * head_from_scan(t_s) * coil_now_ * coil_body_from_coil_.inverse(), coil_occlusion_, t_s);
    ++frame_;
    return out;
}

}  // namespace precentral
