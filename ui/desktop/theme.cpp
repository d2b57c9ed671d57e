// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/theme.h"

#include <QApplication>
#include <QPalette>
#include <QString>
#include <algorithm>

namespace precentral {

const QColor& Theme::of(Grade grade) const {
    switch (grade) {
        case Grade::on: return on;
        case Grade::near: return near;
        case Grade::off: return off;
        case Grade::hidden: return hidden;
    }
    return hidden;
}

const QColor& Theme::of(Side side) const { return side == Side::left ? left : right; }

const Theme& dark_theme() {
    static const Theme theme{true,
                             QColor(0x12161b),
                             QColor(0x1a2027),
                             QColor(0x232b34),
                             QColor(0x313b46),
                             QColor(0xe9eef3),
                             QColor(0x94a1ae),
                             QColor(0x5aa9ff),
                             QColor(0x1fbf92),
                             QColor(0xf0a93b),
                             QColor(0xe8603c),
                             QColor(0xb48ce8),
                             QColor(0x6cc5ff),
                             QColor(0xffb86c),
                             QColor(0x12161b)};
    return theme;
}

const Theme& light_theme() {
    static const Theme theme{false,
                             QColor(0xf4f6f8),
                             QColor(0xffffff),
                             QColor(0xeef1f4),
                             QColor(0xd3dae1),
                             QColor(0x17202a),
                             QColor(0x5d6a77),
                             QColor(0x1565c0),
                             QColor(0x0b7f5f),
                             QColor(0x9a5f00),
                             QColor(0xb3381a),
                             QColor(0x6f47ad),
                             QColor(0x0d6ea8),
                             QColor(0xa85a00),
                             QColor(0xffffff)};
    return theme;
}

QFont screen_font(int px, bool bold) {
    QFont font;
    font.setFamilies({QStringLiteral("Noto Sans"), QStringLiteral("Inter"), QStringLiteral("sans-serif")});
    font.setPixelSize(std::max(px, 1));
    font.setBold(bold);
    font.setHintingPreference(QFont::PreferNoHinting);
    if (px >= kGuidancePx) font.setLetterSpacing(QFont::AbsoluteSpacing, -1.0);
    return font;
}

double screen_scale(QSize window) { return std::min(window.width() / 1280.0, window.height() / 800.0); }

void apply_theme(const Theme& theme, double scale) {
    QPalette palette;
    palette.setColor(QPalette::Window, theme.bg);
    palette.setColor(QPalette::WindowText, theme.text);
    palette.setColor(QPalette::Base, theme.raised);
    palette.setColor(QPalette::AlternateBase, theme.panel);
    palette.setColor(QPalette::Text, theme.text);
    palette.setColor(QPalette::PlaceholderText, theme.muted);
    palette.setColor(QPalette::Button, theme.raised);
    palette.setColor(QPalette::ButtonText, theme.text);
    palette.setColor(QPalette::ToolTipBase, theme.raised);
    palette.setColor(QPalette::ToolTipText, theme.text);
    palette.setColor(QPalette::Highlight, theme.accent);
    palette.setColor(QPalette::HighlightedText, theme.key_text);
    palette.setColor(QPalette::Link, theme.accent);
    QApplication::setPalette(palette);
    QApplication::setFont(screen_font(qRound(kBodyPx * scale)));

    const auto px = [scale](double units) { return QString::number(qRound(units * scale)) + QStringLiteral("px"); };
    const QString style =
        QStringLiteral(
            "QLineEdit, QPlainTextEdit { background: %1; color: %2; border: 2px solid %3; border-radius: %4;"
            " padding: 0 %5; font-size: %6; selection-background-color: %7; }"
            "QLineEdit:focus, QPlainTextEdit:focus { border-color: %7; }"
            "QPushButton { background: %1; color: %2; border: 2px solid %3; border-radius: %4;"
            " font-size: %8; padding: 0 %5; }"
            "QPushButton:checked { border: 3px solid %7; font-weight: bold; }"
            "QPushButton:focus { border-color: %7; }"
            "QPushButton:disabled { color: %9; }")
            .arg(theme.raised.name(), theme.text.name(), theme.line.name(), px(kRadius), px(10), px(kHeadingPx),
                 theme.accent.name(), px(kKeyPx), theme.muted.name());
    qApp->setStyleSheet(style);
}

}  // namespace precentral
