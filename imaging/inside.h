// SPDX-License-Identifier: Apache-2.0
// Which voxels of an image lie inside a closed surface.
#pragma once

#include "imaging/surface.h"
#include "imaging/volume.h"
#include "imaging/work_grid.h"

namespace precentral {

// 1 where the voxel's centre is inside `closed`, one value a voxel of `image`, i fastest. By the crossings along each
// row of voxels (even-odd rule), so an open surface gives a wrong mask, not an error: check with measured() first.
Mask voxels_inside(const Surface& closed, const Volume& image);

}  // namespace precentral
