// SPDX-License-Identifier: Apache-2.0
// Makes the record of each pulse: the pose the coil really had at the pulse's own time, or the reason there is none.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "data/records.h"
#include "imaging/surface.h"
#include "navigation/pose_history.h"
#include "navigation/tracker.h"

namespace precentral {

// What pulses are given under.
struct PulseSetting {
    RecordId session = 0;
    PulsePurpose purpose = PulsePurpose::map;
    int train = 0;  // 0 outside trains
    std::optional<RegistrationRecord> registration;
    std::optional<CoilCalibrationRecord> calibration;
    std::optional<TargetRecord> target;
};

// Session's thread only.
class PulseTaker {
public:
    PulseTaker(const PoseHistory& history, const SurfaceIndex& scalp) : history_(&history), scalp_(&scalp) {}

    PulseSetting setting;
    void start_train(int train, int pulses_given = 0);
    // Where a resumed session goes on; `last_count` = the stimulator's counter at its last recorded pulse.
    void resume_after(int last_sequence, std::uint64_t last_count);
    // UTC of the device's time 0.
    void set_clock(UtcTime utc_at_zero) { utc_at_zero_ = utc_at_zero; }

    // A jump of the stimulator's counter leaves records of the pulses that were not received, without pose.
    void on_trigger(const Trigger& trigger);
    // The stimulator's counter as told without a pulse, at that device time: what it counted beyond the last recorded
    // pulse was given while nobody listened.
    void on_counter(std::uint64_t count, double device_time_s);
    // Those whose pose is decided now. A pulse waits for the frame after it, at most 250 ms of the device's time.
    std::vector<Pulse> take(double newest_frame_s);
    std::uint64_t last_count() const { return last_count_; }

private:
    struct Waiting {
        Trigger trigger;
        PulseSetting setting;
        int index = 0;
        bool received = true;
    };
    void add_unheard(std::uint64_t up_to, const Trigger& like);
    Pulse record_of(const Waiting& waiting, const PoseAnswer& answer);

    const PoseHistory* history_;
    const SurfaceIndex* scalp_;
    UtcTime utc_at_zero_{};
    std::deque<Waiting> waiting_;
    std::uint64_t last_count_ = 0;
    int sequence_ = 0;
    int index_ = 0;
};

}  // namespace precentral
