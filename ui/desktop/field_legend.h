// SPDX-License-Identifier: Apache-2.0
// The colours of the field on the cortex, and the scale that explains them.
#pragma once

#include "ui/desktop/ink.h"

namespace precentral {

// Below this share of the peak the cortex keeps its own colour.
inline constexpr double kLeastPaintedShare = 0.25;
// Half the field, half the energy: lines on the cortex.
inline constexpr double kFieldLines[] = {0.5, 0.707};

// Dark blue over green to yellow, lighter with every step, so that it can be read without telling red from green;
// `cortex` where little arrives.
QColor field_colour(double share, const QColor& cortex);

struct FieldLegend {
    QString head;  // "sphere" or "inner skull"
    double area_half_mm2 = 0.0;
    double peak_v_per_m = 0.0;  // for 1 A/µs: what the coil really carries is not known here
};

// Along the left edge of a view of that size; more words where it is wide enough.
void draw_field_legend(Ink& ink, double width, double height, const FieldLegend& legend);

}  // namespace precentral
