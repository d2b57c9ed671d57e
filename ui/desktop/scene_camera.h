// SPDX-License-Identifier: Apache-2.0
// From where the head is looked at.
#pragma once

#include <optional>

#include "data/records.h"
#include "ui/desktop/stage.h"

namespace precentral {

inline constexpr double kViewAngle_deg = 24.0;

// The box around the head, scan mm.
struct HeadBox {
    Eigen::Vector3d centre = Eigen::Vector3d::Zero();
    Eigen::Vector3d half_size_mm = Eigen::Vector3d::Ones();
};

struct CameraPlace {
    Eigen::Vector3d focus = Eigen::Vector3d::Zero();   // scan mm
    Eigen::Vector3d away = -Eigen::Vector3d::UnitX();  // unit, from the focus to the camera
    double reach_mm = 120.0;                           // half of what is seen, in the smaller direction
};

// `side` is the target's; `turned`: the technician stands on the other one. `aim` is the cortex looked at, `next` the
// place to touch now.
CameraPlace camera_place(SceneLook::Camera camera, const HeadBox& head, Side side, bool turned,
                         const std::optional<Point<Scan>>& aim, const std::optional<Point<Scan>>& next);

}  // namespace precentral
