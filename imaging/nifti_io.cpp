// SPDX-License-Identifier: Apache-2.0
#include "imaging/nifti_io.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>

#include <unistd.h>

#include "data/error.h"
#include "imaging/gzip_file.h"
#include "imaging/orientation.h"
#include "imaging/sample_type.h"

namespace precentral {
namespace {

static_assert(std::endian::native == std::endian::little, "sample conversion below assumes a little-endian machine");

constexpr std::size_t kNifti1Size = 348;
constexpr std::size_t kNifti2Size = 540;
constexpr std::int64_t kFurthestData = std::int64_t{1} << 40;
constexpr std::int64_t kMostVoxels = std::int64_t{1} << 30;

template <class T>
T swapped(T value) {
    auto* bytes = reinterpret_cast<unsigned char*>(&value);
    std::reverse(bytes, bytes + sizeof(T));
    return value;
}

// Numbers at byte offsets of a header, in the byte order of the file.
struct HeaderBytes {
    std::vector<unsigned char> bytes;
    bool swap = false;

    template <class T>
    T at(std::size_t offset) const {
        T value;
        std::memcpy(&value, bytes.data() + offset, sizeof(T));
        return swap ? swapped(value) : value;
    }
};

struct Header {
    std::string format;
    bool two_files = false;
    bool swap = false;
    std::array<std::int64_t, 8> dim{};
    int datatype = 0;
    std::int64_t data_offset = 0;
    double slope = 0.0;
    double intercept = 0.0;
    NiftiOrientation orientation;
};

Header parse_nifti1(const HeaderBytes& h) {
    Header out;
    out.swap = h.swap;
    const char* magic = reinterpret_cast<const char*>(h.bytes.data()) + 344;
    const bool single = std::memcmp(magic, "n+1", 4) == 0;
    const bool pair = std::memcmp(magic, "ni1", 4) == 0;
    out.format = single || pair ? "NIfTI-1" : "ANALYZE";
    out.two_files = !single;
    for (std::size_t i = 0; i < 8; ++i) out.dim[i] = h.at<std::int16_t>(40 + 2 * i);
    out.datatype = h.at<std::int16_t>(70);
    for (std::size_t i = 0; i < 4; ++i) out.orientation.pixdim[i] = h.at<float>(76 + 4 * i);
    const float offset = h.at<float>(108);
    out.data_offset = offset > 0.0F && offset < 1e9F ? static_cast<std::int64_t>(offset) : 0;
    if (!single && !pair) return out;  // ANALYZE has none of what follows
    out.slope = h.at<float>(112);
    out.intercept = h.at<float>(116);
    out.orientation.spatial_units = h.at<std::uint8_t>(123) & 7;
    out.orientation.qform_code = h.at<std::int16_t>(252);
    out.orientation.sform_code = h.at<std::int16_t>(254);
    for (std::size_t i = 0; i < 3; ++i) {
        out.orientation.quaternion_bcd[i] = h.at<float>(256 + 4 * i);
        out.orientation.qoffset[i] = h.at<float>(268 + 4 * i);
        for (std::size_t j = 0; j < 4; ++j) out.orientation.srow[i][j] = h.at<float>(280 + 16 * i + 4 * j);
    }
    return out;
}

Header parse_nifti2(const HeaderBytes& h) {
    Header out;
    out.swap = h.swap;
    out.format = "NIfTI-2";
    out.two_files = std::memcmp(h.bytes.data() + 4, "ni2", 4) == 0;
    out.datatype = h.at<std::int16_t>(12);
    for (std::size_t i = 0; i < 8; ++i) out.dim[i] = h.at<std::int64_t>(16 + 8 * i);
    for (std::size_t i = 0; i < 4; ++i) out.orientation.pixdim[i] = h.at<double>(104 + 8 * i);
    out.data_offset = h.at<std::int64_t>(168);
    out.slope = h.at<double>(176);
    out.intercept = h.at<double>(184);
    out.orientation.qform_code = h.at<std::int32_t>(344);
    out.orientation.sform_code = h.at<std::int32_t>(348);
    for (std::size_t i = 0; i < 3; ++i) {
        out.orientation.quaternion_bcd[i] = h.at<double>(352 + 8 * i);
        out.orientation.qoffset[i] = h.at<double>(376 + 8 * i);
        for (std::size_t j = 0; j < 4; ++j) out.orientation.srow[i][j] = h.at<double>(400 + 32 * i + 8 * j);
    }
    out.orientation.spatial_units = h.at<std::int32_t>(500) & 7;
    return out;
}

Header parse_header(GzipReader& file, const std::string& name) {
    HeaderBytes h;
    h.bytes.resize(kNifti2Size);
    const std::size_t got = file.read(h.bytes.data(), kNifti1Size);
    if (got < kNifti1Size) throw InputError(name + " is not a NIfTI image: it is shorter than a header.");
    auto size = h.at<std::int32_t>(0);
    h.swap = size != static_cast<int>(kNifti1Size) && size != static_cast<int>(kNifti2Size);
    size = h.at<std::int32_t>(0);
    if (size == static_cast<int>(kNifti1Size)) return parse_nifti1(h);
    if (size != static_cast<int>(kNifti2Size)) throw InputError(name + " is not a NIfTI image.");
    const std::size_t rest = kNifti2Size - kNifti1Size;
    if (file.read(h.bytes.data() + kNifti1Size, rest) < rest) {
        throw InputError(name + " is cut short inside its header.");
    }
    return parse_nifti2(h);
}

SampleType sample_type(int datatype, const std::string& name) {
    switch (datatype) {
        case 2: return SampleType::u8;
        case 256: return SampleType::i8;
        case 4: return SampleType::i16;
        case 512: return SampleType::u16;
        case 8: return SampleType::i32;
        case 768: return SampleType::u32;
        case 16: return SampleType::f32;
        case 64: return SampleType::f64;
        case 1024: return SampleType::i64;
        case 1280: return SampleType::u64;
        case 128:
        case 2304: throw InputError(name + " is a colour image; give the T1 itself.");
        default:
            throw InputError(name + " holds a kind of number that cannot be read (NIfTI data type " +
                             std::to_string(datatype) + ").");
    }
}

// The other half of a .hdr/.img pair.
std::filesystem::path sibling(const std::filesystem::path& path, const char* extension) {
    std::filesystem::path out = path;
    if (out.extension() == ".gz") {
        out.replace_extension();
        out.replace_extension(extension);
        out += ".gz";
        return out;
    }
    return out.replace_extension(extension);
}

bool has_extension(const std::filesystem::path& path, const char* extension) {
    return path.extension() == extension || (path.extension() == ".gz" && path.stem().extension() == extension);
}

}  // namespace

LoadedImage load_nifti(const std::filesystem::path& path) {
    const std::string name = path.string();
    const std::filesystem::path header_path = has_extension(path, ".img") ? sibling(path, ".hdr") : path;
    if (!std::filesystem::exists(header_path)) {
        throw InputError(name + " has no header beside it (" + header_path.filename().string() + " is missing).");
    }
    std::optional<GzipReader> file(std::in_place, header_path);
    const Header header = parse_header(*file, header_path.string());

    const std::int64_t axes = header.dim[0];
    if (axes < 1 || axes > 7) throw InputError("The header of " + name + " is broken (number of axes).");
    std::array<int, 3> dims{};
    std::int64_t count = 1;
    for (std::size_t i = 0; i < 3; ++i) {
        const std::int64_t n = static_cast<std::int64_t>(i) < axes ? header.dim[i + 1] : 1;
        if (n < 1 || n > (1 << 20)) throw InputError("The header of " + name + " is broken (size of the image).");
        dims[i] = static_cast<int>(n);
        count *= n;
        if (count > kMostVoxels) throw InputError("The image " + name + " is too large to be one head.");
    }
    if (std::min({dims[0], dims[1], dims[2]}) < 2) {
        throw InputError(name + " is a single slice, not a volume; give the whole 3D T1.");
    }
    LoadedImage out;
    if (axes >= 4 && header.dim[4] > 1) {
        out.info.warnings.push_back("The file holds " + std::to_string(header.dim[4]) +
                                    " volumes; the first one is used.");
    }
    const SampleType type = sample_type(header.datatype, name);
    if (header.data_offset < 0 || header.data_offset > kFurthestData) {
        throw InputError("The header of " + name + " is broken (where its samples begin).");
    }
    if (header.two_files) {
        const auto data_path = has_extension(path, ".img") ? path : sibling(path, ".img");
        if (!std::filesystem::exists(data_path)) {
            throw InputError(name + " has no image beside it (" + data_path.filename().string() + " is missing).");
        }
        file.emplace(data_path);
        file->skip(static_cast<std::size_t>(header.data_offset));
    } else {
        const auto read_so_far = static_cast<std::int64_t>(header.format == "NIfTI-2" ? kNifti2Size : kNifti1Size);
        file->skip(static_cast<std::size_t>(std::max<std::int64_t>(4, header.data_offset - read_so_far)));
    }
    const auto raw = file->read_exactly(static_cast<std::size_t>(count) * bytes_of(type));
    auto samples =
        std::make_shared<std::vector<float>>(to_floats(raw, type, header.swap, static_cast<std::size_t>(count)));
    const bool scaled = std::isfinite(header.slope) && std::isfinite(header.intercept) && header.slope != 0.0 &&
                        (header.slope != 1.0 || header.intercept != 0.0);
    if (scaled) {
        for (float& sample : *samples) {
            sample = static_cast<float>(header.slope * static_cast<double>(sample) + header.intercept);
        }
    }

    const Placement placement = place_nifti(header.orientation, dims, name);
    out.volume = {dims, placement.scan_from_voxel, std::move(samples)};
    out.info.format = header.format;
    out.info.affine_source = placement.source;
    out.info.warnings.insert(out.info.warnings.end(), placement.warnings.begin(), placement.warnings.end());
    return out;
}

void write_nifti(const Volume& volume, const std::filesystem::path& path) {
    const bool compressed = path.extension() == ".gz";
    if (!has_extension(path, ".nii")) {
        throw InputError("The name " + path.string() + " must end in .nii or .nii.gz.");
    }
    for (const int n : volume.dims) {
        if (n < 1 || n > std::numeric_limits<std::int16_t>::max()) {
            throw InputError("An image of this size does not fit in " + path.string() + ".");
        }
    }
    if (!volume.samples || volume.samples->size() != volume.count()) {
        throw InputError("The image for " + path.string() + " has no samples.");
    }
    std::array<unsigned char, kNifti1Size + 4> header{};  // the four bytes say that no extension follows
    const auto put = [&header](std::size_t offset, auto value) {
        std::memcpy(header.data() + offset, &value, sizeof(value));
    };
    put(0, static_cast<std::int32_t>(kNifti1Size));
    put(40, std::int16_t{3});
    for (std::size_t i = 0; i < 3; ++i) put(42 + 2 * i, static_cast<std::int16_t>(volume.dims[i]));
    for (std::size_t i = 4; i < 8; ++i) put(40 + 2 * i, std::int16_t{1});
    put(70, std::int16_t{16});
    put(72, std::int16_t{32});
    const NiftiOrientation orientation = nifti_orientation_of(volume.scan_from_voxel);
    for (std::size_t i = 0; i < 4; ++i) put(76 + 4 * i, static_cast<float>(orientation.pixdim[i]));
    put(108, static_cast<float>(header.size()));
    put(112, 1.0F);
    put(123, std::uint8_t{2});  // mm
    put(252, static_cast<std::int16_t>(orientation.qform_code));
    put(254, static_cast<std::int16_t>(orientation.sform_code));
    for (std::size_t i = 0; i < 3; ++i) {
        put(256 + 4 * i, static_cast<float>(orientation.quaternion_bcd[i]));
        put(268 + 4 * i, static_cast<float>(orientation.qoffset[i]));
        for (std::size_t j = 0; j < 4; ++j) put(280 + 16 * i + 4 * j, static_cast<float>(orientation.srow[i][j]));
    }
    std::memcpy(header.data() + 344, "n+1", 4);

    const auto folder = path.parent_path();
    if (!folder.empty() && !std::filesystem::is_directory(folder)) {
        throw InputError("There is no folder " + folder.string() + " to write " + path.filename().string() + " in.");
    }
    std::filesystem::path partial = path;
    partial += std::string(".").append(std::to_string(::getpid())).append(".part");
    try {
        GzipWriter file(partial, compressed);
        file.write(header.data(), header.size());
        file.write(volume.samples->data(), volume.count() * sizeof(float));
        file.close();
        std::error_code failed;
        std::filesystem::rename(partial, path, failed);
        if (failed) throw Error("Cannot write " + path.string() + ": " + failed.message() + ".");
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(partial, ignored);
        throw;
    }
}

}  // namespace precentral
