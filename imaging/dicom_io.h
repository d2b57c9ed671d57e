// SPDX-License-Identifier: Apache-2.0
// A DICOM file, or a folder with one or more series, as one image.
#pragma once

#include <filesystem>

#include "imaging/volume_io.h"

namespace precentral {

// True when the file begins as DICOM files do.
bool looks_like_dicom(const std::filesystem::path& path);

// Of a folder, the series that is most likely the whole-head T1, the others named in a warning (by description and
// number, never by anything of the patient). Of a file with one slice, the series it belongs to, from its own folder.
// Throws InputError in one sentence when there is none that can be read.
LoadedImage load_dicom(const std::filesystem::path& path);

}  // namespace precentral
