// SPDX-License-Identifier: Apache-2.0
#include "navigation/igtl_messages.h"

#include <cmath>

#include "data/error.h"

namespace precentral::igtl {
namespace {

constexpr std::size_t kNameWidth = 20;
constexpr std::size_t kTypeWidth = 12;
constexpr std::size_t kCoordinateWidth = 32;
constexpr std::size_t kTrackedItemBytes = 70;
constexpr std::size_t kQuaternionItemBytes = 50;
constexpr std::uint8_t kFloat32Scalar = 10;
constexpr double kTwoTo32 = 4294967296.0;

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

struct VerbPrefix {
    Verb verb;
    std::string_view prefix;
};
constexpr std::array<VerbPrefix, 4> kVerbs = {
    {{Verb::get, "GET_"}, {Verb::start, "STT_"}, {Verb::stop, "STP_"}, {Verb::reply, "RTS_"}}};

void require_width(std::string_view text, std::size_t width, std::string_view what) {
    if (text.size() > width) {
        throw InputError("The " + std::string(what) + " '" + std::string(text.substr(0, 60)) +
                         "' is too long for OpenIGTLink: at most " + std::to_string(width) + " bytes.");
    }
}

void append_matrix(Bytes& out, const Matrix34& m) {
    for (const float v : m) append_float32(out, v);
}

template <std::size_t N>
std::array<float, N> read_floats(ByteReader& in) {
    std::array<float, N> out{};
    for (float& v : out) v = in.float32();
    return out;
}

DecodedContent refuse(std::string_view type, std::size_t size, std::string_view rule) {
    return {std::nullopt, "A " + std::string(type) + " message of " + std::to_string(size) +
                              " bytes was refused: " + std::string(rule) + "."};
}

DecodedContent decode_tracking(std::string_view type, ByteView bytes) {
    if (bytes.size() % kTrackedItemBytes != 0) return refuse(type, bytes.size(), "each tool takes 70 bytes");
    ByteReader in(bytes);
    TrackingData data;
    data.tools.resize(bytes.size() / kTrackedItemBytes);
    for (TrackedItem& item : data.tools) {
        item.name = in.name(kNameWidth);
        item.type = in.number<std::uint8_t>();
        in.bytes(1);
        item.matrix = read_floats<12>(in);
    }
    return {std::move(data), {}};
}

DecodedContent decode_quaternions(std::string_view type, ByteView bytes) {
    if (bytes.size() % kQuaternionItemBytes != 0) return refuse(type, bytes.size(), "each tool takes 50 bytes");
    ByteReader in(bytes);
    QuaternionData data;
    data.tools.resize(bytes.size() / kQuaternionItemBytes);
    for (QuaternionItem& item : data.tools) {
        item.name = in.name(kNameWidth);
        item.type = in.number<std::uint8_t>();
        in.bytes(1);
        item.position_mm = read_floats<3>(in);
        item.xyzw = read_floats<4>(in);
    }
    return {std::move(data), {}};
}

DecodedContent decode_position(std::string_view type, ByteView bytes) {
    if (bytes.size() != 12 && bytes.size() != 24 && bytes.size() != 28) {
        return refuse(type, bytes.size(), "12, 24 or 28 are expected");
    }
    ByteReader in(bytes);
    PositionData data;
    data.position_mm = read_floats<3>(in);
    if (bytes.size() == 28) data.xyzw = read_floats<4>(in);
    if (bytes.size() == 24) {  // the short form leaves w out; by the format it is not negative
        const auto v = read_floats<3>(in);
        const float rest = 1.0F - v[0] * v[0] - v[1] * v[1] - v[2] * v[2];
        data.xyzw = std::array<float, 4>{v[0], v[1], v[2], std::sqrt(std::max(rest, 0.0F))};
    }
    return {data, {}};
}

DecodedContent decode_status(std::string_view type, ByteView bytes) {
    ByteReader in(bytes);
    StatusData data;
    data.code = in.number<std::uint16_t>();
    data.subcode = static_cast<std::int64_t>(in.number<std::uint64_t>());
    data.name = in.name(kNameWidth);
    if (!in.ok()) return refuse(type, bytes.size(), "at least 30 are expected");
    data.text = in.name(in.left());
    return {std::move(data), {}};
}

DecodedContent decode_text(std::string_view type, ByteView bytes) {
    ByteReader in(bytes);
    TextData data;
    data.encoding = in.number<std::uint16_t>();
    const std::size_t length = in.number<std::uint16_t>();
    data.text = in.text(length);
    if (!in.ok()) return refuse(type, bytes.size(), "its text is longer than the message");
    while (!data.text.empty() && data.text.back() == '\0') data.text.pop_back();  // some senders count a final NUL
    return {std::move(data), {}};
}

DecodedContent decode_array(std::string_view type, ByteView bytes) {
    ByteReader in(bytes);
    const auto scalar = in.number<std::uint8_t>();
    const auto dimensions = in.number<std::uint8_t>();
    ArrayData data;
    std::uint64_t count = dimensions == 0 ? 0 : 1;
    for (int i = 0; i < dimensions; ++i) {
        data.sizes.push_back(in.number<std::uint16_t>());
        count *= data.sizes.back();
        // Checked at every step, so that the product can never wrap.
        if (count > bytes.size()) return refuse(type, bytes.size(), "its sizes promise more values than it holds");
    }
    if (!in.ok()) return refuse(type, bytes.size(), "it ends within its sizes");
    if (scalar != kFloat32Scalar) return refuse(type, bytes.size(), "only 32-bit floats are read");
    if (in.left() != count * 4) return refuse(type, bytes.size(), "its sizes do not match the values it holds");
    data.values.resize(static_cast<std::size_t>(count));
    for (float& v : data.values) v = in.float32();
    return {std::move(data), {}};
}

DecodedContent decode_query(std::string_view type, ByteView bytes, Verb verb) {
    ByteReader in(bytes);
    QueryData data;
    data.verb = verb;
    data.what = std::string(type.substr(4));
    if (verb == Verb::start && bytes.size() >= 4 + kCoordinateWidth) {
        data.interval_ms = static_cast<std::int32_t>(in.number<std::uint32_t>());
        data.coordinate_system = in.name(kCoordinateWidth);
    }
    if (verb == Verb::reply && !bytes.empty()) data.failed = in.number<std::uint8_t>();
    return {std::move(data), {}};
}

DecodedContent decode_capability(std::string_view type, ByteView bytes) {
    if (bytes.size() % kTypeWidth != 0) return refuse(type, bytes.size(), "each type takes 12 bytes");
    ByteReader in(bytes);
    CapabilityData data;
    while (in.left() > 0) data.types.push_back(in.name(kTypeWidth));
    return {std::move(data), {}};
}

const VerbPrefix* find_verb(std::string_view type) {
    for (const VerbPrefix& v : kVerbs) {
        if (type.starts_with(v.prefix)) return &v;
    }
    return nullptr;
}

void append_array(Bytes& out, const ArrayData& data) {
    std::uint64_t count = data.sizes.empty() ? 0 : 1;
    for (const std::uint16_t size : data.sizes) count *= size;
    if (data.sizes.size() > 255 || count != data.values.size()) {
        throw InputError("An OpenIGTLink array's sizes do not match its " + std::to_string(data.values.size()) +
                         " values.");
    }
    out.push_back(kFloat32Scalar);
    out.push_back(static_cast<std::uint8_t>(data.sizes.size()));
    for (const std::uint16_t size : data.sizes) append_number(out, size);
    for (const float v : data.values) append_float32(out, v);
}

void append_query(Bytes& out, const QueryData& data) {
    if (data.verb == Verb::reply) out.push_back(data.failed);
    if (data.verb == Verb::start) {
        require_width(data.coordinate_system, kCoordinateWidth, "coordinate system");
        append_number(out, static_cast<std::uint32_t>(data.interval_ms));
        append_name(out, data.coordinate_system, kCoordinateWidth);
    }
}

}  // namespace

Eigen::Matrix4d to_matrix(const Matrix34& m) {
    Eigen::Matrix4d out = Eigen::Matrix4d::Identity();
    for (Eigen::Index column = 0; column < 4; ++column) {
        for (Eigen::Index row = 0; row < 3; ++row) {
            out(row, column) = static_cast<double>(m[static_cast<std::size_t>(3 * column + row)]);
        }
    }
    return out;
}

Matrix34 to_matrix34(const Eigen::Matrix4d& m) {
    Matrix34 out{};
    for (Eigen::Index column = 0; column < 4; ++column) {
        for (Eigen::Index row = 0; row < 3; ++row) {
            out[static_cast<std::size_t>(3 * column + row)] = static_cast<float>(m(row, column));
        }
    }
    return out;
}

std::string_view status_word(std::uint16_t code) {
    constexpr std::array<std::string_view, 20> kWords = {"invalid packet",
                                                         "OK",
                                                         "unknown error",
                                                         "unexpected error",
                                                         "access denied",
                                                         "not found",
                                                         "busy",
                                                         "time out",
                                                         "overflow",
                                                         "checksum error",
                                                         "configuration error",
                                                         "not enough resources",
                                                         "illegal instruction or not implemented",
                                                         "not ready",
                                                         "manual mode",
                                                         "device disabled",
                                                         "not present",
                                                         "unknown version",
                                                         "hardware failure",
                                                         "shutting down"};
    return code < kWords.size() ? kWords[code] : "unknown status";
}

double seconds_from_stamp(std::uint64_t stamp) { return static_cast<double>(stamp) / kTwoTo32; }

std::uint64_t stamp_from_seconds(double seconds) {
    if (!(seconds > 0.0) || seconds >= kTwoTo32) return 0;
    const double whole = std::floor(seconds);
    const auto fraction = static_cast<std::uint64_t>((seconds - whole) * kTwoTo32);
    return (static_cast<std::uint64_t>(whole) << 32U) | fraction;
}

const std::string* Message::find_metadata(std::string_view key) const {
    for (const auto& [name, value] : metadata) {
        if (name == key) return &value;
    }
    return nullptr;
}

std::string type_of(const Content& content) {
    return std::visit(Overloaded{[](const TransformData&) { return std::string("TRANSFORM"); },
                                 [](const TrackingData&) { return std::string("TDATA"); },
                                 [](const QuaternionData&) { return std::string("QTDATA"); },
                                 [](const PositionData&) { return std::string("POSITION"); },
                                 [](const StatusData&) { return std::string("STATUS"); },
                                 [](const TextData&) { return std::string("STRING"); },
                                 [](const ArrayData&) { return std::string("NDARRAY"); },
                                 [](const QueryData& query) {
                                     for (const VerbPrefix& v : kVerbs) {
                                         if (v.verb == query.verb) return std::string(v.prefix) + query.what;
                                     }
                                     return query.what;
                                 },
                                 [](const CapabilityData&) { return std::string("CAPABILITY"); }},
                      content);
}

bool is_known_type(std::string_view type) {
    constexpr std::array<std::string_view, 9> kTypes = {"TRANSFORM", "TDATA",  "QTDATA",  "POSITION",  "QTRANS",
                                                        "STATUS",    "STRING", "NDARRAY", "CAPABILITY"};
    for (const std::string_view known : kTypes) {
        if (type == known) return true;
    }
    return find_verb(type) != nullptr;
}

void append_content(Bytes& out, const Content& content) {
    std::visit(Overloaded{[&](const TransformData& data) { append_matrix(out, data.matrix); },
                          [&](const TrackingData& data) {
                              for (const TrackedItem& item : data.tools) {
                                  require_width(item.name, kNameWidth, "tool name");
                                  append_name(out, item.name, kNameWidth);
                                  out.push_back(item.type);
                                  out.push_back(0);
                                  append_matrix(out, item.matrix);
                              }
                          },
                          [&](const QuaternionData& data) {
                              for (const QuaternionItem& item : data.tools) {
                                  require_width(item.name, kNameWidth, "tool name");
                                  append_name(out, item.name, kNameWidth);
                                  out.push_back(item.type);
                                  out.push_back(0);
                                  for (const float v : item.position_mm) append_float32(out, v);
                                  for (const float v : item.xyzw) append_float32(out, v);
                              }
                          },
                          [&](const PositionData& data) {
                              for (const float v : data.position_mm) append_float32(out, v);
                              if (data.xyzw) {
                                  for (const float v : *data.xyzw) append_float32(out, v);
                              }
                          },
                          [&](const StatusData& data) {
                              require_width(data.name, kNameWidth, "status name");
                              append_number(out, data.code);
                              append_number(out, static_cast<std::uint64_t>(data.subcode));
                              append_name(out, data.name, kNameWidth);
                              append_text(out, data.text);
                              out.push_back(0);
                          },
                          [&](const TextData& data) {
                              require_width(data.text, 65535, "text");
                              append_number(out, data.encoding);
                              append_number(out, static_cast<std::uint16_t>(data.text.size()));
                              append_text(out, data.text);
                          },
                          [&](const ArrayData& data) { append_array(out, data); },
                          [&](const QueryData& data) { append_query(out, data); },
                          [&](const CapabilityData& data) {
                              for (const std::string& type : data.types) {
                                  require_width(type, kTypeWidth, "message type");
                                  append_name(out, type, kTypeWidth);
                              }
                          }},
               content);
}

DecodedContent decode_content(std::string_view type, ByteView bytes) {
    if (type == "TDATA") return decode_tracking(type, bytes);
    if (type == "TRANSFORM") {
        if (bytes.size() != 48) return refuse(type, bytes.size(), "48 are expected");
        ByteReader in(bytes);
        return {TransformData{read_floats<12>(in)}, {}};
    }
    if (type == "QTDATA") return decode_quaternions(type, bytes);
    if (type == "POSITION" || type == "QTRANS") return decode_position(type, bytes);
    if (type == "STATUS") return decode_status(type, bytes);
    if (type == "STRING") return decode_text(type, bytes);
    if (type == "NDARRAY") return decode_array(type, bytes);
    if (type == "CAPABILITY") return decode_capability(type, bytes);
    if (const VerbPrefix* verb = find_verb(type)) return decode_query(type, bytes, verb->verb);
    return refuse(type, bytes.size(), "its type is not known here");
}

std::string printable(std::string_view raw) {
    std::string out;
    for (const char c : raw.substr(0, 40)) out.push_back(c >= ' ' && c <= '~' ? c : '?');
    return out;
}

}  // namespace precentral::igtl
