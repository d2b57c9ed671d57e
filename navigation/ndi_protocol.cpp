// SPDX-License-Identifier: Apache-2.0
#include "navigation/ndi_protocol.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace precentral::ndi {
namespace {

constexpr std::uint16_t kStart = 0xA5C4;
constexpr std::size_t kHeaderBytes = 6;
constexpr std::size_t kCrcDigits = 4;
constexpr std::size_t kLongestText = 65536;
constexpr double kFarthest_mm = 10000.0;

constexpr std::array<std::uint16_t, 256> make_table() {
    std::array<std::uint16_t, 256> table{};
    for (unsigned b = 0; b < 256; ++b) {
        unsigned crc = b;
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0xA001U : crc >> 1U;
        table[b] = static_cast<std::uint16_t>(crc);
    }
    return table;
}
constexpr std::array<std::uint16_t, 256> kTable = make_table();

// Little-endian numbers from the front; after one too many, ok is false and all is zero.
struct LittleReader {
    ByteView rest;
    bool ok = true;
    std::uint32_t number(std::size_t bytes) {
        if (bytes > rest.size()) {
            ok = false;
            rest = {};
            return 0;
        }
        std::uint32_t value = 0;
        for (std::size_t i = bytes; i-- > 0;) value = (value << 8U) | rest[i];
        rest = rest.subspan(bytes);
        return value;
    }
    double float32() { return static_cast<double>(std::bit_cast<float>(number(4))); }
};

void put(Bytes& out, std::uint32_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
}
void put_float(Bytes& out, double value) { put(out, std::bit_cast<std::uint32_t>(static_cast<float>(value)), 4); }

// Text fields from the front, as LittleReader.
struct TextReader {
    std::string_view rest;
    bool ok = true;
    std::string_view take(std::size_t width) {
        if (width > rest.size()) {
            ok = false;
            rest = {};
            return {};
        }
        const std::string_view out = rest.substr(0, width);
        rest.remove_prefix(width);
        return out;
    }
    std::uint32_t hex(std::size_t width) {
        const std::optional<unsigned> value = from_hex(take(width));
        if (!value) ok = false;
        return value.value_or(0);
    }
    // A sign and digits without a decimal point.
    double decimal(std::size_t width, double unit) {
        const std::string_view field = take(width);
        if (field.empty() || (field[0] != '+' && field[0] != '-')) {
            ok = false;
            return 0.0;
        }
        double value = 0.0;
        for (const char c : field.substr(1)) {
            if (c < '0' || c > '9') {
                ok = false;
                return 0.0;
            }
            value = 10.0 * value + (c - '0');
        }
        return (field[0] == '-' ? -value : value) * unit;
    }
    bool skip(std::string_view word) {
        if (!rest.starts_with(word)) return false;
        rest.remove_prefix(word.size());
        return true;
    }
};

std::string fixed(double value, int width, double unit) {
    // The format cannot say more; the camera itself never does.
    const double largest = std::pow(10.0, width - 1) - 1.0;
    const double scaled = std::isfinite(value) ? std::clamp(std::round(value / unit), -largest, largest) : 0.0;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%c%0*.0f", scaled < 0 ? '-' : '+', width - 1, std::abs(scaled));
    return text.data();
}

std::string hex8(std::uint32_t value) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%08X", static_cast<unsigned>(value));
    return text.data();
}

}  // namespace

std::uint16_t crc16(ByteView bytes) {
    unsigned crc = 0;
    for (const std::uint8_t byte : bytes) crc = (crc >> 8U) ^ kTable[(crc ^ byte) & 0xFFU];
    return static_cast<std::uint16_t>(crc);
}

std::uint16_t crc16(std::string_view text) {
    unsigned crc = 0;
    for (const char c : text) crc = (crc >> 8U) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFFU];
    return static_cast<std::uint16_t>(crc);
}

std::string hex4(unsigned value) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04X", value & 0xFFFFU);
    return text.data();
}

std::string hex2(unsigned value) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%02X", value & 0xFFU);
    return text.data();
}

std::optional<unsigned> from_hex(std::string_view text) {
    if (text.empty() || text.size() > 8) return std::nullopt;
    unsigned value = 0;
    for (const char c : text) {
        unsigned digit = 0;
        if (c >= '0' && c <= '9') {
            digit = static_cast<unsigned>(c - '0');
        } else if (c >= 'A' && c <= 'F') {
            digit = static_cast<unsigned>(c - 'A') + 10U;
        } else if (c >= 'a' && c <= 'f') {
            digit = static_cast<unsigned>(c - 'a') + 10U;
        } else {
            return std::nullopt;
        }
        value = value * 16U + digit;
    }
    return value;
}

Bytes command(std::string_view text) { return text_reply(text); }

Bytes text_reply(std::string_view text) {
    Bytes out(text.begin(), text.end());
    for (const char c : hex4(crc16(text))) out.push_back(static_cast<std::uint8_t>(c));
    out.push_back('\r');
    return out;
}

