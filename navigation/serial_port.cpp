// SPDX-License-Identifier: Apache-2.0
#include "navigation/serial_port.h"

#include <fcntl.h>
#include <linux/serial.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "data/error.h"

namespace precentral {
namespace {

constexpr std::array<std::pair<int, speed_t>, 17> kSpeeds{{{1200, B1200},
                                                           {2400, B2400},
                                                           {4800, B4800},
                                                           {9600, B9600},
                                                           {19200, B19200},
                                                           {38400, B38400},
                                                           {57600, B57600},
                                                           {115200, B115200},
                                                           {230400, B230400},
                                                           {460800, B460800},
                                                           {500000, B500000},
                                                           {576000, B576000},
                                                           {921600, B921600},
                                                           {1000000, B1000000},
                                                           {1152000, B1152000},
                                                           {1500000, B1500000},
                                                           {2000000, B2000000}}};

std::optional<speed_t> speed_of(int baud) {
    for (const auto& [known, speed] : kSpeeds) {
        if (known == baud) return speed;
    }
    return std::nullopt;
}

std::string system_words(int error) { return std::generic_category().message(error); }

bool make_raw(int fd, speed_t speed) {
    termios settings{};
    if (::tcgetattr(fd, &settings) != 0) return false;
    ::cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cflag &= ~static_cast<tcflag_t>(CRTSCTS | CSTOPB);
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    return ::cfsetispeed(&settings, speed) == 0 && ::cfsetospeed(&settings, speed) == 0 &&
           ::tcsetattr(fd, TCSANOW, &settings) == 0;
}

// Not every adapter can: then bytes come later, and nothing else changes.
void hand_on_at_once(int fd) {
    serial_struct serial{};
    if (::ioctl(fd, TIOCGSERIAL, &serial) != 0) return;
    serial.flags |= static_cast<int>(ASYNC_LOW_LATENCY);
    (void)::ioctl(fd, TIOCSSERIAL, &serial);
}

OpenedSerial failed(const std::string& path, int error) {
    OpenedSerial out;
    switch (error) {
        case ENOENT:
        case ENXIO:
        case ENODEV:
        case EIO:
            out.gone = true;
            out.why = "There is no serial port " + path + ". Is the cable in?";
            break;
        case EACCES:
        case EPERM: out.why = "The serial port " + path + " may not be opened by you: join the group dialout."; break;
        case EBUSY: out.why = "Another program uses the serial port " + path + ". Close it."; break;
        case ENOTTY: out.why = path + " is not a serial port."; break;
        default: out.why = "The serial port " + path + " cannot be opened: " + system_words(error) + "."; break;
    }
    return out;
}

}  // namespace

bool is_serial_speed(int baud) { return speed_of(baud).has_value(); }

OpenedSerial open_serial(const std::string& path, int baud) {
    const std::optional<speed_t> speed = speed_of(baud);
    if (!speed) return {.why = "A serial port does not run at " + std::to_string(baud) + " baud."};
    OpenedSerial out;
    out.port = Descriptor(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!out.port) return failed(path, errno);
    if (::isatty(out.port.get()) == 0) return failed(path, ENOTTY);
    // Two readers of one port would each get some of the bytes.
    if (::ioctl(out.port.get(), TIOCEXCL) != 0 || !make_raw(out.port.get(), *speed)) return failed(path, errno);
    hand_on_at_once(out.port.get());
    (void)::tcflush(out.port.get(), TCIFLUSH);
    return out;
}

IoResult read_serial(int fd, std::span<std::uint8_t> into) {
    while (true) {
        const ssize_t got = ::read(fd, into.data(), into.size());
        if (got > 0) return {IoState::done, static_cast<std::size_t>(got), {}};
        if (got == 0) return {IoState::closed, 0, {}};
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoState::later, 0, {}};
        return {IoState::closed, 0, system_words(errno)};
    }
}

IoResult write_serial(int fd, ByteView bytes) {
    while (true) {
        const ssize_t sent = ::write(fd, bytes.data(), bytes.size());
        if (sent >= 0) return {IoState::done, static_cast<std::size_t>(sent), {}};
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoState::later, 0, {}};
        return {IoState::closed, 0, system_words(errno)};
    }
}

std::optional<LineState> control_line(int fd, ControlLine line) {
    serial_icounter_struct counts{};
    int levels = 0;
    if (::ioctl(fd, TIOCGICOUNT, &counts) != 0 || ::ioctl(fd, TIOCMGET, &levels) != 0) return std::nullopt;
    switch (line) {
        case ControlLine::cts: return LineState{static_cast<std::uint32_t>(counts.cts), (levels & TIOCM_CTS) != 0};
        case ControlLine::dsr: return LineState{static_cast<std::uint32_t>(counts.dsr), (levels & TIOCM_DSR) != 0};
        case ControlLine::dcd: return LineState{static_cast<std::uint32_t>(counts.dcd), (levels & TIOCM_CAR) != 0};
        case ControlLine::ring: return LineState{static_cast<std::uint32_t>(counts.rng), (levels & TIOCM_RNG) != 0};
    }
    return std::nullopt;
}

PseudoTerminal open_pseudo_terminal() {
    PseudoTerminal out;
    out.master = Descriptor(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    std::array<char, 128> name{};
    if (!out.master || ::grantpt(out.master.get()) != 0 || ::unlockpt(out.master.get()) != 0 ||
        ::ptsname_r(out.master.get(), name.data(), name.size()) != 0) {
        throw Error("The system has no pseudo-terminal left: " + system_words(errno) + ".");
    }
    out.path = name.data();
    out.keeper = Descriptor(::open(name.data(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!out.keeper || !make_raw(out.keeper.get(), B38400)) {
        throw Error("The pseudo-terminal " + out.path + " cannot be used: " + system_words(errno) + ".");
    }
    return out;
}

}  // namespace precentral
