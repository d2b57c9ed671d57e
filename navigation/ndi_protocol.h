// SPDX-License-Identifier: Apache-2.0
// The NDI combined API of Polaris Vicra, Spectra and Vega cameras: commands and replies as bytes.
//
// A command is text, ":", parameters, CRC-16 of all before in four hex digits, CR. A reply is text, its CRC-16 in four
// hex digits, CR; or, to BX, binary: start 0xA5C4, length, CRC of these, body, CRC of the body, numbers little-endian.
// (NDI, Polaris Vega Application Program Interface Guide, IL-1070259.)
#pragma once

#include <Eigen/Geometry>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "navigation/big_endian.h"
#include "navigation/tracker.h"

namespace precentral::ndi {

// x¹⁶ + x¹⁵ + x² + 1, reflected, initial value 0.
std::uint16_t crc16(ByteView bytes);
std::uint16_t crc16(std::string_view text);
// Four upper-case hex digits.
std::string hex4(unsigned value);
std::string hex2(unsigned value);
// None unless `text` is all hex digits.
std::optional<unsigned> from_hex(std::string_view text);

// "BX:0801", say, with CRC and CR.
Bytes command(std::string_view text);
// "OKAY", say, with CRC and CR.
Bytes text_reply(std::string_view text);
Bytes binary_reply(ByteView body);

struct Reply {
    bool damaged = false;
    std::string why;  // damaged: a sentence
    bool binary = false;
    std::string text;  // without CRC
    Bytes body;        // binary: without header and CRC
    bool is_error() const { return !binary && text.starts_with("ERROR"); }
};
// What an "ERRORnn" reply means, in words.
std::string error_words(std::string_view reply);

// Bytes in, replies out. After a damaged one the rest is thrown away: what it belongs to is not known.
class ReplyReader {
public:
    void feed(ByteView bytes) { buffer_.insert(buffer_.end(), bytes.begin(), bytes.end()); }
    std::optional<Reply> next();
    void clear() { buffer_.clear(); }
    bool empty() const { return buffer_.empty(); }

private:
    Reply damaged(std::string why);
    std::optional<Reply> next_binary();
    Bytes buffer_;
};

enum class HandleState : std::uint8_t { valid = 1, missing = 2, disabled = 4 };

// Bits of a handle's status.
inline constexpr std::uint32_t kOutOfVolume = 1U << 6U;
inline constexpr std::uint32_t kPartlyOut = 1U << 7U;
inline constexpr std::uint32_t kInterference = 1U << 9U;

struct HandleReading {
    std::uint8_t handle = 0;
    HandleState state = HandleState::disabled;
    Eigen::Vector4d wxyz = {1, 0, 0, 0};  // the rotation
    Eigen::Vector3d position_mm = Eigen::Vector3d::Zero();
    double error_mm = 0.0;
    std::uint32_t status = 0;
    std::uint32_t frame = 0;  // the camera's counter; disabled: none
};
struct TrackingReply {
    std::vector<HandleReading> handles;
    std::uint16_t system_status = 0;
};
// To BX 0801 and TX 0801: poses, status and frame number, also of tools out of the characterised volume. None, with a
// sentence in `why`, when the reply contradicts itself.
std::optional<TrackingReply> read_bx(ByteView body, std::string& why);
std::optional<TrackingReply> read_tx(std::string_view text, std::string& why);
Bytes write_bx(const TrackingReply& reply);
std::string write_tx(const TrackingReply& reply);

// State, pose (the quaternion made unit) and error of a reading. Hidden, with a sentence in `why`, when its numbers are
// no pose.
NamedTool to_tool(const HandleReading& reading, const std::string& name, std::string& why);

// What the camera complains of, "" while all is well.
std::string system_sentence(std::uint16_t system_status);

}  // namespace precentral::ndi
