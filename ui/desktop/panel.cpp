// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/panel.h"

#include <QImage>
#include <QPaintEvent>
#include <algorithm>
#include <cmath>

namespace precentral {

Panel::Panel(QWidget* parent) : QWidget(parent), theme_(&dark_theme()) { setFocusPolicy(Qt::NoFocus); }

void Panel::set_look(const Theme& theme, double scale) {
    if (theme_ == &theme && scale_ == scale) return;
    theme_ = &theme;
    scale_ = std::max(scale, 0.05);
    look_changed();
    update();
}

QRect Panel::to_pixels(const QRectF& units) const {
    const int left = static_cast<int>(std::lround(units.left() * scale_));
    const int top = static_cast<int>(std::lround(units.top() * scale_));
    const int right = static_cast<int>(std::lround(units.right() * scale_));
    const int bottom = static_cast<int>(std::lround(units.bottom() * scale_));
    return {left, top, right - left, bottom - top};
}

void Panel::draw_on(QPainter& painter, std::vector<DrawnText>* notes) {
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    painter.scale(scale_, scale_);
    Ink ink(painter, *theme_, notes);
    draw(ink);
}

void Panel::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    painter.setClipRegion(event->region());
    draw_on(painter, nullptr);
}

std::vector<DrawnText> Panel::texts() {
    std::vector<DrawnText> notes;
    QImage scratch(1, 1, QImage::Format_ARGB32_Premultiplied);
    QPainter painter(&scratch);
    draw_on(painter, &notes);
    return notes;
}

Headline headline_of(const Shown& shown) {
    Headline out;
    const SessionView& view = shown.view;
    out.trouble = QString::fromStdString(view.trouble);
    if (shown.tracking.lost()) {
        out.grade = Grade::hidden;
        out.bold = shown.tracking.title;
        out.muted = shown.tracking.todo;
        return out;
    }
    out.bold = QString::fromStdString(view.sentence);
    return out;
}

void draw_headline(Ink& ink, const Headline& headline, double width) {
    double x = 20.0;
    if (headline.grade) {
        ink.mark(*headline.grade, {35.0, 34.0}, 28.0);
        x = 64.0;
    }
    const double room = width - x - 20.0;
    const QColor bold_colour = headline.grade == Grade::hidden ? ink.theme().hidden : ink.theme().text;
    // Long words shrink together, a size at a time, until the bold part fits.
    int px = kLeadPx;
    const auto needed = [&](int size) {
        return Ink::width(headline.bold, size, true) +
               (headline.more.isEmpty() ? 0.0 : 10.0 + Ink::width(headline.more, size)) +
               (headline.muted.isEmpty() ? 0.0 : 14.0 + Ink::width(headline.muted, size * kHeadingPx / kLeadPx));
    };
    while (px > kKeyPx && needed(px) > room) --px;
    const double baseline = 34.0 + px * 0.36;
    if (needed(px) > room) {  // two lines: the act, then what follows it
        ink.text(x, 28.0, headline.bold, {kHeadingPx, true, bold_colour, Align::left, room});
        ink.text(x, 52.0, headline.more + (headline.more.isEmpty() ? QString() : QStringLiteral(" ")) + headline.muted,
                 {kKeyPx, false, ink.theme().muted, Align::left, room});
    } else {
        x += ink.text(x, baseline, headline.bold, {px, true, bold_colour});
        if (!headline.more.isEmpty()) x += 10.0 + ink.text(x + 10.0, baseline, headline.more, {px, false, {}});
        if (!headline.muted.isEmpty()) {
            ink.text(x + 14.0, baseline, headline.muted, {px * kHeadingPx / kLeadPx, false, ink.theme().muted});
        }
    }
    if (!headline.trouble.isEmpty()) {
        ink.mark(Grade::off, {35.0, 69.0}, 16.0);
        ink.text(64.0, 75.0, headline.trouble, {kKeyPx, false, ink.theme().off, Align::left, width - 84.0});
    }
}

}  // namespace precentral
