// SPDX-License-Identifier: Apache-2.0
#include "imaging/freesurfer.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>

#include "data/error.h"
#include "imaging/mesh_measures.h"
#include "imaging/orientation.h"
#include "imaging/volume_io.h"

namespace precentral {
namespace {

constexpr std::uint32_t kTriangles = 0xFFFFFE;
constexpr std::uint32_t kQuadrangles = 0xFFFFFF;
constexpr std::uint32_t kNewQuadrangles = 0xFFFFFD;
constexpr std::int32_t kMostVertices = 20'000'000;
constexpr std::int32_t kMostNames = 100'000;
// Tags of what follows the triangles.
constexpr std::int32_t kTagRealRas = 2;
constexpr std::int32_t kTagGeometry = 20;

// Big-endian numbers from a file read whole; never past its end.
class Bytes {
public:
    explicit Bytes(const std::filesystem::path& path) : name_(path.string()) {
        std::ifstream file(path, std::ios::binary);
        if (!file) throw InputError("There is no file " + name_ + " that can be read.");
        bytes_.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    const std::string& name() const { return name_; }
    std::size_t left() const { return bytes_.size() - at_; }

    std::uint32_t three() {
        need(3);
        std::uint32_t out = 0;
        for (int i = 0; i < 3; ++i) out = (out << 8) | static_cast<unsigned char>(bytes_[at_++]);
        return out;
    }
    std::int32_t integer() {
        need(4);
        std::uint32_t out = 0;
        for (int i = 0; i < 4; ++i) out = (out << 8) | static_cast<unsigned char>(bytes_[at_++]);
        return static_cast<std::int32_t>(out);
    }
    float real() { return std::bit_cast<float>(integer()); }
    std::string line() {
        const std::size_t end = bytes_.find('\n', at_);
        if (end == std::string::npos) throw cut_short();
        std::string out = bytes_.substr(at_, end - at_);
        at_ = end + 1;
        return out;
    }
    // A count of bytes, then the text, which may end in a zero.
    std::string text() {
        const std::int32_t count = integer();
        if (count < 0 || static_cast<std::size_t>(count) > left()) throw cut_short();
        std::string out = bytes_.substr(at_, static_cast<std::size_t>(count));
        at_ += static_cast<std::size_t>(count);
        return out.substr(0, out.find('\0'));
    }
    void require(std::uint64_t count) const {
        if (count > left()) throw cut_short();
    }
    std::string rest() const { return bytes_.substr(at_); }
    InputError cut_short() const { return InputError("The file " + name_ + " is cut short; copy it again."); }

private:
    void need(std::size_t count) const { require(count); }
    std::string name_;
    std::string bytes_;
    std::size_t at_ = 0;
};

// "volume = 256 256 256" and the like, from the text after the geometry's tag.
std::optional<Eigen::Affine3d> stated_geometry(const std::string& text, const std::string& name) {
    std::map<std::string, std::vector<double>> values;
    bool valid = false;
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
        const std::size_t equals = line.find('=');
        if (equals == std::string::npos) continue;
        std::istringstream key_words(line.substr(0, equals));
        std::string key;
        key_words >> key;
        std::istringstream numbers(line.substr(equals + 1));
        if (key == "valid") {
            int one = 0;
            valid = (numbers >> one) && one == 1;
        }
        double value = 0.0;
        auto& list = values[key];
        while (list.size() < 3 && numbers >> value) list.push_back(value);
    }
    if (!valid) return std::nullopt;
    const auto three = [&](const char* key) {
        const auto found = values.find(key);
        if (found == values.end() || found->second.size() != 3) {
            throw InputError("The volume geometry in " + name + " is incomplete (" + key + ").");
        }
        return Eigen::Vector3d(found->second[0], found->second[1], found->second[2]);
    };
    const Eigen::Vector3d size = three("volume");
    const Eigen::Vector3d spacing = three("voxelsize");
    if (!(size.minCoeff() >= 1.0 && size.maxCoeff() < 1e6 && spacing.minCoeff() > 0.0)) {
        throw InputError("The volume geometry in " + name + " is broken.");
    }
    Eigen::Matrix3d cosines;
    cosines << three("xras"), three("yras"), three("zras");
    const std::array<int, 3> dims = {static_cast<int>(size[0]), static_cast<int>(size[1]), static_cast<int>(size[2])};
    return scan_from_tkregister(spacing, dims, scan_from_mgh(spacing, cosines, three("cras"), dims, name));
}

// What follows the triangles: whether coordinates are scan mm already, and where the volume lies.
Eigen::Affine3d scan_from_file(Bytes& bytes, const std::filesystem::path& path) {
    std::optional<Eigen::Affine3d> stated;
    bool real_ras = false;
    while (bytes.left() >= 4 && !stated) {
        const std::int32_t tag = bytes.integer();
        if (tag == kTagRealRas && bytes.left() >= 4) {
            real_ras = bytes.integer() != 0;
        } else if (tag == kTagGeometry) {
            stated = stated_geometry(bytes.rest(), bytes.name());
            break;
        } else {
            break;  // something of a newer version; what it says is not about places
        }
    }
    if (real_ras) return Eigen::Affine3d::Identity();
    if (stated) return *stated;
    const auto orig = path.parent_path().parent_path() / "mri" / "orig.mgz";
    std::error_code failed;
    if (std::filesystem::is_regular_file(orig, failed)) {
        const ImageInfo info = image_info(orig);
        return scan_from_tkregister(info.spacing_mm, info.dims, info.ras_from_voxel);
    }
    throw InputError("The surface " + path.string() +
                     " does not say where its volume lies, and there is no ../mri/orig.mgz beside it; convert it with "
                     "mris_convert --to-scanner to GIFTI.");
}

}  // namespace

Eigen::Affine3d scan_from_tkregister(const Eigen::Vector3d& spacing_mm, const std::array<int, 3>& dims,
                                     const AffineMap<Scan, Voxel>& scan_from_voxel) {
    const Eigen::Vector3d half = 0.5 * Eigen::Vector3d(dims[0], dims[1], dims[2]).cwiseProduct(spacing_mm);
    Eigen::Affine3d file_from_voxel = Eigen::Affine3d::Identity();
    file_from_voxel.linear() << -spacing_mm[0], 0, 0, 0, 0, spacing_mm[2], 0, -spacing_mm[1], 0;
    file_from_voxel.translation() = Eigen::Vector3d(half[0], -half[2], half[1]);
    return scan_from_voxel.affine() * file_from_voxel.inverse();
}

bool is_freesurfer_surface(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::array<char, 3> magic{};
    if (!file.read(magic.data(), 3)) return false;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(magic[i]); };
    return byte(0) == 0xFF && byte(1) == 0xFF && byte(2) >= 0xFD;
}

