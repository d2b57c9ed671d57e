// SPDX-License-Identifier: Apache-2.0
#include "ui/report/cortex_figure.h"

#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/error.h"
#include "ui/report/canvas.h"
#include "ui/report/cortex_picture.h"
#include "ui/report/wording.h"

namespace precentral {

namespace {

constexpr int kPixels = 1000;
constexpr double kNearMm = 48.0, kFarMm = 140.0;  // width of the picture; wider only to keep every mark inside

QPainterPath star(QPointF at, double outer, double inner) {
    QPainterPath path;
    for (int i = 0; i < 8; ++i) {
        const double angle = i * std::numbers::pi / 4.0, radius = i % 2 == 0 ? outer : inner;
        const QPointF p(at.x() + radius * std::sin(angle), at.y() - radius * std::cos(angle));
        if (i == 0) {
            path.moveTo(p);
        } else {
            path.lineTo(p);
        }
    }
    path.closeSubpath();
    return path;
}

}  // namespace

CortexFigure::CortexFigure(const ReviewFacts& facts, const HeadModel* head, const std::string& why_no_head)
    : facts_(&facts) {
    if (!facts.plan) {
        missing_ = "no target is on record yet.";
        return;
    }
    try {
        view_ = view_of(*facts.plan, kNearMm, kAspect);
        const auto all_inside = [&] {
            if (facts.hotspot && !view_->contains(facts.hotspot->cortex, 0.12)) return false;
            return std::all_of(facts.visits.begin(), facts.visits.end(), [&](const VisitFacts& visit) {
                return !visit.aim_median || view_->contains(*visit.aim_median, 0.08);
            });
        };
        while (!all_inside() && view_->width_mm < kFarMm) view_->width_mm *= 1.15;
        if (head == nullptr) throw InputError(why_no_head.empty() ? "no head model was given." : why_no_head);
        picture_ = render_cortex(*head, *view_, kPixels);
    } catch (const Error& error) {
        missing_ = printable(error.what(), 160);
    }
}

std::string CortexFigure::outside() const {
    if (!view_) return "";
    std::string names;
    const auto add = [&](const std::string& name) { names += (names.empty() ? "" : ", ") + name; };
    if (facts_->hotspot && !view_->contains(facts_->hotspot->cortex, 0.0)) add("own hotspot");
    for (const VisitFacts& visit : facts_->visits) {
        if (visit.aim_median && !view_->contains(*visit.aim_median, 0.0)) add("session " + std::to_string(visit.visit));
    }
    return names.empty() ? "" : "Outside the picture: " + names + ".";
}

void CortexFigure::draw(QPainter& painter, const QRectF& area) const {
    Canvas canvas(painter);
    if (!picture_.isNull()) {
        // A flatter area shows the middle band of the picture.
        const double band = std::min(1.0, area.height() / area.width() * kAspect) * picture_.height();
        painter.drawImage(area, picture_, QRectF(0.0, (picture_.height() - band) / 2.0, picture_.width(), band));
    } else {
        canvas.rect(area, ink::kRaised);
    }
    if (!missing_.empty()) {
        const double top = view_ ? area.top() + 22.0 : area.center().y() - 14.0;
        canvas.paragraph({area.left() + 10.0, top, area.width() - 20.0, 45.0},
                         {{words("Cortex picture not available: " + missing_), false, ink::kText}}, 10.5, 14.0, 3);
    }
    if (!view_) return;
    painter.save();
    painter.setClipRect(area);
    draw_marks(canvas, area);
    painter.restore();
    draw_frame_words(canvas, area);
}

void CortexFigure::draw_marks(Canvas& canvas, const QRectF& area) const {
    const auto place = [&](const Point<Scan>& p) {
        const Eigen::Vector2d at = view_->project(p);
        return QPointF(area.left() + at.x() * area.width(),
                       area.center().y() + (at.y() - 0.5) * area.width() / kAspect);
    };
    // Those not known yet first, so that they cover none that is.
    for (const bool known : {false, true}) {
        for (const VisitFacts& visit : facts_->visits) {
            if (!visit.aim_median || visit.relief_percent.has_value() != known) continue;
            canvas.relief_disc(place(*visit.aim_median), 4.2, relief_class(visit.relief_percent));
        }
    }
    const QPointF plan = place(facts_->plan->cortex);
    canvas.disc(plan, 15.0, Qt::transparent, ink::kText, 1.6);
    for (const QPointF& way : {QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)}) {
        const QPointF inner = plan + 13.0 * way, outer = plan + 20.0 * way;
        canvas.line(inner.x(), inner.y(), outer.x(), outer.y(), ink::kText, 1.6);
    }
    std::optional<QPointF> hot;
    if (facts_->hotspot && view_->contains(facts_->hotspot->cortex, 0.0)) {
        hot = place(facts_->hotspot->cortex);
        canvas.path(star(*hot, 8.5, 3.0), ink::kText, ink::kPaper, 1.2);
    }
    // The hotspot's words go to the side away from the plan, the plan's to the other.
    const PrintStyle words{.size = 11.0, .halo = true};
    const double hot_way = hot && hot->x() > plan.x() ? 1.0 : -1.0;
    const auto name = [&](QPointF from, double way, double down, const QString& text, double gap) {
        const double width = canvas.text_width(text, words);
        const double least = area.left() + 8.0, most = area.right() - 8.0 - width;
        const QPointF far(from.x() + way * 34.0, from.y() + down * 40.0);
        const double left = std::clamp(way < 0.0 ? far.x() - width : far.x(), least, std::max(least, most));
        const QPointF near(from.x() + way * gap * 0.65, from.y() + down * gap * 0.76);
        canvas.line(near.x(), near.y(), far.x(), far.y(), ink::kText, 0.9);
        canvas.text(left, far.y() + (down < 0.0 ? -4.0 : 12.0), text, words);
    };
    name(plan, -hot_way, 1.0, "plan", 15.0);
    // Without a picture its sentence stands at the top.
    if (hot) name(*hot, hot_way, missing_.empty() ? -1.0 : 1.0, "own hotspot", 9.0);
}

void CortexFigure::draw_frame_words(Canvas& canvas, const QRectF& area) const {
    const PrintStyle left{.size = 11.0, .halo = true};
    PrintStyle right = left, middle = left;
    right.anchor = Anchor::end;
    middle.anchor = Anchor::middle;
    const bool front_left = view_->front < 0;
    canvas.text(area.left() + 10.0, area.top() + 16.0, front_left ? "front" : "back", left);
    canvas.text(area.right() - 10.0, area.top() + 16.0, front_left ? "back" : "front", right);
    canvas.text(area.center().x(), area.top() + 16.0, "midline", middle);
    canvas.text(area.right() - 10.0, area.bottom() - 10.0, words(std::string(to_word(facts_->side)) + " side"), right);
    const double bar = 10.0 / view_->width_mm * area.width();
    const double y = area.bottom() - 10.0;
    canvas.line(area.left() + 12.0, y, area.left() + 12.0 + bar, y, QColor(0xf4, 0xf3, 0xf0), 4.0);
    canvas.line(area.left() + 12.0, y, area.left() + 12.0 + bar, y, ink::kText, 1.6);
    canvas.text(area.left() + 12.0, y - 6.0, "10 mm", left);
}

}  // namespace precentral
