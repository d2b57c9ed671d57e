// SPDX-License-Identifier: Apache-2.0
// The status that a MagVenture MagPro (R30, X100) sends at its COM2, 38 400 baud 8N1, read and written byte for byte.
//
// Frame: FE, length n, n bytes of payload whose first is the command, CRC-8 of the payload (Dallas/Maxim,
// x⁸+x⁵+x⁴+1, reflected), FF. A payload may hold FE and FF. Unasked the stimulator sends 1 amplitude, 2 fired (with the
// realised di/dt), 3 enabled (with temperature and coil), 4 MEP, 8 page and train; 0 and 5 answer a query. The layout
// was found by others from the outside (github.com/xiangruili/MagventureTMS), not published by the maker: whether every
// pulse of a train, or only its first, is told by a frame 2 has to be tried on the device at hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "navigation/stimulator_status.h"
#include "navigation/tcp_socket.h"

namespace precentral::magventure {

std::uint8_t crc8(ByteView bytes);

// At most 255 bytes of payload.
Bytes frame_of(ByteView payload);

struct Frame {
    Bytes payload;          // never empty
    SteadyTime received{};  // when its first byte came
};

// One thread at a time. Takes bytes in pieces of any size.
class Decoder {
public:
    void feed(ByteView bytes, SteadyTime received);
    std::optional<Frame> next();
    // A frame that has been incomplete for longer than it takes to send one is given up, so that a damaged length does
    // not swallow what follows.
    void expire(SteadyTime now);

    std::uint64_t damaged() const { return damaged_; }  // frames given up
    const std::string& last_damage() const { return last_damage_; }

private:
    struct Byte {
        std::uint8_t value;
        SteadyTime received;
    };
    void give_up(const char* why);
    std::vector<Byte> bytes_;
    std::size_t start_ = 0;
    std::uint64_t damaged_ = 0;
    std::string last_damage_;
    bool looking_ = false;  // after damage, until the next whole frame: counted once
};

struct Fired {};
// What a payload says, into `status`. A pulse, an MEP or neither; nothing when it makes no sense (`why` says).
using News = std::variant<std::monostate, Fired, StimulatorMep>;
std::optional<News> take(const Frame& frame, StimulatorStatus& status, std::string& why);

// What a MagPro sends, for the stand-in. The last byte of 1, 2, 3 and 8 is that of the state.
Bytes amplitude_payload(int a_mso, int b_mso, bool enabled);
Bytes fired_payload(int didt_a, int didt_b, bool enabled);
Bytes enabled_payload(int temperature_c, int coil, bool enabled);
Bytes train_payload(int page, bool running, bool enabled);
Bytes mep_payload(const StimulatorMep& mep);
Bytes status_payload(const StimulatorStatus& status);

}  // namespace precentral::magventure
