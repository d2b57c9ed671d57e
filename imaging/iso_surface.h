// SPDX-License-Identifier: Apache-2.0
// From a field on a work grid to one closed, smooth shell.
#pragma once

#include "imaging/surface.h"
#include "imaging/work_grid.h"

namespace precentral {

// The shell where the field crosses `value` (inside is above), by flying edges (Schroeder, Maynard and Geveci 2015,
// doi 10.1109/LDAV.2015.7348069); closed when the field is below `value` on the whole border. Of several shells the one
// with most triangles is kept. Empty when nothing crosses. Normals are not filled in: see vertex_normals.
Surface iso_surface(const Field& field, const WorkGrid& grid, float value);

// Moves each vertex towards the mean of its neighbours and back again, which takes away voxel steps and keeps the
// volume (Taubin 1995, doi 10.1145/218380.218473; λ 0.5, μ -0.53).
void taubin_smooth(Surface& surface, int rounds);

}  // namespace precentral
