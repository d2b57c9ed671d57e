// SPDX-License-Identifier: Apache-2.0
// OpenIGTLink frames to and from a byte stream: header versions 1 and 2, extended header, metadata, CRC.
//
// Own code, because Debian's library reads header version 1 only and loses the stream on version 2.
// Header, 58 bytes, big-endian: u16 version, char[12] type, char[20] device, u64 time stamp, u64 body size, u64 CRC of
// the body. A version 2 body: extended header (u16 its own size, u16 size of the metadata's index, u32 size of the
// metadata, u32 message id), content, index (u16 n, n × {u16 key size, u16 encoding, u32 value size}), keys and values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "navigation/igtl_messages.h"

namespace precentral::igtl {

// CRC-64 of ECMA-182: polynomial 0x42F0E1EBA9EA3693, initial value 0, not reflected.
std::uint64_t crc64(ByteView bytes);

inline constexpr std::uint64_t kLargestBody = 64ULL << 20U;

// The whole message as bytes. Throws InputError when a name or text is too long for the format, when version 1 is
// asked to carry metadata, or when the header version is neither 1 nor 2.
Bytes encode(const Message& message);

// Bytes in, messages out. Not thread-safe. Never throws for bad bytes.
//
// A broken header, a wrong CRC or a body over 64 MiB ends the stream: where the next message begins is no longer
// known, so failed() stays true and the connection is to be opened anew. A sound frame whose content makes no sense is
// counted as malformed and skipped; a type this program does not speak is counted and skipped without being kept.
class Decoder {
public:
    void feed(ByteView bytes);
    // The next whole message, or none: more bytes are needed, or failed().
    std::optional<Message> next();

    bool failed() const { return !error_.empty(); }
    // A sentence, "" while all is well.
    const std::string& error() const { return error_; }
    // Bytes kept for a message that is not yet whole.
    std::size_t waiting() const { return buffer_.size() - start_; }

    std::uint64_t messages() const { return messages_; }
    std::uint64_t unknown() const { return unknown_; }
    std::uint64_t malformed() const { return malformed_; }
    const std::string& last_malformed() const { return last_malformed_; }

private:
    struct Header {
        std::uint16_t version = 0;
        std::string type;
        std::string device;
        std::uint64_t stamp = 0;
        std::uint64_t body_size = 0;
        std::uint64_t crc = 0;
    };
    bool read_header();
    std::optional<Message> read_body(ByteView body);
    void drop(std::size_t size);
    void note_malformed(std::string why);

    Bytes buffer_;
    std::size_t start_ = 0;
    std::uint64_t skip_ = 0;        // rest of a body of unknown type
    std::optional<Header> header_;  // read, its body awaited
    std::string error_;
    std::uint64_t messages_ = 0;
    std::uint64_t unknown_ = 0;
    std::uint64_t malformed_ = 0;
    std::string last_malformed_;
};

}  // namespace precentral::igtl
