// SPDX-License-Identifier: Apache-2.0
#include "navigation/stimulator_magstim.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace precentral::magstim {
namespace {

enum StateBit : std::uint8_t {
    kStandby = 1U << 0U,
    kArmed = 1U << 1U,
    kReady = 1U << 2U,
    kCoilPresent = 1U << 3U,
    kErrorPresent = 1U << 5U,
};
enum RapidBit : std::uint8_t { kTrain = 1U << 1U, kCoilReady = 1U << 5U };

// An answer: its first character, bytes of state, digits; a checksum follows. Of the Rapid's settings there are three
// generations.
struct Shape {
    char command;
    std::size_t states;
    std::size_t digits;
    std::size_t size() const { return 1 + states + digits + 1; }
};
constexpr std::array kShapes = {
    Shape{'J', 1, 9}, Shape{'F', 1, 6}, Shape{'\\', 2, 20}, Shape{'\\', 2, 18}, Shape{'\\', 2, 17}, Shape{'Q', 1, 0},
    Shape{'R', 1, 0}, Shape{'E', 1, 0}, Shape{'@', 1, 0},   Shape{'A', 1, 0},   Shape{'C', 1, 0},   Shape{'Y', 1, 0},
    Shape{'Z', 1, 0}, Shape{'E', 2, 0}, Shape{'@', 2, 0},   Shape{'Q', 2, 0},   Shape{'R', 2, 0},   Shape{'B', 2, 0},
    Shape{'D', 2, 0}, Shape{'b', 2, 0}, Shape{'x', 4, 0}};
// The longest answer takes 25 ms at 9 600 baud.
constexpr std::chrono::milliseconds kPatience{100};

bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }

int number_at(const Bytes& bytes, std::size_t at, std::size_t width) {
    int out = 0;
    for (std::size_t i = 0; i < width; ++i) out = 10 * out + (bytes[at + i] - '0');
    return out;
}

template <class... Values>
void append_digits(Bytes& out, const char* format, Values... values) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    append_text(out, text.data());
}

Bytes closed(Bytes bytes) {
    bytes.push_back(checksum(bytes));
    return bytes;
}

std::uint8_t state_byte(const State& s) {
    return static_cast<std::uint8_t>((s.ready ? kReady : s.armed ? kArmed : kStandby) | kCoilPresent);
}
std::uint8_t rapid_byte(const State& s) { return static_cast<std::uint8_t>((s.train ? kTrain : 0) | kCoilReady); }

}  // namespace

std::uint8_t checksum(ByteView bytes) {
    unsigned sum = 0;
    for (const std::uint8_t byte : bytes) sum += byte;
    return static_cast<std::uint8_t>(~sum & 0xFFU);
}

Bytes with_checksum(std::string_view text) { return closed(Bytes(text.begin(), text.end())); }

void Decoder::feed(ByteView bytes, SteadyTime received) {
    for (const std::uint8_t byte : bytes) bytes_.push_back({byte, received});
}

// The size of the sound answer there, the longest first.
std::optional<std::size_t> Decoder::answer_at(std::size_t start) const {
    std::optional<std::size_t> best;
    for (const Shape& shape : kShapes) {
        const std::size_t size = shape.size();
        if (bytes_[start].value != static_cast<std::uint8_t>(shape.command) || start + size > bytes_.size()) continue;
        bool sound = true;
        Bytes body;
        for (std::size_t i = 0; i + 1 < size; ++i) {
            body.push_back(bytes_[start + i].value);
            sound = sound && (i < 1 + shape.states || is_digit(body.back()));
        }
        if (sound && checksum(body) == bytes_[start + size - 1].value && size > best.value_or(0)) best = size;
    }
    return best;
}

bool Decoder::may_become_answer(std::size_t start) const {
    const std::size_t there = bytes_.size() - start;
    return std::any_of(kShapes.begin(), kShapes.end(), [&](const Shape& shape) {
        return bytes_[start].value == static_cast<std::uint8_t>(shape.command) && there < shape.size();
    });
}

void Decoder::give_up(std::size_t count) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(count));
    if (looking_) return;
    looking_ = true;
    ++damaged_;
    last_damage_ = "a wrong checksum";
}

std::optional<Answer> Decoder::next() {
    while (!bytes_.empty()) {
        if (const auto size = answer_at(0)) {
            Answer out;
            out.received = bytes_.front().received;
            for (std::size_t i = 0; i + 1 < *size; ++i) out.bytes.push_back(bytes_[i].value);
            bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(*size));
            looking_ = false;
            return out;
        }
        if (may_become_answer(0)) return std::nullopt;
        give_up(1);
    }
    return std::nullopt;
}

void Decoder::expire(SteadyTime now) {
    if (!bytes_.empty() && now - bytes_.back().received > kPatience) give_up(1);
}

bool take(const Answer& answer, StimulatorStatus& status) {
    const Bytes& b = answer.bytes;
    if (b.size() < 2) return false;
    const bool was_ready = status.ready.value_or(false);
    status.model = "Magstim";
    status.received = answer.received;
    status.enabled = (b[1] & (kArmed | kReady)) != 0;
    status.ready = (b[1] & kReady) != 0;
    status.fired_since = was_ready && !*status.ready && *status.enabled;
    status.coil_present = (b[1] & kCoilPresent) != 0;
    status.error = (b[1] & kErrorPresent) != 0;
    const bool rapid = b[0] == '\\';
    if (rapid) status.train_running = (b[2] & kTrain) != 0;
    if (b[0] == 'J' && b.size() == 11) {
        status.intensity_mso = number_at(b, 2, 3);
        status.intensity_b_mso = number_at(b, 5, 3);
    } else if (rapid) {
        status.intensity_mso = number_at(b, 3, 3);
    } else if (b[0] == 'F' && b.size() == 8) {
        status.temperature_c = 0.1 * number_at(b, 2, 3);
    }
    return true;
}

Bytes settings_answer(const State& s) {
    Bytes out{'J', state_byte(s)};
    append_digits(out, "%03d%03d%03d", s.power_mso, s.power_b_mso, 10);
    return closed(out);
}
Bytes rapid_settings_answer(const State& s) {
    Bytes out{'\\', state_byte(s), rapid_byte(s)};
    append_digits(out, "%03d%04d%05d%04d%04d", s.power_mso, 200, 80, 40, 1);
    return closed(out);
}
Bytes temperature_answer(const State& s) {
    Bytes out{'F', state_byte(s)};
    const int tenths = static_cast<int>(10.0 * s.temperature_c);
    append_digits(out, "%03d%03d", tenths, tenths);
    return closed(out);
}
Bytes state_answer(char command, const State& s) { return closed({static_cast<std::uint8_t>(command), state_byte(s)}); }

}  // namespace precentral::magstim
