// SPDX-License-Identifier: Apache-2.0
// A cohort's map as files other programs open: CSV always, GIFTI for a surface, NIfTI for a grid.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/cohort/target_map.h"
#include "ui/report/cohort_map_ground.h"

namespace precentral {

struct MapLayer {
    std::string name;            // "relief_t"
    std::string meaning;         // with its unit
    std::vector<double> values;  // one a place, NaN where nothing is said
};

std::vector<MapLayer> layers_of(const cohort::CoverageMap& coverage);
std::vector<MapLayer> layers_of(const cohort::TargetMap& map);

// `folder`/map.csv (x, y, z in MNI mm and one column a layer), and either cortex.surf.gii with map.func.gii, or one
// LAYER.nii.gz a layer in MNI mm. The folder is there already. Returns the files' names. Throws Error when one cannot
// be written.
std::vector<std::string> write_map(const std::filesystem::path& folder, const MapGround& ground,
                                   const std::vector<MapLayer>& layers);

}  // namespace precentral
