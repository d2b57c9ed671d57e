// SPDX-License-Identifier: Apache-2.0
#include "ui/report/canvas.h"

#include <QFontMetricsF>
#include <QPainterPath>
#include <QTextLayout>
#include <algorithm>
#include <cmath>

namespace precentral {

namespace {
constexpr double kFine = 10.0;
}

QFont report_font(double size, bool bold) {
    QFont font(kFontFamily);
    font.setStyleHint(QFont::SansSerif);
    font.setPixelSize(std::max(1, static_cast<int>(std::lround(size * kFine))));
    font.setBold(bold);
    font.setHintingPreference(QFont::PreferNoHinting);
    // A trace of spacing switches ligatures off: "confirm" is found and copied letter by letter.
    font.setLetterSpacing(QFont::AbsoluteSpacing, 1.0 / 64.0);
    return font;
}

Canvas::Canvas(QPainter& painter) : painter_(&painter) {
    painter_->setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing | QPainter::SmoothPixmapTransform);
}

void Canvas::set_pen(const QColor& colour, double width, const std::vector<double>& dashes) {
    if (colour.alpha() == 0) {
        painter_->setPen(Qt::NoPen);
        return;
    }
    QPen pen(colour, width, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin);
    if (!dashes.empty()) {
        QList<qreal> pattern;  // Qt counts dashes in widths of the pen
        for (const double dash : dashes) pattern.push_back(dash / width);
        pen.setDashPattern(pattern);
    }
    painter_->setPen(pen);
}

void Canvas::line(double x1, double y1, double x2, double y2, const QColor& colour, double width,
                  const std::vector<double>& dashes) {
    set_pen(colour, width, dashes);
    painter_->drawLine(QPointF(x1, y1), QPointF(x2, y2));
}

void Canvas::rect(const QRectF& area, const QColor& fill, const QColor& edge, double width,
                  const std::vector<double>& dashes, double radius) {
    set_pen(edge, width, dashes);
    painter_->setBrush(fill.alpha() == 0 ? QBrush(Qt::NoBrush) : QBrush(fill));
    if (radius > 0.0) {
        painter_->drawRoundedRect(area, radius, radius);
    } else {
        painter_->drawRect(area);
    }
}

void Canvas::disc(QPointF centre, double radius, const QColor& fill, const QColor& edge, double width,
                  const std::vector<double>& dashes) {
    set_pen(edge, width, dashes);
    painter_->setBrush(fill.alpha() == 0 ? QBrush(Qt::NoBrush) : QBrush(fill));
    painter_->drawEllipse(centre, radius, radius);
}

void Canvas::path(const QPainterPath& shape, const QColor& fill, const QColor& edge, double width) {
    set_pen(edge, width, {});
    painter_->setBrush(fill.alpha() == 0 ? QBrush(Qt::NoBrush) : QBrush(fill));
    painter_->drawPath(shape);
}

void Canvas::relief_disc(QPointF centre, double radius, ReliefClass relief) {
    const ReliefMark& mark = relief_mark(relief);
    disc(centre, radius, colour_of(mark.light), mark.dashed ? ink::kMuted : ink::kText, 1.0,
         mark.dashed ? std::vector<double>{2.0, 2.0} : std::vector<double>{});
}

double Canvas::text_width(const QString& words, const PrintStyle& style) const {
    return QFontMetricsF(report_font(style.size, style.bold)).horizontalAdvance(words) / kFine;
}

void Canvas::text(double x, double baseline, const QString& words, const PrintStyle& style) {
    if (words.isEmpty()) return;
    const QFont font = report_font(style.size, style.bold);
    const double width = QFontMetricsF(font).horizontalAdvance(words) / kFine;
    const double left = style.anchor == Anchor::start    ? x
                        : style.anchor == Anchor::middle ? x - width / 2.0
                                                         : x - width;
    painter_->save();
    painter_->translate(left, baseline);
    painter_->scale(1.0 / kFine, 1.0 / kFine);
    if (style.halo) {
        QPainterPath outline;
        outline.addText(0.0, 0.0, font, words);
        painter_->setPen(QPen(style.ground, 3.0 * kFine, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter_->setBrush(Qt::NoBrush);
        painter_->drawPath(outline);
    }
    painter_->setFont(font);
    painter_->setPen(style.colour);
    painter_->drawText(QPointF(0.0, 0.0), words);
    painter_->restore();
}

int Canvas::paragraph(const QRectF& area, const std::vector<TextRun>& runs, double size, double line_height,
                      int max_lines, bool draw) {
    QString all;
    QList<QTextLayout::FormatRange> formats;
    for (const TextRun& run : runs) {
        QTextLayout::FormatRange range;
        range.start = static_cast<int>(all.size());
        range.length = static_cast<int>(run.text.size());
        range.format.setFont(report_font(size, run.bold));
        range.format.setForeground(run.colour);
        formats.push_back(range);
        all += run.text;
    }
    QTextLayout layout(all, report_font(size, false));
    layout.setFormats(formats);
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    layout.setTextOption(option);
    layout.beginLayout();
    int count = 0;
    bool cut = false;
    for (;;) {
        QTextLine line = layout.createLine();
        if (!line.isValid()) break;
        if (count == max_lines) {
            cut = true;
            break;
        }
        line.setLineWidth(area.width() * kFine);
        line.setPosition(QPointF(0.0, count * line_height * kFine - line.ascent() + line_height * kFine * 0.76));
        ++count;
    }
    layout.endLayout();
    if (cut) {
        // Shorten what is there until it fits with the ellipsis; each turn drops a word's worth.
        const QTextLine last = layout.lineAt(max_lines - 1);
        qsizetype keep = last.textStart() + last.textLength();
        std::vector<TextRun> shorter;
        keep = std::max<qsizetype>(0, keep - 2);
        while (keep > 0 && all[keep - 1].isSpace()) --keep;
        qsizetype at = 0;
        for (const TextRun& run : runs) {
            if (at >= keep) break;
            TextRun part = run;
            part.text = run.text.left(keep - at);
            at += run.text.size();
            shorter.push_back(part);
        }
        if (shorter.empty()) return 0;
        shorter.back().text += QChar(0x2026);
        return paragraph(area, shorter, size, line_height, max_lines, draw);
    }
    if (draw) {
        painter_->save();
        painter_->translate(area.topLeft());
        painter_->scale(1.0 / kFine, 1.0 / kFine);
        layout.draw(painter_, QPointF(0.0, 0.0));
        painter_->restore();
    }
    return count;
}

}  // namespace precentral
