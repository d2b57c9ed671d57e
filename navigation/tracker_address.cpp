// SPDX-License-Identifier: Apache-2.0
#include "navigation/tracker_address.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "data/error.h"

namespace precentral {
namespace {

constexpr std::string_view kScheme = "igtl://";

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw InputError("The tracker address '" + std::string(text.substr(0, 100)) + "' " + why +
                     " Write it like igtl://127.0.0.1:18944.");
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

}  // namespace

TrackerAddress parse_igtl_address(std::string_view text) {
    if (!text.starts_with(kScheme)) refuse(text, "does not begin with igtl://.");
    std::string_view rest = text.substr(kScheme.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    TrackerAddress address{.host = {}, .port = kIgtlPort};
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

std::string to_igtl_text(const TrackerAddress& address) {
    const bool ipv6 = address.host.find(':') != std::string::npos;
    return std::string(kScheme) + (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace precentral
