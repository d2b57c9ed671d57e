// SPDX-License-Identifier: Apache-2.0
// Resting motor threshold over the visits, each with its 95 % interval.
#pragma once

#include "ui/report/facts.h"

class QPainter;
class QRectF;

namespace precentral {

class ThresholdFigure {
public:
    explicit ThresholdFigure(const ReviewFacts& facts) : facts_(&facts) {}
    void draw(QPainter& painter, const QRectF& area) const;

private:
    const ReviewFacts* facts_;
};

}  // namespace precentral
