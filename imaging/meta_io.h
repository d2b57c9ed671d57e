// SPDX-License-Identifier: Apache-2.0
// MetaImage files (.mha, .mhd), read by ourselves: the format is defined at
// https://docs.itk.org/en/latest/learn/metaio.html.
#pragma once

#include <filesystem>

#include "imaging/volume_io.h"

namespace precentral {

// Samples as text, plain or compressed, behind the header or in one file beside it; of several volumes the first, with
// a warning. Throws InputError as load_image does.
LoadedImage load_meta(const std::filesystem::path& path);

}  // namespace precentral
