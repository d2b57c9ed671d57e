// SPDX-License-Identifier: Apache-2.0
// The pictures the coil is steered by: bull's-eye with twist ring, tilt bubble, gap bar.
#pragma once

#include <Eigen/Core>

#include "ui/desktop/ink.h"
#include "ui/desktop/shown.h"

namespace precentral {

// From the target's (x, y) axes to the screen (right, down), seen from outside the head: the midline is up, or down
// when turned. The target's z points away from the viewer, so this is a rotation and never a mirror image.
class TargetToScreen {
public:
    TargetToScreen(const TargetCompass& compass, bool turned);
    QPointF operator()(const Eigen::Vector2d& target_xy) const;
    bool midline_up() const { return !turned_; }
    bool front_left() const { return front_left_; }

private:
    Eigen::Vector2d right_;
    Eigen::Vector2d down_;
    bool turned_ = false;
    bool front_left_ = false;
};

// Pixels (of a bull's-eye of radius `rim`) from the centre for a distance: linear to 5 mm, pressed together to 20 mm at
// the rim, and the rim beyond.
double bulls_eye_radius(double mm, double rim);

// What the pictures draw, in steps too small to see; equal contents need no repaint.
struct GuidancePicture {
    bool live = false;
    QPointF offset_mm;  // on the screen: right, down
    double in_plane_mm = 0.0;
    QPointF tilt_deg;        // on the screen, towards the high side
    double twist_deg = 0.0;  // positive = clockwise on the screen
    double gap_mm = 0.0;
    Grade in_plane = Grade::hidden, gap = Grade::hidden, tilt = Grade::hidden, twist = Grade::hidden;
    bool midline_up = true;
    bool front_left = true;
    bool operator==(const GuidancePicture&) const = default;
};
GuidancePicture guidance_picture(const Shown& shown);

// `rim` is the outer radius; 210 at full size. The twist ring needs 40 units above it.
void draw_bulls_eye(Ink& ink, QPointF centre, double rim, const GuidancePicture& picture);
// `radius` is 76 at full size.
void draw_tilt(Ink& ink, QPointF centre, double radius, const GuidancePicture& picture);
// The bar's inside, 5 mm at the top, scalp at the bottom; 52 x 380 at full size.
void draw_gap(Ink& ink, const QRectF& bar, const GuidancePicture& picture);

}  // namespace precentral
