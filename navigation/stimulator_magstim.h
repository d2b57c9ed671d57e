// SPDX-License-Identifier: Apache-2.0
// The answers of a Magstim 200², BiStim² or Rapid² on its serial line, 9 600 baud 8N1, read and written byte for byte.
//
// A command and its answer: a character, data, and a checksum that is the complement of the sum of all bytes before it.
// Answers begin with the character asked for, then the state of the instrument (standby, armed, ready, coil present,
// replace coil, error present, error kind, remote; bit 0 first). A Magstim never speaks unasked, and no answer tells
// when it fired. Known from github.com/nicolasmcnair/magpy, not read in the maker's own paper.
// Nothing here can arm, fire or set: the only bytes ever written are the two questions below.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "navigation/stimulator_status.h"
#include "navigation/tcp_socket.h"

namespace precentral::magstim {

std::uint8_t checksum(ByteView bytes);
// With its checksum.
Bytes with_checksum(std::string_view text);

inline constexpr std::string_view kAskSettings = "J@";        // 200², BiStim²
inline constexpr std::string_view kAskRapidSettings = "\\@";  // Rapid²

struct Answer {
    Bytes bytes;  // without the checksum
    SteadyTime received{};
};

// One thread at a time. Answers have no start mark: they are found by their length, their digits and their checksum.
class Decoder {
public:
    void feed(ByteView bytes, SteadyTime received);
    std::optional<Answer> next();
    // What makes no answer once the line has been quiet is given up.
    void expire(SteadyTime now);
    std::uint64_t damaged() const { return damaged_; }
    const std::string& last_damage() const { return last_damage_; }

private:
    struct Byte {
        std::uint8_t value;
        SteadyTime received;
    };
    std::optional<std::size_t> answer_at(std::size_t start) const;
    bool may_become_answer(std::size_t start) const;
    void give_up(std::size_t count);
    std::vector<Byte> bytes_;
    std::uint64_t damaged_ = 0;
    std::string last_damage_;
    bool looking_ = false;
};

// False when it says nothing about state or intensity. Sets fired_since.
bool take(const Answer& answer, StimulatorStatus& status);

// What a Magstim answers, for the stand-in.
struct State {
    bool armed = false;
    bool ready = false;
    bool train = false;
    int power_mso = 0;
    int power_b_mso = 0;
    double temperature_c = 24.0;
};
Bytes settings_answer(const State& state);
Bytes rapid_settings_answer(const State& state);
Bytes temperature_answer(const State& state);
Bytes state_answer(char command, const State& state);

}  // namespace precentral::magstim
