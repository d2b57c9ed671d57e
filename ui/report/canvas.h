// SPDX-License-Identifier: Apache-2.0
// Drawing in CSS pixels (1/96 inch) with fractional type sizes, the same on paper, in SVG and on the screen; with the
// light theme of the visual language.
#pragma once

#include <QColor>
#include <QFont>
#include <QPainter>
#include <QString>
#include <string>
#include <vector>

#include "ui/report/relief_class.h"

namespace precentral {

inline const QString kFontFamily = QStringLiteral("Noto Sans");

// Light theme, as on the sheet.
namespace ink {
inline constexpr QColor kText{0x17, 0x20, 0x2a};
inline constexpr QColor kMuted{0x5d, 0x6a, 0x77};
inline constexpr QColor kRule{0xb8, 0xc0, 0xc8};
inline constexpr QColor kLine{0xd3, 0xda, 0xe1};
inline constexpr QColor kRaised{0xee, 0xf1, 0xf4};
inline constexpr QColor kPaper{0xff, 0xff, 0xff};
inline constexpr QColor kOn{0x0b, 0x7f, 0x5f};
inline constexpr QColor kOff{0xb3, 0x38, 0x1a};
inline constexpr QColor kHidden{0x6f, 0x47, 0xad};
inline constexpr QColor kBand{0xe3, 0xf1, 0xec};
inline constexpr QColor kLeft{0x0d, 0x6e, 0xa8};
inline constexpr QColor kRight{0xa8, 0x5a, 0x00};
}  // namespace ink

inline QColor colour_of(std::uint32_t rgb) { return QColor(QRgb(0xff000000U | rgb)); }

enum class Anchor { start, middle, end };

struct PrintStyle {
    double size = 10.5;
    QColor colour = ink::kText;
    bool bold = false;
    Anchor anchor = Anchor::start;
    bool halo = false;  // an edge of the ground's colour, for words over lines or a picture
    QColor ground{0xf4, 0xf3, 0xf0};
};

struct TextRun {
    QString text;
    bool bold = false;
    QColor colour = ink::kText;
};

// Ten times the size in whole pixels; Canvas scales it back, so that half pixels count and glyphs keep their widths.
QFont report_font(double size, bool bold);

class Canvas {
public:
    explicit Canvas(QPainter& painter);

    void line(double x1, double y1, double x2, double y2, const QColor& colour, double width = 0.8,
              const std::vector<double>& dashes = {});
    void rect(const QRectF& area, const QColor& fill, const QColor& edge = Qt::transparent, double width = 0.8,
              const std::vector<double>& dashes = {}, double radius = 0.0);
    void disc(QPointF centre, double radius, const QColor& fill, const QColor& edge, double width = 1.0,
              const std::vector<double>& dashes = {});
    void path(const QPainterPath& shape, const QColor& fill, const QColor& edge = Qt::transparent, double width = 0.8);
    void relief_disc(QPointF centre, double radius, ReliefClass relief);
    void text(double x, double baseline, const QString& words, const PrintStyle& style);
    double text_width(const QString& words, const PrintStyle& style) const;

    // Wraps at words (and within a word that is too long), at most `max_lines`, the last one shortened with an
    // ellipsis. Returns the number of lines; draws nothing when `draw` is false.
    int paragraph(const QRectF& area, const std::vector<TextRun>& runs, double size, double line_height, int max_lines,
                  bool draw = true);

    QPainter& painter() { return *painter_; }

private:
    void set_pen(const QColor& colour, double width, const std::vector<double>& dashes);
    QPainter* painter_;
};

inline QString words(const std::string& text) { return QString::fromStdString(text); }

}  // namespace precentral
