// SPDX-License-Identifier: Apache-2.0
#include "navigation/session/live_session.h"

#include <algorithm>
#include <cmath>

#include "navigation/efield/coil_file.h"
#include "navigation/session/steps.h"
#include "navigation/theatre/room_wire.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

constexpr double kStaleS = 0.15;
constexpr const char* kCoil = "figure8-70";

}  // namespace

LiveSession::LiveSession(const SessionParts& parts)
    : pulses(parts.inbox.history(), parts.scalp), parts_(parts), coil_(coil_from(kCoil)) {
    if (parts_.screen != nullptr) inner_skull_ = std::make_unique<LiveTargetField>(parts_.head, coil_);
    pulses.setting.session = parts_.session.id;
    view.case_code = parts_.patient.code;
    view.simulated = parts_.session.simulated;
    view.visit = parts_.session.visit;
    view.target_side = parts_.session.target_side;
    view.target_name = parts_.session.target_side == Side::left ? "LEFT M1" : "RIGHT M1";
    view.pain = std::string(to_word(parts_.patient.pain_side)) + " " + parts_.patient.pain_region;
    view.treatment.protocol = parts_.session.protocol;
    view.steps.fill(StepState::blocked);
    view.steps[static_cast<std::size_t>(Step::patient)] = StepState::done;
    view.steps[static_cast<std::size_t>(Step::image)] = StepState::done;
}

const TrackerFrame& LiveSession::next_frame() {
    publish();
    answer_frame();
    const SteadyTime asked = steady_now();
    frame_new_ = false;
    while (!frame_new_) {
        if (parts_.stop.stop_requested()) throw Cancelled();
        if (auto event = parts_.inbox.next(50ms)) {
            handle(std::move(*event));
            continue;
        }
        const double silent_s = seconds_between(asked, steady_now());
        if (silent_s > kStaleS) {
            // Nothing live is known any more, and the screen says so.
            view.guidance.reset();
            view.scan_from_coil.reset();
            view.stylus_tip.reset();
            if (guidance_) guidance_->lost();
            publish();
        }
        if (silent_s > parts_.give_up_s) {
            throw Error((view.link_why.empty() ? std::string("The tracker sends no frames any more.") : view.link_why) +
                        " All that was acknowledged is kept; start again to resume this session.");
        }
    }
    return frame_;
}

void LiveSession::handle(DeviceEvent event) {
    if (auto* frame = std::get_if<TrackerFrame>(&event)) {
        frame_ = *frame;
        frame_new_ = true;
        answered_ = false;
        look(frame_);
    } else if (auto* trigger = std::get_if<Trigger>(&event)) {
        if (!(trigger->intensity_mso > 0.0)) trigger->intensity_mso = instruction.intensity_mso;
        pulses.on_trigger(*trigger);
    } else if (auto* sweep = std::get_if<EmgSweep>(&event)) {
        sweeps_.push_back(std::move(*sweep));
        if (sweeps_.size() > 50) sweeps_.pop_front();
    } else if (auto* link = std::get_if<LinkChange>(&event)) {
        view.link = link->state;
        view.link_why = link->why;
        if (link->state == LinkState::lost && parts_.say) {
            parts_.say(link->why + " Waiting " + std::to_string(std::lround(parts_.give_up_s)) +
                       " s for it to come back.");
        }
    } else if (const auto* text = std::get_if<DeviceText>(&event)) {
        if (text->device == kCounterDevice) counter_at_start_ = read_counter(text->text);
        if (text->device == kStimulatorDevice) stimulator_trouble_ = text->text;
    }
}

void LiveSession::answer_frame() {
    if (!parts_.simulated_room || answered_) return;
    parts_.device.send_text("Seen", to_wire(frame_.device_time_s, instruction));
    answered_ = true;
    instruction.stop = false;
}

template <class Body>
void LiveSession::look_at(const TrackedTool<Body>& tool, ToolView& shown, double& last_seen_s) {
    shown.state = tool.state;
    if (tool.visible()) last_seen_s = frame_.device_time_s;
    shown.hidden_s = last_seen_s < 0.0 ? 0.0 : frame_.device_time_s - last_seen_s;
    const double span_s = frame_times_s_.back() - frame_times_s_.front();
    shown.rate_hz = span_s > 0.0 ? static_cast<double>(frame_times_s_.size() - 1) / span_s : 0.0;
}

