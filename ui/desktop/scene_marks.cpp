// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/scene_marks.h"

#include <QPolygonF>
#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

constexpr double kSideways = 0.35;

void draw_sides(Ink& ink, double w, double h, const SceneMarks& marks, const Project& project) {
    const bool small = w < 300;
    const double box = small ? 26 : 44;
    const int px = small ? kKeyPx : kLeadPx;
    if (std::abs(marks.view_direction.x()) > kSideways) {
        const Side seen = marks.view_direction.x() > 0.0 ? Side::left : Side::right;
        const QRectF place(w - box - (small ? 0 : 20), small ? 0 : 18, box, box);
        ink.box(place, 4, ink.theme().panel);  // never read through what is behind it
        ink.side_letter(place, seen, px);
        if (marks.side_in_words && w > 420) {
            ink.text(place.left() - 12, place.center().y() + 5,
                     QStringLiteral("you see the %1 side").arg(QLatin1String(to_word(seen))),
                     {kBodyPx, false, ink.theme().muted, Align::right});
        }
        return;
    }
    for (const Side side : {Side::left, Side::right}) {
        Point<Scan> p{marks.head.centre};
        p.xyz.x() += (side == Side::left ? -1.0 : 1.0) * (marks.head.half_size_mm.x() + 14.0);
        const auto at = project(p);
        if (!at) continue;
        const double half = box / 2;
        const double x = std::clamp(at->x(), half + 2, std::max(half + 2, w - half - 2));
        const double y = std::clamp(at->y(), half + 2, std::max(half + 2, h - half - 2));
        ink.side_letter({x - half, y - half, box, box}, side, px);
    }
}

void draw_touch_next(Ink& ink, double h, const SceneMarks& marks, const QPointF& at) {
    const QColor& accent = ink.theme().accent;
    const QString words = QStringLiteral("Touch next");
    ink.ring(at, 22, accent, 3);
    const double y = std::clamp(at.y() - 60.0, 120.0, std::max(120.0, h - 110.0));
    const double from = 26 + Ink::width(words, kHeadingPx, true);
    QPen pen(accent, 2);
    ink.painter().setPen(pen);
    ink.painter().drawPolyline(QPolygonF({QPointF(from, y - 7), QPointF(std::max(from + 34, at.x() - 60), y - 7),
                                          at + QPointF(-16, at.y() > y ? -15 : 15)}));
    ink.text(20, y, words, {kHeadingPx, true, accent});
    ink.wrapped(20, y + 24, 108, 22, marks.touch_words, {kKeyPx, false, {}});
}

}  // namespace

void draw_scene_marks(Ink& ink, double w, double h, const SceneMarks& marks, const Project& project) {
    draw_sides(ink, w, h, marks, project);
    if (marks.touch_next) {
        if (const auto at = project(*marks.touch_next)) draw_touch_next(ink, h, marks, *at);
    }
    if (!marks.hotspot || !(marks.radius95_mm > 0.0)) return;
    const auto centre = project(*marks.hotspot);
    // The circle's size on the screen, from a step sideways as the camera sees it.
    const Eigen::Vector3d sideways = marks.view_up.cross(marks.view_direction).normalized();
    const auto edge = project({marks.hotspot->xyz + marks.radius95_mm * sideways});
    if (!centre || !edge) return;
    const QPointF d = *edge - *centre;
    const double radius = std::hypot(d.x(), d.y());
    ink.ring(*centre, radius, ink.theme().bg, 5);
    ink.ring(*centre, radius, ink.theme().accent, 2.5);
    ink.disc(*centre, 5, ink.theme().accent, ink.theme().bg, 1.5);
}

}  // namespace precentral
