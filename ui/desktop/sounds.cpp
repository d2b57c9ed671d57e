// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/sounds.h"

#include <QApplication>

namespace precentral {

std::vector<Sound> SoundCues::due(const Shown& shown) {
    std::vector<Sound> out;
    const SessionView& view = shown.view;
    if (view.step != Step::treat) {
        *this = SoundCues();
        return out;
    }
    const SteadyTime now = shown.now;
    if (shown.tracking.lost()) {
        if (!lost_) {
            lost_ = true;
            lost_since_ = now;
            last_alarm_ = now;
            out.push_back(Sound::alarm);
        } else {
            const double every_s = seconds_between(lost_since_, now) < 3.0 ? 0.5 : 5.0;
            if (seconds_between(last_alarm_, now) >= every_s) {
                last_alarm_ = now;
                out.push_back(Sound::alarm);
            }
        }
        grade_ = Grade::hidden;
        return out;
    }
    lost_ = false;
    if (shown.guidance == nullptr) return out;
    const Grade grade = shown.guidance->overall;
    if (grade_ && *grade_ != grade) {
        if (grade == Grade::off && *grade_ != Grade::hidden) out.push_back(Sound::off_fall);
        if (grade == Grade::on) out.push_back(Sound::back_rise);
    }
    if (grade == Grade::near && seconds_between(last_tick_, now) >= 1.0) {
        last_tick_ = now;
        out.push_back(Sound::near_tick);
    }
    grade_ = grade;
    const TreatmentView& t = view.treatment;
    const bool soon = !t.running && !t.paused && t.next_train_in_s > 0.0 && t.next_train_in_s <= 3.0;
    if (soon && !announced_) out.push_back(Sound::train_soon);
    announced_ = soon;
    return out;
}

Voice bell_voice() {
    return [](Sound sound) {
        if (sound == Sound::off_fall || sound == Sound::alarm) QApplication::beep();
    };
}

}  // namespace precentral