Surface load_freesurfer(const std::filesystem::path& path) {
    const std::string file_name = path.filename().string();
    for (const char* bent : {"inflated", "sphere", "flat", "qsphere"}) {
        if (file_name.find(bent) != std::string::npos) {
            throw InputError("The surface " + path.string() +
                             " is bent out of the head's shape; give the pial or white surface.");
        }
    }
    Bytes bytes(path);
    const std::uint32_t magic = bytes.three();
    if (magic == kQuadrangles || magic == kNewQuadrangles) {
        throw InputError("The surface " + path.string() +
                         " is in FreeSurfer's old quadrangle format; convert it with mris_convert.");
    }
    if (magic != kTriangles) throw InputError("The file " + path.string() + " is not a FreeSurfer surface.");
    bytes.line();  // who made it
    if (!bytes.line().empty()) throw InputError("The surface " + path.string() + " is broken (its first lines).");
    const std::int32_t vertices = bytes.integer();
    const std::int32_t triangles = bytes.integer();
    if (vertices < 3 || triangles < 1 || vertices > kMostVertices || triangles > 2 * kMostVertices) {
        throw InputError("The surface " + path.string() + " is broken (its size).");
    }
    bytes.require(12U * (static_cast<std::uint64_t>(vertices) + static_cast<std::uint64_t>(triangles)));
    Surface out;
    out.vertices.resize(static_cast<std::size_t>(vertices));
    for (auto& vertex : out.vertices) {
        for (Eigen::Index axis = 0; axis < 3; ++axis) vertex.xyz[axis] = static_cast<double>(bytes.real());
    }
    out.triangles.resize(static_cast<std::size_t>(triangles));
    for (auto& t : out.triangles) {
        for (int& corner : t) corner = bytes.integer();
    }
    require_usable(out, path.string());
    const Eigen::Affine3d to_scan = scan_from_file(bytes, path);
    for (auto& vertex : out.vertices) vertex.xyz = to_scan * vertex.xyz;
    out.normals = vertex_normals(out.vertices, out.triangles);
    return out;
}

