// SPDX-License-Identifier: Apache-2.0
// What is written over the 3D view: which side is seen, what to touch now, the circle around the hotspot.
#pragma once

#include <functional>
#include <optional>

#include "ui/desktop/ink.h"
#include "ui/desktop/scene_camera.h"

namespace precentral {

struct SceneMarks {
    Eigen::Vector3d view_direction = Eigen::Vector3d::UnitX();  // unit, from the camera into the scene
    Eigen::Vector3d view_up = Eigen::Vector3d::UnitZ();
    HeadBox head;
    bool side_in_words = false;
    std::optional<Point<Scan>> touch_next;
    QString touch_words;
    std::optional<Point<Scan>> hotspot;
    double radius95_mm = 0.0;
};

// A point's place on the view, drawing units; empty when it is not in front of the camera.
using Project = std::function<std::optional<QPointF>(const Point<Scan>&)>;

// There is always a side letter: the side seen in the corner, or both beside a head seen from the front, back or top.
void draw_scene_marks(Ink& ink, double width, double height, const SceneMarks& marks, const Project& project);

}  // namespace precentral
