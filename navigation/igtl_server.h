// SPDX-License-Identifier: Apache-2.0
// The other side of an OpenIGTLink connection: simulator processes, and streaming out to robots and other programs.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "data/time.h"
#include "navigation/igtl_codec.h"
#include "navigation/tcp_socket.h"

namespace precentral {

// No thread of its own: the caller's loop calls receive() and send(), on one thread. A client that sends rubbish, that
// goes away, or that leaves more than 16 MiB unread is disconnected; the others do not notice.
class IgtlServer {
public:
    struct Received {
        int client = 0;  // 1, 2, …; never used twice
        igtl::Message message;
        SteadyTime received{};
    };

    // Port 0 = any free one. Throws Error with a sentence when the port is taken.
    explicit IgtlServer(std::uint16_t port, const std::string& address = "127.0.0.1");

    std::uint16_t port() const { return listener_.port; }
    int clients() const;
    // Their numbers, in the order they came.
    std::vector<int> client_numbers() const;
    // The highest header version that client has sent, 0 before its first message or when it is gone. Foreign programs
    // get version 1 until they have sent version 2.
    int client_version(int client) const;

    // To all clients, or to that one, as encode() makes it. Never blocks. Throws InputError as encode() does.
    void send(const igtl::Message& message);
    void send(const igtl::Message& message, int client);
    // Bytes as they are, sound or not: stand-ins damage them on purpose.
    void send_encoded(ByteView bytes, int client);

    // The next message of any client. None when the time is over, and earlier when a client came or went, so that a
    // caller who waits for an answer learns that nobody is left to give it.
    std::optional<Received> receive(std::chrono::milliseconds timeout);
    // Ends a receive() that waits, from any thread; it then gives none.
    void wake() const { wake_.raise(); }
    // Until there is one; false when the time is over.
    bool wait_for_client(std::chrono::milliseconds timeout);

    // Why the last client was disconnected, "" if none was.
    const std::string& last_problem() const { return last_problem_; }

private:
    struct Peer {
        int id = 0;
        Descriptor socket;
        igtl::Decoder decoder;
        Outbox outbox;
        int version = 0;
        bool gone = false;
    };

    void send_bytes(Peer& peer, ByteView bytes);
    void drop(Peer& peer, std::string why);
    // True when a client went.
    bool sweep();
    bool wait_once(std::chrono::milliseconds timeout);
    void read(Peer& peer);

    Listener listener_;
    WakeUp wake_;
    std::vector<Peer> peers_;
    std::deque<Received> inbox_;
    Bytes buffer_;
    int last_id_ = 0;
    std::string last_problem_;
};

}  // namespace precentral
