// SPDX-License-Identifier: Apache-2.0
// Pain relief over the visits and how many days it lasted. Unknown is a dashed outline, never 0, never joined.
#pragma once

#include "ui/report/facts.h"
#include "ui/report/visit_axis.h"

class QPainter;
class QRectF;

namespace precentral {

class ReliefFigure {
public:
    explicit ReliefFigure(const ReviewFacts& facts) : facts_(&facts) {}
    void draw(QPainter& painter, const QRectF& area) const;
    // Left end of the axis within the area, px; the threshold figure below uses the same.
    static constexpr double kAxisLeft = 42.0;
    static constexpr double kAxisRight = 4.0;

private:
    void draw_relief(Canvas& canvas, const VisitAxis& axis, double top, double bottom) const;
    void draw_days(Canvas& canvas, const VisitAxis& axis, double top, double bottom) const;
    const ReviewFacts* facts_;
};

}  // namespace precentral
