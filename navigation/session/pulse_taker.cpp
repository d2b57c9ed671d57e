// SPDX-License-Identifier: Apache-2.0
#include "navigation/session/pulse_taker.h"

#include <cmath>

#include "navigation/guidance.h"

namespace precentral {
namespace {

constexpr double kLongestWaitS = 0.25;

}  // namespace

void PulseTaker::start_train(int train, int pulses_given) {
    setting.train = train;
    index_ = pulses_given;
}

void PulseTaker::resume_after(int last_sequence, std::uint64_t last_count) {
    sequence_ = last_sequence;
    last_count_ = last_count;
}

// A counter that went back belongs to another stimulator or a new one: nothing can be said about it.
void PulseTaker::add_unheard(std::uint64_t up_to, const Trigger& like) {
    if (last_count_ == 0) return;
    for (std::uint64_t count = last_count_ + 1; count <= up_to; ++count) {
        Trigger unheard = like;
        unheard.count = count;
        if (setting.train > 0) ++index_;
        waiting_.push_back({unheard, setting, setting.train > 0 ? index_ : 0, false});
    }
}

void PulseTaker::on_counter(std::uint64_t count, double device_time_s) {
    add_unheard(count, Trigger{SteadyTime{}, device_time_s, count, 0.0});
    if (count > last_count_) last_count_ = count;
}

void PulseTaker::on_trigger(const Trigger& trigger) {
    if (trigger.count > 0) add_unheard(trigger.count - 1, trigger);
    last_count_ = trigger.count;
    if (setting.train > 0) ++index_;
    waiting_.push_back({trigger, setting, setting.train > 0 ? index_ : 0, true});
}

std::vector<Pulse> PulseTaker::take(double newest_frame_s) {
    std::vector<Pulse> out;
    while (!waiting_.empty()) {
        const Waiting& waiting = waiting_.front();
        PoseAnswer answer;
        if (waiting.received) {
            answer = history_->at_device_time(waiting.trigger.device_time_s);
            const bool may_come = newest_frame_s < waiting.trigger.device_time_s + kLongestWaitS;
            if (answer.reason == NoPose::not_yet && may_come) break;
        }
        out.push_back(record_of(waiting, answer));
        waiting_.pop_front();
    }
    return out;
}

Pulse PulseTaker::record_of(const Waiting& waiting, const PoseAnswer& answer) {
    const PulseSetting& under = waiting.setting;
    Pulse pulse;
    pulse.session = under.session;
    pulse.purpose = under.purpose;
    pulse.sequence = ++sequence_;
    pulse.train = under.train;
    pulse.index = waiting.index;
    pulse.time = utc_at_zero_ + std::chrono::milliseconds(std::llround(1000.0 * waiting.trigger.device_time_s));
    pulse.device_time_s = waiting.trigger.device_time_s;
    pulse.device_count = waiting.trigger.count;
    pulse.intensity_mso = waiting.trigger.intensity_mso;
    if (under.registration) pulse.registration = under.registration->id;
    if (under.calibration) pulse.calibration = under.calibration->id;
    if (under.target) pulse.target = under.target->id;
    if (!waiting.received) {
        pulse.reason = "the stimulator counted this pulse, its trigger was not received";
        return pulse;
    }
    if (!answer.pose) {
        pulse.reason = answer.why;
        return pulse;
    }
    pulse.tracker_from_head = answer.pose->tracker_from_head;
    pulse.tracker_from_coil_body = answer.pose->tracker_from_coil;
    pulse.pose_age_ms = answer.pose->age_ms;
    if (!under.registration || !under.calibration) {
        pulse.reason = "the head was not registered or the coil not calibrated";
        return pulse;
    }
    pulse.valid = true;
    pulse.scan_from_coil =
        under.registration->scan_from_head * answer.pose->head_from_coil() * under.calibration->coil_body_from_coil;
    if (under.target) pulse.deviation = deviation_of(*pulse.scan_from_coil, under.target->scan_from_coil, *scalp_);
    return pulse;
}

}  // namespace precentral
