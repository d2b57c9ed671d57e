// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/ink.h"

#include <QFontMetricsF>
#include <QPainterPath>
#include <QPolygonF>
#include <algorithm>
#include <cmath>
#include <numbers>

namespace precentral {
namespace {

constexpr int kLeastPx = 9;

QPen pen_of(const QColor& colour, double thickness, const QList<qreal>& dash = {}) {
    QPen pen(colour, thickness);
    pen.setCapStyle(Qt::FlatCap);
    pen.setJoinStyle(Qt::RoundJoin);
    if (!dash.isEmpty()) {
        QList<qreal> in_pen_widths;
        for (const qreal d : dash) in_pen_widths.push_back(d / thickness);
        pen.setDashPattern(in_pen_widths);
    }
    return pen;
}

}  // namespace

double Ink::width(const QString& text, int px, bool bold) {
    return QFontMetricsF(screen_font(px, bold)).horizontalAdvance(text);
}

double Ink::text(double x, double baseline, const QString& text, const TextStyle& style) {
    if (text.isEmpty()) return 0.0;
    int px = style.px;
    double w = width(text, px, style.bold);
    while (style.max_width > 0.0 && w > style.max_width && px > kLeastPx) w = width(text, --px, style.bold);
    const double left = style.align == Align::left ? x : style.align == Align::centre ? x - w / 2.0 : x - w;
    const QFont font = screen_font(px, style.bold);
    painter_.setFont(font);
    painter_.setPen(style.colour.isValid() ? style.colour : theme_.text);
    painter_.drawText(QPointF(left, baseline), text);
    if (notes_ != nullptr) {
        const QRectF tight = QFontMetricsF(font).tightBoundingRect(text).translated(left, baseline);
        notes_->push_back({text, painter_.combinedTransform().mapRect(tight)});
    }
    return w;
}

double Ink::wrapped(double x, double first_baseline, double width_limit, double line_height, const QString& text,
                    const TextStyle& style) {
    TextStyle line_style = style;
    line_style.max_width = width_limit;  // a single word wider than the line
    double baseline = first_baseline;
    QString line;
    const auto flush = [&] {
        if (line.isEmpty()) return;
        this->text(x, baseline, line, line_style);
        baseline += line_height;
        line.clear();
    };
    for (const QString& word : text.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const QString longer = line.isEmpty() ? word : line + QLatin1Char(' ') + word;
        if (!line.isEmpty() && width(longer, style.px, style.bold) > width_limit) {
            flush();
            line = word;
        } else {
            line = longer;
        }
    }
    flush();
    return baseline;
}

void Ink::line(QPointF a, QPointF b, const QColor& colour, double thickness, const QList<qreal>& dash) {
    painter_.setPen(pen_of(colour, thickness, dash));
    painter_.drawLine(a, b);
}

void Ink::disc(QPointF centre, double radius, const QColor& fill, const QColor& edge, double edge_width) {
    painter_.setPen(edge_width > 0.0 ? pen_of(edge, edge_width) : QPen(Qt::NoPen));
    painter_.setBrush(fill);
    painter_.drawEllipse(centre, radius, radius);
    painter_.setBrush(Qt::NoBrush);
}

void Ink::ring(QPointF centre, double radius, const QColor& colour, double thickness, const QList<qreal>& dash) {
    painter_.setPen(pen_of(colour, thickness, dash));
    painter_.setBrush(Qt::NoBrush);
    painter_.drawEllipse(centre, radius, radius);
}

void Ink::box(const QRectF& rect, double radius, const QColor& fill, const QColor& edge, double edge_width) {
    const double half = edge_width / 2.0;
    painter_.setPen(edge_width > 0.0 ? pen_of(edge, edge_width) : QPen(Qt::NoPen));
    painter_.setBrush(fill.isValid() ? QBrush(fill) : QBrush(Qt::NoBrush));
    painter_.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius);
    painter_.setBrush(Qt::NoBrush);
}

