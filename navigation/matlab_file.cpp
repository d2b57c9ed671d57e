// SPDX-License-Identifier: Apache-2.0
#include "navigation/matlab_file.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "data/error.h"
#include "data/text_file.h"

namespace precentral {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kHeaderBytes = 128;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

enum ElementType : std::uint32_t {
    kInt8 = 1,
    kUint8 = 2,
    kInt16 = 3,
    kUint16 = 4,
    kInt32 = 5,
    kUint32 = 6,
    kSingle = 7,
    kDouble = 9,
    kInt64 = 12,
    kUint64 = 13,
    kMatrix = 14,
    kCompressed = 15,
};

[[noreturn]] void damaged(const std::string& path) {
    throw InputError(path + " is damaged: save it again from MATLAB (level 5, \"-v7\" or \"-v6\").");
}

struct Element {
    std::uint32_t type = 0;
    std::string_view bytes;
};

// Takes one data element from the front of `rest`.
Element take_element(std::string_view& rest, const std::string& path) {
    if (rest.size() < 8) damaged(path);
    std::uint32_t type = 0;
    std::uint32_t size = 0;
    std::memcpy(&type, rest.data(), 4);
    std::memcpy(&size, rest.data() + 4, 4);
    if (type >> 16U != 0) {  // small: size and type share four bytes, the values are in the next four
        const std::uint32_t small_size = type >> 16U;
        if (small_size > 4) damaged(path);
        const Element out{type & 0xFFFFU, rest.substr(4, small_size)};
        rest.remove_prefix(8);
        return out;
    }
    rest.remove_prefix(8);
    if (size > rest.size()) damaged(path);
    const Element out{type, rest.substr(0, size)};
    const std::size_t padded = type == kCompressed ? size : (std::size_t{size} + 7) / 8 * 8;
    rest.remove_prefix(std::min(padded, rest.size()));
    return out;
}

template <class T>
std::vector<double> as_doubles(std::string_view bytes) {
    std::vector<double> out(bytes.size() / sizeof(T));
    for (std::size_t i = 0; i < out.size(); ++i) {
        T value{};
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
        out[i] = static_cast<double>(value);
    }
    return out;
}

std::vector<double> numbers(const Element& element, const std::string& path) {
    switch (element.type) {
        case kInt8: return as_doubles<std::int8_t>(element.bytes);
        case kUint8: return as_doubles<std::uint8_t>(element.bytes);
        case kInt16: return as_doubles<std::int16_t>(element.bytes);
        case kUint16: return as_doubles<std::uint16_t>(element.bytes);
        case kInt32: return as_doubles<std::int32_t>(element.bytes);
        case kUint32: return as_doubles<std::uint32_t>(element.bytes);
        case kSingle: return as_doubles<float>(element.bytes);
        case kDouble: return as_doubles<double>(element.bytes);
        case kInt64: return as_doubles<std::int64_t>(element.bytes);
        case kUint64: return as_doubles<std::uint64_t>(element.bytes);
        default: damaged(path);
    }
}

std::string inflated(std::string_view packed, const std::string& path) {
    std::string out;
    z_stream stream{};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib does not write there
    stream.avail_in = static_cast<uInt>(packed.size());
    if (inflateInit(&stream) != Z_OK) damaged(path);
    int state = Z_OK;
    std::vector<char> block(std::size_t{1} << 16);
    while (state == Z_OK && out.size() <= kMostBytes) {
        stream.next_out = reinterpret_cast<Bytef*>(block.data());
        stream.avail_out = static_cast<uInt>(block.size());
        state = inflate(&stream, Z_NO_FLUSH);
        out.append(block.data(), block.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    if (state != Z_STREAM_END) damaged(path);
    return out;
}

void add_matrix(std::string_view bytes, const std::string& path, std::vector<MatlabMatrix>& matrices) {
    constexpr std::uint32_t kFirstNumericClass = 6;
    constexpr std::uint32_t kLastNumericClass = 15;
    constexpr std::uint32_t kComplex = 0x800;
    const Element flags = take_element(bytes, path);
    if (flags.type != kUint32 || flags.bytes.size() < 4) damaged(path);
    std::uint32_t word = 0;
    std::memcpy(&word, flags.bytes.data(), 4);
    const std::uint32_t kind = word & 0xFFU;
    if (kind < kFirstNumericClass || kind > kLastNumericClass || (word & kComplex) != 0) return;
    const Element sizes = take_element(bytes, path);
    if (sizes.type != kInt32) damaged(path);
    const std::vector<double> dimensions = numbers(sizes, path);
    MatlabMatrix matrix;
    matrix.name = std::string(take_element(bytes, path).bytes);
    if (dimensions.size() != 2) return;
    matrix.values = numbers(take_element(bytes, path), path);
    if (dimensions[0] < 0.0 || dimensions[1] < 0.0 ||
        dimensions[0] * dimensions[1] != static_cast<double>(matrix.values.size())) {
        damaged(path);
    }
    matrix.rows = static_cast<std::size_t>(dimensions[0]);
    matrix.columns = static_cast<std::size_t>(dimensions[1]);
    matrices.push_back(std::move(matrix));
}

}  // namespace

std::vector<MatlabMatrix> read_matlab_matrices(const std::string& path) {
    const std::string file = read_text_file(path, kMostBytes);
    if (file.size() < kHeaderBytes || file.compare(0, 6, "MATLAB") != 0 || file.compare(126, 2, "IM") != 0) {
        throw InputError(path + " is no MATLAB level 5 file: save it from MATLAB with \"-v7\".");
    }
    std::vector<MatlabMatrix> matrices;
    std::string_view rest = std::string_view(file).substr(kHeaderBytes);
    while (rest.size() >= 8) {
        const Element element = take_element(rest, path);
        if (element.type == kMatrix) {
            add_matrix(element.bytes, path, matrices);
        } else if (element.type == kCompressed) {
            const std::string unpacked = inflated(element.bytes, path);
            std::string_view inside = unpacked;
            const Element whole = take_element(inside, path);
            if (whole.type == kMatrix) add_matrix(whole.bytes, path, matrices);
        }
    }
    return matrices;
}

}  // namespace precentral
