// SPDX-License-Identifier: Apache-2.0
// Which of a device's tools is the head, the stylus or the coil.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "navigation/tracker.h"

namespace precentral {

enum class TrackedBody { head, stylus, coil };

// "Coil" of "CoilToTracker", the name PLUS gives to the pose of Coil; any other name as it is.
std::string_view plain_tool_name(std::string_view name);

// PLUS's word for a state, on the wire and in recordings: "OK", "OUT_OF_VIEW", "OUT_OF_VOLUME", "MISSING".
const char* status_word(ToolState state);
// The inverse; a pressed button of a tool is OK, any other word means that there is no pose: hidden.
ToolState state_of_status(std::string_view word);

// None for a tool of somebody else. A name matches plain or as it is on the wire.
std::optional<TrackedBody> body_of(std::string_view name, const ToolNames& names);

// The frame of what a device says about all its tools at one instant; a body that is not among them is missing.
TrackerFrame frame_of(std::span<const NamedTool> tools, const ToolNames& names);

}  // namespace precentral
