// SPDX-License-Identifier: Apache-2.0
// One file a head: a line of magic, the SHA-256 of the rest, then a JSON part and the surfaces as plain numbers.
#include "imaging/head_cache.h"

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "data/error.h"
#include "data/hash.h"
#include "imaging/mesh_measures.h"

namespace precentral {
namespace {

using nlohmann::json;

// Counts up whenever the same image would give another model, so that models of an older program are not used.
constexpr int kRecipe = 9;
constexpr std::string_view kMagic = "precentral head 1\n";
constexpr std::size_t kHashDigits = 64;

json as_json(const std::vector<Landmark>& landmarks) {
    json out = json::array();
    for (const auto& l : landmarks) {
        out.push_back({{"name", l.name},
                       {"point", {l.point.xyz[0], l.point.xyz[1], l.point.xyz[2]}},
                       {"source", l.source},
                       {"sd_mm", l.sd_mm}});
    }
    return out;
}

std::vector<Landmark> landmarks_from(const json& list) {
    std::vector<Landmark> out;
    for (const auto& item : list) {
        const auto point = item.at("point").get<std::array<double, 3>>();
        out.push_back({item.at("name").get<std::string>(),
                       {{point[0], point[1], point[2]}},
                       item.at("source").get<std::string>(),
                       item.at("sd_mm").get<double>()});
    }
    return out;
}

template <class T>
void append(std::string& to, const T* values, std::size_t count) {
    to.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

void append(std::string& to, const Surface& surface) {
    const std::array<std::uint64_t, 2> counts = {surface.vertices.size(), surface.triangles.size()};
    append(to, counts.data(), counts.size());
    for (const auto& vertex : surface.vertices) append(to, vertex.xyz.data(), 3);
    for (const auto& t : surface.triangles) append(to, t.data(), 3);
}

// Grids, arrows and masks are written as they lie in memory; the fourth number of an arrow is always 0.
void append(std::string& to, const WorkGrid& grid) {
    append(to, grid.dims.data(), 3);
    append(to, grid.first.xyz.data(), 3);
    append(to, &grid.spacing_mm, 1);
}

void append(std::string& to, const VelocityField& field) {
    append(to, field.grid);
    for (const auto& arrow : field.arrows) append(to, arrow.data(), 3);
}

// Reads numbers from a buffer and never past its end.
class Cursor {
public:
    explicit Cursor(std::string_view bytes) : rest_(bytes) {}
    template <class T>
    void take(T* values, std::size_t count) {
        if (count > rest_.size() / sizeof(T)) throw Error("The kept head is cut short.");
        std::memcpy(values, rest_.data(), count * sizeof(T));
        rest_.remove_prefix(count * sizeof(T));
    }
    std::string_view take_text(std::size_t count) {
        if (count > rest_.size()) throw Error("The kept head is cut short.");
        const auto out = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return out;
    }
    WorkGrid take_grid(std::size_t bytes_each) {
        WorkGrid out;
        take(out.dims.data(), 3);
        take(out.first.xyz.data(), 3);
        take(&out.spacing_mm, 1);
        for (const int dim : out.dims) {
            if (dim < 1 || dim > 2000) throw Error("The kept head has an impossible grid.");
        }
        if (!(out.spacing_mm > 0.0) || out.count() > rest_.size() / bytes_each) {
            throw Error("The kept head is cut short.");
        }
        return out;
    }
    VelocityField take_field() {
        VelocityField out;
        out.grid = take_grid(3 * sizeof(float));
        out.arrows.assign(out.grid.count(), Arrow::Zero());
        for (auto& arrow : out.arrows) take(arrow.data(), 3);
        return out;
    }
    Surface take_surface() {
        std::array<std::uint64_t, 2> counts{};
        take(counts.data(), counts.size());
        if (counts[0] > rest_.size() / 24 || counts[1] > rest_.size() / 12) throw Error("The kept head is cut short.");
        Surface out;
        out.vertices.resize(counts[0]);
        for (auto& vertex : out.vertices) take(vertex.xyz.data(), 3);
        out.triangles.resize(counts[1]);
        for (auto& t : out.triangles) take(t.data(), 3);
        require_usable(out, "the kept head");
        out.normals = vertex_normals(out.vertices, out.triangles);
        return out;
    }

private:
    std::string_view rest_;
};

std::filesystem::path file_of(const std::filesystem::path& cache_dir, const std::string& key) {
    return cache_dir / (key + ".head");
}

HeadModel parsed(std::string_view payload, const std::string& key) {
    Cursor cursor(payload);
    std::uint64_t json_size = 0;
    cursor.take(&json_size, 1);
    const json about = json::parse(cursor.take_text(json_size));
    if (about.at("key").get<std::string>() != key) throw Error("The kept head belongs to another image.");
    HeadModel head;
    const auto affine = about.at("mni_from_scan").get<std::array<double, 16>>();
    Eigen::Matrix4d matrix;
    for (Eigen::Index i = 0; i < 16; ++i) matrix(i / 4, i % 4) = affine[static_cast<std::size_t>(i)];
    head.template_space.affine = AffineMap<Mni, Scan>::checked(matrix, "the kept head");
    head.template_space.correlation = about.at("correlation").get<double>();
    head.template_space.overlap = about.at("overlap").get<double>();
    head.template_space.least_jacobian = about.at("least_jacobian").get<double>();
    head.template_space.largest_jacobian = about.at("largest_jacobian").get<double>();
    head.brain_volume_ml = about.at("brain_volume_ml").get<double>();
    head.fiducials = landmarks_from(about.at("fiducials"));
    head.motor = landmarks_from(about.at("motor"));
    head.warnings = about.at("warnings").get<std::vector<std::string>>();
    head.content_sha256 = about.at("content_sha256").get<std::string>();
    head.scalp = cursor.take_surface();
    head.brain = cursor.take_surface();
    head.template_space.bend = cursor.take_field();
    head.template_space.second = cursor.take_field();
    head.brain_grid = cursor.take_grid(1);
    head.brain_mask.resize(head.brain_grid.count());
    cursor.take(head.brain_mask.data(), head.brain_mask.size());
    return head;
}

}  // namespace

std::string head_cache_key(const std::string& t1_sha256, const std::string& template_sha256) {
    return t1_sha256.substr(0, 32) + "-" + template_sha256.substr(0, 8) + "-" + std::to_string(kRecipe);
}

void keep_head(const HeadModel& head, const std::filesystem::path& cache_dir, const std::string& key) {
    std::array<double, 16> affine{};
    const Eigen::Matrix4d matrix = head.template_space.affine.matrix();
    for (Eigen::Index i = 0; i < 16; ++i) affine[static_cast<std::size_t>(i)] = matrix(i / 4, i % 4);
    const json about = {{"key", key},
                        {"mni_from_scan", affine},
                        {"correlation", head.template_space.correlation},
                        {"overlap", head.template_space.overlap},
                        {"least_jacobian", head.template_space.least_jacobian},
                        {"largest_jacobian", head.template_space.largest_jacobian},
                        {"brain_volume_ml", head.brain_volume_ml},
                        {"fiducials", as_json(head.fiducials)},
                        {"motor", as_json(head.motor)},
                        {"warnings", head.warnings},
                        {"content_sha256", head.content_sha256}};
    const std::string text = about.dump();
    std::string payload;
    const std::uint64_t json_size = text.size();
    append(payload, &json_size, 1);
    payload += text;
    append(payload, head.scalp);
    append(payload, head.brain);
    append(payload, head.template_space.bend);
    append(payload, head.template_space.second);
    append(payload, head.brain_grid);
    append(payload, head.brain_mask.data(), head.brain_mask.size());
    const std::string checksum = sha256_of(payload);

    std::error_code failed;
    std::filesystem::create_directories(cache_dir, failed);
    const auto path = file_of(cache_dir, key);
    auto partial = path;
    partial += std::string(".").append(std::to_string(::getpid())).append(".part");
    std::ofstream file(partial, std::ios::binary | std::ios::trunc);
    file << kMagic << checksum;
    file.write(payload.data(), static_cast<std::streamsize>(payload.size()));
    file.close();
    if (file) std::filesystem::rename(partial, path, failed);
    if (!file || failed) {
        std::error_code ignored;
        std::filesystem::remove(partial, ignored);
        throw Error("The head model could not be kept in " + cache_dir.string() +
                    ": is the folder writable, and is there space on the disk?");
    }
}

KeptHead kept_head(const std::filesystem::path& cache_dir, const std::string& key) {
    KeptHead out;
    std::ifstream file(file_of(cache_dir, key), std::ios::binary);
    if (!file) return out;
    const std::string all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    out.damaged = true;
    const std::string_view bytes = all;
    if (bytes.size() < kMagic.size() + kHashDigits || bytes.substr(0, kMagic.size()) != kMagic) return out;
    const auto payload = bytes.substr(kMagic.size() + kHashDigits);
    if (sha256_of(payload) != bytes.substr(kMagic.size(), kHashDigits)) return out;
    try {
        out.head = parsed(payload, key);
        out.damaged = false;
    } catch (const std::exception&) {  // right checksum, wrong content: written by something else
        out.head.reset();
    }
    return out;
}

}  // namespace precentral
