// SPDX-License-Identifier: Apache-2.0
// NIfTI-1, NIfTI-2 and ANALYZE 7.5 files, read and written by ourselves: the affine is then exactly what the file says.
// (ITK refuses or bends affines whose axes are not perpendicular, and prefers the qform.)
#pragma once

#include <filesystem>

#include "imaging/volume_io.h"

namespace precentral {

// Throws InputError as load_image does.
LoadedImage load_nifti(const std::filesystem::path& path);

}  // namespace precentral
