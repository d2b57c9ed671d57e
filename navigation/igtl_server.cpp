// SPDX-License-Identifier: Apache-2.0
#include "navigation/igtl_server.h"

#include <algorithm>

namespace precentral {
namespace {

constexpr std::size_t kLargestOutbox = 16U << 20U;
constexpr std::size_t kReadBytes = 65536;

}  // namespace

IgtlServer::IgtlServer(std::uint16_t port, const std::string& address)
    : listener_(listen_tcp(address, port)), buffer_(kReadBytes) {}

int IgtlServer::clients() const {
    return static_cast<int>(std::count_if(peers_.begin(), peers_.end(), [](const Peer& peer) { return !peer.gone; }));
}

std::vector<int> IgtlServer::client_numbers() const {
    std::vector<int> out;
    for (const Peer& peer : peers_) {
        if (!peer.gone) out.push_back(peer.id);
    }
    return out;
}

int IgtlServer::client_version(int client) const {
    for (const Peer& peer : peers_) {
        if (peer.id == client) return peer.version;
    }
    return 0;
}

void IgtlServer::drop(Peer& peer, std::string why) {
    peer.gone = true;
    peer.socket.close();
    last_problem_ = std::move(why);
}

void IgtlServer::send_bytes(Peer& peer, ByteView bytes) {
    if (peer.gone) return;
    if (peer.outbox.size() + bytes.size() > kLargestOutbox) {
        return drop(peer, "Client " + std::to_string(peer.id) + " does not read what it is sent.");
    }
    const IoResult result = peer.outbox.send(peer.socket.get(), bytes);
    if (result.state == IoState::closed) drop(peer, "Client " + std::to_string(peer.id) + " went away.");
}

void IgtlServer::send(const igtl::Message& message) {
    const Bytes bytes = igtl::encode(message);
    for (Peer& peer : peers_) send_bytes(peer, bytes);
}

void IgtlServer::send(const igtl::Message& message, int client) { send_encoded(igtl::encode(message), client); }

void IgtlServer::send_encoded(ByteView bytes, int client) {
    for (Peer& peer : peers_) {
        if (peer.id == client) send_bytes(peer, bytes);
    }
}

bool IgtlServer::sweep() {
    return std::erase_if(peers_, [](const Peer& peer) { return peer.gone; }) > 0;
}

void IgtlServer::read(Peer& peer) {
    const IoResult result = read_some(peer.socket.get(), buffer_);
    const SteadyTime received = steady_now();
    if (result.state == IoState::later) return;
    if (result.state == IoState::closed) return drop(peer, "Client " + std::to_string(peer.id) + " went away.");
    peer.decoder.feed(ByteView(buffer_).first(result.size));
    while (std::optional<igtl::Message> message = peer.decoder.next()) {
        peer.version = std::max(peer.version, message->header_version);
        inbox_.push_back({peer.id, std::move(*message), received});
    }
    if (peer.decoder.failed()) {
        drop(peer, "Client " + std::to_string(peer.id) + " was disconnected. " + peer.decoder.error());
    }
}

// Waits once and handles what is ready. True when a client came or went, or somebody called wake().
bool IgtlServer::wait_once(std::chrono::milliseconds timeout) {
    if (sweep()) return true;
    std::vector<Waited> fds;
    fds.push_back({.fd = listener_.socket.get()});
    for (const Peer& peer : peers_) {
        fds.push_back({.fd = peer.socket.get(), .for_writing = peer.outbox.size() > 0});
    }
    fds.push_back({.fd = wake_.get()});
    if (!wait_for(fds, timeout)) return false;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        Peer& peer = peers_[i];
        if (fds[i + 1].writable && peer.outbox.flush(peer.socket.get()).state == IoState::closed) {
            drop(peer, "Client " + std::to_string(peer.id) + " went away.");
        }
        if (fds[i + 1].readable && !peer.gone) read(peer);
    }
    bool changed = sweep();
    if (fds.back().readable) {
        wake_.clear();
        changed = true;
    }
    if (fds[0].readable) {
        while (Descriptor socket = accept_tcp(listener_.socket.get())) {
            Peer peer;
            peer.id = ++last_id_;
            peer.socket = std::move(socket);
            peers_.push_back(std::move(peer));
            changed = true;
        }
    }
    return changed;
}

std::optional<IgtlServer::Received> IgtlServer::receive(std::chrono::milliseconds timeout) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point end = Clock::now() + timeout;
    bool first = true;
    while (inbox_.empty()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        if (!first && left.count() <= 0) return std::nullopt;
        first = false;
        if (wait_once(std::max(left, std::chrono::milliseconds(0))) && inbox_.empty()) return std::nullopt;
    }
    Received out = std::move(inbox_.front());
    inbox_.pop_front();
    return out;
}

bool IgtlServer::wait_for_client(std::chrono::milliseconds timeout) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point end = Clock::now() + timeout;
    sweep();
    while (peers_.empty()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0) return false;
        wait_once(left);
    }
    return true;
}

}  // namespace precentral
