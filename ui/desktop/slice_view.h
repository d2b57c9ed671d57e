// SPDX-License-Identifier: Apache-2.0
// One plane through the T1, cut along the scan's own axes, with its letters and a crosshair. Left is drawn left
// (neurological convention), and said so. Plain C++: a cut of 256 x 256 takes about 2 ms.
#pragma once

#include <QImage>

#include "imaging/volume.h"
#include "ui/desktop/panel.h"

namespace precentral {

enum class Plane { axial, coronal, sagittal };

// Grey levels of the T1, found once.
struct GreyWindow {
    float low = 0.0F;
    float high = 1.0F;
};
GreyWindow grey_window(const Volume& volume);

struct Cut {
    QImage image;          // 8-bit grey; row 0 at the top of the picture
    double left_mm = 0.0;  // scan coordinate of the picture's left edge along its horizontal axis
    double top_mm = 0.0;   // of its top edge along its vertical axis (the vertical axis points up)
    double pixel_mm = 1.0;
};
// The cut through `at`, trilinear, one pixel a millimetre, over the whole volume. Empty for a volume without samples.
// Horizontal axis: +x (axial, coronal) or +y (sagittal); vertical axis, upwards: +y (axial) or +z.
Cut cut_through(const Volume& volume, Plane plane, const Point<Scan>& at, const GreyWindow& window);

class SliceView : public Panel {
public:
    SliceView(QWidget* parent, Plane plane);
    void set_volume(const Volume& volume, const GreyWindow& window);
    void present(const Shown& shown) override;

protected:
    void draw(Ink& ink) override;

private:
    struct Content {
        bool any = false;
        Eigen::Vector3d at = Eigen::Vector3d::Zero();
        bool at_target = false;
        bool coil_live = false;
        Eigen::Vector3d coil = Eigen::Vector3d::Zero();       // hot spot of the coil
        Eigen::Vector3d coil_deep = Eigen::Vector3d::Zero();  // 30 mm further along its axis
        bool operator==(const Content&) const = default;
    } content_;
    Plane plane_;
    Volume volume_;
    GreyWindow window_;
    Cut cut_;

    Eigen::Vector2d on_plane(const Eigen::Vector3d& scan_mm) const;
};

}  // namespace precentral
