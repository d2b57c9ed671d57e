// SPDX-License-Identifier: Apache-2.0
// FreeSurfer's own files: surfaces (lh.pial, rh.white, …) and annotations (lh.aparc.annot).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "imaging/surface.h"

namespace precentral {

// Whether the file begins as a FreeSurfer surface does (triangles or one of the older quadrangle forms).
bool is_freesurfer_surface(const std::filesystem::path& path);

// A triangle file (magic FF FF FE). Its coordinates are FreeSurfer's own ("tkregister"); the volume geometry at the end
// of the file turns them into scan mm. Where the file carries none, that of ../mri/orig.mgz is used, as FreeSurfer lays
// its folders out. Throws InputError, naming the file, when there is neither, for the older quadrangle forms, for
// surfaces that are not where the brain is (inflated, sphere, flat patches), and for what is broken.
Surface load_freesurfer(const std::filesystem::path& path);

// What part of the cortex each vertex belongs to.
struct Annotation {
    std::vector<std::string> names;  // "precentral", "postcentral", …; as in the file's colour table
    std::vector<int> label;          // one a vertex: which of `names`, -1 for none
    // The vertices of the part of that name; throws InputError when the annotation has no such part.
    std::vector<int> vertices_of(const std::string& name) const;
};

// Throws InputError naming the file when it is broken or has no colour table.
Annotation load_annotation(const std::filesystem::path& path);

// Scan from tkregister coordinates, of a volume of that size and place: FreeSurfer's surfaces are stated about the
// centre of a box whose axes point left, up-side-down and forth (the "TkReg RAS" of FreeSurfer's CoordinateSystems
// page), whatever the image's own axes are.
Eigen::Affine3d scan_from_tkregister(const Eigen::Vector3d& spacing_mm, const std::array<int, 3>& dims,
                                     const AffineMap<Scan, Voxel>& scan_from_voxel);

}  // namespace precentral
