// SPDX-License-Identifier: Apache-2.0
// The line to an NDI camera: bytes over TCP or over a serial port.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "navigation/tcp_socket.h"

namespace precentral::ndi {

// Where a camera is. `device` is a serial port's file; when empty, host and port are used.
struct Place {
    std::string host;
    std::uint16_t port = 0;
    std::string device;
    std::string words() const { return device.empty() ? host + ":" + std::to_string(port) : device; }
};

// One thread.
class Link {
public:
    bool open() const { return static_cast<bool>(fd_); }
    int get() const { return fd_.get(); }
    bool serial() const { return serial_; }
    void close() { fd_.close(); }

    // "" or a sentence. Ends early when `interrupt` becomes readable. A serial port begins at 9600 baud, 8N1.
    std::string connect(const Place& place, std::chrono::milliseconds timeout, int interrupt);
    // "" or a sentence; 9600, 19200, 38400, 57600, 115200, 921600 or 1228739 baud, as far as the system has them.
    std::string set_baud(int baud);
    // A serial camera starts anew at 9600 baud.
    void send_break() const;
    IoResult read(std::span<std::uint8_t> into) const;
    // Blocks for up to a second while the line is full. False when it is gone.
    bool write(ByteView bytes) const;

private:
    std::string open_serial(const Place& place);
    Descriptor fd_;
    bool serial_ = false;
};

// The digit of COMM for a baud rate, 0 when the API has none.
char comm_digit(int baud);

}  // namespace precentral::ndi
