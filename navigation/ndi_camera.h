// SPDX-License-Identifier: Apache-2.0
// Stands in for an NDI Polaris Vega: what it answers to each command, as the documented protocol has it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "navigation/ndi_protocol.h"
#include "navigation/tracker_script.h"

namespace precentral::ndi {

struct CameraOptions {
    // The tools are plugged in; otherwise a program has to load their files, each for the script's tool whose name the
    // file holds as its part number, else for the next one in order.
    bool plugged = true;
    bool knows_bx = true;  // a Vicra of old does not
    int damage_every = 0;  // each n-th reply has one wrong bit; 0 = none
};

// No clock and no socket of its own. One thread.
class Camera {
public:
    Camera(const TrackerScript& script, CameraOptions options) : script_(script), options_(options) { reset(); }

    // `line` without its CR; `time_s` since the script began. Empty = the camera says nothing (the script is silent).
    Bytes answer(std::string_view line, double time_s);
    // What a serial line's break does.
    Bytes reset();
    bool tracking() const { return tracking_; }

private:
    struct Port {
        std::size_t tool = 0;
        bool loaded = false;  // its file was written, or it is plugged in
        bool initialised = false;
        bool enabled = false;
        std::map<unsigned, std::string> rom;  // by address
    };
    std::string answer_text(std::string_view name, std::string_view parameters);
    std::string port_verb(std::string_view name, std::string_view parameters);
    std::string list_ports(unsigned which) const;
    std::string write_rom(Port& port, std::string_view parameters);
    void choose_tool(Port& port);
    std::string parameter(std::string_view name) const;
    std::string set_parameter(std::string_view assignment);
    TrackingReply track(double time_s, bool outside_too) const;
    Bytes damage(Bytes reply);

    const TrackerScript& script_;
    const CameraOptions options_;
    std::map<unsigned, Port> ports_;
    unsigned last_handle_ = 0;
    bool initialised_ = false;
    bool tracking_ = false;
    unsigned track_frequency_ = 0;  // index: a third, a half, all of the frames
    std::uint64_t replies_ = 0;
};

// A tool file of 1 KiB with that part number where cameras read it; no geometry. For tests and rehearsals.
std::string stand_in_tool_file(const std::string& part_number);

}  // namespace precentral::ndi
