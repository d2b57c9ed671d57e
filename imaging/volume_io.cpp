// SPDX-License-Identifier: Apache-2.0
#include "imaging/volume_io.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>

#include "data/error.h"
#include "imaging/dicom_io.h"
#include "imaging/gzip_file.h"
#include "imaging/image_doubts.h"
#include "imaging/meta_io.h"
#include "imaging/nifti_io.h"
#include "imaging/nrrd_io.h"
#include "imaging/orientation.h"

namespace precentral {
namespace {

constexpr double kSlantSaidDeg = 0.5;

// FreeSurfer's MGH and, compressed, MGZ: big-endian, a header of 284 bytes, then the samples.
LoadedImage load_mgh(const std::filesystem::path& path) {
    const std::string name = path.string();
    GzipReader file(path);
    const auto header = file.read_exactly(284);
    const auto int_at = [](const unsigned char* p) {
        return static_cast<std::int32_t>((static_cast<std::uint32_t>(p[0]) << 24) |
                                         (static_cast<std::uint32_t>(p[1]) << 16) |
                                         (static_cast<std::uint32_t>(p[2]) << 8) | static_cast<std::uint32_t>(p[3]));
    };
    const auto float_at = [&int_at](const unsigned char* p) { return std::bit_cast<float>(int_at(p)); };
    if (int_at(header.data()) != 1) throw InputError(name + " is not an MGH or MGZ image.");
    LoadedImage out;
    std::int64_t count = 1;
    for (std::size_t i = 0; i < 3; ++i) {
        const int n = int_at(header.data() + 4 + 4 * i);
        if (n < 2 || n > (1 << 20) || (count *= n) > (std::int64_t{1} << 30)) {
            throw InputError("The header of " + name + " is broken, or it is not a volume (size of the image).");
        }
        out.volume.dims[i] = n;
    }
    const int frames = int_at(header.data() + 16);
    if (frames > 1) {
        out.info.warnings.push_back("The file holds " + std::to_string(frames) + " volumes; the first one is used.");
    }
    Eigen::Vector3d spacing = Eigen::Vector3d::Ones();
    Eigen::Matrix3d cosines;
    cosines << -1, 0, 0, 0, 0, 1, 0, -1, 0;  // the format's own default when the orientation is not stated
    Eigen::Vector3d centre = Eigen::Vector3d::Zero();
    const bool stated = ((header[28] << 8) | header[29]) != 0;
    if (stated) {
        for (Eigen::Index i = 0; i < 3; ++i) {
            spacing[i] = static_cast<double>(float_at(header.data() + 30 + 4 * i));
            centre[i] = static_cast<double>(float_at(header.data() + 78 + 4 * i));
            for (Eigen::Index j = 0; j < 3; ++j) {
                cosines(j, i) = static_cast<double>(float_at(header.data() + 42 + 4 * (3 * i + j)));
            }
        }
    } else {
        out.info.warnings.emplace_back(
            "The file does not say how it is oriented; coronal slices are assumed. Confirm the side before use.");
    }
    const int type = int_at(header.data() + 20);  // 0 byte, 1 int, 3 float, 4 short
    const std::size_t bytes = type == 0 ? 1 : type == 4 ? 2 : type == 1 || type == 3 ? 4 : 0;
    if (bytes == 0) throw InputError(name + " holds a kind of number that cannot be read.");
    const auto raw = file.read_exactly(out.volume.count() * bytes);
    auto samples = std::make_shared<std::vector<float>>(out.volume.count());
    for (std::size_t i = 0; i < samples->size(); ++i) {
        const unsigned char* p = raw.data() + i * bytes;
        (*samples)[i] = type == 0   ? static_cast<float>(*p)
                        : type == 4 ? static_cast<float>(static_cast<std::int16_t>((p[0] << 8) | p[1]))
                        : type == 1 ? static_cast<float>(int_at(p))
                                    : float_at(p);
    }
    out.volume.samples = std::move(samples);
    out.volume.scan_from_voxel = scan_from_mgh(spacing, cosines, centre, out.volume.dims, name);
    out.info.format = path.extension() == ".mgh" ? "MGH" : "MGZ";
    out.info.affine_source = "header";
    return out;
}

bool ends_with(const std::string& text, const std::string& ending) {
    return text.size() >= ending.size() && text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

LoadedImage load_by_format(const std::filesystem::path& path) {
    std::error_code failed;
    const auto kind = std::filesystem::status(path, failed).type();
    if (kind == std::filesystem::file_type::not_found) throw InputError("There is no file " + path.string() + ".");
    if (kind == std::filesystem::file_type::directory) return load_dicom(path);
    if (kind != std::filesystem::file_type::regular) throw InputError(path.string() + " is not a file.");
    if (!std::ifstream(path))
        throw InputError("The file " + path.string() + " may not be read; check its permissions.");
    if (std::filesystem::file_size(path, failed) == 0) throw InputError("The file " + path.string() + " is empty.");
    std::string name = path.filename().string();
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    for (const char* ending : {".nii", ".nii.gz", ".hdr", ".hdr.gz", ".img", ".img.gz"}) {
        if (ends_with(name, ending)) return load_nifti(path);
    }
    for (const char* ending : {".mgh", ".mgz", ".mgh.gz"}) {
        if (ends_with(name, ending)) return load_mgh(path);
    }
    if (ends_with(name, ".nrrd") || ends_with(name, ".nhdr")) return load_nrrd(path);
    if (ends_with(name, ".mha") || ends_with(name, ".mhd")) return load_meta(path);
    if (looks_like_dicom(path) || ends_with(name, ".dcm") || ends_with(name, ".ima")) return load_dicom(path);
    for (const char* ending : {".tar", ".tar.gz", ".tgz", ".zip", ".7z", ".rar"}) {
        if (ends_with(name, ending)) {
            throw InputError(path.string() + " is an archive; unpack it and give the folder it makes.");
        }
    }
    throw InputError("The format of " + path.string() +
                     " is not known; give a NIfTI, MGZ, NRRD or MetaImage file, or a DICOM folder.");
}

void require_an_image(const LoadedImage& image, const std::string& name) {
    const auto& samples = *image.volume.samples;
    float lowest = samples.front();
    float highest = samples.front();
    std::size_t not_numbers = 0;
    for (const float sample : samples) {
        if (!std::isfinite(sample)) ++not_numbers;
        lowest = std::min(lowest, sample);
        highest = std::max(highest, sample);
    }
    if (not_numbers > 0) {
        throw InputError(name + " holds " + std::to_string(not_numbers) + " values that are not numbers (NaN or Inf).");
    }
    if (!(highest > lowest)) throw InputError(name + " holds the same value everywhere; it is not an image of a head.");
}

}  // namespace

LoadedImage load_image(const std::filesystem::path& path) {
    LoadedImage out;
    try {
        out = load_by_format(path);
    } catch (const std::bad_alloc&) {
        throw Error("There is not enough memory to read " + path.string() + ".");
    }
    require_an_image(out, path.string());
    out.info.dims = out.volume.dims;
    out.info.spacing_mm = out.volume.spacing_mm();
    out.info.ras_from_voxel = out.volume.scan_from_voxel;
    out.info.orientation = orientation_letters(out.volume.scan_from_voxel);
    const LeftAndRight sides = left_and_right(out.volume.scan_from_voxel);
    out.info.left_is = sides.left_is;
    out.info.mirrored = sides.mirrored;
    const double slant = axes_off_square_deg(out.volume.scan_from_voxel);
    if (slant > kSlantSaidDeg && out.info.format != "DICOM") {  // whose reader says it
        std::array<char, 32> degrees{};
        std::snprintf(degrees.data(), degrees.size(), "%.1f", slant);
        out.info.warnings.push_back("The voxel axes are not perpendicular (" + std::string(degrees.data()) +
                                    " degrees off): a tilted scan, or an affine that was fitted to a template.");
    }
    for (std::string& doubt : image_doubts(out.volume)) out.info.warnings.push_back(std::move(doubt));
    return out;
}

Volume read_volume(const std::filesystem::path& path) { return load_image(path).volume; }
ImageInfo image_info(const std::filesystem::path& path) { return load_image(path).info; }

}  // namespace precentral
