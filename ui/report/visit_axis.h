// SPDX-License-Identifier: Apache-2.0
// Where each visit stands from left to right: days to scale, one axis for all figures over visits.
#pragma once

#include <vector>

#include "ui/report/canvas.h"
#include "ui/report/facts.h"

namespace precentral {

class VisitAxis {
public:
    // Days to scale; evenly spaced where two visits would be drawn on top of each other.
    VisitAxis(const std::vector<VisitFacts>& visits, double left, double right);

    double x(std::size_t visit) const { return xs_[visit]; }
    double left() const { return left_; }
    double right() const { return right_; }
    double narrowest() const { return narrowest_; }  // between two neighbours, px
    bool to_scale() const { return to_scale_; }

    // "1 2 3 …" centred under the visits, leaving out those that would touch.
    void draw_numbers(Canvas& canvas, const std::vector<VisitFacts>& visits, double baseline) const;
    // "9 Feb 2026" under the first, the last and those between that fit.
    void draw_days(Canvas& canvas, const std::vector<VisitFacts>& visits, double baseline) const;

private:
    std::vector<double> xs_;
    double left_, right_;
    double narrowest_ = 0.0;
    bool to_scale_ = true;
};

}  // namespace precentral
