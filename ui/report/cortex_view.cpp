// SPDX-License-Identifier: Apache-2.0
#include "ui/report/cortex_view.h"

#include "navigation/placement.h"

namespace precentral {

Eigen::Vector2d CortexView::project(const Point<Scan>& p) const {
    const Direction<Scan> off = p - centre;
    return {0.5 + off.dot(right) / width_mm, 0.5 - off.dot(up) / height_mm()};
}

bool CortexView::contains(const Point<Scan>& p, double margin) const {
    const Eigen::Vector2d at = project(p);
    return at.allFinite() && at.minCoeff() >= margin && at.maxCoeff() <= 1.0 - margin;
}

CortexView view_of(const TargetRecord& target, double width_mm, double aspect) {
    const TangentFrame frame = tangent_frame(-target.scan_from_coil.z_axis(), target.side);
    CortexView view;
    view.centre = target.cortex;
    view.outward = frame.outward;
    view.up = frame.midline;
    view.right = frame.midline.cross(frame.outward);
    view.front = view.right.dot(frame.front) > 0.0 ? 1 : -1;
    view.width_mm = width_mm;
    view.aspect = aspect;
    return view;
}

}  // namespace precentral
