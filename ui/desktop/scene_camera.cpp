// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/scene_camera.h"

#include <algorithm>
#include <cmath>

namespace precentral {

CameraPlace camera_place(SceneLook::Camera camera, const HeadBox& head, Side side, bool turned,
                         const std::optional<Point<Scan>>& aim, const std::optional<Point<Scan>>& next) {
    const Eigen::Vector3d& centre = head.centre;
    const Eigen::Vector3d& half = head.half_size_mm;
    const double lateral = side == Side::left ? -1.0 : 1.0;
    CameraPlace to;
    to.focus = centre;
    switch (camera) {
        case SceneLook::Camera::standing:
            to.away =
                turned ? Eigen::Vector3d(-0.55 * lateral, -0.35, 0.85) : Eigen::Vector3d(0.80 * lateral, -0.42, 0.62);
            to.focus = centre + Eigen::Vector3d(lateral * 8.0, 0.0, 6.0);
            to.reach_mm = 1.22 * half.maxCoeff();
            break;
        case SceneLook::Camera::next_patch:
            if (next) {
                // Level with a point on the face or an ear, and a little to the front.
                const Eigen::Vector3d out = next->xyz - centre;
                to.away = Eigen::Vector3d(out.x(), std::max(out.y(), 0.2 * std::abs(out.x())), 0.25 * out.norm());
            } else {
                to.away = Eigen::Vector3d(0.80 * lateral, 0.35, 0.75);
            }
            to.reach_mm = 1.16 * half.maxCoeff();
            break;
        case SceneLook::Camera::cortex: {
            const Eigen::Vector3d place =
                aim ? aim->xyz : Eigen::Vector3d(centre + Eigen::Vector3d(lateral * half.x() * 0.5, 0.0, half.z()));
            const Eigen::Vector3d inside = centre + Eigen::Vector3d(0.0, 0.0, 10.0);
            to.away = place - inside;
            to.focus = inside + 0.75 * (place - inside);
            to.reach_mm = 56.0;
            break;
        }
    }
    if (to.away.norm() < 1e-6) to.away = Eigen::Vector3d(lateral, 0.0, 0.5);
    to.away.normalize();
    return to;
}

}  // namespace precentral
