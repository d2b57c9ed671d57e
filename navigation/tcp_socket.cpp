// SPDX-License-Identifier: Apache-2.0
#include "navigation/tcp_socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "data/error.h"

namespace precentral {
namespace {

std::string system_words(int error) { return std::generic_category().message(error); }

void set_option(int fd, int level, int name, int value) {
    // A system without the option still works, only slower to notice a cut cable.
    (void)::setsockopt(fd, level, name, &value, sizeof value);
}

void prepare_stream(int fd) {
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    // A cut cable sends nothing: probe after 2 s of silence, give up after three probes a second apart.
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 2);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);
}

struct FreeAddresses {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses resolve(const std::string& host, std::uint16_t port, int flags, std::string& why) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int rc = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    if (rc != 0) {
        why = ::gai_strerror(rc);
        return nullptr;
    }
    return Addresses(list);
}

ConnectFailure kind_of(int error) {
    switch (error) {
        case ECONNREFUSED:
        case ECONNRESET: return ConnectFailure::refused;
        case EHOSTUNREACH:
        case ENETUNREACH:
        case ENETDOWN:
        case EHOSTDOWN: return ConnectFailure::unreachable;
        case ETIMEDOUT: return ConnectFailure::timed_out;
        default: return ConnectFailure::other;
    }
}

Connected failed(ConnectFailure kind, std::string detail) { return {Descriptor(), kind, std::move(detail)}; }

Connected connect_one(const addrinfo& address, std::chrono::milliseconds timeout, int interrupt) {
    Descriptor socket(
        ::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol));
    if (!socket) return failed(ConnectFailure::other, system_words(errno));
    prepare_stream(socket.get());
    if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) != 0) {
        if (errno != EINPROGRESS) return failed(kind_of(errno), system_words(errno));
        std::array<Waited, 2> fds{Waited{.fd = socket.get(), .for_writing = true}, Waited{.fd = interrupt}};
        if (!wait_for(fds, timeout)) return failed(ConnectFailure::timed_out, system_words(ETIMEDOUT));
        if (fds[1].readable) return failed(ConnectFailure::interrupted, {});
        int error = 0;
        socklen_t size = sizeof error;
        if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
        if (error != 0) return failed(kind_of(error), system_words(error));
    }
    return {std::move(socket), ConnectFailure::none, {}};
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        close();
        fd_ = other.release();
    }
    return *this;
}

void Descriptor::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

int Descriptor::release() { return std::exchange(fd_, -1); }

WakeUp::WakeUp() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!fd_) throw Error("The system has no free file descriptors for another device: " + system_words(errno) + ".");
}

void WakeUp::raise() const {
    const std::uint64_t one = 1;
    // It fails only when already raised very many times, which is as good.
    [[maybe_unused]] const ssize_t written = ::write(fd_.get(), &one, sizeof one);
}

void WakeUp::clear() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(fd_.get(), &count, sizeof count);
}

bool wait_for(std::span<Waited> fds, std::optional<std::chrono::milliseconds> timeout) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point end = Clock::now() + timeout.value_or(std::chrono::milliseconds(0));
    std::vector<pollfd> polled(fds.size());
    for (std::size_t i = 0; i < fds.size(); ++i) {
        polled[i].fd = fds[i].fd;
        polled[i].events = static_cast<short>(POLLIN | (fds[i].for_writing ? POLLOUT : 0));
        fds[i].readable = fds[i].writable = false;
    }
    int ready = 0;
    while (true) {
        int wait_ms = -1;
        if (timeout) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
            wait_ms = static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000'000));
        }
        ready = ::poll(polled.data(), polled.size(), wait_ms);
        if (ready >= 0 || errno != EINTR) break;
    }
    if (ready <= 0) return false;
    for (std::size_t i = 0; i < fds.size(); ++i) {
        fds[i].readable = (polled[i].revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) != 0;
        fds[i].writable = (polled[i].revents & POLLOUT) != 0;
    }
    return true;
}

IoResult read_some(int fd, std::span<std::uint8_t> into) {
    while (true) {
        const ssize_t got = ::recv(fd, into.data(), into.size(), 0);
        if (got > 0) return {IoState::done, static_cast<std::size_t>(got), {}};
        if (got == 0) return {IoState::closed, 0, {}};
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoState::later, 0, {}};
        return {IoState::closed, 0, system_words(errno)};
    }
}

IoResult write_some(int fd, ByteView bytes) {
    while (true) {
        const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) return {IoState::done, static_cast<std::size_t>(sent), {}};
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoState::later, 0, {}};
        return {IoState::closed, 0, system_words(errno)};
    }
}

IoResult Outbox::send(int fd, ByteView bytes) {
    if (size() == 0) {
        IoResult result = write_some(fd, bytes);
        if (result.state == IoState::closed) return result;
        bytes = bytes.subspan(result.size);
        if (bytes.empty()) return result;
    }
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return flush(fd);
}

IoResult Outbox::flush(int fd) {
    while (size() > 0) {
        IoResult result = write_some(fd, ByteView(bytes_).subspan(start_));
        if (result.state != IoState::done) return result;
        start_ += result.size;
    }
    clear();
    return {};
}

void Outbox::clear() {
    bytes_.clear();
    start_ = 0;
}

Connected connect_tcp(const std::string& host, std::uint16_t port, std::chrono::milliseconds timeout, int interrupt) {
    std::string why;
    const Addresses addresses = resolve(host, port, 0, why);
    if (!addresses) return failed(ConnectFailure::unknown_host, why);
    Connected last = failed(ConnectFailure::other, "no address");
    for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
        last = connect_one(*address, timeout, interrupt);
        if (last.socket || last.failure == ConnectFailure::interrupted) break;
    }
    return last;
}

Listener listen_tcp(const std::string& address, std::uint16_t port) {
    const std::string where = "port " + std::to_string(port) + " of " + address;
    std::string why;
    const Addresses addresses = resolve(address, port, AI_PASSIVE | AI_NUMERICHOST, why);
    if (!addresses) throw Error("Cannot listen on " + where + ": " + why + ". Give a numeric address.");
    Descriptor socket(::socket(addresses->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) throw Error("Cannot listen on " + where + ": " + system_words(errno) + ".");
    set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (::bind(socket.get(), addresses->ai_addr, addresses->ai_addrlen) != 0) {
        if (errno == EADDRINUSE) {
            throw Error("Cannot listen on " + where +
                        ": another program uses it. Close that program or choose another port.");
        }
        throw Error("Cannot listen on " + where + ": " + system_words(errno) + ".");
    }
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    std::array<char, 16> number{};
    if (::listen(socket.get(), 16) != 0 ||
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0 ||
        ::getnameinfo(reinterpret_cast<sockaddr*>(&bound), size, nullptr, 0, number.data(), number.size(),
                      NI_NUMERICSERV) != 0) {
        throw Error("Cannot listen on " + where + ": " + system_words(errno) + ".");
    }
    return {std::move(socket), static_cast<std::uint16_t>(std::stoi(number.data()))};
}

Descriptor accept_tcp(int listener) {
    Descriptor socket(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) prepare_stream(socket.get());
    return socket;
}

}  // namespace precentral
