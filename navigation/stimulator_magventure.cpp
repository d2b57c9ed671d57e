// SPDX-License-Identifier: Apache-2.0
#include "navigation/stimulator_magventure.h"

#include <array>
#include <bit>
#include <cstdio>

namespace precentral::magventure {
namespace {

constexpr std::uint8_t kStart = 0xFE;
constexpr std::uint8_t kEnd = 0xFF;
constexpr std::size_t kAround = 4;  // start, length, checksum, end
// The longest frame takes 67 ms at 38 400 baud.
constexpr std::chrono::milliseconds kPatience{150};
constexpr std::uint8_t kEnabledBit = 0x10;

enum Command : std::uint8_t {
    kStatus = 0,
    kAmplitude = 1,
    kFired = 2,
    kEnabled = 3,
    kMep = 4,
    kPolled = 5,
    kPage = 8,
};

constexpr std::array<std::uint8_t, 256> make_table() {
    std::array<std::uint8_t, 256> out{};
    for (unsigned i = 0; i < 256; ++i) {
        unsigned value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? (value >> 1U) ^ 0x8CU : value >> 1U;
        out[i] = static_cast<std::uint8_t>(value);
    }
    return out;
}
constexpr std::array<std::uint8_t, 256> kCrc = make_table();

std::uint8_t byte_of(int value) { return static_cast<std::uint8_t>(value); }

}  // namespace

std::uint8_t crc8(ByteView bytes) {
    std::uint8_t out = 0;
    for (const std::uint8_t byte : bytes) out = kCrc[out ^ byte];
    return out;
}

Bytes frame_of(ByteView payload) {
    Bytes out;
    out.reserve(payload.size() + kAround);
    out.push_back(kStart);
    out.push_back(static_cast<std::uint8_t>(payload.size()));
    out.insert(out.end(), payload.begin(), payload.end());
    out.push_back(crc8(payload));
    out.push_back(kEnd);
    return out;
}

void Decoder::feed(ByteView bytes, SteadyTime received) {
    if (start_ > 4096) {
        bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(start_));
        start_ = 0;
    }
    for (const std::uint8_t byte : bytes) bytes_.push_back({byte, received});
}

void Decoder::give_up(const char* why) {
    ++start_;
    if (looking_) return;
    looking_ = true;
    ++damaged_;
    last_damage_ = why;
}

std::optional<Frame> Decoder::next() {
    while (start_ < bytes_.size()) {
        if (bytes_[start_].value != kStart) {
            give_up("bytes that belong to no frame");
            continue;
        }
        const std::size_t there = bytes_.size() - start_;
        if (there < 2) return std::nullopt;
        const std::size_t length = bytes_[start_ + 1].value;
        if (length == 0) {
            give_up("an empty frame");
            continue;
        }
        if (there < length + kAround) return std::nullopt;
        Frame frame;
        frame.received = bytes_[start_].received;
        for (std::size_t i = 0; i < length; ++i) frame.payload.push_back(bytes_[start_ + 2 + i].value);
        if (bytes_[start_ + length + 3].value != kEnd) {
            give_up("a frame without its end");
            continue;
        }
        if (bytes_[start_ + length + 2].value != crc8(frame.payload)) {
            give_up("a wrong checksum");
            continue;
        }
        start_ += length + kAround;
        looking_ = false;
        return frame;
    }
    bytes_.clear();
    start_ = 0;
    return std::nullopt;
}

void Decoder::expire(SteadyTime now) {
    if (start_ < bytes_.size() && now - bytes_.back().received > kPatience) give_up("half a frame");
}

std::optional<News> take(const Frame& frame, StimulatorStatus& status, std::string& why) {
    const Bytes& p = frame.payload;
    const auto too_short = [&](std::size_t needed) {
        if (p.size() >= needed) return false;
        why =
            "A MagVenture frame of kind " + std::to_string(p[0]) + " with only " + std::to_string(p.size()) + " bytes.";
        return true;
    };
    status.model = "MagVenture";
    switch (p[0]) {
        case kStatus:
        case kPolled:
            if (too_short(9)) return std::nullopt;
            status.enabled = (p[1] & kEnabledBit) != 0;
            status.temperature_c = p[5];
            status.coil = p[6];
            status.intensity_mso = p[7];
            status.intensity_b_mso = p[8];
            if (p[0] == kPolled && p.size() >= 15) status.train_running = p[14] != 0;
            break;
        case kAmplitude:
            if (too_short(4)) return std::nullopt;
            status.intensity_mso = p[1];
            status.intensity_b_mso = p[2];
            status.enabled = (p[3] & kEnabledBit) != 0;
            break;
        case kFired:
            if (too_short(4)) return std::nullopt;
            status.didt_a_per_us = p[1];
            status.didt_b_per_us = p[2];
            status.enabled = (p[3] & kEnabledBit) != 0;
            status.received = frame.received;
            return Fired{};
        case kEnabled:
            if (too_short(4)) return std::nullopt;
            status.temperature_c = p[1];
            status.coil = p[2];
            status.enabled = (p[3] & kEnabledBit) != 0;
            break;
        case kMep: {
            if (too_short(13)) return std::nullopt;
            const auto signed_at = [&](std::size_t at) {
                return std::bit_cast<std::int32_t>(load_big_endian<std::uint32_t>(p.data() + at));
            };
            return StimulatorMep{frame.received, signed_at(1), signed_at(5),
                                 load_big_endian<std::uint32_t>(p.data() + 9)};
        }
        case kPage:
            if (too_short(4)) return std::nullopt;
            status.train_running = p[2] != 0;
            status.enabled = (p[3] & kEnabledBit) != 0;
            break;
        default: return std::monostate{};  // settings that nobody here asks for
    }
    if (status.intensity_mso.value_or(0) > 100) {
        why = "A MagVenture intensity of " + std::to_string(*status.intensity_mso) + " %.";
        status.intensity_mso.reset();
        return std::nullopt;
    }
    status.received = frame.received;
    return std::monostate{};
}

Bytes amplitude_payload(int a_mso, int b_mso, bool enabled) {
    return {kAmplitude, byte_of(a_mso), byte_of(b_mso), enabled ? kEnabledBit : std::uint8_t{0}};
}
Bytes fired_payload(int didt_a, int didt_b, bool enabled) {
    return {kFired, byte_of(didt_a), byte_of(didt_b), enabled ? kEnabledBit : std::uint8_t{0}};
}
Bytes enabled_payload(int temperature_c, int coil, bool enabled) {
    return {kEnabled, byte_of(temperature_c), byte_of(coil), enabled ? kEnabledBit : std::uint8_t{0}};
}
Bytes train_payload(int page, bool running, bool enabled) {
    return {kPage, byte_of(page), byte_of(running ? 1 : 0), enabled ? kEnabledBit : std::uint8_t{0}};
}
Bytes mep_payload(const StimulatorMep& mep) {
    Bytes out{kMep};
    append_number(out, std::bit_cast<std::uint32_t>(mep.highest_uv));
    append_number(out, std::bit_cast<std::uint32_t>(mep.lowest_uv));
    append_number(out, mep.highest_at_us);
    return out;
}
Bytes status_payload(const StimulatorStatus& s) {
    return {kStatus,
            s.enabled.value_or(false) ? kEnabledBit : std::uint8_t{0},
            0,
            0,
            1,
            byte_of(static_cast<int>(s.temperature_c.value_or(0.0))),
            byte_of(s.coil.value_or(0)),
            byte_of(s.intensity_mso.value_or(0)),
            byte_of(s.intensity_b_mso.value_or(0))};
}

}  // namespace precentral::magventure
