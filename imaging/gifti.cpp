// SPDX-License-Identifier: Apache-2.0
#include "imaging/gifti.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "data/error.h"
#include "imaging/freesurfer.h"
#include "imaging/mesh_measures.h"
#include "imaging/orientation.h"

namespace precentral {
namespace {

constexpr std::size_t kMostNumbers = std::size_t{1} << 28;

// The value of name="…" in a start tag; empty when it is not there.
std::string attribute(std::string_view tag, const std::string& name) {
    for (std::size_t at = tag.find(name); at != std::string_view::npos; at = tag.find(name, at + 1)) {
        const bool whole = at > 0 && std::isspace(static_cast<unsigned char>(tag[at - 1])) != 0;
        const std::size_t equals = tag.find_first_not_of(" \t\r\n", at + name.size());
        if (!whole || equals == std::string_view::npos || tag[equals] != '=') continue;
        const std::size_t open = tag.find_first_of("\"'", equals);
        if (open == std::string_view::npos) return {};
        const std::size_t close = tag.find(tag[open], open + 1);
        if (close == std::string_view::npos) return {};
        return std::string(tag.substr(open + 1, close - open - 1));
    }
    return {};
}

// What stands between <name …> and </name>, and the start tag itself, from `from` on.
struct Element {
    std::string_view tag, inside;
    std::size_t end = 0;
};
std::optional<Element> element(std::string_view xml, const std::string& name, std::size_t from = 0) {
    // The whole name: <Data> is not <DataSpace>.
    const std::string start = "<" + name;
    std::size_t open = xml.find(start, from);
    while (open != std::string_view::npos && open + start.size() < xml.size() &&
           std::isalnum(static_cast<unsigned char>(xml[open + start.size()])) != 0) {
        open = xml.find(start, open + 1);
    }
    if (open == std::string_view::npos) return std::nullopt;
    const std::size_t tag_end = xml.find('>', open);
    const std::size_t close = xml.find("</" + name + ">", open);
    if (tag_end == std::string_view::npos || close == std::string_view::npos || close < tag_end) return std::nullopt;
    return Element{xml.substr(open, tag_end - open), xml.substr(tag_end + 1, close - tag_end - 1), close};
}

std::vector<unsigned char> from_base64(std::string_view text) {
    std::vector<unsigned char> out;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        int value = -1;
        if (c >= 'A' && c <= 'Z') value = c - 'A';
        if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
        if (c >= '0' && c <= '9') value = c - '0' + 52;
        if (c == '+') value = 62;
        if (c == '/') value = 63;
        if (value < 0) continue;  // line ends and padding
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out.push_back(static_cast<unsigned char>((bits >> held) & 0xFFU));
        }
    }
    return out;
}

std::vector<double> numbers_of(const Element& array, std::size_t count, const std::string& name) {
    const auto data = element(array.inside, "Data");
    if (!data) throw InputError(name + " is not a readable GIFTI file: an array has no data.");
    const std::string encoding = attribute(array.tag, "Encoding");
    const std::string type = attribute(array.tag, "DataType");
    std::vector<double> out;
    if (encoding == "ASCII") {
        std::istringstream in{std::string(data->inside)};
        double value = 0.0;
        while (out.size() < count && in >> value) out.push_back(value);
    } else if (encoding == "Base64Binary" || encoding == "GZipBase64Binary") {
        const bool integers = type == "NIFTI_TYPE_INT32";
        if (!integers && type != "NIFTI_TYPE_FLOAT32") {
            throw InputError(name + " holds a kind of number that cannot be read (" + type + ").");
        }
        std::vector<unsigned char> bytes = from_base64(data->inside);
        if (encoding == "GZipBase64Binary") {
            std::vector<unsigned char> unpacked(count * 4);
            auto size = static_cast<uLongf>(unpacked.size());
            if (uncompress(unpacked.data(), &size, bytes.data(), static_cast<uLong>(bytes.size())) != Z_OK) {
                throw InputError("The compressed data of " + name + " are damaged; copy the file again.");
            }
            unpacked.resize(size);
            bytes = std::move(unpacked);
        }
        const bool swap = attribute(array.tag, "Endian") == "BigEndian";
        for (std::size_t i = 0; i + 4 <= bytes.size() && out.size() < count; i += 4) {
            std::array<unsigned char, 4> raw = {bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]};
            if (swap) std::reverse(raw.begin(), raw.end());
            if (integers) {
                std::int32_t value = 0;
                std::memcpy(&value, raw.data(), 4);
                out.push_back(value);
            } else {
                float value = 0.0F;
                std::memcpy(&value, raw.data(), 4);
                out.push_back(static_cast<double>(value));
            }
        }
    } else {
        throw InputError(name + " keeps its numbers in a way that cannot be read (" + encoding + ").");
    }
    if (out.size() != count) throw InputError(name + " is cut short: an array holds fewer numbers than it states.");
    return out;
}

std::size_t rows_of(const Element& array, const std::string& name) {
    const std::string rows = attribute(array.tag, "Dim0");
    const bool digits = !rows.empty() && rows.size() < 10 && rows.find_first_not_of("0123456789") == std::string::npos;
    const std::size_t count = digits ? std::stoul(rows) : 0;
    if (count == 0 || count > kMostNumbers / 3 || attribute(array.tag, "Dim1") != "3") {
        throw InputError(name + " is not a readable GIFTI surface (size of an array).");
    }
    return count;
}

