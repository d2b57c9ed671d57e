// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/guidance_drawing.h"

#include <QPainterPath>
#include <QPolygonF>
#include <algorithm>
#include <cmath>
#include <numbers>

namespace precentral {
namespace {

constexpr double kDegree = std::numbers::pi / 180.0;
constexpr double kLinearMm = 5.0;
constexpr double kRimMm = 20.0;
constexpr double kLinearShare = 175.0 / 210.0;
constexpr double kTwistGain = 3.0;
constexpr double kTwistLimit_deg = 30.0;
constexpr double kArrowFrom_mm = 0.5;

double stepped(double value, double step) { return std::round(value / step) * step; }

// A point on a circle, `angle` degrees clockwise from the top.
QPointF on_circle(QPointF c, double radius, double angle_deg) {
    return {c.x() + radius * std::sin(angle_deg * kDegree), c.y() - radius * std::cos(angle_deg * kDegree)};
}

void arc(Ink& ink, QPointF c, double radius, double from_deg, double to_deg, const QColor& colour, double thickness) {
    QPen pen(colour, thickness);
    pen.setCapStyle(Qt::FlatCap);
    ink.painter().setPen(pen);
    ink.painter().setBrush(Qt::NoBrush);
    QPainterPath path;
    const QRectF box(c.x() - radius, c.y() - radius, 2 * radius, 2 * radius);
    path.arcMoveTo(box, 90.0 - from_deg);
    path.arcTo(box, 90.0 - from_deg, from_deg - to_deg);
    ink.painter().drawPath(path);
}

QColor faint(QColor colour, float alpha) {
    colour.setAlphaF(alpha);
    return colour;
}

void draw_twist(Ink& ink, QPointF c, double rim, double k, const GuidancePicture& picture) {
    const Theme& t = ink.theme();
    arc(ink, c, rim, -30, 30, t.near, 4 * k);
    arc(ink, c, rim, -15, 15, t.on, 8 * k);
    ink.painter().setPen(Qt::NoPen);
    ink.painter().setBrush(t.text);
    ink.painter().drawPolygon(
        QPolygonF({QPointF(c.x() - 9 * k, c.y() - rim - 22 * k), QPointF(c.x() + 9 * k, c.y() - rim - 22 * k),
                   QPointF(c.x(), c.y() - rim - 9 * k)}));
    ink.painter().setBrush(Qt::NoBrush);
    const int px = static_cast<int>(std::lround(kKeyPx * std::max(0.8, k)));
    // The word stands clear of the arrow, where the arrow says which way to turn.
    const bool labelled = k > 0.6;
    if (!picture.live) {
        if (labelled) ink.text(c.x() + 98 * k, c.y() - 206 * k, QStringLiteral("Twist"), {px, true, t.muted});
        return;
    }
    const double shown = std::clamp(picture.twist_deg, -kTwistLimit_deg, kTwistLimit_deg) * kTwistGain;
    ink.painter().save();
    ink.painter().translate(c);
    ink.painter().rotate(shown);
    ink.box({-4 * k, -rim - 13 * k, 8 * k, 32 * k}, 3 * k, picture.twist == Grade::on ? t.text : t.of(picture.twist),
            t.bg, 2 * k);
    ink.painter().restore();
    if (labelled) ink.text(c.x() + 98 * k, c.y() - 206 * k, QStringLiteral("Twist"), {px, true, t.text});
    if (std::abs(picture.twist_deg) < 0.5) return;
    // The way to turn the coil, always beside the word.
    const double radius = rim + 26 * k;
    const bool back = picture.twist_deg > 0.0;
    const double head_at = back ? 10.2 : 22.0;
    const double tail_at = back ? 22.0 : 10.2;
    const double neck = head_at + (back ? 3.0 : -3.0);
    arc(ink, c, radius, std::min(neck, tail_at), std::max(neck, tail_at), t.text, 4 * k);
    const QPointF tip = on_circle(c, radius, head_at);
    const QPointF from = on_circle(c, radius, neck);
    const QPointF along = (tip - from) / std::hypot((tip - from).x(), (tip - from).y());
    const QPointF side(-along.y(), along.x());
    ink.painter().setPen(Qt::NoPen);
    ink.painter().setBrush(t.text);
    ink.painter().drawPolygon(QPolygonF({tip, from + side * 7 * k, from - side * 7 * k}));
    ink.painter().setBrush(Qt::NoBrush);
}

}  // namespace

TargetToScreen::TargetToScreen(const TargetCompass& compass, bool turned) : turned_(turned) {
    Eigen::Vector2d up = compass.midline.norm() > 1e-9 ? Eigen::Vector2d(compass.midline.normalized())
                                                       : Eigen::Vector2d(Eigen::Vector2d::UnitY());
    if (turned) up = -up;
    down_ = -up;
    // x turned by 90 degrees is y, and so right turned by 90 degrees is down.
    right_ = Eigen::Vector2d(down_.y(), -down_.x());
    front_left_ = compass.front.dot(right_) < 0.0;
}

QPointF TargetToScreen::operator()(const Eigen::Vector2d& target_xy) const {
    return {target_xy.dot(right_), target_xy.dot(down_)};
}

double bulls_eye_radius(double mm, double rim) {
    const double linear = rim * kLinearShare;
    if (mm <= kLinearMm) return linear * std::max(mm, 0.0) / kLinearMm;
    return linear + (rim - linear) * std::min(1.0, (mm - kLinearMm) / (kRimMm - kLinearMm));
}

GuidancePicture guidance_picture(const Shown& shown) {
    GuidancePicture out;
    const TargetToScreen to_screen(shown.view.compass, shown.turned);
    out.midline_up = to_screen.midline_up();
    out.front_left = to_screen.front_left();
    const GuidanceView* g = shown.guidance;
    if (g == nullptr) return out;
    out.live = true;
    const QPointF offset = to_screen(g->offset_mm);
    const QPointF tilt = to_screen(g->tilt_xy_deg);
    out.offset_mm = {stepped(offset.x(), 0.02), stepped(offset.y(), 0.02)};
    out.in_plane_mm = stepped(g->offset_mm.norm(), 0.02);
    out.tilt_deg = {stepped(tilt.x(), 0.1), stepped(tilt.y(), 0.1)};
    out.twist_deg = stepped(g->deviation.twist_deg, 0.1);
    out.gap_mm = stepped(g->deviation.gap_mm, 0.02);
    out.in_plane = g->in_plane;
    out.gap = g->gap;
    out.tilt = g->tilt;
    out.twist = g->twist;
    return out;
}

void draw_bulls_eye(Ink& ink, QPointF c, double rim, const GuidancePicture& picture) {
    const Theme& t = ink.theme();
    const double k = rim / 210.0;
    const double r2 = bulls_eye_radius(2.0, rim);
    const double r5 = bulls_eye_radius(5.0, rim);
    ink.disc(c, rim, t.bg, t.line, 2);
    ink.ring(c, r5, t.near, 2, {2, 6});
    ink.disc(c, r2, faint(t.on, 0.16F));
    ink.ring(c, r2, t.on, 3);
    for (const QPointF d : {QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)}) {
        ink.line(c + d * r2, c + d * (r2 + 42 * k), t.line, 1.5);
    }
    ink.ring(c, 7 * std::max(k, 0.6), t.text, 2.5);

