// SPDX-License-Identifier: Apache-2.0
// Surfaces in and out: STL, PLY, OBJ, VTP; GIFTI and FreeSurfer in. Coordinates are taken as scan mm (RAS).
#pragma once

#include <filesystem>

#include "imaging/surface.h"

namespace precentral {

// By the name's ending: .stl, .ply, .obj, .vtp, .gii (.surf.gii); a FreeSurfer surface (lh.pial) by its first bytes.
// Normals are computed anew. Throws InputError, in one sentence that names the file, when it is missing, broken, of
// another kind, or has no triangles. Not to be called from two threads for the same file.
Surface read_surface(const std::filesystem::path& path);

// Binary where the format has it. Written beside and renamed. Throws InputError for an unknown ending or an empty
// surface, Error when it cannot be written.
void write_surface(const Surface& surface, const std::filesystem::path& path);

}  // namespace precentral
