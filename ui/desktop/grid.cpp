// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/grid.h"

#include <QtMath>

#include "ui/desktop/theme.h"

namespace precentral {

Grid grid_for(QSize window, bool with_strip) {
    Grid grid;
    grid.scale = screen_scale(window);
    const auto px = [&](double units) { return qRound(units * grid.scale); };
    const int gap = px(12);
    const int left_w = px(140);
    const int right_w = px(328);
    const int top_h = px(64);
    const int bottom_h = px(136);
    const int stage_x = gap + left_w + gap;
    const int right_x = window.width() - gap - right_w;
    const int stage_w = right_x - gap - stage_x;
    const int middle_y = gap + top_h + gap;
    const int bottom_y = window.height() - gap - bottom_h;
    const int middle_h = bottom_y - gap - middle_y;
    const int tall_h = with_strip ? middle_h : window.height() - gap - middle_y;
    grid.patient = {gap, gap, left_w, top_h};
    grid.side = {stage_x, gap, stage_w, top_h};
    grid.registration = {right_x, gap, right_w, top_h};
    grid.steps = {gap, middle_y, left_w, tall_h};
    grid.stage = {stage_x, middle_y, stage_w, tall_h};
    grid.numbers = {right_x, middle_y, right_w, middle_h};
    if (with_strip) grid.strip = {gap, bottom_y, right_x - 2 * gap, bottom_h};
    grid.key = {right_x, bottom_y, right_w, bottom_h};
    return grid;
}

}  // namespace precentral
