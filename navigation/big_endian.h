// SPDX-License-Identifier: Apache-2.0
// Big-endian numbers and fixed-width names, to and from bytes. Reading past the end is an answer, never an access.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace precentral {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

template <std::unsigned_integral T>
T load_big_endian(const std::uint8_t* at) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = (value << 8U) | at[i];
    return static_cast<T>(value);
}

// Reads from the front. After one read too many, ok() stays false and every value is zero or empty.
class ByteReader {
public:
    explicit ByteReader(ByteView bytes) : rest_(bytes) {}

    bool ok() const { return ok_; }
    std::size_t left() const { return rest_.size(); }

    template <std::unsigned_integral T>
    T number() {
        const ByteView taken = bytes(sizeof(T));
        return taken.empty() ? T{0} : load_big_endian<T>(taken.data());
    }
    float float32() { return std::bit_cast<float>(number<std::uint32_t>()); }
    // A field of that width, up to its first NUL.
    std::string name(std::size_t width) {
        const ByteView taken = bytes(width);
        std::string out;
        for (const std::uint8_t c : taken) {
            if (c == 0) break;
            out.push_back(static_cast<char>(c));
        }
        return out;
    }
    std::string text(std::size_t size) {
        const ByteView taken = bytes(size);
        return {taken.begin(), taken.end()};
    }
    ByteView bytes(std::size_t size) {
        if (size > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const ByteView taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }

private:
    ByteView rest_;
    bool ok_ = true;
};

template <std::unsigned_integral T>
void append_number(Bytes& out, T value) {
    for (std::size_t i = sizeof(T); i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
}
inline void append_float32(Bytes& out, float value) { append_number(out, std::bit_cast<std::uint32_t>(value)); }
inline void append_text(Bytes& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }
// Padded with NUL; the caller has checked that it fits.
inline void append_name(Bytes& out, std::string_view name, std::size_t width) {
    append_text(out, name.substr(0, width));
    out.resize(out.size() + (width - std::min(width, name.size())), 0);
}

}  // namespace precentral
