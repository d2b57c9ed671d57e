// SPDX-License-Identifier: Apache-2.0
// What a tracking device tells: frames of all tools at one instant, triggers, EMG sweeps, text. One interface for a
// camera, a simulator and a recording.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/frames.h"
#include "data/time.h"

namespace precentral {

enum class ToolState {
    visible,        // the pose is of this frame
    hidden,         // the camera does not see it
    out_of_volume,  // seen, but where the camera cannot measure
    missing,        // the device does not know this tool
    frozen,         // the device repeats one pose to the last bit: no measurement
};

template <class Body>
struct TrackedTool {
    ToolState state = ToolState::missing;
    Transform<Tracker, Body> tracker_from_tool;  // meaningless unless visible
    bool visible() const { return state == ToolState::visible; }
};

// All tools of one instant; the head cancels only when coil and head are of the same frame.
struct TrackerFrame {
    std::uint64_t sequence = 0;  // 1, 2, … as received
    SteadyTime received{};       // steady clock, on receipt
    double device_time_s = 0.0;  // the device's own clock
    TrackedTool<Head> head;
    TrackedTool<Stylus> stylus;
    TrackedTool<CoilBody> coil;
};

// A tool under the device's own name, whether or not it is one of ours.
struct NamedTool {
    std::string name;
    ToolState state = ToolState::missing;
    Eigen::Isometry3d tracker_from_tool = Eigen::Isometry3d::Identity();  // mm; meaningless unless visible
    // How badly the markers fit the tool's geometry (RMS, mm); NaN where the device does not say.
    double error_mm = std::numeric_limits<double>::quiet_NaN();
    // Some of its markers are outside the volume in which the camera is characterised.
    bool partly_outside = false;
};

// The stimulator fired.
struct Trigger {
    SteadyTime received{};
    double device_time_s = 0.0;  // on the same clock as the frames of the same device
    std::uint64_t count = 0;     // the stimulator's own pulse counter; a jump means pulses were missed
    double intensity_mso = 0.0;
};

// Muscle activity around one pulse.
struct EmgSweep {
    std::uint64_t pulse_count = 0;  // of the trigger it belongs to
    double sample_rate_hz = 0.0;
    double start_ms = 0.0;  // of the first sample, relative to the pulse; negative
    std::vector<float> microvolts;
};

enum class LinkState { connecting, connected, lost };

// Called on the device's own thread; must return within microseconds.
class DeviceListener {
public:
    virtual ~DeviceListener() = default;
    virtual void on_frame(const TrackerFrame& frame) = 0;
    // Everything one message of the device says about tools, before the frame made of it: for the page that shows what
    // arrives, and for recordings. A device that sends tools one by one calls it once a tool.
    virtual void on_tools(SteadyTime /*received*/, double /*device_time_s*/, std::span<const NamedTool> /*tools*/) {}
    virtual void on_trigger(const Trigger&) {}
    virtual void on_sweep(const EmgSweep&) {}
    virtual void on_text(const std::string& /*device*/, const std::string& /*text*/) {}
    // `why` is a sentence for the user when state is not connected.
    virtual void on_link(LinkState /*state*/, const std::string& /*why*/) {}
    // Something that arrived was not taken: a pose that is no rigid motion, a damaged message. `total` since the start.
    virtual void on_refused(const std::string& /*why*/, std::uint64_t /*total*/) {}
};

// Which name on the wire is which body.
struct ToolNames {
    std::string head = "Head";
    std::string stylus = "Stylus";
    std::string coil = "Coil";
};

// A device that runs from construction to destruction on a thread of its own.
class Device {
public:
    virtual ~Device() = default;
    // Sends a line of text to the other side under that name; thread-safe; dropped when not connected.
    virtual void send_text(const std::string& device, const std::string& text) = 0;
};

}  // namespace precentral
