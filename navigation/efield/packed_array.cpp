// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/packed_array.h"

#include <zlib.h>

#include <array>
#include <cstring>

#include "data/error.h"

namespace precentral {
namespace {

std::vector<unsigned char> from_base64(std::string_view text, const std::string& source) {
    static const auto values = [] {
        std::array<int, 256> out{};
        out.fill(-1);
        const std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (std::size_t i = 0; i < digits.size(); ++i)
            out[static_cast<unsigned char>(digits[i])] = static_cast<int>(i);
        return out;
    }();
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    std::vector<unsigned char> out;
    out.reserve(text.size() / 4 * 3 + 3);
    unsigned bits = 0;
    int held = 0;
    for (const char c : text) {
        const int value = values[static_cast<unsigned char>(c)];
        if (value < 0) throw InputError(source + " holds a packed array that is not base64.");
        bits = (bits << 6U) | static_cast<unsigned>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out.push_back(static_cast<unsigned char>((bits >> static_cast<unsigned>(held)) & 0xFFU));
        }
    }
    return out;
}

// Nothing when it is not a whole, undamaged zlib stream of at most `most_bytes`.
std::vector<unsigned char> inflated(const std::vector<unsigned char>& bytes, std::size_t most_bytes, bool& sound) {
    sound = false;
    std::vector<unsigned char> out;
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) return out;
    stream.next_in = const_cast<unsigned char*>(bytes.data());  // zlib's interface; it does not write there
    stream.avail_in = static_cast<uInt>(bytes.size());
    int code = Z_OK;
    std::array<unsigned char, std::size_t{1} << 15U> piece{};
    while (code == Z_OK && out.size() <= most_bytes) {
        stream.next_out = piece.data();
        stream.avail_out = static_cast<uInt>(piece.size());
        code = inflate(&stream, Z_NO_FLUSH);
        out.insert(out.end(), piece.data(), stream.next_out);
    }
    inflateEnd(&stream);
    sound = code == Z_STREAM_END && out.size() <= most_bytes;
    return out;
}

}  // namespace

std::vector<double> packed_doubles(std::string_view base64, std::size_t most, const std::string& source) {
    const std::size_t most_bytes = most * sizeof(double);
    std::vector<unsigned char> bytes = from_base64(base64, source);
    // A zlib stream starts with 0x78 and a check over two bytes, and ends with a checksum: plain doubles never pass.
    if (bytes.size() > 2 && bytes[0] == 0x78 && (256U * bytes[0] + bytes[1]) % 31U == 0) {
        bool sound = false;
        std::vector<unsigned char> plain = inflated(bytes, most_bytes, sound);
        if (sound) {
            bytes = std::move(plain);
        } else if (bytes.size() % sizeof(double) != 0) {
            throw InputError(source + " holds a packed array that is damaged or too long.");
        }
    }
    if (bytes.size() % sizeof(double) != 0) throw InputError(source + " holds a packed array that is cut short.");
    if (bytes.size() > most_bytes) throw InputError(source + " holds a packed array that is too long.");
    std::vector<double> out(bytes.size() / sizeof(double));
    if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
}

}  // namespace precentral