void Ink::broken_ring(QPointF centre, double radius, double thickness, const QColor& colour) {
    const double around = 2.0 * std::numbers::pi * radius;
    const double pieces = std::max(6.0, std::round(around / (1.75 * thickness)));
    const double piece = around / pieces;
    ring(centre, radius, colour, thickness, {piece * 4.0 / 7.0, piece * 3.0 / 7.0});
}

void Ink::mark(Grade grade, QPointF c, double size, const QColor& edge, double edge_width) {
    const QColor& fill = theme_.of(grade);
    const QPen pen = edge_width > 0.0 ? pen_of(edge, edge_width) : QPen(Qt::NoPen);
    switch (grade) {
        case Grade::on: disc(c, size * 13.0 / 28.0, fill, edge, edge_width); return;
        case Grade::hidden: broken_ring(c, size * 11.0 / 28.0, size / 7.0, fill); return;
        case Grade::near: {
            painter_.setPen(pen);
            painter_.setBrush(fill);
            painter_.drawPolygon(
                QPolygonF({QPointF(c.x(), c.y() - 0.51 * size), QPointF(c.x() + 0.51 * size, c.y() + 0.393 * size),
                           QPointF(c.x() - 0.51 * size, c.y() + 0.393 * size)}));
            break;
        }
        case Grade::off: {
            const double half = 0.418 * size;
            painter_.setPen(pen);
            painter_.setBrush(fill);
            painter_.drawRect(QRectF(c.x() - half, c.y() - half, 2 * half, 2 * half));
            break;
        }
    }
    painter_.setBrush(Qt::NoBrush);
}

void Ink::arrow(QPointF from, QPointF to, double thickness, double head, const QColor& colour) {
    const QPointF along = to - from;
    const double length = std::hypot(along.x(), along.y());
    if (length < 1.0) return;
    const QPointF unit = along / length;
    const QPointF side(-unit.y(), unit.x());
    const double head_length = std::min(head, length);
    const QPointF neck = to - unit * head_length;
    if (length > head_length) line(from, neck + unit * 0.5, colour, thickness);
    painter_.setPen(Qt::NoPen);
    painter_.setBrush(colour);
    const double half = 0.7 * head_length;
    painter_.drawPolygon(QPolygonF({to, neck + side * half, neck - side * half}));
    painter_.setBrush(Qt::NoBrush);
}

double Ink::key_cap(double x, double centre_y, const QString& text, int px, const QColor& colour) {
    QColor soft = colour;
    soft.setAlphaF(0.8F);
    const double w = width(text, px) + 18.0;
    const double h = px * 1.3 + 4.0;
    box(QRectF(x, centre_y - h / 2, w, h), 4.0, {}, soft, 1.0);
    this->text(x + w / 2, centre_y + px * 0.36, text, {px, false, soft, Align::centre});
    return w;
}

void Ink::side_letter(const QRectF& rect, Side side, int px) {
    const QColor& colour = theme_.of(side);
    box(rect, kRadius * std::min(1.0, rect.height() / 44.0), {}, colour, rect.height() >= 40 ? 3.0 : 2.0);
    text(rect.center().x(), rect.center().y() + px * 0.358, QString::fromLatin1(to_letter(side)),
         {px, true, colour, Align::centre});
}

void Ink::hatch(const QRectF& rect, const QColor& colour) {
    painter_.save();
    painter_.setClipRect(rect, Qt::IntersectClip);
    painter_.setPen(pen_of(colour, 3.0));
    // Stripes 7 units apart across the diagonal, starting from a corner of the whole widget so that pieces join.
    const double step = 7.0 * std::numbers::sqrt2;
    const double first = std::floor((rect.left() + rect.top()) / step) * step;
    for (double d = first; d <= rect.right() + rect.bottom(); d += step) {
        painter_.drawLine(QPointF(d - rect.top() + 2.0, rect.top() - 2.0),
                          QPointF(d - rect.bottom() - 2.0, rect.bottom() + 2.0));
    }
    painter_.restore();
}

}  // namespace precentral