Bytes binary_reply(ByteView body) {
    Bytes out;
    put(out, kStart, 2);
    put(out, static_cast<std::uint32_t>(body.size()), 2);
    put(out, crc16(out), 2);
    out.insert(out.end(), body.begin(), body.end());
    put(out, crc16(body), 2);
    return out;
}

std::string error_words(std::string_view reply) {
    const std::optional<unsigned> code = from_hex(reply.size() >= 7 ? reply.substr(5, 2) : std::string_view());
    switch (code.value_or(0)) {
        case 0x01: return "it does not know this command";
        case 0x02: return "the command was too long";
        case 0x03: return "the command was too short";
        case 0x04: return "the command reached it damaged";
        case 0x05: return "the command took too long";
        case 0x06: return "it cannot use this baud rate";
        case 0x07: return "the command has a wrong parameter";
        case 0x08: return "there is no such tool";
        case 0x09: return "it does not know this kind of tool";
        case 0x0C: return "it cannot do this while it tracks";
        case 0x0D: return "no tool is in this port";
        case 0x0E: return "the tool was not initialised";
        case 0x10: return "it was not initialised";
        case 0x14: return "the tool's memory cannot be read";
        case 0x15: return "the tool was not enabled";
        case 0x1D: return "the tool's file is damaged or of no known kind";
        case 0x29: return "it has no more room for tools";
        default: return "error " + std::string(reply.substr(0, 12));
    }
}

Reply ReplyReader::damaged(std::string why) {
    buffer_.clear();
    Reply out;
    out.damaged = true;
    out.why = std::move(why);
    return out;
}

std::optional<Reply> ReplyReader::next_binary() {
    if (buffer_.size() < kHeaderBytes) return std::nullopt;
    LittleReader header{ByteView(buffer_).first(kHeaderBytes)};
    const std::uint32_t start = header.number(2);
    const std::size_t length = header.number(2);
    if (start != kStart || header.number(2) != crc16(ByteView(buffer_).first(4))) {
        return damaged("A reply of the camera arrived damaged: the checksum of its header does not match.");
    }
    if (buffer_.size() < kHeaderBytes + length + 2) return std::nullopt;
    const ByteView body = ByteView(buffer_).subspan(kHeaderBytes, length);
    LittleReader tail{ByteView(buffer_).subspan(kHeaderBytes + length, 2)};
    if (tail.number(2) != crc16(body)) {
        return damaged("A reply of the camera arrived damaged: its checksum does not match.");
    }
    Reply out;
    out.binary = true;
    out.body.assign(body.begin(), body.end());
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(kHeaderBytes + length + 2));
    return out;
}

std::optional<Reply> ReplyReader::next() {
    if (buffer_.empty()) return std::nullopt;
    if (buffer_[0] == (kStart & 0xFFU)) return next_binary();
    const auto end = std::find(buffer_.begin(), buffer_.end(), '\r');
    if (end == buffer_.end()) {
        if (buffer_.size() > kLongestText) return damaged("What answers does not speak the protocol of an NDI camera.");
        return std::nullopt;
    }
    const std::string line(buffer_.begin(), end);
    buffer_.erase(buffer_.begin(), end + 1);
    if (line.size() < kCrcDigits) return damaged("A reply of the camera arrived damaged: it is too short.");
    const std::string_view text = std::string_view(line).substr(0, line.size() - kCrcDigits);
    if (from_hex(std::string_view(line).substr(text.size())) != crc16(text)) {
        return damaged("A reply of the camera arrived damaged: its checksum does not match.");
    }
    Reply out;
    out.text = std::string(text);
    return out;
}

std::optional<TrackingReply> read_bx(ByteView body, std::string& why) {
    LittleReader in{body};
    TrackingReply out;
    const std::uint32_t count = in.number(1);
    for (std::uint32_t i = 0; i < count && in.ok; ++i) {
        HandleReading reading;
        reading.handle = static_cast<std::uint8_t>(in.number(1));
        const std::uint32_t state = in.number(1);
        if (in.ok && state != 1 && state != 2 && state != 4) {
            why = "A reply of the camera makes no sense: a tool has the state " + std::to_string(state) + ".";
            return std::nullopt;
        }
        if (!in.ok) break;
        reading.state = static_cast<HandleState>(state);
        if (reading.state == HandleState::valid) {
            for (Eigen::Index k = 0; k < 4; ++k) reading.wxyz[k] = in.float32();
            for (Eigen::Index k = 0; k < 3; ++k) reading.position_mm[k] = in.float32();
            reading.error_mm = in.float32();
        }
        if (reading.state != HandleState::disabled) {
            reading.status = in.number(4);
            reading.frame = in.number(4);
        }
        out.handles.push_back(reading);
    }
    out.system_status = static_cast<std::uint16_t>(in.number(2));
    if (!in.ok || !in.rest.empty()) {
        why = "A reply of the camera makes no sense: its length does not match its tools.";
        return std::nullopt;
    }
    return out;
}

