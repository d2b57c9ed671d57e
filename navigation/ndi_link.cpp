// SPDX-License-Identifier: Apache-2.0
#include "navigation/ndi_link.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace precentral::ndi {
namespace {

std::string system_words(int error) { return std::generic_category().message(error); }

struct Rate {
    int baud;
    char digit;
    speed_t speed;  // B0 = the system has no name for it
};
constexpr std::array<Rate, 7> kRates = {{{9600, '0', B9600},
                                         {19200, '2', B19200},
                                         {38400, '3', B38400},
                                         {57600, '4', B57600},
                                         {115200, '5', B115200},
                                         {921600, '6', B921600},
                                         {1228739, '7', B0}}};

}  // namespace

char comm_digit(int baud) {
    for (const Rate& rate : kRates) {
        if (rate.baud == baud && rate.speed != B0) return rate.digit;
    }
    return '\0';
}

std::string Link::connect(const Place& place, std::chrono::milliseconds timeout, int interrupt) {
    if (!place.device.empty()) return open_serial(place);
    serial_ = false;
    Connected connected = connect_tcp(place.host, place.port, timeout, interrupt);
    fd_ = std::move(connected.socket);
    switch (connected.failure) {
        case ConnectFailure::none:
        case ConnectFailure::interrupted: return {};
        case ConnectFailure::unknown_host:
            return "The name '" + place.host + "' is not known on this network. Check the camera's address.";
        case ConnectFailure::unreachable:
            return "The network does not reach the camera at " + place.words() + ". Is the cable in?";
        case ConnectFailure::refused:
        case ConnectFailure::timed_out: return "No camera answers at " + place.words() + ". Is it switched on?";
        default: return "The camera at " + place.words() + " cannot be reached: " + connected.detail + ".";
    }
}

std::string Link::open_serial(const Place& place) {
    serial_ = true;
    fd_ = Descriptor(::open(place.device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!fd_) {
        const int error = errno;
        if (error == ENOENT || error == ENXIO || error == ENODEV) {
            return "There is no serial port " + place.device + ". Is the camera plugged in?";
        }
        if (error == EACCES) {
            return "The serial port " + place.device + " may not be opened. Add yourself to the group dialout.";
        }
        return "The serial port " + place.device + " cannot be opened: " + system_words(error) + ".";
    }
    if (::isatty(fd_.get()) == 0) {
        fd_.close();
        return place.device + " is no serial port.";
    }
    std::string why = set_baud(9600);
    if (!why.empty()) fd_.close();
    return why;
}

std::string Link::set_baud(int baud) {
    termios settings{};
    if (::tcgetattr(fd_.get(), &settings) != 0) return "The serial port does not answer: " + system_words(errno) + ".";
    ::cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | CRTSCTS);
    for (const Rate& rate : kRates) {
        if (rate.baud != baud || rate.speed == B0) continue;
        if (::cfsetispeed(&settings, rate.speed) == 0 && ::cfsetospeed(&settings, rate.speed) == 0 &&
            ::tcsetattr(fd_.get(), TCSANOW, &settings) == 0) {
            return {};
        }
    }
    return "The serial port cannot run at " + std::to_string(baud) + " baud.";
}

void Link::send_break() const {
    if (serial_) (void)::tcsendbreak(fd_.get(), 0);
}

IoResult Link::read(std::span<std::uint8_t> into) const {
    if (!serial_) return read_some(fd_.get(), into);
    while (true) {
        const ssize_t got = ::read(fd_.get(), into.data(), into.size());
        if (got > 0) return {IoState::done, static_cast<std::size_t>(got), {}};
        if (got == 0) return {IoState::closed, 0, {}};
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoState::later, 0, {}};
        return {IoState::closed, 0, errno == EIO ? std::string("it was unplugged") : system_words(errno)};
    }
}

bool Link::write(ByteView bytes) const {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point end = Clock::now() + std::chrono::seconds(1);
    while (!bytes.empty()) {
        std::size_t sent = 0;
        if (serial_) {
            const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
            if (n < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) return false;
            sent = n > 0 ? static_cast<std::size_t>(n) : 0;
        } else {
            const IoResult result = write_some(fd_.get(), bytes);
            if (result.state == IoState::closed) return false;
            sent = result.size;
        }
        bytes = bytes.subspan(sent);
        if (bytes.empty()) break;
        if (Clock::now() > end) return false;
        std::array<Waited, 1> fds{Waited{.fd = fd_.get(), .for_writing = true}};
        wait_for(fds, std::chrono::milliseconds(10));
    }
    return true;
}

}  // namespace precentral::ndi
