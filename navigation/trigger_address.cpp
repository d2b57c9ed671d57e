// SPDX-License-Identifier: Apache-2.0
#include "navigation/trigger_address.h"

#include <charconv>

#include "data/error.h"

namespace precentral {
namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw InputError("\"" + std::string(text) + "\" is no place to hear pulses: " + why +
                     ". Right are trigger+tcp://host:port, trigger+udp://:port, serial:/dev/ttyUSB0?on=byte (or cts, "
                     "dsr, dcd, ring), magventure:/dev/ttyS0, magstim:/dev/ttyS0.");
}

template <class T>
std::optional<T> whole_number(std::string_view text) {
    T value{};
    const int base = text.starts_with("0x") ? 16 : 10;
    if (base == 16) text.remove_prefix(2);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

struct Scheme {
    std::string_view start;
    TriggerLanguage language;
    TriggerWire wire;
    int baud;
};
constexpr Scheme kSchemes[] = {
    {"trigger+tcp://", TriggerLanguage::text, TriggerWire::tcp, 0},
    {"trigger+udp://", TriggerLanguage::text, TriggerWire::udp, 0},
    {"magventure+tcp://", TriggerLanguage::magventure, TriggerWire::tcp, 0},
    {"magstim+tcp://", TriggerLanguage::magstim, TriggerWire::tcp, 0},
    {"serial:", TriggerLanguage::byte, TriggerWire::serial, 9600},
    {"magventure:", TriggerLanguage::magventure, TriggerWire::serial, 38400},
    {"magstim:", TriggerLanguage::magstim, TriggerWire::serial, 9600},
};

void read_place(std::string_view text, std::string_view place, TriggerAddress& out) {
    const auto colon = place.rfind(':');
    if (colon == std::string_view::npos) refuse(text, "the port is missing");
    std::string_view host = place.substr(0, colon);
    if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    const auto port = whole_number<std::uint16_t>(place.substr(colon + 1));
    if (!port || *port == 0) refuse(text, "a port is a number from 1 to 65535");
    if (host.empty() && out.wire == TriggerWire::tcp) refuse(text, "the host is missing");
    out.host = host;
    out.port = *port;
}

void read_option(std::string_view text, std::string_view option, TriggerAddress& out) {
    const auto equals = option.find('=');
    const std::string_view key = option.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : option.substr(equals + 1);
    const bool plain = out.language == TriggerLanguage::byte || out.language == TriggerLanguage::edge;
    if (key == "baud" && out.wire == TriggerWire::serial) {
        const auto baud = whole_number<int>(value);
        if (!baud || !is_serial_speed(*baud))
            refuse(text, "\"" + std::string(value) + "\" is no speed of a serial port");
        out.baud = *baud;
    } else if (key == "on" && plain) {
        out.language = value == "byte" ? TriggerLanguage::byte : TriggerLanguage::edge;
        if (value == "cts") {
            out.line = ControlLine::cts;
        } else if (value == "dsr") {
            out.line = ControlLine::dsr;
        } else if (value == "dcd") {
            out.line = ControlLine::dcd;
        } else if (value == "ring") {
            out.line = ControlLine::ring;
        } else if (value != "byte") {
            refuse(text, "on= is one of byte, cts, dsr, dcd, ring");
        }
    } else if (key == "byte" && plain) {
        out.byte = whole_number<std::uint8_t>(value);
        if (!out.byte) refuse(text, "byte= is a number from 0 to 255");
    } else if (key == "ask" && out.language == TriggerLanguage::magventure) {
        if (value != "yes" && value != "no") refuse(text, "ask= is yes or no");
        out.ask = value == "yes";
    } else if (key == "poll" && out.language == TriggerLanguage::magstim) {
        if (value != "200" && value != "rapid") refuse(text, "poll= is 200 or rapid");
        out.poll = value == "200" ? MagstimPoll::magstim_200 : MagstimPoll::rapid;
    } else {
        refuse(text, "\"" + std::string(option) + "\" is not known there");
    }
}

}  // namespace

TriggerAddress parse_trigger_address(std::string_view text) {
    for (const Scheme& scheme : kSchemes) {
        if (!text.starts_with(scheme.start)) continue;
        TriggerAddress out{.language = scheme.language, .wire = scheme.wire, .baud = scheme.baud};
        std::string_view rest = text.substr(scheme.start.size());
        const auto question = rest.find('?');
        std::string_view options = question == std::string_view::npos ? "" : rest.substr(question + 1);
        rest = rest.substr(0, question);
        if (out.wire == TriggerWire::serial) {
            if (rest.empty()) refuse(text, "the device is missing");
            out.path = rest;
        } else {
            read_place(text, rest, out);
        }
        while (!options.empty()) {
            const auto next = options.find('&');
            read_option(text, options.substr(0, next), out);
            options = next == std::string_view::npos ? "" : options.substr(next + 1);
        }
        if (out.byte && out.language == TriggerLanguage::edge) refuse(text, "byte= belongs to on=byte");
        return out;
    }
    refuse(text, "it does not begin with a known word");
}

}  // namespace precentral