    if (k > 0.5) {  // smaller, the sentence beside it carries the words
        const int word = static_cast<int>(std::lround(kBodyPx * std::clamp(k, 0.8, 1.0)));
        const QString up = picture.midline_up ? QStringLiteral("Midline") : QStringLiteral("Ear");
        const QString down = picture.midline_up ? QStringLiteral("Ear") : QStringLiteral("Midline");
        const QString left = picture.front_left ? QStringLiteral("Front") : QStringLiteral("Back");
        const QString right = picture.front_left ? QStringLiteral("Back") : QStringLiteral("Front");
        ink.text(c.x(), c.y() - r5 + 27 * k, up, {word, false, t.muted, Align::centre});
        ink.text(c.x(), c.y() + r5 - 16 * k, down, {word, false, t.muted, Align::centre});
        ink.text(c.x() - r5 + 14 * k, c.y() + 5, left, {word, false, t.muted});
        ink.text(c.x() + r5 - 14 * k, c.y() + 5, right, {word, false, t.muted, Align::right});
    }

    // Ring labels stand in the quadrant opposite the dot, so that it never covers them.
    const double sx = picture.live && picture.offset_mm.x() > 0.0 ? -1.0 : 1.0;
    const double sy = picture.live && picture.offset_mm.y() > 0.0 ? -1.0 : 1.0;
    if (k > 0.6) {
        const double lower = sy > 0 ? 9.0 : 0.0;
        ink.text(c.x() + sx * 56.4 * k, c.y() + sy * 55.4 * k + lower, QStringLiteral("2 mm"),
                 {kSmallPx, false, t.muted, sx > 0 ? Align::left : Align::right});
        ink.text(c.x() + sx * 114.25 * k, c.y() + sy * 108.25 * k + lower, QStringLiteral("5 mm"),
                 {kSmallPx, false, t.muted, sx > 0 ? Align::right : Align::left});
    }
    draw_twist(ink, c, rim, k, picture);
    if (!picture.live) return;

