// SPDX-License-Identifier: Apache-2.0
// Where each session stimulated, on the patient's own cortex: plan, own hotspot, the median of every session.
#pragma once

#include <QImage>
#include <optional>
#include <string>

#include "imaging/head_model.h"
#include "ui/report/cortex_view.h"
#include "ui/report/facts.h"

class QPainter;
class QRectF;

namespace precentral {

class Canvas;

class CortexFigure {
public:
    // Renders the cortex once; `head` may be null. What could not be drawn is said in missing() and in the figure.
    CortexFigure(const ReviewFacts& facts, const HeadModel* head, const std::string& why_no_head);
    void draw(QPainter& painter, const QRectF& area) const;
    const std::string& missing() const { return missing_; }
    // "Outside the picture: own hotspot.", "" when every mark is in it.
    std::string outside() const;
    double width_mm() const { return view_ ? view_->width_mm : 0.0; }
    static constexpr double kAspect = 1.5;

private:
    void draw_marks(Canvas& canvas, const QRectF& area) const;
    void draw_frame_words(Canvas& canvas, const QRectF& area) const;
    const ReviewFacts* facts_;
    std::optional<CortexView> view_;
    QImage picture_;
    std::string missing_;
};

}  // namespace precentral
