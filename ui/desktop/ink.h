// SPDX-License-Identifier: Apache-2.0
// Draws text, state marks and keys in drawing units on a QPainter, and can note every text it drew with its place.
#pragma once

#include <QPainter>
#include <QString>
#include <vector>

#include "ui/desktop/theme.h"

namespace precentral {

enum class Align { left, centre, right };

struct TextStyle {
    int px = kBodyPx;
    bool bold = false;
    QColor colour;  // invalid = the theme's text
    Align align = Align::left;
    double max_width = 0.0;  // 0 = unlimited; otherwise the text shrinks until it fits, never below 9
};

// One text as it was drawn; `ink` is the area really covered, widget pixels.
struct DrawnText {
    QString text;
    QRectF ink;
};

class Ink {
public:
    Ink(QPainter& painter, const Theme& theme, std::vector<DrawnText>* notes = nullptr)
        : painter_(painter), theme_(theme), notes_(notes) {}

    QPainter& painter() { return painter_; }
    const Theme& theme() const { return theme_; }

    static double width(const QString& text, int px, bool bold = false);

    // `x` is the left edge, the centre or the right edge as aligned. Returns the width drawn.
    double text(double x, double baseline, const QString& text, const TextStyle& style = {});
    // Breaks lines at words within `width`; returns the y of the next line's baseline.
    double wrapped(double x, double first_baseline, double width, double line_height, const QString& text,
                   const TextStyle& style = {});

    void line(QPointF a, QPointF b, const QColor& colour, double thickness = 1.0, const QList<qreal>& dash = {});
    void disc(QPointF centre, double radius, const QColor& fill, const QColor& edge = {}, double edge_width = 0.0);
    void ring(QPointF centre, double radius, const QColor& colour, double thickness, const QList<qreal>& dash = {});
    void box(const QRectF& rect, double radius, const QColor& fill, const QColor& edge = {}, double edge_width = 0.0);
    // Disc, triangle, square or broken ring within a square of `size`; with an edge for marks on a busy ground.
    void mark(Grade grade, QPointF centre, double size, const QColor& edge = {}, double edge_width = 0.0);
    void broken_ring(QPointF centre, double radius, double thickness, const QColor& colour);
    // A line from `from` whose head ends at `to`.
    void arrow(QPointF from, QPointF to, double thickness, double head, const QColor& colour);
    // "Space" in its little frame; returns its width.
    double key_cap(double x, double centre_y, const QString& text, int px, const QColor& colour);
    // The side's letter in its box.
    void side_letter(const QRectF& rect, Side side, int px);
    // Diagonal stripes: something without a pose.
    void hatch(const QRectF& rect, const QColor& colour);

private:
    QPainter& painter_;
    const Theme& theme_;
    std::vector<DrawnText>* notes_;
};

}  // namespace precentral
