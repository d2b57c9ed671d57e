// SPDX-License-Identifier: Apache-2.0
// The OpenIGTLink messages this program speaks, as plain values, and the bytes of their contents (without header).
// Format: Tokuda et al. 2009, Int J Med Robot 5:423, doi 10.1002/rcs.274, and the protocol's public specification.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "navigation/big_endian.h"

namespace precentral::igtl {

// Three rotation columns, then the translation in mm.
using Matrix34 = std::array<float, 12>;
inline constexpr Matrix34 kIdentity34 = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
Eigen::Matrix4d to_matrix(const Matrix34& m);
Matrix34 to_matrix34(const Eigen::Matrix4d& m);

// TRANSFORM: one tool; its name is the message's device name.
struct TransformData {
    Matrix34 matrix = kIdentity34;
};

// TDATA: all tools of one instant. type: 1 tracker, 2 six, 3 three, 4 five degrees of freedom.
struct TrackedItem {
    std::string name{};
    std::uint8_t type = 1;
    Matrix34 matrix = kIdentity34;
};
struct TrackingData {
    std::vector<TrackedItem> tools{};
};

// QTDATA: the same, as position in mm and unit quaternion x, y, z, w.
struct QuaternionItem {
    std::string name{};
    std::uint8_t type = 1;
    std::array<float, 3> position_mm{};
    std::array<float, 4> xyzw = {0, 0, 0, 1};
};
struct QuaternionData {
    std::vector<QuaternionItem> tools{};
};

// POSITION: one tool; no quaternion when the device sends only the position.
struct PositionData {
    std::array<float, 3> position_mm{};
    std::optional<std::array<float, 4>> xyzw{};
};

// STATUS. code 1 is OK; see status_word.
struct StatusData {
    std::uint16_t code = 1;
    std::int64_t subcode = 0;
    std::string name{};
    std::string text{};
};
// "OK", "not ready", … in the user's words.
std::string_view status_word(std::uint16_t code);

// STRING. encoding is an IANA MIBenum: 3 US-ASCII, 106 UTF-8.
struct TextData {
    std::string text{};
    std::uint16_t encoding = 3;
};

// NDARRAY of 32-bit floats; the product of the sizes is the number of values.
struct ArrayData {
    std::vector<std::uint16_t> sizes{};
    std::vector<float> values{};
};

// GET_x, STT_x (start), STP_x (stop), RTS_x (the reply to them).
enum class Verb { get, start, stop, reply };
struct QueryData {
    Verb verb = Verb::get;
    std::string what{};               // "TDATA"
    std::int32_t interval_ms = 0;     // start only: at least so long between two messages; 0 = as fast as it can
    std::string coordinate_system{};  // start only; "" = the device's own
    std::uint8_t failed = 0;          // reply only: 0 = done
};

// CAPABILITY: the message types a device knows.
struct CapabilityData {
    std::vector<std::string> types{};
};

using Content = std::variant<TransformData, TrackingData, QuaternionData, PositionData, StatusData, TextData, ArrayData,
                             QueryData, CapabilityData>;

using Metadata = std::vector<std::pair<std::string, std::string>>;

// Header time stamps: seconds in the upper 32 bits, fraction in the lower. A double of today's UTC seconds still
// resolves 0.24 µs.
double seconds_from_stamp(std::uint64_t stamp);
// 0 for what is negative, not a number or past the year 2106.
std::uint64_t stamp_from_seconds(double seconds);

struct Message {
    std::string device{};          // at most 20 bytes on the wire; IGTL_DEVICE_NAME of the metadata wins when read
    std::uint64_t stamp = 0;       // 0 = the sender gives none
    int header_version = 1;        // 1, or 2 (the only one with metadata and message_id)
    std::uint32_t message_id = 0;  // version 2 only
    Metadata metadata{};           // version 2 only
    Content content{};

    double time_s() const { return seconds_from_stamp(stamp); }
    // The value under that key, or none.
    const std::string* find_metadata(std::string_view key) const;
};

// The header's type field for a content: "TRANSFORM", "STT_TDATA", …
std::string type_of(const Content& content);
bool is_known_type(std::string_view type);

// Appends the content's bytes. Throws InputError when a name or a text is longer than the format can carry.
void append_content(Bytes& out, const Content& content);

struct DecodedContent {
    std::optional<Content> content;
    std::string why;  // a sentence when there is none
};
// Never throws for bad bytes. `type` must be known.
DecodedContent decode_content(std::string_view type, ByteView bytes);

// Control and non-ASCII bytes replaced, at most 40 characters: safe in a sentence.
std::string printable(std::string_view raw);

}  // namespace precentral::igtl
