// SPDX-License-Identifier: Apache-2.0
// The visual language: colours, type and scale of every screen. Sizes are in drawing units: pixels at 1280x800.
// All functions belong to the screen's thread.
#pragma once

#include <QColor>
#include <QFont>
#include <QSize>

#include "data/records.h"
#include "navigation/session_view.h"

namespace precentral {

struct Theme {
    bool dark = true;
    QColor bg, panel, raised, line, text, muted, accent;
    QColor on, near, off, hidden;  // states; never without their shape or word
    QColor left, right;            // sides; never without their letter
    QColor key_text;               // on a key filled with accent

    const QColor& of(Grade grade) const;
    const QColor& of(Side side) const;
};

const Theme& dark_theme();
const Theme& light_theme();

// Type sizes, drawing units.
inline constexpr int kGuidancePx = 84;
inline constexpr int kAlarmPx = 54;
inline constexpr int kBigPx = 40;
inline constexpr int kLeadPx = 28;
inline constexpr int kMidPx = 24;
inline constexpr int kHeadingPx = 20;
inline constexpr int kKeyPx = 17;
inline constexpr int kBodyPx = 15;
inline constexpr int kSmallPx = 13;
inline constexpr double kRadius = 8.0;

// Noto Sans without hinting, so that widths scale with the window. Its figures are tabular.
QFont screen_font(int px, bool bold = false);

// min(width / 1280, height / 800).
double screen_scale(QSize window);

// The palette, and the style of ordinary controls at that scale.
void apply_theme(const Theme& theme, double scale);

}  // namespace precentral
