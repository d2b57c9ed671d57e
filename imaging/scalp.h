// SPDX-License-Identifier: Apache-2.0
// The skin of the head: one closed shell, from a T1 whatever its intensity scale.
#pragma once

#include <string>
#include <vector>

#include "data/progress.h"
#include "imaging/surface.h"
#include "imaging/work_grid.h"

namespace precentral {

struct Scalp {
    Surface surface;         // closed, one shell, outward normals, about 60 000 triangles
    WorkGrid grid;           // of the mask
    Mask head;               // skin and all inside it
    float threshold = 0.0F;  // between air and skin, in the image's own intensities
    std::vector<std::string> warnings;
};

// The threshold is half of Otsu's between air and tissue; the largest part above it, closed over 6 mm (ear canals,
// nostrils) and filled, is the head. The field of view is surrounded by air, so a neck or face that it cuts is closed
// by a flat lid; each lid other than the neck's is warned of, with its side and size. Throws InputError naming `file`
// when no head with air around it is found.
Scalp extract_scalp(const Volume& t1, const std::string& file, const Progress& progress = {});

}  // namespace precentral
