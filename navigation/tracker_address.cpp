// SPDX-License-Identifier: Apache-2.0
#include "navigation/tracker_address.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "data/error.h"

namespace precentral {
namespace {

constexpr std::string_view kScheme = "igtl://";
constexpr std::uint16_t kNdiTcpPort = 8765;

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw InputError("The tracker address '" + std::string(text.substr(0, 100)) + "' " + why +
                     " Write it like igtl://127.0.0.1:18944, ndi://192.168.1.5, ndi:/dev/ttyUSB0, sim:approach or "
                     "replay:visit.igs.mha.");
}

std::uint16_t parse_port(std::string_view text, std::string_view whole) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > 65535) {
        refuse(whole, "has the port '" + std::string(text.substr(0, 20)) + "'; a port is a number from 1 to 65535.");
    }
    return static_cast<std::uint16_t>(value);
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
}

// "host", "host:port", "[::1]:port".
TrackerAddress parse_place(std::string_view rest, std::uint16_t default_port, std::string_view text) {
    if (rest.ends_with('/')) rest.remove_suffix(1);
    TrackerAddress address{.host = {}, .port = default_port};
    std::optional<std::string_view> port;
    if (rest.starts_with('[')) {
        const std::size_t close = rest.find(']');
        if (close == std::string_view::npos) refuse(text, "has a [ without its ].");
        address.host = std::string(rest.substr(1, close - 1));
        const bool numeric = std::all_of(address.host.begin(), address.host.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
        });
        if (!numeric || address.host.find(':') == std::string::npos) refuse(text, "has no IPv6 address in its [ ].");
        rest.remove_prefix(close + 1);
        if (!rest.empty() && !rest.starts_with(':')) refuse(text, "has something other than :port after its ].");
        if (!rest.empty()) port = rest.substr(1);
    } else {
        const std::size_t colon = rest.find(':');
        address.host = std::string(rest.substr(0, colon));
        if (colon != std::string_view::npos) port = rest.substr(colon + 1);
        if (address.host.empty()) refuse(text, "names no host.");
        if (!std::all_of(address.host.begin(), address.host.end(), is_host_character)) {
            refuse(text, "has a host name with a character that none can have.");
        }
    }
    if (port) address.port = parse_port(*port, text);
    return address;
}

std::vector<std::pair<std::string, std::string>> parse_parameters(std::string_view rest, std::string_view text) {
    std::vector<std::pair<std::string, std::string>> out;
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        const std::size_t equals = one.find('=');
        if (equals == std::string_view::npos || equals == 0 || equals + 1 == one.size()) {
            refuse(text, "has a ? that is not followed by name=value pairs with & between them.");
        }
        out.emplace_back(one.substr(0, equals), one.substr(equals + 1));
    }
    return out;
}

}  // namespace

TrackerAddress parse_igtl_address(std::string_view text) {
    if (!text.starts_with(kScheme)) refuse(text, "does not begin with igtl://.");
    return parse_place(text.substr(kScheme.size()), kIgtlPort, text);
}

AnyTrackerAddress parse_tracker_address(std::string_view text) {
    using Kind = AnyTrackerAddress::Kind;
    const auto after = [text](std::string_view scheme) { return text.substr(scheme.size()); };
    if (text.starts_with(kScheme)) return {.kind = Kind::igtl, .place = parse_igtl_address(text)};
    if (text.starts_with("sim:")) {
        if (after("sim:").empty()) refuse(text, "names no simulated tracker.");
        return {.kind = Kind::simulator, .what = std::string(after("sim:"))};
    }
    if (text.starts_with("replay:")) {
        if (after("replay:").empty()) refuse(text, "names no recording.");
        return {.kind = Kind::recording, .what = std::string(after("replay:"))};
    }
    if (!text.starts_with("ndi:")) refuse(text, "begins with none of igtl://, ndi://, ndi:/dev/, sim: and replay:.");
    AnyTrackerAddress out;
    const std::size_t question = text.find('?');
    if (question != std::string_view::npos) out.parameters = parse_parameters(text.substr(question + 1), text);
    const std::string_view front = text.substr(0, question);
    if (front.starts_with("ndi://")) {
        out.kind = Kind::ndi;
        out.place = parse_place(front.substr(6), kNdiTcpPort, text);
        return out;
    }
    out.kind = Kind::ndi_serial;
    out.what = std::string(front.substr(4));
    if (!out.what.starts_with('/')) refuse(text, "names no serial port; it begins with /dev/.");
    return out;
}

std::string to_igtl_text(const TrackerAddress& address) {
    const bool ipv6 = address.host.find(':') != std::string::npos;
    return std::string(kScheme) + (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace precentral
