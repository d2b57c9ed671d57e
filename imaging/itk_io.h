// SPDX-License-Identifier: Apache-2.0
// The formats that are read by ITK: NRRD, MetaImage, and DICOM through GDCM.
#pragma once

#include <filesystem>

#include "imaging/volume_io.h"

namespace precentral {

// NRRD (.nrrd, .nhdr) or MetaImage (.mha, .mhd). Throws InputError as load_image does.
LoadedImage load_nrrd_or_meta(const std::filesystem::path& path);

// A DICOM file, or a folder with one or more series. The slice step is taken from the positions of the slices
// themselves, so a tilted gantry comes out sheared and not silently straightened.
LoadedImage load_dicom(const std::filesystem::path& path);

}  // namespace precentral