void LiveSession::look(const TrackerFrame& frame) {
    if (!clock_set_) {
        // The device's clock is tied to UTC once, so that intervals between pulses keep the device's precision.
        const auto since_zero = std::chrono::milliseconds(std::llround(1000.0 * frame.device_time_s));
        pulses.set_clock(parts_.dated.value_or(utc_now()) - since_zero);
        clock_set_ = true;
    }
    frame_times_s_.push_back(frame.device_time_s);
    if (frame_times_s_.size() > 61) frame_times_s_.pop_front();
    look_at(frame.head, view.head, head_seen_s_);
    look_at(frame.stylus, view.stylus, stylus_seen_s_);
    look_at(frame.coil, view.coil, coil_seen_s_);
    view.frame_received = frame.received;
    view.link = LinkState::connected;
    view.link_why.clear();
    view.trouble = parts_.writer.trouble().value_or(stimulator_trouble_);
    view.scan_from_coil = scan_from_coil();
    view.guidance.reset();
    follow_field();
    if (guidance_) {
        if (view.scan_from_coil) {
            view.guidance = guidance_->update(*view.scan_from_coil);
        } else {
            guidance_->lost();
        }
    }
    view.stylus_tip.reset();
    const auto& registration = pulses.setting.registration;
    if (registration) {
        if (const auto tip = tip_in_head()) view.stylus_tip = registration->scan_from_head * *tip;
        if (view.registration) view.registration->age_s = frame.device_time_s - registered_at_s_;
        if (view.check) view.check->age_s = frame.device_time_s - checked_at_s_;
    }
    for (Pulse& pulse : pulses.take(frame.device_time_s)) taken_.push_back(std::move(pulse));
    follow_keys();
}

void LiveSession::follow_keys() {
    if (parts_.keys == nullptr) return;
    if (parts_.keys->take_main_key()) main_key_ = true;
}

void LiveSession::publish() {
    if (parts_.screen == nullptr) return;
    ++view.revision;
    parts_.screen->put(view);
}

std::vector<Pulse> LiveSession::take_pulses() {
    std::vector<Pulse> out;
    out.swap(taken_);
    return out;
}

std::optional<EmgSweep> LiveSession::await_sweep(std::uint64_t pulse_count) {
    const double until_s = now_s() + 1.0;
    for (;;) {
        for (const EmgSweep& sweep : sweeps_) {
            if (sweep.pulse_count == pulse_count) return sweep;
        }
        if (now_s() > until_s) return std::nullopt;
        next_frame();
    }
}

void LiveSession::enter(Step step, const std::string& sentence) {
    view.step = step;
    view.steps[static_cast<std::size_t>(step)] = StepState::current;
    view.sentence = sentence;
    view.key = {};
    main_key_ = false;
}

void LiveSession::leave(Step step) {
    view.steps[static_cast<std::size_t>(step)] = StepState::done;
    view.key = {};
    instruction.act = Instruction::Act::none;
    publish();
    note("step done", kStepNames[static_cast<std::size_t>(step)]);
}

void LiveSession::await_key(const std::string& label, const std::string& caption) {
    if (parts_.keys == nullptr) return;
    view.key = {label, caption, true, true};
    main_key_ = false;
    while (!main_key_) {
        next_frame();
        check_if_asked();
    }
    main_key_ = false;
    view.key = {};
}

bool LiveSession::take_main_key() {
    const bool pressed = main_key_;
    main_key_ = false;
    return pressed;
}

bool LiveSession::check_if_asked() {
    if (parts_.keys == nullptr || !parts_.keys->take_check()) return false;
    return recheck_step(*this) != CheckEnd::left_out;
}

void LiveSession::show(const CheckView& check) {
    view.check = check;
    checked_at_s_ = frame_.device_time_s;
}

void LiveSession::note(const std::string& kind, const std::string& text) {
    parts_.store.add(SessionEvent{0, parts_.session.id, kind, text, utc_now()});
}

void LiveSession::use(const CoilCalibrationRecord& calibration) { pulses.setting.calibration = calibration; }

