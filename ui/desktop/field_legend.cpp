// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/field_legend.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace precentral {
namespace {

constexpr double kRoomy = 410.0;
constexpr double kFade = 0.10;  // of the share, from the cortex's own colour
constexpr std::array<QRgb, 5> kRamp = {0xff2b2f7c, 0xff22678f, 0xff1d9689, 0xff73c25c, 0xfff6e44e};

QColor between(const QColor& a, const QColor& b, double u) {
    const auto mix = [u](float x, float y) { return x + static_cast<float>(u) * (y - x); };
    return QColor::fromRgbF(mix(a.redF(), b.redF()), mix(a.greenF(), b.greenF()), mix(a.blueF(), b.blueF()));
}

}  // namespace

QColor field_colour(double share, const QColor& cortex) {
    if (!(share > kLeastPaintedShare)) return cortex;
    const double u = std::min(1.0, (share - kLeastPaintedShare) / (1.0 - kLeastPaintedShare)) * (kRamp.size() - 1);
    const auto step = std::min(static_cast<std::size_t>(u), kRamp.size() - 2);
    const QColor painted = between(QColor(kRamp[step]), QColor(kRamp[step + 1]), u - static_cast<double>(step));
    const double faded = std::min(1.0, (share - kLeastPaintedShare) / kFade);
    return between(cortex, painted, faded);
}

void draw_field_legend(Ink& ink, double width, double height, const FieldLegend& legend) {
    const Theme& t = ink.theme();
    QPainter& p = ink.painter();
    const bool roomy = width >= kRoomy + 20.0;
    const double bar_w = roomy ? 180.0 : std::min(120.0, width - 24.0);
    const double x = 12.0;
    const double bar_y = height - (roomy ? 46.0 : 34.0);
    const double bar_h = 10.0;
    const double top = bar_y - 22.0;
    QColor ground = t.panel;
    ground.setAlpha(215);
    ink.box({x - 6, top - 2, (roomy ? kRoomy : bar_w + 12.0), height - top - 2}, 4, ground);
    const auto at = [&](double share) { return x + (share - kLeastPaintedShare) / (1.0 - kLeastPaintedShare) * bar_w; };
    for (double i = 0; i < bar_w; i += 1.0) {
        const double share = kLeastPaintedShare + (1.0 - kLeastPaintedShare) * (i + 0.5) / bar_w;
        p.fillRect(QRectF(x + i, bar_y, std::min(1.5, bar_w - i), bar_h), field_colour(share, QColor(0xe0c3b4)));
    }
    for (const double line : kFieldLines) ink.line({at(line), bar_y - 2}, {at(line), bar_y + bar_h + 2}, t.text, 1.6);
    const double below = bar_y + bar_h + 15;
    ink.text(x, top + 13, roomy ? QStringLiteral("Field, share of its peak") : QStringLiteral("Field, of its peak"),
             {kSmallPx, false, t.text, Align::left, roomy ? 0.0 : bar_w});
    if (!roomy) {
        ink.text(x, below, legend.head == QStringLiteral("sphere") ? QStringLiteral("sphere model") : legend.head,
                 {kSmallPx, false, t.muted, Align::left, bar_w});
        return;
    }
    ink.text(at(0.5), below, QStringLiteral("50"), {kSmallPx, false, t.text, Align::centre});
    ink.text(at(0.707), below, QStringLiteral("70.7"), {kSmallPx, false, t.text, Align::centre});
    ink.text(at(1.0), below, QStringLiteral("100 %"), {kSmallPx, false, t.text, Align::centre});
    const double words = at(1.0) + 28;
    const double room = x - 6 + kRoomy - words - 4;
    ink.text(words, top + 13, legend.head == QStringLiteral("sphere") ? QStringLiteral("sphere model") : legend.head,
             {kSmallPx, true, t.text, Align::left, room});
    ink.text(words, bar_y + 9, QStringLiteral("peak about %1 V/m per A/µs").arg(legend.peak_v_per_m, 0, 'f', 1),
             {kSmallPx, false, t.muted, Align::left, room});
    ink.text(words, below,
             QStringLiteral("V/m approximate · 50 %: %1 cm²").arg(legend.area_half_mm2 / 100.0, 0, 'f', 0),
             {kSmallPx, false, t.muted, Align::left, room});
}

}  // namespace precentral