std::optional<TrackingReply> read_tx(std::string_view text, std::string& why) {
    TextReader in{text};
    TrackingReply out;
    const std::uint32_t count = in.hex(2);
    for (std::uint32_t i = 0; i < count && in.ok; ++i) {
        HandleReading reading;
        reading.handle = static_cast<std::uint8_t>(in.hex(2));
        const bool unusable = in.skip("DISABLED") || in.skip("UNOCCUPIED");
        if (!unusable && in.skip("MISSING")) {
            reading.state = HandleState::missing;
        } else if (!unusable) {
            reading.state = HandleState::valid;
            for (Eigen::Index k = 0; k < 4; ++k) reading.wxyz[k] = in.decimal(6, 1e-4);
            for (Eigen::Index k = 0; k < 3; ++k) reading.position_mm[k] = in.decimal(7, 1e-2);
            reading.error_mm = in.decimal(6, 1e-4);
        }
        // A disabled tool may or may not be followed by its status.
        if (!unusable || !in.rest.starts_with('\n')) {
            reading.status = in.hex(8);
            reading.frame = in.hex(8);
        }
        if (!in.skip("\n")) in.ok = false;
        out.handles.push_back(reading);
    }
    out.system_status = static_cast<std::uint16_t>(in.hex(4));
    if (!in.ok || !in.rest.empty()) {
        why = "A reply of the camera makes no sense: its text does not match its tools.";
        return std::nullopt;
    }
    return out;
}

Bytes write_bx(const TrackingReply& reply) {
    Bytes out;
    put(out, static_cast<std::uint32_t>(reply.handles.size()), 1);
    for (const HandleReading& reading : reply.handles) {
        put(out, reading.handle, 1);
        put(out, static_cast<std::uint32_t>(reading.state), 1);
        if (reading.state == HandleState::valid) {
            for (Eigen::Index k = 0; k < 4; ++k) put_float(out, reading.wxyz[k]);
            for (Eigen::Index k = 0; k < 3; ++k) put_float(out, reading.position_mm[k]);
            put_float(out, reading.error_mm);
        }
        if (reading.state == HandleState::disabled) continue;
        put(out, reading.status, 4);
        put(out, reading.frame, 4);
    }
    put(out, reply.system_status, 2);
    return out;
}

std::string write_tx(const TrackingReply& reply) {
    std::string out = hex2(static_cast<unsigned>(reply.handles.size()));
    for (const HandleReading& reading : reply.handles) {
        out += hex2(reading.handle);
        if (reading.state == HandleState::disabled) {
            out += "DISABLED\n";
            continue;
        }
        if (reading.state == HandleState::missing) {
            out += "MISSING";
        } else {
            for (Eigen::Index k = 0; k < 4; ++k) out += fixed(reading.wxyz[k], 6, 1e-4);
            for (Eigen::Index k = 0; k < 3; ++k) out += fixed(reading.position_mm[k], 7, 1e-2);
            out += fixed(reading.error_mm, 6, 1e-4);
        }
        out += hex8(reading.status) + hex8(reading.frame) + "\n";
    }
    return out + hex4(reply.system_status);
}

NamedTool to_tool(const HandleReading& reading, const std::string& name, std::string& why) {
    NamedTool tool{.name = name};
    tool.partly_outside = (reading.status & kPartlyOut) != 0;
    if (reading.state == HandleState::disabled) return tool;  // missing
    if ((reading.status & kOutOfVolume) != 0) {
        tool.state = ToolState::out_of_volume;
        return tool;
    }
    tool.state = ToolState::hidden;
    if (reading.state == HandleState::missing) return tool;
    const double length = reading.wxyz.norm();
    // Rounding to four decimals costs 1e-4; more is no rotation. A sum is a number only when all its terms are.
    const bool number = std::isfinite(length) && std::isfinite(reading.position_mm.sum());
    if (!number || std::abs(length - 1.0) > 1e-2 || reading.position_mm.cwiseAbs().maxCoeff() > kFarthest_mm) {
        why = "The camera sent a pose of " + name + " that is none.";
        return tool;
    }
    tool.state = ToolState::visible;
    tool.error_mm = reading.error_mm;
    tool.tracker_from_tool.linear() =
        Eigen::Quaterniond(reading.wxyz[0], reading.wxyz[1], reading.wxyz[2], reading.wxyz[3])
            .normalized()
            .toRotationMatrix();
    tool.tracker_from_tool.translation() = reading.position_mm;
    return tool;
}

std::string system_sentence(std::uint16_t system_status) {
    struct Bit {
        unsigned bit;
        const char* words;
    };
    constexpr std::array<Bit, 6> kBits = {
        {{4, "The camera reports a hardware failure."},
         {0, "The camera is out of step with its parts; switch it off and on if this stays."},
         {1, "There is too much infrared light around the camera; look for sun or lamps in its view."},
         {2, "The camera reports damaged data between its parts."},
         {3, "The camera had an internal error and recovered."},
         {9, "The camera is too warm or too cold; poses are less accurate until it is not."}}};
    for (const Bit& bit : kBits) {
        if ((system_status & (1U << bit.bit)) != 0) return bit.words;
    }
    return {};
}

}  // namespace precentral::ndi
