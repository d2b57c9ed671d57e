// SPDX-License-Identifier: Apache-2.0
// What a cohort's map is laid on: the template's cortex, a surface of one's own, or a grid.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "data/cohort/target_map.h"
#include "data/progress.h"
#include "imaging/surface.h"

namespace precentral {

struct MapGround {
    cohort::MapPlaces places;
    std::string name;  // "cortex of Colin27", the file's name, "grid of 2 mm"
    // Of a surface: MNI mm, a vertex a place.
    Surface surface;
    // Of a grid: the cell of each place, and where cell (0, 0, 0) has its middle.
    double grid_mm = 0.0;
    std::array<int, 3> dims{};
    Eigen::Vector3d origin_mni = Eigen::Vector3d::Zero();
    std::vector<std::array<int, 3>> cells;
};

// The brain surface of the template (Colin27), made once and kept in `cache_dir`. Throws as prepare_head.
MapGround template_cortex(const std::filesystem::path& t1, const std::filesystem::path& cache_dir,
                          const Progress& progress = {});
// A surface whose coordinates are MNI mm. Throws as read_surface.
MapGround surface_ground(const std::filesystem::path& path);
// All cells within `reach_mm` of a target, right ones laid on the left when `lay_on_left`. Throws InputError unless 0.5
// <= grid_mm <= 20, when no target is known, or when there would be more than a million cells.
MapGround grid_ground(const std::vector<Eigen::Vector3d>& targets_mni, double grid_mm, bool lay_on_left,
                      double reach_mm = 15.0);

// The targets moved to the crown above them: the outermost place of a surface within 4 mm of the line from the middle
// of the brain (MNI 0, -18, 12) through the target, else the nearest place. A coil reaches crowns, and a patient's
// point in template space lies some millimetres off the template's own cortex. A grid leaves targets where they are.
// Right ones are laid on the left before when asked.
struct LaidTargets {
    std::vector<Eigen::Vector3d> mni;  // NaN where not known, or further than the reach from any place
    int too_far = 0;
    double median_moved_mm = 0.0;
};
LaidTargets laid_on(const MapGround& ground, const std::vector<Eigen::Vector3d>& targets_mni, bool lay_on_left,
                    double reach_mm = 15.0);

}  // namespace precentral
