// SPDX-License-Identifier: Apache-2.0
// A serial port as plain bytes and control lines: 8 data bits, no parity, one stop bit, no flow control.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "navigation/tcp_socket.h"

namespace precentral {

bool is_serial_speed(int baud);

struct OpenedSerial {
    Descriptor port{};  // non-blocking; nobody else can open it meanwhile
    bool gone = false;  // there is no such device now: it may come back
    std::string why;    // "" when it is open, else a sentence
};
// What was waiting in the port from before is thrown away. An adapter that gathers bytes (16 ms with many USB chips) is
// asked to hand them on at once. Never throws.
OpenedSerial open_serial(const std::string& path, int baud);

// As read_some and write_some of a socket; `closed` when the port was pulled out.
IoResult read_serial(int fd, std::span<std::uint8_t> into);
IoResult write_serial(int fd, ByteView bytes);

enum class ControlLine { cts, dsr, dcd, ring };
struct LineState {
    std::uint32_t changes = 0;  // counted by the system since it started, both ways; wraps
    bool high = false;
};
// Nothing when the port has no such line (a pseudo-terminal, some adapters).
std::optional<LineState> control_line(int fd, ControlLine line);

// Both ends of a line without hardware: what is written to `master` is read at `path`, for stand-ins and tests.
struct PseudoTerminal {
    Descriptor master;
    Descriptor keeper;  // keeps the other end there while nobody has it open; close both to unplug
    std::string path;
};
PseudoTerminal open_pseudo_terminal();  // throws Error when the system has none left

}  // namespace precentral
