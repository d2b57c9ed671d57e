// SPDX-License-Identifier: Apache-2.0
// What the command line has in common: Ctrl+C that stops cleanly, a bar of progress, default folders, small JSON
// pieces.
#pragma once

#include <Eigen/Core>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/frames.h"
#include "data/progress.h"
#include "registration/point_fit.h"

namespace precentral::cli {

// Stops at Ctrl+C (the second one ends the program); reports as a bar on stderr when it is a terminal.
Progress terminal_progress();

// Where prepared heads are kept between runs: $XDG_CACHE_HOME/precentral, else ~/.cache/precentral, else ./.cache.
std::filesystem::path cache_dir();
// The demo patient's T1 of the package mricron-data; throws InputError that says how to get it.
std::filesystem::path demo_t1();

// A wrong place for results shows before long work, not after; nothing is made yet. Throws InputError naming it.
void require_place_for(const std::filesystem::path& folder);
// Throws InputError naming it when it is not there and cannot be made.
void make_folder(const std::filesystem::path& folder);

nlohmann::json to_json(const Eigen::Matrix4d& m);
nlohmann::json to_json(const Eigen::Vector3d& v);
// 4x4 row-major, an array of 16 or of 4 rows. Throws InputError naming the file.
Eigen::Matrix4d read_matrix(const std::filesystem::path& file);

// A points table with a header `name,x,y,z` (name optional), mm. Throws InputError naming file and line.
struct NamedRow {
    std::string name;
    Eigen::Vector3d xyz = Eigen::Vector3d::Zero();
};
std::vector<NamedRow> read_points(const std::filesystem::path& file);

template <class F>
std::vector<NamedPoint<F>> in_frame(const std::vector<NamedRow>& rows) {
    std::vector<NamedPoint<F>> out;
    out.reserve(rows.size());
    for (const NamedRow& row : rows) out.push_back({row.name, {row.xyz}});
    return out;
}

}  // namespace precentral::cli
