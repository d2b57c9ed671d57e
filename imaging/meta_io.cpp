// SPDX-License-Identifier: Apache-2.0
#include "imaging/meta_io.h"

#include <algorithm>

#include "data/error.h"
#include "imaging/orientation.h"
#include "imaging/text_header.h"

namespace precentral {
namespace {

constexpr std::size_t kLongestHeader = 1U << 20;

// Lines "Name = value"; ElementDataFile is the last of them.
TextHeader read_header(const std::filesystem::path& path) {
    TextHeader out;
    out.file = read_all(path);
    std::size_t at = 0;
    while (at < std::min(out.file.size(), kLongestHeader)) {
        const auto begin = out.file.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = std::find(begin, out.file.end(), '\n');
        const std::string line(begin, end);
        at = static_cast<std::size_t>(end - out.file.begin()) + (end == out.file.end() ? 0 : 1);
        const auto equals = line.find('=');
        if (equals == std::string::npos) continue;
        const std::string field = lower(trimmed(line.substr(0, equals)));
        out.fields.emplace(field, trimmed(line.substr(equals + 1)));
        if (field != "elementdatafile") continue;
        out.data_at = at;
        return out;
    }
    throw InputError(path.string() + " is not a readable MetaImage file (it names no ElementDataFile).");
}

bool says_true(const std::string& value) { return !value.empty() && (lower(value)[0] == 't' || value[0] == '1'); }

std::string first_of(const TextHeader& header, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        if (std::string value = header.field(name); !value.empty()) return value;
    }
    return "";
}

}  // namespace

LoadedImage load_meta(const std::filesystem::path& path) {
    const std::string name = path.string();
    const TextHeader header = read_header(path);
    const auto broken = [&name](const char* what) {
        return InputError("The header of " + name + " is broken (" + what + ").");
    };
    const auto dims = numbers_of(header.field("dimsize"));
    const auto axes = numbers_of(header.field("ndims"));
    if (!dims || !axes || axes->size() != 1 ||
        dims->size() != static_cast<std::size_t>(std::clamp((*axes)[0], 0.0, 9.0))) {
        throw broken("size of the image");
    }
    LoadedImage out;
    SampleLayout layout;
    layout.dims = checked_dims(
        {dims->begin(), dims->begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(3, dims->size()))}, name);
    if (dims->size() > 4) throw broken("number of axes");
    if (dims->size() == 4 && (*dims)[3] > 1.0) {
        if (!((*dims)[3] < 1e6)) throw broken("size of the image");
        out.info.warnings.push_back("The file holds " + std::to_string(static_cast<int>((*dims)[3])) +
                                    " volumes; the first one is used.");
    }
    const std::string channels = header.field("elementnumberofchannels");
    if (!channels.empty() && channels != "1") throw InputError(name + " is a colour image; give the T1 itself.");

    const std::size_t n = dims->size();
    const std::string spacing_text = first_of(header, {"elementspacing", "elementsize"});
    const std::string matrix_text = first_of(header, {"transformmatrix", "rotation", "orientation"});
    const std::string offset_text = first_of(header, {"offset", "position", "origin"});
    const auto spacing = numbers_of(spacing_text);
    const auto matrix = numbers_of(matrix_text);
    const auto offset = numbers_of(offset_text);
    if (!spacing || spacing->size() != n) throw InputError("The header of " + name + " states no voxel size.");
    if (!matrix || (!matrix_text.empty() && matrix->size() != n * n)) throw broken("TransformMatrix");
    if (!offset || (!offset_text.empty() && offset->size() != n)) throw broken("Offset");
    ItkGrid grid;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto axis = static_cast<Eigen::Index>(i);
        grid.spacing[axis] = (*spacing)[i];
        if (!offset->empty()) grid.origin[axis] = (*offset)[i];
        for (std::size_t j = 0; j < 3 && !matrix->empty(); ++j) {
            grid.direction(static_cast<Eigen::Index>(j), axis) = (*matrix)[i * n + j];  // a row is an axis
        }
    }
    if (matrix->empty()) out.info.warnings.emplace_back(kSideUnknown);

    layout.type = lower(header.field("elementtype"));
    layout.ascii = !header.field("binarydata").empty() && !says_true(header.field("binarydata"));
    layout.big_endian = says_true(first_of(header, {"binarydatabyteordermsb", "elementbyteordermsb"}));
    layout.compressed = says_true(header.field("compresseddata"));
    layout.data_file = header.field("elementdatafile");
    if (lower(layout.data_file) == "local") layout.data_file.clear();
    if (lower(layout.data_file).rfind("list", 0) == 0 || layout.data_file.find('%') != std::string::npos) {
        throw InputError(name + " keeps its slices in files of their own; save it as one file.");
    }
    const auto skip = numbers_of(header.field("headersize"));
    if (!skip || (!skip->empty() && !((*skip)[0] >= 0.0 && (*skip)[0] < 1e12))) {
        throw InputError(name +
                         " counts its samples from the end of the file, which is not read here; save it as NIfTI.");
    }
    if (!skip->empty()) layout.skip = static_cast<std::size_t>((*skip)[0]);
    out.volume = read_samples(header, layout, path);
    out.volume.scan_from_voxel = scan_from_itk_grid(grid, name);
    out.info.format = "MetaImage";
    out.info.affine_source = "header";
    return out;
}

}  // namespace precentral
