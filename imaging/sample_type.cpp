// SPDX-License-Identifier: Apache-2.0
#include "imaging/sample_type.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace precentral {
namespace {

static_assert(std::endian::native == std::endian::little, "sample conversion below assumes a little-endian machine");

template <class T>
void convert_as(std::span<const unsigned char> raw, bool swap, std::size_t stride, std::vector<float>& to) {
    for (std::size_t i = 0; i < to.size(); ++i) {
        std::array<unsigned char, sizeof(T)> bytes;
        std::memcpy(bytes.data(), raw.data() + i * stride * sizeof(T), sizeof(T));
        if (swap) std::reverse(bytes.begin(), bytes.end());
        to[i] = static_cast<float>(std::bit_cast<T>(bytes));  // beyond float's range: infinite, refused later
    }
}

}  // namespace

std::size_t bytes_of(SampleType type) {
    switch (type) {
        case SampleType::u8:
        case SampleType::i8: return 1;
        case SampleType::u16:
        case SampleType::i16: return 2;
        case SampleType::u32:
        case SampleType::i32:
        case SampleType::f32: return 4;
        default: return 8;
    }
}

std::vector<float> to_floats(std::span<const unsigned char> raw, SampleType type, bool big_endian, std::size_t count,
                             std::size_t stride) {
    std::vector<float> out(count);
    switch (type) {
        case SampleType::u8: convert_as<std::uint8_t>(raw, false, stride, out); break;
        case SampleType::i8: convert_as<std::int8_t>(raw, false, stride, out); break;
        case SampleType::u16: convert_as<std::uint16_t>(raw, big_endian, stride, out); break;
        case SampleType::i16: convert_as<std::int16_t>(raw, big_endian, stride, out); break;
        case SampleType::u32: convert_as<std::uint32_t>(raw, big_endian, stride, out); break;
        case SampleType::i32: convert_as<std::int32_t>(raw, big_endian, stride, out); break;
        case SampleType::u64: convert_as<std::uint64_t>(raw, big_endian, stride, out); break;
        case SampleType::i64: convert_as<std::int64_t>(raw, big_endian, stride, out); break;
        case SampleType::f32: convert_as<float>(raw, big_endian, stride, out); break;
        case SampleType::f64: convert_as<double>(raw, big_endian, stride, out); break;
    }
    return out;
}

}  // namespace precentral
