// SPDX-License-Identifier: Apache-2.0
#include "imaging/nrrd_io.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "data/error.h"
#include "imaging/orientation.h"
#include "imaging/text_header.h"

namespace precentral {
namespace {

constexpr std::size_t kLongestHeader = 1U << 20;

// Lines "name: value" up to an empty one; "name:=value" are remarks.
TextHeader read_header(const std::filesystem::path& path) {
    const std::string name = path.string();
    TextHeader out;
    out.file = read_all(path);
    if (out.file.size() < 8 || std::memcmp(out.file.data(), "NRRD000", 7) != 0) {
        throw InputError(name + " is not a NRRD image.");
    }
    std::size_t at = 0;
    while (at < std::min(out.file.size(), kLongestHeader)) {
        const auto begin = out.file.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = std::find(begin, out.file.end(), '\n');
        const std::string line = std::string(trimmed(std::string(begin, end)));
        at = static_cast<std::size_t>(end - out.file.begin()) + (end == out.file.end() ? 0 : 1);
        out.data_at = at;
        if (line.empty()) return out;
        const auto colon = line.find(':');
        if (line[0] == '#' || colon == std::string::npos || line.substr(colon, 2) == ":=") continue;
        out.fields.emplace(lower(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1))));
    }
    if (at < out.file.size()) throw InputError("The header of " + name + " is broken (it does not end).");
    return out;
}

// One vector for each axis, as "none (1,0,0) (0,1,0) (0,0,1)"; an empty one for "none".
std::vector<std::vector<double>> vectors_of(const std::string& text, const std::string& name) {
    std::vector<std::vector<double>> out;
    for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string::npos;) {
        const bool vector = text[at] == '(';
        const std::size_t end = text.find_first_of(vector ? ")" : " \t", at);
        const std::string part = text.substr(at, end == std::string::npos ? end : end + (vector ? 1 : 0) - at);
        const auto values = vector ? numbers_of(part) : std::optional(std::vector<double>{});
        if (!values || (vector ? values->size() != 3 : part != "none")) {
            throw InputError("The header of " + name + " is broken (space directions).");
        }
        out.push_back(*values);
        if (end == std::string::npos) break;
        at = end + 1;
    }
    return out;
}

double length_of_unit(const std::string& units, std::vector<std::string>& warnings) {
    const auto says = [&](const char* unit) {
        return units.find("\"" + std::string(unit) + "\"") != std::string::npos;
    };
    if (units.empty() || says("mm")) return 1.0;
    const double scale = says("m") ? 1000.0 : says("cm") ? 10.0 : says("um") || says("microns") ? 0.001 : 0.0;
    if (scale == 0.0) {
        warnings.emplace_back("The file states a unit of length that is not known; mm are assumed.");
        return 1.0;
    }
    warnings.emplace_back("The file states lengths in another unit than mm; they were turned into mm.");
    return scale;
}

}  // namespace

