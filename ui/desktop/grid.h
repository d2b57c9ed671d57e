// SPDX-License-Identifier: Apache-2.0
// Where everything stands in a window of a given size.
#pragma once

#include <QRect>
#include <QSize>

namespace precentral {

// Window pixels. Columns left and right and the three rows scale only; the stage takes the width left over.
struct Grid {
    double scale = 1.0;
    QRect patient, side, registration;
    QRect steps, stage, numbers;
    QRect strip;  // empty without a train strip
    QRect key;
};

Grid grid_for(QSize window, bool with_strip);

}  // namespace precentral