// FreeSurfer states where its volume lies among an array's metadata, and keeps its own coordinates. Nothing when the
// metadata are not there.
std::optional<Eigen::Affine3d> stated_geometry(const Element& array, const std::string& name) {
    std::map<std::string, double> values;
    std::size_t from = 0;
    while (const auto entry = element(array.inside, "MD", from)) {
        from = entry->end;
        const auto key = element(entry->inside, "Name");
        const auto value = element(entry->inside, "Value");
        if (!key || !value) continue;
        const auto bare = [](std::string_view text) {
            constexpr std::string_view kOpen = "<![CDATA[";
            const std::size_t open = text.find(kOpen);
            if (open != std::string_view::npos) {
                text.remove_prefix(open + kOpen.size());
                text = text.substr(0, text.find("]]>"));
            }
            return std::string(text);
        };
        std::istringstream in(bare(value->inside));
        double number = 0.0;
        if (in >> number) values[bare(key->inside)] = number;
    }
    bool whole = true;
    const auto of = [&](const std::string& key) {
        const auto found = values.find("VolGeom" + key);
        whole = whole && found != values.end();
        return found == values.end() ? 0.0 : found->second;
    };
    const Eigen::Vector3d size(of("Width"), of("Height"), of("Depth"));
    const Eigen::Vector3d spacing(of("Xsize"), of("Ysize"), of("Zsize"));
    Eigen::Matrix3d cosines;
    cosines << of("X_R"), of("Y_R"), of("Z_R"), of("X_A"), of("Y_A"), of("Z_A"), of("X_S"), of("Y_S"), of("Z_S");
    const Eigen::Vector3d centre(of("C_R"), of("C_A"), of("C_S"));
    if (!whole) return std::nullopt;
    if (!(size.minCoeff() >= 1.0 && size.maxCoeff() < 1e6 && spacing.minCoeff() > 0.0)) {
        throw InputError("The volume geometry in " + name + " is broken.");
    }
    const std::array<int, 3> dims = {static_cast<int>(size[0]), static_cast<int>(size[1]), static_cast<int>(size[2])};
    return scan_from_tkregister(spacing, dims, scan_from_mgh(spacing, cosines, centre, dims, name));
}

// What stands with the points: a transform to scanner space, or the place of FreeSurfer's volume. A transform to
// another space (FreeSurfer writes one to Talairach's) is not where the patient is, and is left alone.
Eigen::Affine3d scan_from_file(const Element& array, const std::string& name) {
    constexpr std::string_view kScanner = "NIFTI_XFORM_SCANNER_ANAT";
    bool in_scanner_space = false;
    std::size_t from = 0;
    while (const auto system = element(array.inside, "CoordinateSystemTransformMatrix", from)) {
        from = system->end;
        const auto data = element(system->inside, "DataSpace");
        const auto to = element(system->inside, "TransformedSpace");
        in_scanner_space = in_scanner_space || (data && data->inside.find(kScanner) != std::string_view::npos);
        const bool to_scanner = to ? to->inside.find(kScanner) != std::string_view::npos : !data;
        const auto matrix = element(system->inside, "MatrixData");
        if (!to_scanner || !matrix) continue;
        std::istringstream in{std::string(matrix->inside)};
        Eigen::Matrix4d m;
        for (Eigen::Index i = 0; i < 16; ++i) {
            if (!(in >> m(i / 4, i % 4))) throw InputError("The transform in " + name + " is broken.");
        }
        return affine_from_matrix(m, name);
    }
    if (in_scanner_space) return Eigen::Affine3d::Identity();
    return stated_geometry(array, name).value_or(Eigen::Affine3d::Identity());
}

}  // namespace

Surface load_gifti(const std::filesystem::path& path) {
    const std::string name = path.string();
    std::ifstream file(path, std::ios::binary);
    const std::string xml((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (xml.find("<GIFTI") == std::string::npos) throw InputError(name + " is not a GIFTI file.");
    Surface out;
    std::size_t from = 0;
    while (const auto array = element(xml, "DataArray", from)) {
        from = array->end;
        const std::string intent = attribute(array->tag, "Intent");
        const bool by_column = attribute(array->tag, "ArrayIndexingOrder") == "ColumnMajorOrder";
        if (intent != "NIFTI_INTENT_POINTSET" && intent != "NIFTI_INTENT_TRIANGLE") continue;
        const std::size_t rows = rows_of(*array, name);
        const auto numbers = numbers_of(*array, rows * 3, name);
        const auto number = [&](std::size_t row, std::size_t column) {
            return by_column ? numbers[column * rows + row] : numbers[row * 3 + column];
        };
        if (intent == "NIFTI_INTENT_POINTSET" && out.vertices.empty()) {
            const Eigen::Affine3d to_scan = scan_from_file(*array, name);
            for (std::size_t i = 0; i < rows; ++i) {
                out.vertices.push_back({to_scan * Eigen::Vector3d(number(i, 0), number(i, 1), number(i, 2))});
            }
        } else if (intent == "NIFTI_INTENT_TRIANGLE" && out.triangles.empty()) {
            for (std::size_t i = 0; i < rows; ++i) {
                std::array<int, 3> t{};
                for (std::size_t c = 0; c < 3; ++c) {
                    const double id = number(i, c);
                    t[c] = id >= 0.0 && id < 2e9 ? static_cast<int>(id) : -1;
                }
                out.triangles.push_back(t);
            }
        }
    }
    require_usable(out, name);
    out.normals = vertex_normals(out.vertices, out.triangles);
    return out;
}

}  // namespace precentral
