// SPDX-License-Identifier: Apache-2.0
#include "ui/report/pulses_figure.h"

#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/report/canvas.h"
#include "ui/report/wording.h"

namespace precentral {

namespace {

// One path for all marks of a kind: thousands of dots stay one object in the file.
// Places are rounded to a tenth of a pixel, finer than print, to keep the file small.
double rounded(double px) { return std::round(px * 10.0) / 10.0; }
void add_dot(QPainterPath& path, double at_x, double at_y, double radius) {
    // Four corners: at this size as round as an ellipse, at a quarter of the bytes.
    const double x = rounded(at_x), y = rounded(at_y);
    path.moveTo(x - radius, y);
    path.lineTo(x, y - radius);
    path.lineTo(x + radius, y);
    path.lineTo(x, y + radius);
    path.closeSubpath();
}
void add_square(QPainterPath& path, double x, double y, double half) {
    path.addRect(QRectF(rounded(x) - half, rounded(y) - half, 2.0 * half, 2.0 * half));
}

constexpr double kReach = 2.0;  // the bull's-eye shows this many times the tolerance

}  // namespace

struct PulsesFigure::Strip {
    const char* title;
    double PulseFact::*value;
    double low, high;            // of the axis
    double band_low, band_high;  // tolerance
    double top, bottom;
    QString summary;
};

void PulsesFigure::draw(QPainter& painter, const QRectF& area) const {
    Canvas canvas(painter);
    if (visit_->pulses.empty()) {
        canvas.text(area.center().x(), area.center().y(), "No treatment pulse recorded yet.",
                    {.colour = ink::kMuted, .anchor = Anchor::middle});
        return;
    }
    const double eye = std::min(104.0, area.height());
    draw_bulls_eye(canvas, {area.left(), area.top() + (area.height() - eye) / 2.0, eye, eye});

    const double left = area.left() + eye + 30.0, right = area.right() - 2.0;
    const double strip = (area.height() - 14.0 - 2.0 * 15.0) / 2.0;  // axis below, a title above each
    const auto summary = [](const std::optional<double>& median, const std::optional<double>& p95, const char* below) {
        return median ? words("median " + number_words(median, 1) + " · 95 % " + below + number_words(p95, 1))
                      : QString();
    };
    const double top1 = area.top() + 15.0, top2 = top1 + strip + 15.0;
    draw_strip(canvas,
               {"In plane, mm", &PulseFact::in_plane_mm, 0.0, 2.0 * tolerance_.in_plane_on_mm, 0.0,
                tolerance_.in_plane_on_mm, top1, top1 + strip, summary(visit_->median_mm, visit_->p95_mm, "< ")},
               left, right, false);
    const double reach = std::max(tolerance_.gap_on_mm, tolerance_.pressed_on_mm) + 1.0;
    draw_strip(canvas,
               {"Gap, mm", &PulseFact::gap_mm, -reach, reach, -tolerance_.pressed_on_mm, tolerance_.gap_on_mm, top2,
                top2 + strip, summary(visit_->median_gap_mm, visit_->p95_gap_mm, "±")},
               left, right, true);
}

void PulsesFigure::draw_bulls_eye(Canvas& canvas, const QRectF& area) const {
    const QPointF middle = area.center();
    const double radius = area.width() / 2.0 - 12.0;
    const double reach_mm = kReach * tolerance_.in_plane_on_mm;
    const double px_per_mm = radius / reach_mm;
    canvas.disc(middle, radius, ink::kPaper, ink::kRule, 0.8);
    canvas.disc(middle, tolerance_.in_plane_on_mm * px_per_mm, ink::kBand, ink::kOn, 0.8, {3.0, 2.0});
    canvas.line(middle.x() - radius, middle.y(), middle.x() + radius, middle.y(), ink::kLine, 0.6);
    canvas.line(middle.x(), middle.y() - radius, middle.x(), middle.y() + radius, ink::kLine, 0.6);

    QPainterPath inside, outside;
    for (QPainterPath* path : {&inside, &outside}) path->setFillRule(Qt::WindingFill);  // overlaps stay full
    int placed = 0;
    // Laid out as the cortex picture: from outside the head, midline up, so front is left on the left side.
    const double front = visit_->side == Side::left ? -1.0 : 1.0;
    for (const PulseFact& pulse : visit_->pulses) {
        if (!pulse.has_pose || !pulse.offset_mm) continue;
        ++placed;
        Eigen::Vector2d at = *pulse.offset_mm;
        if (at.norm() > reach_mm) at *= reach_mm / at.norm();  // on the rim
        const double x = middle.x() + front * at.x() * px_per_mm, y = middle.y() - at.y() * px_per_mm;
        if (pulse.offset_mm->norm() <= tolerance_.in_plane_on_mm) {
            add_dot(inside, x, y, 0.7);
        } else {
            add_square(outside, x, y, 0.9);
        }
    }
    canvas.path(inside, ink::kMuted);
    canvas.path(outside, ink::kOff);
    if (placed == 0) {
        canvas.text(middle.x(), middle.y() - 4.0, "places", {.colour = ink::kMuted, .anchor = Anchor::middle});
        canvas.text(middle.x(), middle.y() + 9.0, "not known", {.colour = ink::kMuted, .anchor = Anchor::middle});
    }
    const PrintStyle small{.size = 9.0, .colour = ink::kMuted, .anchor = Anchor::middle, .halo = false};
    canvas.text(middle.x(), area.top() + 8.0, "midline", small);
    canvas.text(middle.x(), area.bottom() - 1.5, words(number_words(reach_mm, 0) + " mm"), small);
    canvas.painter().save();
    for (const double end : {-1.0, 1.0}) {
        canvas.painter().save();
        canvas.painter().translate(middle.x() + end * (radius + (end < 0.0 ? 4.0 : 10.5)), middle.y());
        canvas.painter().rotate(-90.0);
        canvas.text(0.0, 0.0, end * front > 0.0 ? "front" : "back", small);
        canvas.painter().restore();
    }
    canvas.painter().restore();
}

void PulsesFigure::draw_strip(Canvas& canvas, const Strip& strip, double left, double right, bool trains) const {
    int places = std::max(visit_->planned, 1);
    for (const PulseFact& pulse : visit_->pulses) places = std::max(places, pulse.place);
    const auto x = [&](double place) { return left + (place - 0.5) / places * (right - left); };
    const auto y = [&](double value) {
        return strip.bottom - (value - strip.low) / (strip.high - strip.low) * (strip.bottom - strip.top);
    };
    canvas.text(left, strip.top - 4.0, strip.title, {.bold = true});
    canvas.text(right, strip.top - 4.0, strip.summary, {.colour = ink::kMuted, .anchor = Anchor::end});
    canvas.rect({left, y(strip.band_high), right - left, y(strip.band_low) - y(strip.band_high)}, ink::kBand);
    for (const double edge : {strip.band_low, strip.band_high}) {
        const bool zero = std::abs(edge) < 1e-9;
        canvas.line(left, y(edge), right, y(edge), zero ? ink::kRule : ink::kOn, 0.8,
                    zero ? std::vector<double>{} : std::vector<double>{3.0, 2.0});
        canvas.text(left - 4.0, y(edge) + 3.8, words(number_words(edge, 0)),
                    {.colour = ink::kMuted, .anchor = Anchor::end});
    }
    if (strip.band_low < 0.0) canvas.line(left, y(0.0), right, y(0.0), ink::kRule, 0.6);

    QPainterPath inside, outside, clipped;
    for (QPainterPath* path : {&inside, &outside, &clipped}) path->setFillRule(Qt::WindingFill);  // overlaps stay full
    for (const PulseFact& pulse : visit_->pulses) {
        if (!pulse.has_pose) continue;
        const double value = pulse.*strip.value, at = x(pulse.place);
        if (value > strip.high || value < strip.low) {
            // Out of the drawing: a wedge at its edge, pointing there.
            const bool up = value > strip.high;
            const double edge = up ? strip.top : strip.bottom, back = up ? 3.2 : -3.2;
            clipped.moveTo(at, edge);
            clipped.lineTo(at - 1.6, edge + back);
            clipped.lineTo(at + 1.6, edge + back);
            clipped.closeSubpath();
        } else if (value > strip.band_high || value < strip.band_low) {
            add_square(outside, at, y(value), 0.9);
        } else {
            add_dot(inside, at, y(value), 0.8);
        }
    }
    canvas.path(inside, ink::kMuted);
    canvas.path(outside, ink::kOff);
    canvas.path(clipped, ink::kOff);

    if (!trains) return;
    const double baseline = strip.bottom + 12.0;
    const int count =
        visit_->pulses_per_train > 0 ? (places + visit_->pulses_per_train - 1) / visit_->pulses_per_train : 0;
    canvas.text(left - 4.0, baseline, "train", {.colour = ink::kMuted, .anchor = Anchor::end});
    const int step = count <= 6 ? 1 : count <= 30 ? 5 : count <= 60 ? 10 : std::max(1, count / 5);
    for (int train = 1; train <= count; train = train == 1 && step > 1 ? step : train + step) {
        const double middle = x((train - 0.5) * visit_->pulses_per_train + 0.5);
        canvas.text(middle, baseline, QString::number(train), {.colour = ink::kMuted, .anchor = Anchor::middle});
    }
}

std::string PulsesFigure::caption() const {
    if (!visit_->treated()) return "";
    int outside = 0;
    for (const PulseFact& pulse : visit_->pulses) outside += pulse.has_pose && !pulse.within ? 1 : 0;
    std::string text =
        std::to_string(outside) + " of " + count_words(visit_->given, "pulse", "pulses") + " outside tolerance";
    const int blind = visit_->given - visit_->with_pose;
    text += blind > 0 ? ", " + std::to_string(blind) + " without a pose (gaps)" : ", all with a pose";
    if (visit_->given < visit_->planned) text += "; " + std::to_string(visit_->planned - visit_->given) + " not given";
    return text + ".";
}

}  // namespace precentral
