// SPDX-License-Identifier: Apache-2.0
// Small things the imaging tests share: a folder that goes away, simple shapes, the demo head.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "imaging/mesh_measures.h"
#include "imaging/surface.h"

namespace precentral {

// A new folder, removed with all it holds at the end of the test.
class TemporaryFolder {
public:
    TemporaryFolder() {
        static int count = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("precentral_imaging_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
        std::filesystem::create_directories(path_);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline void write_bytes(const std::filesystem::path& path, const std::vector<unsigned char>& bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// A sphere by repeated division of an octahedron; `rounds` of 5 give 8192 triangles.
inline Surface sphere(const Eigen::Vector3d& middle, double radius_mm, int rounds) {
    Surface out;
    for (const auto& axis : {Eigen::Vector3d(1, 0, 0), Eigen::Vector3d(-1, 0, 0), Eigen::Vector3d(0, 1, 0),
                             Eigen::Vector3d(0, -1, 0), Eigen::Vector3d(0, 0, 1), Eigen::Vector3d(0, 0, -1)}) {
        out.vertices.push_back({axis});
    }
    out.triangles = {{0, 2, 4}, {2, 1, 4}, {1, 3, 4}, {3, 0, 4}, {2, 0, 5}, {1, 2, 5}, {3, 1, 5}, {0, 3, 5}};
    for (int round = 0; round < rounds; ++round) {
        std::map<std::pair<int, int>, int> halves;
        const auto half = [&](int a, int b) {
            const auto key = std::minmax(a, b);
            const auto found = halves.find(key);
            if (found != halves.end()) return found->second;
            const auto at = [&](int v) { return out.vertices[static_cast<std::size_t>(v)].xyz; };
            out.vertices.push_back({(at(a) + at(b)).normalized()});
            return halves[key] = static_cast<int>(out.vertices.size()) - 1;
        };
        std::vector<std::array<int, 3>> finer;
        for (const auto& t : out.triangles) {
            const int ab = half(t[0], t[1]);
            const int bc = half(t[1], t[2]);
            const int ca = half(t[2], t[0]);
            finer.insert(finer.end(), {{t[0], ab, ca}, {ab, t[1], bc}, {ca, bc, t[2]}, {ab, bc, ca}});
        }
        out.triangles = finer;
    }
    for (auto& vertex : out.vertices) vertex.xyz = middle + radius_mm * vertex.xyz;
    out.normals = vertex_normals(out.vertices, out.triangles);
    return out;
}

// A box with corners at low and high.
inline Surface box(const Eigen::Vector3d& low, const Eigen::Vector3d& high) {
    Surface out;
    for (int corner = 0; corner < 8; ++corner) {
        out.vertices.push_back(
            {Eigen::Vector3d((corner & 1) != 0 ? high[0] : low[0], (corner & 2) != 0 ? high[1] : low[1],
                             (corner & 4) != 0 ? high[2] : low[2])});
    }
    out.triangles = {{0, 2, 1}, {1, 2, 3}, {4, 5, 6}, {5, 7, 6}, {0, 1, 4}, {1, 5, 4},
                     {2, 6, 3}, {3, 6, 7}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}};
    out.normals = vertex_normals(out.vertices, out.triangles);
    return out;
}

// The demo patient, of the package mricron-data.
inline std::filesystem::path demo_head() { return "/usr/share/mricron/templates/ch2.nii.gz"; }

}  // namespace precentral
