// SPDX-License-Identifier: Apache-2.0
// From one T1 to the head that is navigated on: scalp, brain, template space, and what to aim at.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/progress.h"
#include "data/records.h"
#include "imaging/normalisation.h"
#include "imaging/surface.h"
#include "imaging/volume.h"

namespace precentral {

// Where the package mricron-data puts the Colin27 template (ch2, ch2bet).
inline constexpr const char* kTemplateDir = "/usr/share/mricron/templates";

// A place proposed from the template, to be confirmed by the operator.
struct Landmark {
    std::string name;  // "nasion", "left preauricular", "right preauricular", "hand, left M1", …
    Point<Scan> point;
    std::string source;  // where it comes from, citable
    double sd_mm = 0.0;  // how far off along each axis it is expected to be, one standard deviation
};

struct StageSeconds {
    std::string stage;
    double seconds = 0.0;
};

struct HeadModel {
    Volume t1;
    Surface scalp;                 // closed, one shell, outward normals
    Surface brain;                 // closed
    Normalisation template_space;  // to and from MNI coordinates
    WorkGrid brain_grid;
    Mask brain_mask;  // of brain_grid: brain with its ventricles and closed sulci
    double brain_volume_ml = 0.0;
    std::vector<Landmark> fiducials;  // nasion, left preauricular, right preauricular; on the scalp
    std::vector<Landmark> motor;      // M1 hand, face, leg, each side; where the crowns of the gyri touch
    std::vector<std::string> warnings;
    std::vector<StageSeconds> seconds;
    std::string content_sha256;       // of the T1 file
    std::filesystem::path cache_dir;  // what else is made from it may be kept there; empty = nowhere
};

// Reads the T1 (NIfTI, or what ITK reads) and makes the head model. A model made before from the same content is taken
// from `cache_dir` (created when absent; an unusable cache is rebuilt, never trusted). The same file always gives the
// same model. Throws InputError when the file is missing, broken or not a head with scalp; Cancelled on request.
HeadModel prepare_head(const std::filesystem::path& t1, const std::filesystem::path& cache_dir,
                       const Progress& progress = {}, const std::filesystem::path& template_dir = kTemplateDir);

// The same without a cache: always made anew.
HeadModel make_head(const std::filesystem::path& t1, const Progress& progress = {},
                    const std::filesystem::path& template_dir = kTemplateDir);

// Which voxels of the T1 itself are brain.
Mask brain_voxels(const HeadModel& head);

// The landmark of that name; throws InputError when the model has none.
const Landmark& landmark_named(const std::vector<Landmark>& landmarks, const std::string& name);

}  // namespace precentral
