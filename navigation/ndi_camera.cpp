// SPDX-License-Identifier: Apache-2.0
#include "navigation/ndi_camera.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace precentral::ndi {
namespace {

constexpr const char* kUnknownCommand = "ERROR01";
constexpr const char* kDamagedCommand = "ERROR04";
constexpr const char* kWrongParameter = "ERROR07";
constexpr const char* kNoSuchPort = "ERROR08";
constexpr const char* kWrongMode = "ERROR0C";
constexpr const char* kNotInitialised = "ERROR10";
constexpr const char* kBadRom = "ERROR1D";
constexpr std::size_t kRomChunk = 64;
constexpr std::size_t kPartNumberAt = 592;
constexpr std::size_t kPartNumberWidth = 20;
constexpr std::string_view kTrackFrequency = "Param.Tracking.Track Frequency";
constexpr std::string_view kFrameFrequency = "Param.Tracking.Frame Frequency";

std::string part_number(const std::map<unsigned, std::string>& rom) {
    std::string all;
    for (const auto& [address, bytes] : rom) {
        if (address == all.size()) all += bytes;
    }
    if (all.size() < kPartNumberAt + kPartNumberWidth) return {};
    const std::string field = all.substr(kPartNumberAt, kPartNumberWidth);
    return field.substr(0, std::min(field.find('\0'), field.find(' ')));
}

}  // namespace

Bytes Camera::reset() {
    ports_.clear();
    last_handle_ = 0;
    initialised_ = tracking_ = false;
    track_frequency_ = 0;
    if (options_.plugged) {
        for (std::size_t i = 0; i < script_.options().tools.size(); ++i) {
            Port& port = ports_[++last_handle_];
            port.tool = i;
            port.loaded = true;
        }
    }
    return text_reply("RESET");
}

Bytes Camera::damage(Bytes reply) {
    ++replies_;
    if (options_.damage_every > 0 && replies_ % static_cast<std::uint64_t>(options_.damage_every) == 0) {
        reply[reply.size() / 2] ^= 4U;
    }
    return reply;
}

Bytes Camera::answer(std::string_view line, double time_s) {
    const std::size_t colon = line.find_first_of(": ");
    const std::string_view name = line.substr(0, colon);
    std::string_view parameters = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (colon != std::string_view::npos && line[colon] == ':') {
        if (parameters.size() < 4) return damage(text_reply("ERROR03"));
        const std::string_view checked = line.substr(0, line.size() - 4);
        if (from_hex(line.substr(checked.size())) != crc16(checked)) return damage(text_reply(kDamagedCommand));
        parameters.remove_suffix(4);
    }
    if (name == "BX" || name == "TX") {
        if (name == "BX" && !options_.knows_bx) return damage(text_reply(kUnknownCommand));
        if (!tracking_) return damage(text_reply(kWrongMode));
        const unsigned option = from_hex(parameters).value_or(1);
        if ((option & ~0x0801U) != 0) return damage(text_reply(kWrongParameter));
        if (script_.frame(static_cast<std::uint64_t>(time_s * script_.options().rate_hz)).silent) return {};
        const TrackingReply reply = track(time_s, (option & 0x0800U) != 0);
        return damage(name == "BX" ? binary_reply(write_bx(reply)) : text_reply(write_tx(reply)));
    }
    return damage(text_reply(answer_text(name, parameters)));
}

std::string Camera::answer_text(std::string_view name, std::string_view parameters) {
    if (name == "INIT") {
        reset();  // forgets what an earlier program loaded
        initialised_ = true;
        return "OKAY";
    }
    if (name == "APIREV") return "G.003.001";
    if (name == "COMM") {
        return parameters.size() == 5 && parameters[0] >= '0' && parameters[0] <= '7' ? "OKAY" : "ERROR06";
    }
    if (name == "GET") return parameter(parameters);
    if (!initialised_) return kNotInitialised;
    if (name == "SET") return set_parameter(parameters);
    if (name == "TSTART") {
        tracking_ = true;
        return "OKAY";
    }
    if (name == "TSTOP") {
        if (!tracking_) return kWrongMode;
        tracking_ = false;
        return "OKAY";
    }
    if (name.starts_with('P')) return port_verb(name, parameters);
    return kUnknownCommand;
}

std::string Camera::parameter(std::string_view name) const {
    if (name == kTrackFrequency) return std::string(name) + "=" + std::to_string(track_frequency_);
    if (name == kFrameFrequency) {
        return std::string(name) + "=" + std::to_string(std::lround(script_.options().rate_hz));
    }
    return kWrongParameter;
}

std::string Camera::set_parameter(std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos || assignment.substr(0, equals) != kTrackFrequency) return kWrongParameter;
    const std::string_view value = assignment.substr(equals + 1);
    if (value != "0" && value != "1" && value != "2") return kWrongParameter;
    track_frequency_ = static_cast<unsigned>(value[0] - '0');
    return "OKAY";
}

