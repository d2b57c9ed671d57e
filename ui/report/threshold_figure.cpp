// SPDX-License-Identifier: Apache-2.0
#include "ui/report/threshold_figure.h"

#include <algorithm>
#include <cmath>

#include "ui/report/relief_figure.h"
#include "ui/report/wording.h"

namespace precentral {

namespace {

bool has_interval(const ThresholdRecord& t) {
    return std::isfinite(t.low95_mso) && std::isfinite(t.high95_mso) && t.low95_mso < t.high95_mso;
}

}  // namespace

void ThresholdFigure::draw(QPainter& painter, const QRectF& area) const {
    Canvas canvas(painter);
    const VisitAxis axis(facts_->visits, area.left() + ReliefFigure::kAxisLeft,
                         area.right() - ReliefFigure::kAxisRight);
    const double days = area.bottom() - 3.0, numbers = days - 13.0, bottom = numbers - 14.0, top = area.top() + 8.0;

    double low = 1e9, high = -1e9;
    for (const VisitFacts& visit : facts_->visits) {
        if (!visit.threshold) continue;
        const ThresholdRecord& t = *visit.threshold;
        low = std::min({low, t.rmt_mso, has_interval(t) ? t.low95_mso : t.rmt_mso});
        high = std::max({high, t.rmt_mso, has_interval(t) ? t.high95_mso : t.rmt_mso});
    }
    if (low > high) {
        canvas.line(axis.left(), bottom, axis.right(), bottom, ink::kRule);
        canvas.text(area.center().x(), (top + bottom) / 2.0 + 4.0, "No threshold recorded yet.",
                    {.colour = ink::kMuted, .anchor = Anchor::middle});
        return;
    }
    double step = 5.0;
    while ((high - low + 2.0) / step > 2.5) step += 5.0;
    low = std::floor((low - 1.0) / step) * step;
    high = std::max(std::ceil((high + 1.0) / step) * step, low + 2.0 * step);
    const auto y = [&](double mso) { return bottom - (mso - low) / (high - low) * (bottom - top); };
    for (double tick = low; tick <= high + 0.5; tick += step) {
        canvas.line(axis.left(), y(tick), axis.right(), y(tick), ink::kLine);
        canvas.text(axis.left() - 5.0, y(tick) + 3.8, words(number_words(tick, 0)),
                    {.colour = ink::kMuted, .anchor = Anchor::end});
    }
    std::optional<QPointF> before;
    for (std::size_t i = 0; i < facts_->visits.size(); ++i) {
        if (!facts_->visits[i].threshold) {
            before.reset();
            continue;
        }
        const QPointF at(axis.x(i), y(facts_->visits[i].threshold->rmt_mso));
        if (before) canvas.line(before->x(), before->y(), at.x(), at.y(), ink::kText, 1.2);
        before = at;
    }
    for (std::size_t i = 0; i < facts_->visits.size(); ++i) {
        if (!facts_->visits[i].threshold) continue;
        const ThresholdRecord& t = *facts_->visits[i].threshold;
        const double x = axis.x(i);
        if (has_interval(t)) {
            canvas.line(x, y(t.low95_mso), x, y(t.high95_mso), ink::kMuted, 1.0);
            for (const double end : {t.low95_mso, t.high95_mso}) {
                canvas.line(x - 3.0, y(end), x + 3.0, y(end), ink::kMuted, 1.0);
            }
        }
        canvas.disc({x, y(t.rmt_mso)}, 3.2, ink::kText, ink::kPaper, 0.8);
    }
    axis.draw_numbers(canvas, facts_->visits, numbers);
    canvas.text(axis.left() - 4.0, numbers, "session", {.colour = ink::kMuted, .anchor = Anchor::end});
    axis.draw_days(canvas, facts_->visits, days);
}

}  // namespace precentral
