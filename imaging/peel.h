// SPDX-License-Identifier: Apache-2.0
// The curvilinear peel: the MRI painted on a surface at a chosen depth under the scalp, on which gyri can be followed
// over the curve of the head (curvilinear reformatting: Bastos et al. 1999, Ann Neurol 46:88-94).
#pragma once

#include <vector>

#include "imaging/surface.h"
#include "imaging/volume.h"
#include "imaging/work_grid.h"

namespace precentral {

struct PaintedSurface {
    Surface surface;            // closed, one shell, normals outward
    std::vector<float> values;  // one a vertex, of the image there, trilinear
};

// Depths are measured once, on a grid of 1.5 mm, as distance to the nearest skin; each depth is then one iso-surface of
// that field. Pushing the scalp's own vertices inwards along their normals would fold over itself wherever the skin
// curves more tightly than the depth (ears, nose, neck); a level of a distance field cannot cross itself, and parts
// that are thinner than twice the depth simply vanish.
class Peel {
public:
    // ~0.5 s for a head. Throws InputError when the scalp is empty or not closed.
    explicit Peel(const Surface& scalp);

    // Fast enough to follow a slider. Throws InputError when the depth is not a number, below 0 or deeper than the
    // head. Const calls from any thread.
    PaintedSurface at(double depth_mm, const Volume& image) const;

    double deepest_mm() const { return deepest_mm_; }

private:
    WorkGrid grid_;
    Field depth_mm_;  // positive inside
    double deepest_mm_ = 0.0;
};

}  // namespace precentral