std::string Camera::list_ports(unsigned which) const {
    std::string out;
    unsigned count = 0;
    for (const auto& [handle, port] : ports_) {
        const bool listed = which == 0 || (which == 2 && port.loaded && !port.initialised) ||
                            (which == 3 && port.initialised && !port.enabled) || (which == 4 && port.enabled);
        if (!listed) continue;
        const unsigned status = (port.loaded ? 1U : 0U) | (port.initialised ? 0x10U : 0U) | (port.enabled ? 0x20U : 0U);
        out += hex2(handle) + hex4(status).substr(1);
        ++count;
    }
    return hex2(count) + out;
}

std::string Camera::write_rom(Port& port, std::string_view parameters) {
    if (parameters.size() != 4 + 2 * kRomChunk) return kWrongParameter;
    const std::optional<unsigned> address = from_hex(parameters.substr(0, 4));
    if (!address || *address % kRomChunk != 0) return kWrongParameter;
    std::string bytes;
    for (std::size_t i = 4; i < parameters.size(); i += 2) {
        const std::optional<unsigned> byte = from_hex(parameters.substr(i, 2));
        if (!byte) return kWrongParameter;
        bytes.push_back(static_cast<char>(*byte));
    }
    port.rom[*address] = bytes;
    port.loaded = true;
    return "OKAY";
}

void Camera::choose_tool(Port& port) {
    const std::vector<std::string>& tools = script_.options().tools;
    const auto named = std::find(tools.begin(), tools.end(), part_number(port.rom));
    if (named != tools.end()) {
        port.tool = static_cast<std::size_t>(named - tools.begin());
        return;
    }
    for (std::size_t i = 0; i < tools.size(); ++i) {
        const bool taken = std::any_of(ports_.begin(), ports_.end(),
                                       [&](const auto& p) { return p.second.initialised && p.second.tool == i; });
        if (!taken) {
            port.tool = i;
            return;
        }
    }
}

std::string Camera::port_verb(std::string_view name, std::string_view parameters) {
    if (name == "PHSR") return list_ports(from_hex(parameters).value_or(0));
    if (tracking_) return kWrongMode;
    if (name == "PHRQ") {
        if (parameters.size() < 10) return kWrongParameter;
        ports_[++last_handle_] = Port{};
        return hex2(last_handle_);
    }
    const std::optional<unsigned> handle = from_hex(parameters.substr(0, 2));
    const auto found = handle ? ports_.find(*handle) : ports_.end();
    if (found == ports_.end()) return kNoSuchPort;
    Port& port = found->second;
    if (name == "PVWR") return write_rom(port, parameters.substr(2));
    if (name == "PHF") {
        ports_.erase(found);
        return "OKAY";
    }
    if (name == "PINIT") {
        if (!port.loaded) return "ERROR0D";
        if (!port.rom.empty()) {
            if (!port.rom.begin()->second.starts_with("NDI")) return kBadRom;
            choose_tool(port);
        }
        port.initialised = true;
        return "OKAY";
    }
    if (!port.initialised) return "ERROR0E";
    if (name == "PENA") {
        if (parameters.size() != 3) return kWrongParameter;
        port.enabled = true;
        return "OKAY";
    }
    if (name == "PHINF") {
        std::string part = script_.options().tools[port.tool].substr(0, kPartNumberWidth);
        part.resize(kPartNumberWidth, ' ');
        return part;
    }
    return kUnknownCommand;
}

TrackingReply Camera::track(double time_s, bool outside_too) const {
    // The camera measures all frames and tracks each third, second or all of them.
    constexpr std::array<std::uint64_t, 3> kSteps = {3, 2, 1};
    const std::uint64_t step = kSteps[track_frequency_];
    const auto now = static_cast<std::uint64_t>(std::max(0.0, time_s) * script_.options().rate_hz);
    const ScriptFrame frame = script_.frame(now / step * step);
    TrackingReply out;
    for (const auto& [handle, port] : ports_) {
        if (!port.enabled) continue;
        const NamedTool& tool = frame.tools[port.tool];
        HandleReading reading;
        reading.handle = static_cast<std::uint8_t>(handle);
        reading.frame = static_cast<std::uint32_t>(frame.number + 1);
        reading.status = 0x31U;
        if (tool.partly_outside) reading.status |= kPartlyOut;
        if (tool.state == ToolState::out_of_volume) reading.status |= kOutOfVolume;
        const bool given = tool.state == ToolState::visible || (tool.state == ToolState::out_of_volume && outside_too);
        reading.state = given ? HandleState::valid : HandleState::missing;
        if (given) {
            const Eigen::Quaterniond q(tool.tracker_from_tool.linear());
            reading.wxyz = {q.w(), q.x(), q.y(), q.z()};
            reading.position_mm = tool.tracker_from_tool.translation();
            reading.error_mm = std::isfinite(tool.error_mm) ? tool.error_mm : 0.0;
        }
        out.handles.push_back(reading);
    }
    return out;
}

std::string stand_in_tool_file(const std::string& part_number) {
    std::string out(1024, '\0');
    out.replace(0, 3, "NDI");
    out.replace(kPartNumberAt, std::min(part_number.size(), kPartNumberWidth), part_number, 0, kPartNumberWidth);
    return out;
}

}  // namespace precentral::ndi