    const double mm = picture.in_plane_mm;
    const QPointF unit = mm > 1e-9 ? picture.offset_mm / mm : QPointF(0, 0);
    const QPointF dot = c + unit * bulls_eye_radius(mm, rim);
    const double reach = std::hypot((dot - c).x(), (dot - c).y());
    const double dot_size = 34.0 * std::max(k, 0.6);
    if (mm >= kArrowFrom_mm) {
        const double tail = dot_size * 0.6;
        const double tip = 10.0 * k;
        if (reach > tail + tip + 4.0) {
            const double weight = mm < 2.0 ? 5.0 : 8.0;
            ink.arrow(c + unit * (reach - tail), c + unit * tip, weight * std::max(k, 0.6),
                      (mm < 2.0 ? 15.0 : 25.0) * std::max(k, 0.6), t.text);
        }
    }
    ink.mark(picture.in_plane, dot, dot_size, t.text, 3);
    if (mm > kRimMm) {
        const QString far = QStringLiteral("%1 mm").arg(std::lround(mm));
        const QPointF at = c + unit * (reach - 46.0 * k);
        ink.text(at.x(), at.y() - dot_size * 0.75, far, {kHeadingPx, true, t.of(picture.in_plane), Align::centre});
    }
}

void draw_tilt(Ink& ink, QPointF c, double radius, const GuidancePicture& picture) {
    const Theme& t = ink.theme();
    const double k = radius / 76.0;
    ink.disc(c, radius, t.bg, t.line, 2);
    ink.ring(c, 60 * k, t.near, 2, {2, 6});
    ink.disc(c, 30 * k, faint(t.on, 0.16F));
    ink.ring(c, 30 * k, t.on, 2.5);
    for (const QPointF d : {QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)}) {
        ink.line(c + d * radius, c + d * (radius - 16 * k), t.line, 1.5);
    }
    if (!picture.live) return;
    const double deg = std::hypot(picture.tilt_deg.x(), picture.tilt_deg.y());
    const double limited = std::min(deg, 12.0);
    const QPointF at = deg > 1e-9 ? c + picture.tilt_deg / deg * (limited * 6.0 * k) : c;
    ink.mark(picture.tilt, at, 30 * k, t.text, 2.5);
}

void draw_gap(Ink& ink, const QRectF& bar, const GuidancePicture& picture) {
    const Theme& t = ink.theme();
    const double per_mm = bar.height() / 5.0;
    const double cx = bar.center().x();
    ink.box(bar, 4, t.bg, t.line, 2);
    const auto y_of = [&](double mm) { return bar.bottom() - mm * per_mm; };
    ink.painter().fillRect(QRectF(bar.left() + 1, y_of(1), bar.width() - 2, per_mm), faint(t.on, 0.22F));
    ink.line({bar.left(), y_of(1)}, {bar.right(), y_of(1)}, t.on, 3);
    ink.line({bar.left(), y_of(2)}, {bar.right(), y_of(2)}, t.near, 2, {2, 6});
    ink.line({bar.left() - 8, bar.bottom() + 1}, {bar.right() + 8, bar.bottom() + 1}, t.text, 5);
    ink.text(cx, bar.bottom() + 25, QStringLiteral("scalp"), {kBodyPx, false, t.muted, Align::centre});
    for (int mm = 1; mm <= 5; ++mm) {
        ink.text(bar.right() + 14, y_of(mm) + 5, QString::number(mm), {kSmallPx, false, t.muted});
    }
    ink.text(cx, bar.top() - 14, QStringLiteral("Gap"), {kKeyPx, true, {}, Align::centre});
    if (!picture.live) return;
    const double y = y_of(std::clamp(picture.gap_mm, -0.05, 5.0));
    const bool on = picture.gap == Grade::on;
    if (picture.gap_mm > 0.25) {
        const double from = y + 8;
        const double to = bar.bottom() - 6;
        if (to - from > 8) {
            ink.arrow({cx, from}, {cx, to}, on ? 5 : 12, std::min(on ? 13.0 : 30.0, (to - from) * 0.7), t.text);
        }
    }
    ink.painter().setPen(QPen(t.text, 2));
    ink.painter().setBrush(t.of(picture.gap));
    ink.painter().drawRect(QRectF(bar.left() - 12, y - 3.5, bar.width() + 24, 7));
    ink.painter().setBrush(Qt::NoBrush);
}

}  // namespace precentral
