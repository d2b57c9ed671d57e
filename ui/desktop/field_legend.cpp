// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/field_legend.h"

#include <algorithm>
#include <array>

namespace precentral {
namespace {

constexpr double kRoomy = 400.0;
constexpr double kWordsWidth = 132.0;
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
    QColor ground = t.panel;
    ground.setAlpha(215);
    const QString head = legend.head == QStringLiteral("sphere") ? QStringLiteral("sphere model") : legend.head;

    if (width < kRoomy) {  // no room for the scale: a line below
        ink.box({0, height - 19, width, 19}, 4, ground);
        ink.text(width / 2, height - 5, head + QStringLiteral(" · lines 50, 70.7 %"),
                 {kSmallPx, false, t.text, Align::centre, width - 8});
        return;
    }

    // The scale, upright at the lower left.
    const double bar_w = 12.0;
    const double bar_h = 130.0;
    const double x = 4.0;
    const double low = height - 12.0;
    const auto at = [&](double share) {
        return low - (share - kLeastPaintedShare) / (1.0 - kLeastPaintedShare) * bar_h;
    };
    ink.box({0, low - bar_h - 10, 74.0, bar_h + 18}, 4, ground);
    for (double i = 0; i < bar_h; i += 1.0) {
        const double share = kLeastPaintedShare + (1.0 - kLeastPaintedShare) * (i + 0.5) / bar_h;
        p.fillRect(QRectF(x, low - i - 1.0, bar_w, 1.5), field_colour(share, QColor(0xe0c3b4)));
    }
    for (const double line : kFieldLines) {
        ink.line({x, at(line)}, {x + bar_w + 3, at(line)}, QColor(0x15191e), 2.0);
        ink.text(x + bar_w + 6, at(line) + 5, line == 0.5 ? QStringLiteral("50 %") : QStringLiteral("70.7 %"),
                 {kSmallPx, false, t.text});
    }
    ink.text(x + bar_w + 6, at(1.0) + 5, QStringLiteral("100 %"), {kSmallPx, false, t.text});
    const std::array<QString, 5> words = {QStringLiteral("Share of peak field"), head,
                                          QStringLiteral("V/m approximate:"),
                                          QStringLiteral("peak %1 per A/µs").arg(legend.peak_v_per_m, 0, 'f', 1),
                                          QStringLiteral("50 %: %1 cm²").arg(legend.area_half_mm2 / 100.0, 0, 'f', 0)};
    ink.box({0, 0, kWordsWidth + 8, 17.0 * words.size() + 6}, 4, ground);
    for (std::size_t i = 0; i < words.size(); ++i) {
        ink.text(x, 15.0 + 17.0 * static_cast<double>(i), words[i],
                 {kSmallPx, i < 2, i < 2 ? t.text : t.muted, Align::left, kWordsWidth});
    }
}

}  // namespace precentral
