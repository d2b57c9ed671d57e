// SPDX-License-Identifier: Apache-2.0
// The coil against the plan at every pulse of one session: bull's-eye, distance in the plane, gap to the scalp.
#pragma once

#include "ui/report/facts.h"

class QPainter;
class QRectF;

namespace precentral {

class Canvas;

class PulsesFigure {
public:
    PulsesFigure(const VisitFacts& visit, const GuidanceTolerance& tolerance) : visit_(&visit), tolerance_(tolerance) {}
    void draw(QPainter& painter, const QRectF& area) const;

    // Below the figure: "Session 4: 31 of 1600 pulses outside tolerance, 12 without pose (gaps)."
    std::string caption() const;

private:
    struct Strip;
    void draw_bulls_eye(Canvas& canvas, const QRectF& area) const;
    void draw_strip(Canvas& canvas, const Strip& strip, double left, double right, bool trains) const;
    const VisitFacts* visit_;
    GuidanceTolerance tolerance_;
};

}  // namespace precentral
