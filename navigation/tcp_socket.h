// SPDX-License-Identifier: Apache-2.0
// TCP for devices: non-blocking sockets that wake at once, used by the OpenIGTLink client and server.
//
// POSIX, not Qt Network: a device runs on a plain thread and its simulator has no event loop; poll() answers both
// without one, and ThreadSanitizer sees all of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "navigation/big_endian.h"

namespace precentral {

// Owns a file descriptor.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void close();

private:
    int release();
    int fd_ = -1;
};

// Wakes a thread that waits in wait_for. raise() may be called from any thread.
class WakeUp {
public:
    WakeUp();  // throws Error when the system has no descriptors left
    void raise() const;
    void clear() const;
    int get() const { return fd_.get(); }

private:
    Descriptor fd_;
};

struct Waited {
    int fd = -1;
    bool for_writing = false;  // besides reading
    bool readable = false;     // out: data, end of stream or a failure
    bool writable = false;     // out
};
// Waits until one is ready or the time is over; none = for ever. Sets the out fields; returns whether one is ready.
bool wait_for(std::span<Waited> fds, std::optional<std::chrono::milliseconds> timeout);

enum class IoState { done, later, closed };
struct IoResult {
    IoState state = IoState::done;
    std::size_t size = 0;  // bytes moved
    std::string why;       // closed: "" for an orderly end, else the system's words
};
IoResult read_some(int fd, std::span<std::uint8_t> into);
IoResult write_some(int fd, ByteView bytes);

// What is still to be sent over one connection.
class Outbox {
public:
    // Sends at once what the system takes, keeps the rest.
    IoResult send(int fd, ByteView bytes);
    IoResult flush(int fd);
    std::size_t size() const { return bytes_.size() - start_; }
    void clear();

private:
    Bytes bytes_;
    std::size_t start_ = 0;
};

enum class ConnectFailure { none, unknown_host, refused, unreachable, timed_out, interrupted, other };
struct Connected {
    Descriptor socket;
    ConnectFailure failure = ConnectFailure::none;
    std::string detail;  // the system's words
};
// Tries each address of the host; ends early when `interrupt` becomes readable. Resolving a name may block for as long
// as the system's resolver does; numbers do not.
Connected connect_tcp(const std::string& host, std::uint16_t port, std::chrono::milliseconds timeout, int interrupt);

struct Listener {
    Descriptor socket;
    std::uint16_t port = 0;
};
// Port 0 = any free one. Throws Error with a sentence.
Listener listen_tcp(const std::string& address, std::uint16_t port);
// None when nobody waits.
Descriptor accept_tcp(int listener);

}  // namespace precentral