LoadedImage load_nrrd(const std::filesystem::path& path) {
    const std::string name = path.string();
    const TextHeader header = read_header(path);
    const auto sizes = numbers_of(header.field("sizes"));
    if (!sizes || sizes->size() < 2 || sizes->size() > 5) {
        throw InputError("The header of " + name + " is broken (size of the image).");
    }
    const std::size_t axes = sizes->size();
    if (lower(header.field("kinds")).find("color") != std::string::npos) {
        throw InputError(name + " is a colour image; give the T1 itself.");
    }
    LoadedImage out;
    std::vector<std::vector<double>> directions;
    if (!header.field("space directions").empty()) {
        directions = vectors_of(header.field("space directions"), name);
        if (directions.size() != axes) throw InputError("The header of " + name + " is broken (space directions).");
    }
    // Which axes are of space; without directions the first three.
    std::vector<std::size_t> spatial;
    for (std::size_t axis = 0; axis < axes; ++axis) {
        if (directions.empty() ? axis < 3 : !directions[axis].empty()) spatial.push_back(axis);
    }
    SampleLayout layout;
    std::vector<double> volume_sizes;
    volume_sizes.reserve(spatial.size());
    for (const std::size_t axis : spatial) volume_sizes.push_back((*sizes)[axis]);
    if (spatial.size() > 3) throw InputError("The header of " + name + " is broken (number of axes).");
    layout.dims = checked_dims(volume_sizes, name);
    double before = 1.0;
    double all = 1.0;
    for (std::size_t axis = 0; axis < axes; ++axis) {
        const bool of_space = std::find(spatial.begin(), spatial.end(), axis) != spatial.end();
        const double n = (*sizes)[axis];
        if (!(n >= 1.0 && n <= 1048576.0))
            throw InputError("The header of " + name + " is broken (size of the image).");
        if (of_space) continue;
        if (axis > spatial.front() && axis < spatial.back()) {
            throw InputError(name + " keeps its values in an order that is not read here; save it as NIfTI.");
        }
        if (axis < spatial.front()) before *= n;
        all *= n;
    }
    if (all > 1e6) throw InputError("The header of " + name + " is broken (size of the image).");
    layout.stride = static_cast<std::size_t>(before);
    if (all > 1.0) {
        out.info.warnings.push_back(
            "The file holds " + std::to_string(static_cast<int>(all)) +
            (before > 1.0 ? " values a voxel; the first one is used." : " volumes; the first one is used."));
    }

    Eigen::Matrix3d steps = Eigen::Matrix3d::Zero();
    Eigen::Vector3d origin = Eigen::Vector3d::Zero();
    if (directions.empty()) {
        const auto spacings = numbers_of(header.field("spacings"));
        if (!spacings || spacings->size() < 3) throw InputError("The header of " + name + " states no voxel size.");
        for (Eigen::Index i = 0; i < 3; ++i) steps(i, i) = (*spacings)[static_cast<std::size_t>(i)];
    } else {
        for (std::size_t i = 0; i < 3; ++i) {
            const auto& step = directions[spatial[i]];
            steps.col(static_cast<Eigen::Index>(i)) = Eigen::Vector3d(step[0], step[1], step[2]);
        }
    }
    const auto stated = numbers_of(header.field("space origin"));
    if (stated && stated->size() == 3) {
        origin = {(*stated)[0], (*stated)[1], (*stated)[2]};
    } else if (!header.field("space origin").empty()) {
        throw InputError("The header of " + name + " is broken (space origin).");
    }
    const double unit = length_of_unit(header.field("space units"), out.info.warnings);
    const Placement placement =
        place_nrrd(directions.empty() ? "" : lower(header.field("space")), steps * unit, origin * unit, name);
    out.info.warnings.insert(out.info.warnings.end(), placement.warnings.begin(), placement.warnings.end());

    layout.type = lower(header.field("type"));
    layout.big_endian = lower(header.field("endian")) == "big";
    const std::string encoding = lower(header.field("encoding"));
    layout.ascii = encoding == "txt" || encoding == "text" || encoding == "ascii";
    layout.compressed = encoding == "gz" || encoding == "gzip";
    if (!layout.ascii && !layout.compressed && encoding != "raw") {
        throw InputError(name + " is packed in a way that is not read here (encoding " + quotable(encoding) +
                         "); save it with gzip or raw.");
    }
    layout.data_file = header.field(header.fields.contains("data file") ? "data file" : "datafile");
    if (layout.data_file.rfind("LIST", 0) == 0 || layout.data_file.find('%') != std::string::npos) {
        throw InputError(name + " keeps its slices in files of their own; save it as one file.");
    }
    const auto skip = numbers_of(header.field(header.fields.contains("byte skip") ? "byte skip" : "byteskip"));
    if (!header.field("line skip").empty() && header.field("line skip") != "0") {
        throw InputError(name + " skips lines before its samples, which is not read here; save it as NIfTI.");
    }
    if (skip && !skip->empty()) {
        if (!((*skip)[0] >= 0.0 && (*skip)[0] < 1e12) || (layout.compressed && (*skip)[0] > 0.0)) {
            throw InputError(name +
                             " counts its samples from the end of the file, which is not read here; save it as NIfTI.");
        }
        layout.skip = static_cast<std::size_t>((*skip)[0]);
    }
    out.volume = read_samples(header, layout, path);
    out.volume.scan_from_voxel = placement.scan_from_voxel;
    out.info.format = "NRRD";
    out.info.affine_source = placement.source;
    return out;
}

}  // namespace precentral