void LiveSession::use(const RegistrationRecord& registration) {
    pulses.setting.registration = registration;
    registered_at_s_ = frame_.device_time_s;
    RegistrationView shown;
    shown.predicted_rms_mm = registration.predicted_rms_mm;
    shown.predicted_p95_mm = registration.predicted_p95_mm;
    shown.rms_mm = registration.rms_mm;
    shown.surface_points = registration.surface_points;
    shown.verdict = registration.verdict;
    shown.fiducials = registration.fiducials;
    view.registration = shown;
    view.check.reset();
}

void LiveSession::aim_at(const Transform<Scan, Coil>& goal, const Point<Scan>& cortex) {
    TargetRecord aim = setting().target.value();
    aim.scan_from_coil = goal;
    aim.cortex = cortex;
    guide_to(aim);
}

void LiveSession::use(const TargetRecord& target) {
    pulses.setting.target = target;
    guide_to(target);
}

void LiveSession::guide_to(const TargetRecord& target) {
    guidance_.emplace(target, parts_.scalp);
    field_refined_ = false;
    try {
        const auto sphere = fit_local_sphere(parts_.scalp.surface(), target.scan_from_coil.origin());
        guidance_->use(std::make_shared<TargetField>(coil_, sphere, target.cortex));
    } catch (const InputError&) {
        // No sphere describes the head there: the share stays unknown until the inner skull is prepared.
    }
    if (inner_skull_) inner_skull_->aim_at(target.cortex);
    view.target = target;
    view.compass = compass_of(target.scan_from_coil, target.side);
    settled_since_s_ = -1.0;
}

void LiveSession::follow_field() {
    if (!inner_skull_) return;
    if (!view.inner_skull) view.inner_skull = inner_skull_->inner_skull();
    if (guidance_ && !field_refined_) {
        if (auto field = inner_skull_->at(guidance_->target().cortex)) {
            guidance_->use(std::move(field));
            field_refined_ = true;
        }
    }
    if (field_trouble_told_) return;
    if (const auto trouble = inner_skull_->trouble()) {
        note("field", "The field is that of a sphere: " + *trouble);
        field_trouble_told_ = true;
    }
}

std::optional<Point<Head>> LiveSession::tip_in_head() const {
    if (!frame_.head.visible() || !frame_.stylus.visible()) return std::nullopt;
    return frame_.head.tracker_from_tool.inverse() * frame_.stylus.tracker_from_tool * tip_in_stylus_;
}

std::optional<Transform<Scan, Coil>> LiveSession::scan_from_coil() const {
    const PulseSetting& known = pulses.setting;
    if (!frame_.head.visible() || !frame_.coil.visible() || !known.registration || !known.calibration) {
        return std::nullopt;
    }
    return known.registration->scan_from_head * frame_.head.tracker_from_tool.inverse() *
           frame_.coil.tracker_from_tool * known.calibration->coil_body_from_coil;
}

void LiveSession::ask_coil_to(const Transform<Scan, Coil>& goal) {
    const auto coil = scan_from_coil();
    instruction.act = coil ? Instruction::Act::move_coil : Instruction::Act::none;
    if (coil) instruction.coil_from_goal = coil->inverse() * goal;
}

bool LiveSession::bring_coil_to(const Transform<Scan, Coil>& goal) {
    ask_coil_to(goal);
    const auto coil = scan_from_coil();
    if (!coil) {
        settled_since_s_ = -1.0;
        return false;
    }
    const Deviation d = deviation_of(*coil, goal, parts_.scalp);
    // Not the gap: where the registration is a millimetre off, the skin stops the coil a millimetre early or late.
    const bool there = d.in_plane_mm < 1.5 && d.tilt_deg < 4.0 && std::abs(d.twist_deg) < 4.0 && d.gap_mm < 6.0;
    if (!there) {
        settled_since_s_ = -1.0;
        return false;
    }
    if (settled_since_s_ < 0.0) settled_since_s_ = now_s();
    return now_s() - settled_since_s_ >= 0.25;
}

void LiveSession::press(double intensity_mso, int count, double frequency_hz) {
    ++instruction.press;
    instruction.intensity_mso = intensity_mso;
    instruction.pulses = count;
    instruction.frequency_hz = frequency_hz;
}

}  // namespace precentral
