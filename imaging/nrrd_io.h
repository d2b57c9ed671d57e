// SPDX-License-Identifier: Apache-2.0
// NRRD images (.nrrd, .nhdr), read by ourselves: the format is defined at
// https://teem.sourceforge.net/nrrd/format.html.
#pragma once

#include <filesystem>

#include "imaging/volume_io.h"

namespace precentral {

// Encodings raw, gzip and text; of several values a voxel, or several volumes, the first, with a warning. Throws
// InputError as load_image does.
LoadedImage load_nrrd(const std::filesystem::path& path);

}  // namespace precentral
