// SPDX-License-Identifier: Apache-2.0
#include "navigation/igtl_codec.h"

#include <algorithm>
#include <array>

#include "data/error.h"

namespace precentral::igtl {
namespace {

constexpr std::size_t kHeaderBytes = 58;
constexpr std::size_t kExtendedHeaderBytes = 12;
constexpr std::size_t kIndexEntryBytes = 8;
constexpr std::size_t kTypeWidth = 12;
constexpr std::size_t kDeviceWidth = 20;
constexpr std::uint16_t kAsciiEncoding = 3;
constexpr std::size_t kKeptCapacity = 1U << 20U;

// Eight tables: table[k][b] is the CRC of byte b followed by k zero bytes, so that eight bytes go in one step.
using CrcTables = std::array<std::array<std::uint64_t, 256>, 8>;
constexpr CrcTables make_crc_tables() {
    constexpr std::uint64_t kPolynomial = 0x42F0E1EBA9EA3693ULL;
    CrcTables tables{};
    for (std::size_t b = 0; b < 256; ++b) {
        std::uint64_t crc = static_cast<std::uint64_t>(b) << 56U;
        for (int bit = 0; bit < 8; ++bit) crc = (crc << 1U) ^ ((crc >> 63U) != 0 ? kPolynomial : 0);
        tables[0][b] = crc;
    }
    for (std::size_t k = 1; k < 8; ++k) {
        for (std::size_t b = 0; b < 256; ++b) {
            const std::uint64_t before = tables[k - 1][b];
            tables[k][b] = (before << 8U) ^ tables[0][before >> 56U];
        }
    }
    return tables;
}
constexpr CrcTables kCrc = make_crc_tables();

struct ExtendedBody {
    ByteView content;
    Metadata metadata;
    std::uint32_t message_id = 0;
};

// None when the sizes contradict each other.
std::optional<ExtendedBody> split_extended(ByteView body) {
    ByteReader in(body);
    const std::size_t own_size = in.number<std::uint16_t>();
    const std::size_t index_size = in.number<std::uint16_t>();
    const std::size_t metadata_size = in.number<std::uint32_t>();
    ExtendedBody out;
    out.message_id = in.number<std::uint32_t>();
    if (!in.ok() || own_size < kExtendedHeaderBytes) return std::nullopt;
    if (own_size + index_size + metadata_size > body.size()) return std::nullopt;
    const std::size_t content_size = body.size() - own_size - index_size - metadata_size;
    out.content = body.subspan(own_size, content_size);
    if (index_size == 0) return metadata_size == 0 ? std::optional(std::move(out)) : std::nullopt;

    ByteReader index(body.subspan(own_size + content_size, index_size));
    ByteReader pairs(body.subspan(own_size + content_size + index_size, metadata_size));
    const std::size_t count = index.number<std::uint16_t>();
    if (!index.ok() || count * kIndexEntryBytes > index.left()) return std::nullopt;
    out.metadata.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t key_size = index.number<std::uint16_t>();
        index.number<std::uint16_t>();  // encoding: keys and values are handed on as they are
        const std::size_t value_size = index.number<std::uint32_t>();
        std::string key = pairs.text(key_size);
        std::string value = pairs.text(value_size);
        if (!pairs.ok()) return std::nullopt;
        out.metadata.emplace_back(std::move(key), std::move(value));
    }
    return out;
}

void append_metadata(Bytes& body, const Metadata& metadata) {
    append_number(body, static_cast<std::uint16_t>(metadata.size()));
    for (const auto& [key, value] : metadata) {
        append_number(body, static_cast<std::uint16_t>(key.size()));
        append_number(body, kAsciiEncoding);
        append_number(body, static_cast<std::uint32_t>(value.size()));
    }
    for (const auto& [key, value] : metadata) {
        append_text(body, key);
        append_text(body, value);
    }
}

void require_encodable(const Message& message, std::string_view type) {
    if (message.header_version != 1 && message.header_version != 2) {
        throw InputError("OpenIGTLink has header versions 1 and 2, not " + std::to_string(message.header_version) +
                         ".");
    }
    if (message.header_version == 1 && !message.metadata.empty()) {
        throw InputError("OpenIGTLink header version 1 cannot carry metadata; use version 2 for '" + message.device +
                         "'.");
    }
    if (message.device.size() > kDeviceWidth) {
        throw InputError("The device name '" + printable(message.device) +
                         "' is too long for OpenIGTLink: at most 20 bytes.");
    }
    if (type.size() > kTypeWidth) {
        throw InputError("The message type '" + printable(type) + "' is too long for OpenIGTLink: at most 12 bytes.");
    }
    // The index of the metadata is counted in 16 bits: 2 + 8 n bytes.
    bool fits = message.metadata.size() <= (65535 - 2) / kIndexEntryBytes;
    std::uint64_t metadata_size = 0;
    for (const auto& [key, value] : message.metadata) {
        fits = fits && key.size() <= 65535;
        metadata_size += key.size() + value.size();
    }
    if (!fits || metadata_size > kLargestBody) {
        throw InputError("The metadata of '" + message.device + "' is too large for OpenIGTLink.");
    }
}

}  // namespace

