// SPDX-License-Identifier: Apache-2.0
// Compressed boundary elements on disk: a header, the numbers, their SHA-256.
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "data/error.h"
#include "data/hash.h"
#include "imaging/mesh_measures.h"
#include "navigation/efield/shell_modes.h"

namespace precentral {
namespace {

constexpr char kMagic[8] = {'P', 'C', 'S', 'H', 'E', 'L', 'L', '1'};
constexpr std::uint64_t kMostNumbers = std::uint64_t{1} << 31U;

class Writer {
public:
    void bytes(const void* from, std::size_t count) { text_.append(static_cast<const char*>(from), count); }
    void number(std::uint64_t value) { bytes(&value, sizeof(value)); }
    void word(const std::string& text) {
        number(text.size());
        bytes(text.data(), text.size());
    }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

// Reads what Writer wrote; `sound` falls when the bytes run out.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}
    void bytes(void* to, std::size_t count) {
        if (count > text_.size()) {
            sound = false;
            return;
        }
        std::memcpy(to, text_.data(), count);
        text_.remove_prefix(count);
    }
    std::uint64_t number(std::uint64_t most) {
        std::uint64_t value = 0;
        bytes(&value, sizeof(value));
        if (value > most) sound = false;
        return sound ? value : 0;
    }
    std::string word() {
        std::string out(number(std::min<std::uint64_t>(1000, text_.size())), '\0');
        bytes(out.data(), out.size());
        return out;
    }
    bool ended() const { return text_.empty(); }
    std::size_t left() const { return text_.size(); }
    bool sound = true;

private:
    std::string_view text_;
};

void put(Writer& out, const Eigen::MatrixXd& m) {
    out.number(static_cast<std::uint64_t>(m.rows()));
    out.number(static_cast<std::uint64_t>(m.cols()));
    out.bytes(m.data(), static_cast<std::size_t>(m.size()) * sizeof(double));
}

Eigen::MatrixXd matrix(Reader& in) {
    const auto rows = in.number(1U << 20U);
    const auto columns = in.number(1U << 20U);
    if (!in.sound || rows * columns * sizeof(double) > in.left()) {
        in.sound = false;
        return {};
    }
    Eigen::MatrixXd out(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
    in.bytes(out.data(), rows * columns * sizeof(double));
    return out;
}

std::vector<Point<Scan>> points_in(Reader& in) {
    const auto count = in.number(in.left() / (3 * sizeof(double)));
    std::vector<Point<Scan>> out(count);
    for (auto& p : out) in.bytes(p.xyz.data(), 3 * sizeof(double));
    return out;
}

void put(Writer& out, const std::vector<Point<Scan>>& points) {
    out.number(points.size());
    for (const auto& p : points) out.bytes(p.xyz.data(), 3 * sizeof(double));
}

std::filesystem::path place_of(const std::filesystem::path& folder, const std::string& key) {
    return folder / ("efield-" + key.substr(0, 32) + ".modes");
}

}  // namespace

void keep_shell_modes(const ShellModes& modes, const std::filesystem::path& folder) {
    Writer out;
    out.bytes(kMagic, sizeof(kMagic));
    for (const std::string& word : {std::string(kShellVersion), modes.key, modes.coil_name, modes.coil_version}) {
        out.word(word);
    }
    put(out, modes.shell.vertices);
    out.number(modes.shell.triangles.size());
    for (const auto& t : modes.shell.triangles) out.bytes(t.data(), sizeof(t));
    out.bytes(modes.sphere.centre.xyz.data(), 3 * sizeof(double));
    for (const double value : {modes.sphere.radius_mm, modes.sphere.rms_mm, modes.rms_error, modes.worst_error}) {
        out.bytes(&value, sizeof(value));
    }
    put(out, modes.points);
    put(out, modes.coefficients);
    put(out, modes.charges);
    out.number(modes.modes.values().size());
    out.bytes(modes.modes.values().data(), modes.modes.values().size() * sizeof(float));

    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    const std::filesystem::path place = place_of(folder, modes.key);
    std::filesystem::path beside = place;
    beside += "." + std::to_string(::getpid()) + ".part";
    {
        std::ofstream file(beside, std::ios::binary);
        file.write(out.text().data(), static_cast<std::streamsize>(out.text().size()));
        file << sha256_of(out.text());
        file.close();
        if (!file) {
            std::filesystem::remove(beside, failed);
            throw Error("Writing " + place.string() + " failed: is the disk full or the folder read-only?");
        }
    }
    std::filesystem::rename(beside, place, failed);
    if (failed) throw Error("Writing " + place.string() + " failed: " + failed.message() + ".");
}

std::optional<ShellModes> kept_shell_modes(const std::filesystem::path& folder, const std::string& key) {
    std::ifstream file(place_of(folder, key), std::ios::binary);
    if (!file) return std::nullopt;
    const std::string all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (all.size() < 64 + sizeof(kMagic)) return std::nullopt;
    const std::string_view body(all.data(), all.size() - 64);
    if (sha256_of(body) != all.substr(body.size())) return std::nullopt;
    Reader in(body);
    char magic[8] = {};
    in.bytes(magic, sizeof(magic));
    if (std::memcmp(magic, kMagic, sizeof(kMagic)) != 0 || in.word() != kShellVersion) return std::nullopt;
    ShellModes out;
    out.key = in.word();
    out.coil_name = in.word();
    out.coil_version = in.word();
    out.shell.vertices = points_in(in);
    out.shell.triangles.resize(in.number(in.left() / sizeof(std::array<int, 3>)));
    for (auto& t : out.shell.triangles) in.bytes(t.data(), sizeof(t));
    in.bytes(out.sphere.centre.xyz.data(), 3 * sizeof(double));
    for (double* value : {&out.sphere.radius_mm, &out.sphere.rms_mm, &out.rms_error, &out.worst_error}) {
        in.bytes(value, sizeof(*value));
    }
    out.points = points_in(in);
    out.coefficients = matrix(in);
    out.charges = matrix(in);
    std::vector<float> values(in.number(std::min<std::uint64_t>(kMostNumbers, in.left() / sizeof(float))));
    in.bytes(values.data(), values.size() * sizeof(float));
    if (!in.sound || !in.ended() || out.key != key) return std::nullopt;
    const auto vertices = static_cast<Eigen::Index>(out.shell.vertices.size());
    for (const auto& t : out.shell.triangles) {
        for (const int v : t) {
            if (v < 0 || v >= vertices) return std::nullopt;
        }
    }
    const auto modes = static_cast<std::size_t>(out.charges.cols());
    if (out.charges.rows() != vertices || out.coefficients.cols() != vertices ||
        out.coefficients.rows() != out.charges.cols() || out.points.empty()) {
        return std::nullopt;
    }
    const std::size_t blocks = (out.points.size() + FieldModes::kBlock - 1) / FieldModes::kBlock;
    if (values.size() != blocks * modes * 3 * FieldModes::kBlock) return std::nullopt;
    out.modes = FieldModes(out.points.size(), modes, std::move(values));
    out.shell.normals = vertex_normals(out.shell.vertices, out.shell.triangles);
    return out;
}

}  // namespace precentral
