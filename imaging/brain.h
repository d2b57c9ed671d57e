// SPDX-License-Identifier: Apache-2.0
// The brain of a head that has been laid over the template: its mask, its volume, and a surface that shows the gyri.
#pragma once

#include "data/progress.h"
#include "imaging/template_space.h"
#include "imaging/velocity_field.h"

namespace precentral {

// What of the image is brain.
struct BrainMask {
    WorkGrid grid;
    Mask mask;               // brain with its ventricles and closed sulci
    Mask tissue;             // of the mask, without the fluid
    Field field;             // brightness above air, shading taken out
    double volume_ml = 0.0;  // of the mask
    // Dice overlap of the mask with the template's brain carried over: 0.93 and above when all is well.
    double overlap = 0.0;
    float fluid_to_grey = 0.0F;  // the brightness between the two, on `field`
};

// The template's brain, carried over by `match`, or by `match` and `warp` when there is one, says where brain is to
// within some millimetres; the image's own fluid, grey and white matter (three classes, after taking out slow shading)
// say where it ends. What is joined to the brain by less than 4 mm (dura, nerves, marrow) is cut off. Throws InputError
// naming `file` when what is left is no brain.
BrainMask find_brain(const Volume& t1, const TemplateMatch& match, const VelocityField* warp, const Template& from,
                     const std::string& file, const Progress& progress = {});

struct Brain {
    Surface surface;  // closed, one shell, outward normals, about 60 000 triangles; grey matter against fluid
    Surface hull;     // the mask with its fissures bridged: where the crowns of the gyri touch; closed, smooth
};

Brain brain_surfaces(BrainMask brain, const std::string& file, const Progress& progress = {});

}  // namespace precentral