std::uint64_t crc64(ByteView bytes) {
    std::uint64_t crc = 0;
    while (bytes.size() >= 8) {
        crc ^= load_big_endian<std::uint64_t>(bytes.data());
        crc = kCrc[7][crc >> 56U] ^ kCrc[6][(crc >> 48U) & 0xFFU] ^ kCrc[5][(crc >> 40U) & 0xFFU] ^
              kCrc[4][(crc >> 32U) & 0xFFU] ^ kCrc[3][(crc >> 24U) & 0xFFU] ^ kCrc[2][(crc >> 16U) & 0xFFU] ^
              kCrc[1][(crc >> 8U) & 0xFFU] ^ kCrc[0][crc & 0xFFU];
        bytes = bytes.subspan(8);
    }
    for (const std::uint8_t byte : bytes) crc = (crc << 8U) ^ kCrc[0][(crc >> 56U) ^ byte];
    return crc;
}

Bytes encode(const Message& message) {
    const std::string type = type_of(message.content);
    require_encodable(message, type);
    Bytes body;
    if (message.header_version == 2) {
        std::uint64_t metadata_size = 0;
        for (const auto& [key, value] : message.metadata) metadata_size += key.size() + value.size();
        append_number(body, static_cast<std::uint16_t>(kExtendedHeaderBytes));
        append_number(body, static_cast<std::uint16_t>(2 + kIndexEntryBytes * message.metadata.size()));
        append_number(body, static_cast<std::uint32_t>(metadata_size));
        append_number(body, message.message_id);
    }
    append_content(body, message.content);
    if (message.header_version == 2) append_metadata(body, message.metadata);
    if (body.size() > kLargestBody) {
        throw InputError("A message of " + std::to_string(body.size() >> 20U) +
                         " MiB is too large to send; 64 MiB is the limit.");
    }

    Bytes out;
    out.reserve(kHeaderBytes + body.size());
    append_number(out, static_cast<std::uint16_t>(message.header_version));
    append_name(out, type, kTypeWidth);
    append_name(out, message.device, kDeviceWidth);
    append_number(out, message.stamp);
    append_number(out, static_cast<std::uint64_t>(body.size()));
    append_number(out, crc64(body));
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

void Decoder::feed(ByteView bytes) {
    if (failed()) return;
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
    skip_ -= skipped;
    bytes = bytes.subspan(skipped);
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

void Decoder::drop(std::size_t size) {
    start_ += size;
    if (start_ == buffer_.size()) {
        buffer_.clear();
        start_ = 0;
        if (buffer_.capacity() > kKeptCapacity) buffer_.shrink_to_fit();  // one huge message must not stay in memory
    } else if (start_ > 65536 && start_ > buffer_.size() / 2) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
        start_ = 0;
    }
}

void Decoder::note_malformed(std::string why) {
    ++malformed_;
    last_malformed_ = std::move(why);
}

// False when more bytes are needed or the stream failed.
bool Decoder::read_header() {
    if (waiting() < kHeaderBytes) return false;
    ByteReader in(ByteView(buffer_).subspan(start_, kHeaderBytes));
    Header header;
    header.version = in.number<std::uint16_t>();
    header.type = in.name(kTypeWidth);
    header.device = in.name(kDeviceWidth);
    header.stamp = in.number<std::uint64_t>();
    header.body_size = in.number<std::uint64_t>();
    header.crc = in.number<std::uint64_t>();
    const bool type_is_text = !header.type.empty() && std::all_of(header.type.begin(), header.type.end(),
                                                                  [](char c) { return c > ' ' && c <= '~'; });
    if ((header.version != 1 && header.version != 2) || !type_is_text) {
        error_ = "What was received is not OpenIGTLink: a header with version " + std::to_string(header.version) +
                 " and type '" + printable(header.type) + "'.";
    } else if (header.body_size > kLargestBody) {
        error_ = "A " + printable(header.type) + " message announces " + std::to_string(header.body_size) +
                 " bytes; 64 MiB is the limit.";
    }
    if (failed()) return false;
    drop(kHeaderBytes);
    header_ = std::move(header);
    return true;
}

std::optional<Message> Decoder::read_body(ByteView body) {
    const Header& header = *header_;
    if (crc64(body) != header.crc) {
        error_ = "A " + header.type + " message from '" + printable(header.device) +
                 "' arrived damaged: its checksum does not match.";
        return std::nullopt;
    }
    Message message;
    message.device = header.device;
    message.stamp = header.stamp;
    message.header_version = header.version;
    ByteView content = body;
    if (header.version == 2) {
        std::optional<ExtendedBody> extended = split_extended(body);
        if (!extended) {
            note_malformed("A " + header.type + " message from '" + printable(header.device) +
                           "' was refused: its extended header contradicts its size.");
            return std::nullopt;
        }
        content = extended->content;
        message.message_id = extended->message_id;
        message.metadata = std::move(extended->metadata);
        // A name longer than the header's field travels here.
        if (const std::string* name = message.find_metadata("IGTL_DEVICE_NAME")) message.device = *name;
    }
    DecodedContent decoded = decode_content(header.type, content);
    if (!decoded.content) {
        note_malformed(std::move(decoded.why));
        return std::nullopt;
    }
    message.content = std::move(*decoded.content);
    ++messages_;
    return message;
}

std::optional<Message> Decoder::next() {
    while (!failed()) {
        if (!header_) {
            if (!read_header()) return std::nullopt;
            if (!is_known_type(header_->type)) {
                ++unknown_;
                const auto here = static_cast<std::size_t>(std::min<std::uint64_t>(header_->body_size, waiting()));
                skip_ = header_->body_size - here;
                drop(here);
                header_.reset();
                continue;
            }
        }
        const auto size = static_cast<std::size_t>(header_->body_size);
        if (waiting() < size) return std::nullopt;
        std::optional<Message> message = read_body(ByteView(buffer_).subspan(start_, size));
        drop(size);
        header_.reset();
        if (message) return message;
    }
    return std::nullopt;
}

}  // namespace precentral::igtl
