// SPDX-License-Identifier: Apache-2.0
// GIFTI surfaces (the format of FreeSurfer, HCP and SimNIBS tools), read by ourselves.
#pragma once

#include <filesystem>

#include "imaging/surface.h"

namespace precentral {

// The first point set and the first triangle list, in ASCII, base64 or compressed base64. A stated transform to scanner
// space is applied; a surface that FreeSurfer left in its own coordinates is moved to scan mm by the volume geometry in
// its metadata. Throws InputError as read_surface does.
Surface load_gifti(const std::filesystem::path& path);

}  // namespace precentral
