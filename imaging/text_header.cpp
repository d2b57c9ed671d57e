// SPDX-License-Identifier: Apache-2.0
#include "imaging/text_header.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <fstream>
#include <memory>

#include "data/error.h"
#include "imaging/gzip_file.h"
#include "imaging/sample_type.h"

namespace precentral {
namespace {

constexpr std::uintmax_t kLargestFile = std::uintmax_t{8} << 30;
constexpr double kMostVoxels = 1073741824.0;

// The names of both formats; "int" is 32 bits and "long" 64 in both of them on the machines that wrote the files.
std::optional<SampleType> type_named(const std::string& name) {
    const std::pair<const char*, SampleType> names[] = {
        {"signed char", SampleType::i8},     {"int8", SampleType::i8},
        {"int8_t", SampleType::i8},          {"met_char", SampleType::i8},
        {"uchar", SampleType::u8},           {"unsigned char", SampleType::u8},
        {"uint8", SampleType::u8},           {"uint8_t", SampleType::u8},
        {"met_uchar", SampleType::u8},       {"short", SampleType::i16},
        {"short int", SampleType::i16},      {"signed short", SampleType::i16},
        {"int16", SampleType::i16},          {"int16_t", SampleType::i16},
        {"met_short", SampleType::i16},      {"ushort", SampleType::u16},
        {"unsigned short", SampleType::u16}, {"uint16", SampleType::u16},
        {"uint16_t", SampleType::u16},       {"unsigned short int", SampleType::u16},
        {"met_ushort", SampleType::u16},     {"int", SampleType::i32},
        {"signed int", SampleType::i32},     {"int32", SampleType::i32},
        {"int32_t", SampleType::i32},        {"met_int", SampleType::i32},
        {"uint", SampleType::u32},           {"unsigned int", SampleType::u32},
        {"uint32", SampleType::u32},         {"uint32_t", SampleType::u32},
        {"met_uint", SampleType::u32},       {"longlong", SampleType::i64},
        {"long long", SampleType::i64},      {"int64", SampleType::i64},
        {"int64_t", SampleType::i64},        {"met_long_long", SampleType::i64},
        {"ulonglong", SampleType::u64},      {"unsigned long long", SampleType::u64},
        {"uint64", SampleType::u64},         {"uint64_t", SampleType::u64},
        {"met_ulong_long", SampleType::u64}, {"float", SampleType::f32},
        {"met_float", SampleType::f32},      {"double", SampleType::f64},
        {"met_double", SampleType::f64},
    };
    for (const auto& [known, type] : names) {
        if (name == known) return type;
    }
    return std::nullopt;
}

// A name that may come out of a header.
std::string quotable_path(const std::filesystem::path& path) {
    std::string out = path.string();
    std::replace_if(
        out.begin(), out.end(), [](unsigned char c) { return c < ' ' || c == 127; }, '?');
    return out;
}

[[noreturn]] void cut_short(const std::string& name) {
    throw InputError(name + " is cut short: the header promises more than the file holds.");
}

}  // namespace

std::string TextHeader::field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
}

std::string quotable(const std::string& text) {
    std::string out = text.substr(0, 40);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

std::optional<std::vector<double>> numbers_of(const std::string& text) {
    std::vector<double> out;
    const char* at = text.data();
    const char* end = at + text.size();
    for (;;) {
        while (at != end && (*at == ' ' || *at == '\t' || *at == ',' || *at == '(' || *at == ')' || *at == '+' ||
                             *at == '\n' || *at == '\r')) {
            ++at;
        }
        if (at == end) return out;
        double value = 0.0;
        const auto result = std::from_chars(at, end, value);
        if (result.ec != std::errc{}) return std::nullopt;
        out.push_back(value);
        at = result.ptr;
    }
}

std::vector<unsigned char> read_all(const std::filesystem::path& path) {
    std::error_code failed;
    const std::uintmax_t size = std::filesystem::file_size(path, failed);
    std::ifstream file(path, std::ios::binary);
    if (failed || !file)
        throw InputError("The file " + quotable_path(path) + " may not be read; check its permissions.");
    if (size > kLargestFile) throw InputError(quotable_path(path) + " is too large to be one head.");
    std::vector<unsigned char> out(static_cast<std::size_t>(size));
    file.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(size));
    if (!file) throw InputError(quotable_path(path) + " cannot be read to its end; copy it again.");
    return out;
}

std::array<int, 3> checked_dims(const std::vector<double>& sizes, const std::string& name) {
    std::array<int, 3> out{};
    double count = 1.0;
    for (std::size_t i = 0; i < 3; ++i) {
        const double n = i < sizes.size() ? sizes[i] : 1.0;
        if (!(n >= 1.0 && n <= 1048576.0) || n != std::floor(n)) {
            throw InputError("The header of " + name + " is broken (size of the image).");
        }
        out[i] = static_cast<int>(n);
        count *= n;
    }
    if (*std::min_element(out.begin(), out.end()) < 2) {
        throw InputError(name + " is a single slice, not a volume; give the whole 3D T1.");
    }
    if (count > kMostVoxels) throw InputError("The image " + name + " is too large to be one head.");
    return out;
}

Volume read_samples(const TextHeader& header, const SampleLayout& layout, const std::filesystem::path& path) {
    const std::string name = path.string();
    const auto type = type_named(layout.type);
    if (!type) throw InputError(name + " holds a kind of number that cannot be read (" + quotable(layout.type) + ").");
    Volume out;
    out.dims = layout.dims;
    const std::size_t count = out.count();
    const std::size_t wanted = ((count - 1) * layout.stride + 1) * bytes_of(*type);
    std::vector<unsigned char> beside;
    std::span<const unsigned char> raw = std::span(header.file).subspan(header.data_at);
    if (!layout.data_file.empty()) {
        const std::filesystem::path file(layout.data_file);
        const std::filesystem::path where = file.is_absolute() ? file : path.parent_path() / file;
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(where, ignored)) {
            throw InputError(name + " has no samples beside it (" + quotable(layout.data_file) + " is missing).");
        }
        beside = read_all(where);
        raw = beside;
    }
    if (layout.skip > raw.size()) cut_short(name);
    raw = raw.subspan(layout.skip);
    if (layout.ascii) {
        const auto values = numbers_of(std::string(raw.begin(), raw.end()));
        if (!values || values->size() / layout.stride < count) cut_short(name);
        auto samples = std::make_shared<std::vector<float>>(count);
        for (std::size_t i = 0; i < count; ++i) (*samples)[i] = static_cast<float>((*values)[i * layout.stride]);
        out.samples = std::move(samples);
        return out;
    }
    std::vector<unsigned char> unpacked;
    if (layout.compressed) {
        unpacked = inflated(raw, Packing::zlib_or_gzip, wanted, name);
        raw = unpacked;
    }
    if (raw.size() < wanted) cut_short(name);
    out.samples =
        std::make_shared<const std::vector<float>>(to_floats(raw, *type, layout.big_endian, count, layout.stride));
    return out;
}

}  // namespace precentral
