// SPDX-License-Identifier: Apache-2.0
// Where pulses are heard, as a user writes it:
//   trigger+tcp://host:port            a line of text a pulse, from a program we connect to
//   trigger+udp://:port                a datagram a pulse, sent to us; trigger+udp://127.0.0.1:port only from here
//   serial:/dev/ttyUSB0?on=byte        a byte a pulse (baud=9600 by default); byte=84 only that one counts
//   serial:/dev/ttyUSB0?on=cts         a rising edge of a control line: cts, dsr, dcd or ring
//   magventure:/dev/ttyS0              the stimulator's own status, 38 400 baud; magventure+tcp://host:port through a
//                                      serial server. ?ask=yes asks once for its state; without, it only listens
//   magstim:/dev/ttyS0                 likewise, 9 600 baud; magstim+tcp://host:port. ?poll=200 or ?poll=rapid asks for
//                                      the settings twice a second; without, it only listens to others asking
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "navigation/serial_port.h"

namespace precentral {

enum class TriggerLanguage { text, byte, edge, magventure, magstim };
enum class TriggerWire { tcp, udp, serial };
enum class MagstimPoll { none, magstim_200, rapid };

struct TriggerAddress {
    TriggerLanguage language = TriggerLanguage::text;
    TriggerWire wire = TriggerWire::tcp;
    std::string host{};  // udp: where to listen, "" = everywhere
    std::uint16_t port = 0;
    std::string path{};  // serial
    int baud = 9600;
    std::optional<std::uint8_t> byte{};  // only this one is a pulse
    ControlLine line = ControlLine::cts;
    MagstimPoll poll = MagstimPoll::none;
    bool ask = false;  // MagVenture: for its state, once on connecting

    // As a sentence names it.
    std::string place() const { return wire == TriggerWire::serial ? path : host + ":" + std::to_string(port); }
};

// Throws InputError with a sentence that shows right ones.
TriggerAddress parse_trigger_address(std::string_view text);

}  // namespace precentral
