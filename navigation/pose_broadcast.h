// SPDX-License-Identifier: Apache-2.0
// Hands poses, targets and states on to robots and other programs over OpenIGTLink.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "data/frames.h"
#include "navigation/tracker.h"

namespace precentral {

// What guidance knows at one instant.
struct GuidanceOut {
    double device_time_s = 0.0;  // of the frame it was made from
    // None when there is no live pose; then nothing old is sent, but that it is hidden.
    std::optional<Transform<Scan, Coil>> scan_from_coil;
    std::optional<Transform<Scan, Coil>> scan_from_target;
    bool on_target = false;
    std::string sentence;  // "On target", "Move 3 mm to the front", "Coil hidden"
};

// A server with a thread of its own; publish() may be called from any thread, takes microseconds and never waits for a
// client: who reads too slowly gets the newest, and is disconnected at 16 MiB unread.
//
// Tools: TRANSFORM "<Name>ToTracker"; a tool that is not visible is the identity with TransformStatus in version 2 and
// is left out in version 1, where no word for it exists. A client that asks by STT_TDATA gets TDATA instead.
// Guidance: TRANSFORM "CoilToScan" and "TargetToScan" (RAS mm, coil axes of data/frames.h), STATUS "OnTarget" (1 OK on
// target, 13 not ready otherwise) with the sentence. A client gets header version 1 until it has sent version 2 itself.
// GET_STATUS and GET_CAPABIL are answered; a silent server says STATUS "Precentral" OK once a second.
class PoseBroadcast {
public:
    // Port 0 = any free one. Throws Error with a sentence when it is taken. `address`: "0.0.0.0" for other machines.
    explicit PoseBroadcast(std::uint16_t port, const std::string& address = "127.0.0.1");
    ~PoseBroadcast();
    PoseBroadcast(const PoseBroadcast&) = delete;
    PoseBroadcast& operator=(const PoseBroadcast&) = delete;

    std::uint16_t port() const;
    // All tools of one instant, or one of them.
    void publish(double device_time_s, std::span<const NamedTool> tools);
    void publish(const GuidanceOut& guidance);
    int clients() const;

private:
    class Sender;
    std::unique_ptr<Sender> sender_;
};

}  // namespace precentral
