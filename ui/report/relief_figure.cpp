// SPDX-License-Identifier: Apache-2.0
#include "ui/report/relief_figure.h"

#include <QPolygonF>
#include <algorithm>
#include <cmath>

#include "ui/report/wording.h"

namespace precentral {

void ReliefFigure::draw(QPainter& painter, const QRectF& area) const {
    Canvas canvas(painter);
    const VisitAxis axis(facts_->visits, area.left() + kAxisLeft, area.right() - kAxisRight);
    if (facts_->visits.empty()) {
        canvas.line(axis.left(), area.bottom(), axis.right(), area.bottom(), ink::kRule);
        canvas.text(area.center().x(), area.center().y(), "No visit recorded yet.",
                    {.colour = ink::kMuted, .anchor = Anchor::middle});
        return;
    }
    const double numbers = area.bottom() - 3.0;
    const double days_bottom = numbers - 13.0;
    const double days_top = days_bottom - std::min(40.0, area.height() * 0.24);
    draw_relief(canvas, axis, area.top() + 6.0, days_top - 12.0);
    draw_days(canvas, axis, days_top, days_bottom);
    axis.draw_numbers(canvas, facts_->visits, numbers);
    canvas.text(axis.left() - 4.0, numbers, "session", {.colour = ink::kMuted, .anchor = Anchor::end});
}

void ReliefFigure::draw_relief(Canvas& canvas, const VisitAxis& axis, double top, double bottom) const {
    double low = 0.0, high = 55.0;
    for (const VisitFacts& visit : facts_->visits) {
        if (!visit.relief_percent) continue;
        low = std::min(low, std::floor(*visit.relief_percent / 10.0) * 10.0);
        high = std::max(high, *visit.relief_percent + 5.0);
    }
    const auto y = [&](double percent) { return bottom - (percent - low) / (high - low) * (bottom - top); };

    std::vector<double> labelled;
    const auto label = [&](double percent) {
        const bool free = std::none_of(labelled.begin(), labelled.end(),
                                       [&](double other) { return std::abs(y(other) - y(percent)) < 11.0; });
        if (!free) return;
        labelled.push_back(percent);
        canvas.text(axis.left() - 5.0, y(percent) + 3.8, words(number_words(percent, 0)),
                    {.colour = ink::kMuted, .anchor = Anchor::end});
    };
    canvas.line(axis.left(), y(0.0), axis.right(), y(0.0), ink::kRule);
    for (const double line : {10.0, 30.0, 50.0}) {
        canvas.line(axis.left(), y(line), axis.right(), y(line), ink::kRule, 0.8, {1.0, 3.0});
    }
    for (const double percent : {30.0, 0.0, 50.0, 10.0}) label(percent);
    if (high > 75.0) label(std::floor((high - 5.0) / 10.0) * 10.0);
    if (low < 0.0) label(low);

    QPolygonF run;
    const auto end_run = [&] {
        for (qsizetype i = 1; i < run.size(); ++i) {
            canvas.line(run[i - 1].x(), run[i - 1].y(), run[i].x(), run[i].y(), ink::kText, 1.2);
        }
        run.clear();
    };
    for (std::size_t i = 0; i < facts_->visits.size(); ++i) {
        const auto& relief = facts_->visits[i].relief_percent;
        if (relief) {
            run << QPointF(axis.x(i), y(*relief));
        } else if (facts_->visits[i].treated()) {
            end_run();
        }
    }
    end_run();

    double level = 30.0;
    for (std::size_t i = 0; i < facts_->visits.size(); ++i) {
        const VisitFacts& visit = facts_->visits[i];
        if (!visit.relief_percent && !visit.treated()) continue;
        if (visit.relief_percent) level = *visit.relief_percent;
        const QPointF at(axis.x(i), y(visit.relief_percent ? *visit.relief_percent : std::max(level, 15.0)));
        canvas.relief_disc(at, 5.0, relief_class(visit.relief_percent));
        if (visit.relief_percent || axis.narrowest() < 34.0) continue;
        canvas.text(at.x(), at.y() + 16.0, "not known",
                    {.colour = ink::kMuted, .anchor = Anchor::middle, .halo = true, .ground = ink::kPaper});
    }
}

void ReliefFigure::draw_days(Canvas& canvas, const VisitAxis& axis, double top, double bottom) const {
    double longest = 7.0;
    for (const VisitFacts& visit : facts_->visits) longest = std::max(longest, visit.relief_days.value_or(0.0));
    canvas.line(axis.left(), bottom, axis.right(), bottom, ink::kRule);
    canvas.text(axis.left() - 5.0, bottom - 1.0, "days", {.colour = ink::kMuted, .anchor = Anchor::end});
    const bool room = axis.narrowest() >= 15.0;
    for (std::size_t i = 0; i < facts_->visits.size(); ++i) {
        const VisitFacts& visit = facts_->visits[i];
        const double x = axis.x(i);
        if (!visit.relief_days) {
            if (visit.treated()) {
                canvas.rect({x - 4.0, bottom - 11.0, 8.0, 11.0}, Qt::transparent, ink::kMuted, 0.8, {2.0, 2.0});
            }
            continue;
        }
        const double height = std::max(0.0, *visit.relief_days) / longest * (bottom - top - 11.0);
        canvas.rect({x - 4.0, bottom - height, 8.0, height}, ink::kMuted);
        if (room) {
            canvas.text(x, bottom - height - 3.0, words(number_words(*visit.relief_days, 0)),
                        {.colour = ink::kMuted, .anchor = Anchor::middle});
        }
    }
}

}  // namespace precentral
