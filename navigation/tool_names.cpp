// SPDX-License-Identifier: Apache-2.0
#include "navigation/tool_names.h"

namespace precentral {

std::string_view plain_tool_name(std::string_view name) {
    constexpr std::string_view kSuffix = "ToTracker";
    if (name.size() > kSuffix.size() && name.ends_with(kSuffix)) name.remove_suffix(kSuffix.size());
    return name;
}

const char* status_word(ToolState state) {
    switch (state) {
        case ToolState::visible: return "OK";
        case ToolState::hidden: return "OUT_OF_VIEW";
        case ToolState::out_of_volume: return "OUT_OF_VOLUME";
        default: return "MISSING";
    }
}

ToolState state_of_status(std::string_view word) {
    if (word == "OK" || word == "SWITCH1_IS_ON" || word == "SWITCH2_IS_ON" || word == "SWITCH3_IS_ON") {
        return ToolState::visible;
    }
    if (word == "OUT_OF_VOLUME") return ToolState::out_of_volume;
    if (word == "MISSING") return ToolState::missing;
    return ToolState::hidden;
}

std::optional<TrackedBody> body_of(std::string_view name, const ToolNames& names) {
    for (const std::string_view wanted : {plain_tool_name(name), name}) {
        if (wanted == names.head) return TrackedBody::head;
        if (wanted == names.stylus) return TrackedBody::stylus;
        if (wanted == names.coil) return TrackedBody::coil;
    }
    return std::nullopt;
}

TrackerFrame frame_of(std::span<const NamedTool> tools, const ToolNames& names) {
    TrackerFrame frame;
    const auto fill = [](auto& out, const NamedTool& tool) {
        out.state = tool.state;
        using Pose = std::remove_cvref_t<decltype(out.tracker_from_tool)>;
        if (tool.state == ToolState::visible) out.tracker_from_tool = Pose(tool.tracker_from_tool);
    };
    for (const NamedTool& tool : tools) {
        const std::optional<TrackedBody> body = body_of(tool.name, names);
        if (body == TrackedBody::head) fill(frame.head, tool);
        if (body == TrackedBody::stylus) fill(frame.stylus, tool);
        if (body == TrackedBody::coil) fill(frame.coil, tool);
    }
    return frame;
}

}  // namespace precentral