std::vector<int> Annotation::vertices_of(const std::string& name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) throw InputError("The annotation has no part called \"" + name + "\".");
    const int wanted = static_cast<int>(found - names.begin());
    std::vector<int> out;
    for (std::size_t v = 0; v < label.size(); ++v) {
        if (label[v] == wanted) out.push_back(static_cast<int>(v));
    }
    return out;
}

Annotation load_annotation(const std::filesystem::path& path) {
    Bytes bytes(path);
    const std::int32_t vertices = bytes.integer();
    if (vertices < 1 || vertices > kMostVertices) {
        throw InputError("The file " + path.string() + " is not a FreeSurfer annotation.");
    }
    bytes.require(8U * static_cast<std::uint64_t>(vertices));
    std::vector<std::int32_t> colour(static_cast<std::size_t>(vertices), 0);
    for (std::int32_t i = 0; i < vertices; ++i) {
        const std::int32_t vertex = bytes.integer();
        const std::int32_t value = bytes.integer();
        if (vertex < 0 || vertex >= vertices) throw InputError("The annotation " + path.string() + " is broken.");
        colour[static_cast<std::size_t>(vertex)] = value;
    }
    if (bytes.left() < 8 || bytes.integer() == 0) {
        throw InputError("The annotation " + path.string() + " has no colour table, so its parts have no names.");
    }
    // A version below zero, or in the oldest form the number of entries itself.
    const std::int32_t version = bytes.integer();
    std::int32_t entries = version;
    if (version < 0) {
        if (version != -2) throw InputError("The annotation " + path.string() + " is of a version not known.");
        bytes.integer();  // the largest index
    }
    bytes.text();  // the file the table came from
    if (version < 0) entries = bytes.integer();
    if (entries < 1 || entries > kMostNames) throw InputError("The annotation " + path.string() + " is broken.");
    Annotation out;
    std::map<std::int32_t, int> part_of;
    for (std::int32_t e = 0; e < entries; ++e) {
        if (version < 0) bytes.integer();  // the entry's own number
        out.names.push_back(bytes.text());
        const std::int32_t red = bytes.integer();
        const std::int32_t green = bytes.integer();
        const std::int32_t blue = bytes.integer();
        bytes.integer();  // transparency
        for (const std::int32_t shade : {red, green, blue}) {
            if (shade < 0 || shade > 255) throw InputError("The annotation " + path.string() + " is broken.");
        }
        part_of.try_emplace(red + green * 256 + blue * 65536, static_cast<int>(e));
    }
    out.label.reserve(colour.size());
    for (const std::int32_t value : colour) {
        const auto found = part_of.find(value);
        out.label.push_back(found == part_of.end() ? -1 : found->second);
    }
    return out;
}

}  // namespace precentral
