// SPDX-License-Identifier: Apache-2.0
// The one dominant area of a step, and what it wants to see of the 3D scene.
#pragma once

#include "ui/desktop/panel.h"

namespace precentral {

// How the shared 3D view is shown on a stage.
struct SceneLook {
    enum class Camera { standing, next_patch, cortex };
    Camera camera = Camera::standing;
    double scalp = 1.0;  // opacity; 0 = not shown
    bool brain = false;
    enum class CoilStyle { none, solid, outline } coil = CoilStyle::none;
    bool target = false;
    bool touched = false;
    bool pulses = false;
    bool field = false;          // painted on the brain while the coil's pose is live
    bool side_in_words = false;  // "you see the right side"
    bool operator==(const SceneLook&) const = default;
};

class Stage : public Panel {
public:
    using Panel::Panel;
    // Where the 3D view stands, drawing units within the stage; empty = not shown.
    virtual QRectF scene_place() const { return {}; }
    virtual SceneLook scene_look() const { return {}; }
};

}  // namespace precentral
