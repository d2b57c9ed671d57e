// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/steps_column.h"

#include <QMouseEvent>
#include <QPainterPath>
#include <utility>

namespace precentral {
namespace {
constexpr double kRow = 58.0;
constexpr double kFirst = 44.0;
}  // namespace

StepsColumn::StepsColumn(QWidget* parent, std::function<void(Step)> chosen)
    : Panel(parent), chosen_(std::move(chosen)) {
    setMouseTracking(true);
}

void StepsColumn::present(const Shown& shown) {
    const bool both = shown.view.step == Step::map || shown.view.step == Step::threshold;
    keep(content_, {shown.view.steps, shown.view.step_notes, both});
}

bool StepsColumn::lit(int step) const {
    if (content_.states[static_cast<std::size_t>(step)] == StepState::current) return true;
    const auto s = static_cast<Step>(step);
    return content_.both_map_and_threshold && (s == Step::map || s == Step::threshold);
}

void StepsColumn::draw(Ink& ink) {
    QPainter& p = ink.painter();
    const Theme& t = theme();
    ink.box({0, 0, w(), h()}, kRadius, t.panel);
    const double rows = std::min(kRow, (h() - 2 * 15.0) / kSteps);
    const auto y_of = [&](int i) { return rows < kRow ? 15.0 + rows * (i + 0.5) : kFirst + kRow * i; };
    for (int i = 0; i < kSteps; ++i) {
        if (!lit(i)) continue;
        const double extra = i + 1 < kSteps && lit(i + 1) ? rows - 54.0 + 1.0 : 0.0;
        p.fillRect(QRectF(0, y_of(i) - 27, w(), 54 + extra), t.raised);
        p.fillRect(QRectF(0, y_of(i) - 27, 4, 54 + extra), t.accent);
    }
    for (int i = 0; i + 1 < kSteps; ++i) ink.line({28, y_of(i) + 15}, {28, y_of(i + 1) - 15}, t.line, 2);
    for (int i = 0; i < kSteps; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const StepState state = content_.states[at];
        const double y = y_of(i);
        const QString note = QString::fromStdString(content_.notes[at]);
        QColor colour = t.text;
        if (lit(i)) {
            ink.ring({28, y}, 10, t.accent, 2.5);
            ink.disc({28, y}, 5, t.accent);
        } else if (state == StepState::done) {
            ink.disc({28, y}, 10, lit(i) ? t.bg : t.raised);
            QPainterPath tick({23.5, y});
            tick.lineTo(26.9, y + 3.6);
            tick.lineTo(32.9, y - 3.4);
            p.setPen(QPen(t.text, 2));
            p.drawPath(tick);
        } else if (state == StepState::open) {
            ink.ring({28, y}, 9, t.muted, 2);
        } else {
            colour = t.muted;
            const double top = y - 2;
            ink.box({20.5, top, 15, 11}, 2, {}, t.muted, 1.8);
            QPainterPath bow({23.5, top});
            bow.lineTo(23.5, top - 4);
            bow.arcTo(QRectF(23.5, top - 8.5, 9, 9), 180, -180);
            bow.lineTo(32.5, top);
            p.setPen(QPen(t.muted, 1.8));
            p.setBrush(Qt::NoBrush);
            p.drawPath(bow);
        }
        const bool has_note = !note.isEmpty();
        const double room = w() - 50 - 6;
        ink.text(50, has_note ? y + 1 : y + 5.5, QString::fromLatin1(kStepNames[at]),
                 {kBodyPx, lit(i), colour, Align::left, room});
        if (!has_note) continue;
        // Three words fit on one line; more take a second one, smaller.
        if (Ink::width(note, 11) <= room) {
            ink.text(50, y + 17, note, {kSmallPx, false, t.muted, Align::left, room});
        } else {
            ink.wrapped(50, y + 14, room, 12, note, {10, false, t.muted});
        }
    }
}

std::optional<Step> StepsColumn::step_at(QPointF pixels) const {
    const double y = pixels.y() / scale();
    const double rows = std::min(kRow, (h() - 2 * 15.0) / kSteps);
    const int i = static_cast<int>(rows < kRow ? (y - 15.0) / rows : (y - 15.0) / kRow);
    if (y < 15.0 || i >= kSteps) return std::nullopt;
    return static_cast<Step>(i);
}

void StepsColumn::mousePressEvent(QMouseEvent* event) {
    const auto step = step_at(event->position());
    if (event->button() == Qt::LeftButton && step && chosen_) chosen_(*step);
}

void StepsColumn::mouseMoveEvent(QMouseEvent* event) {
    const auto step = step_at(event->position());
    const bool open = step && (content_.states[static_cast<std::size_t>(*step)] == StepState::done ||
                               content_.states[static_cast<std::size_t>(*step)] == StepState::open);
    setCursor(open ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

}  // namespace precentral
