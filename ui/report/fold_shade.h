// SPDX-License-Identifier: Apache-2.0
// Which parts of the brain surface lie in folds, so that gyri can be told in a picture.
#pragma once

#include <vector>

#include "imaging/head_model.h"

namespace precentral {

// One value a vertex: 0 on a crown, 1 deep in a fold, from the bend of the surface (mean normal curvature over the
// neighbours, smoothed) and, where the head model has its T1, from how dark the image is just below the surface: a
// surface that bridges a fold has fluid under it.
std::vector<float> fold_shade(const HeadModel& head);

}  // namespace precentral
