// SPDX-License-Identifier: Apache-2.0
// Scripted motion of tracked tools, seeded: what a camera that watches a stimulation would measure, frame by frame.
//
// Head: slow drift with a mean speed of 1.2 mm/s and now and then a jerk of 50 mm/s, there and back (speeds: Richter
// 2013, Robotized Transcranial Magnetic Stimulation, doi 10.1007/978-1-4614-7360-2, table 2.1). Coil: comes from afar
// to a target on the head, is held there with a hand's tremor, goes away, comes again; it follows the head a reaction
// time late, as a hand does. Stylus: wanders over the scalp. Further tools: at rest beside the head.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "navigation/tracker.h"

namespace precentral {

// Something that befalls a tool, or the whole camera when no tool is named, for a while; again every `every_s`.
struct ScriptEvent {
    enum class Kind {
        hide,      // occluded
        outside,   // outside the measurement volume
        partly,    // some markers outside it; the pose is still given
        freeze,    // the same pose again and again
        identity,  // the identity matrix with no status, as some devices say "no pose"
        silence,   // the camera sends nothing; names no tool
    };
    Kind kind = Kind::hide;
    std::string tool;
    double start_s = 0.0;
    double length_s = 1.0;
    double every_s = 0.0;  // 0 = once

    bool covers(double time_s) const;
    // When the occurrence that covers that time began.
    double began_s(double time_s) const;
};

// "hide:Coil@5+2" (from 5 s for 2 s), "hide:Coil@5+2/20" (again every 20 s), "silence@10+0.5". Throws InputError.
ScriptEvent parse_script_event(std::string_view text);

struct ScriptOptions {
    std::uint64_t seed = 1;
    double rate_hz = 60.0;
    // Head, Stylus and Coil come first by convention; any others are tools at rest.
    std::vector<std::string> tools = {"Head", "Stylus", "Coil"};
    double noise_mm = 0.1;   // of each axis, one standard deviation
    double noise_deg = 0.1;  // of each axis
    double head_speed_mm_s = 1.2;
    double jerk_speed_mm_s = 50.0;  // at its fastest
    double jerks_per_minute = 4.0;
    double tremor_mm = 0.3;  // rms of each axis
    double approach_s = 4.0;
    double hold_s = 20.0;  // at the target, between coming and going; 0 = it stays away
    double clock_drift_ppm = 0.0;
    std::vector<ScriptEvent> events;
};

// Named beginnings: "approach" (the default), "still", "restless" (jerks), "occluded", "unstable" (frozen frames,
// out of volume, silence, a drifting clock). Throws InputError that lists them.
ScriptOptions script_named(std::string_view name);

struct ScriptFrame {
    std::uint64_t number = 0;      // 0, 1, …
    double time_s = 0.0;           // true time since the start
    double device_time_s = 0.0;    // what the camera's clock shows then, from 0
    bool silent = false;           // the camera sends nothing at this frame
    std::vector<NamedTool> tools;  // in the order of the options; hidden ones too
};

// Any frame may be asked for at any time; the same options give the same frames.
class TrackerScript {
public:
    // Throws InputError when an option makes no sense, sentence included.
    explicit TrackerScript(ScriptOptions options);

    const ScriptOptions& options() const { return options_; }
    ScriptFrame frame(std::uint64_t number) const;
    // Without noise, tremor included. `tool` is an index into the options' tools.
    Eigen::Isometry3d true_pose(std::size_t tool, double time_s) const;
    // Where the coil is held between coming and going, on the head.
    Transform<Head, CoilBody> target() const;

private:
    struct Wave {
        double rate = 0.0;
        Eigen::Vector3d amplitude = Eigen::Vector3d::Zero();
        Eigen::Vector3d phase = Eigen::Vector3d::Zero();
        Eigen::Vector3d at(double time_s) const;
    };
    struct Jerk {
        double start_s = 0.0;
        Eigen::Vector3d direction = Eigen::Vector3d::UnitX();
    };
    Eigen::Isometry3d head_at(double time_s) const;
    Eigen::Isometry3d coil_on_head(double time_s) const;
    Eigen::Isometry3d stylus_on_head(double time_s) const;
    void add_noise(NamedTool& tool, std::uint64_t number, std::size_t index) const;

    ScriptOptions options_;
    std::vector<Wave> drift_mm_;
    std::vector<Wave> drift_rad_;
    std::vector<Wave> tremor_mm_;
    std::vector<Wave> tremor_rad_;
    std::vector<Jerk> jerks_;
};

}  // namespace precentral
