// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/main_key.h"

#include <QMouseEvent>
#include <QPainterPath>
#include <QPolygonF>
#include <utility>

namespace precentral {

MainKeyPanel::MainKeyPanel(QWidget* parent, std::function<void()> pressed)
    : Panel(parent), pressed_(std::move(pressed)) {
    setCursor(Qt::PointingHandCursor);
}

void MainKeyPanel::present(const Shown& shown) {
    const MainKey& key = shown.view.key;
    Content next;
    next.label = QString::fromStdString(key.label);
    next.caption = QString::fromStdString(key.caption);
    next.enabled = key.enabled;
    next.filled = key.filled;
    next.lost = shown.view.step == Step::treat && shown.tracking.lost() && !key.enabled;
    next.enter = shown.view.step == Step::outcome ||
                 (shown.view.step == Step::threshold && next.label.startsWith(QStringLiteral("USE")));
    if (next.enabled && !blocked_.isEmpty()) {
        next.enabled = false;
        next.caption = blocked_;
    }
    keep(content_, next);
}

void MainKeyPanel::set_blocked(const QString& why) { blocked_ = why; }

void MainKeyPanel::draw(Ink& ink) {
    const Theme& t = theme();
    const QRectF all(0, 0, w(), h());
    QColor colour = t.text;
    if (content_.enabled && content_.filled) {
        ink.box(all, kRadius, t.accent);
        colour = t.key_text;
    } else if (content_.enabled) {
        ink.box(all, kRadius, t.raised, t.accent, 3);
    } else {
        ink.box(all, kRadius, t.panel);
        QPainter& p = ink.painter();
        QPen pen(content_.lost ? t.hidden : t.line, 3);
        pen.setDashPattern({2.4, 1.6});
        p.setPen(pen);
        p.setBrush(Qt::NoBrush);
        p.drawRoundedRect(all.adjusted(1.5, 1.5, -1.5, -1.5), kRadius, kRadius);
        colour = t.muted;
    }
    if (content_.label.isEmpty()) return;

    const bool pause = content_.label.startsWith(QStringLiteral("PAUSE"));
    const bool play = content_.label.startsWith(QStringLiteral("RESUME"));
    const QString cap = content_.enter ? QStringLiteral("Enter") : QStringLiteral("Space");
    const double icon = pause || play ? 50.0 : 0.0;
    const double cap_w = Ink::width(cap, kKeyPx) + 18.0;
    const double room = w() - 2 * 16 - icon - cap_w - 20;
    int px = kBigPx;
    while (px > kBodyPx && Ink::width(content_.label, px, true) > room) --px;
    const double label_w = Ink::width(content_.label, px, true);
    const bool caption = !content_.caption.isEmpty();
    const double cy = caption ? h() / 2 - 14 : h() / 2;
    double x = (w() - icon - label_w - 20 - cap_w) / 2;
    QPainter& p = ink.painter();
    p.setPen(Qt::NoPen);
    p.setBrush(colour);
    if (pause) {
        p.drawRoundedRect(QRectF(x, cy - 20, 10, 40), 2, 2);
        p.drawRoundedRect(QRectF(x + 20, cy - 20, 10, 40), 2, 2);
    } else if (play) {
        p.drawPolygon(QPolygonF({QPointF(x + 2, cy - 18), QPointF(x + 30, cy), QPointF(x + 2, cy + 18)}));
    }
    p.setBrush(Qt::NoBrush);
    x += icon;
    ink.text(x, cy + px * 0.36, content_.label, {px, true, colour});
    ink.key_cap(x + label_w + 20, cy, cap, kKeyPx, colour);
    if (!caption) return;
    const QColor small = content_.enabled && content_.filled ? t.key_text : t.text;
    const double caption_room = w() - 32;
    if (Ink::width(content_.caption, kBodyPx) <= caption_room) {
        ink.text(w() / 2, cy + 46, content_.caption, {kBodyPx, false, small, Align::centre, caption_room});
    } else {
        ink.wrapped(w() / 2, cy + 40, caption_room, 19, content_.caption, {kSmallPx, false, small, Align::centre});
    }
}

void MainKeyPanel::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && pressed_) pressed_();
}

}  // namespace precentral
