// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/register_stage.h"

#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

constexpr double kNeeded_mm = 2.0;
constexpr double kAllowedDrift_mm = 3.0;  // as RecheckOptions

Grade grade_of_mm(double mm) { return mm <= 2.0 ? Grade::on : mm <= 5.0 ? Grade::near : Grade::off; }

}  // namespace

void RegisterStage::present(const Shown& shown) {
    const SessionView& view = shown.view;
    Content next;
    next.touched = view.touch.touched;
    next.wanted = view.touch.wanted;
    next.trouble = QString::fromStdString(view.trouble);
    if (shown.tracking.lost()) {
        next.grade = Grade::hidden;
        next.sentence = shown.tracking.title;
        next.more = shown.tracking.todo;
    } else {
        next.sentence = QString::fromStdString(view.touch.ask.empty() ? view.sentence : view.touch.ask);
        if (!view.touch.ask.empty() && view.sentence != view.touch.ask)
            next.more = QString::fromStdString(view.sentence);
        if (view.registration) next.grade = grade_of_verdict(view.registration->verdict);
        if (view.check) next.grade = grade_of_check(view.check->verdict);
    }
    if (!next.trouble.isEmpty()) next.grade = shown.tracking.lost() ? Grade::hidden : Grade::off;
    keep(content_, next);
}

QRectF RegisterStage::scene_place() const { return {4, 104, w() - 8, h() - 104 - 44}; }

SceneLook RegisterStage::scene_look() const {
    SceneLook look;
    look.camera = SceneLook::Camera::next_patch;
    look.touched = true;
    look.side_in_words = true;
    return look;
}

void RegisterStage::draw(Ink& ink) {
    const Theme& t = theme();
    QPainter& p = ink.painter();
    ink.box({0, 0, w(), h()}, kRadius, t.panel);
    p.save();
    p.setClipRect(QRectF(0, 0, w(), 104), Qt::IntersectClip);
    ink.box({0, 0, w(), 104 + 2 * kRadius}, kRadius, t.raised);
    p.fillRect(QRectF(0, 0, 8, 104), content_.grade ? t.of(*content_.grade) : t.accent);
    p.restore();
    double x = 28;
    if (content_.grade) {
        ink.mark(*content_.grade, {42, 32}, 28);
        x = 72;
    }
    const double count_w = content_.wanted > 0 ? 130 : 0;
    const double room = w() - x - count_w - 28;
    const QColor colour = content_.grade == Grade::hidden ? t.hidden : t.text;
    const bool two_lines = Ink::width(content_.sentence, kHeadingPx, true) > room;
    double y = ink.wrapped(x, two_lines ? 32 : 40, room, 27, content_.sentence, {kHeadingPx, true, colour});
    const QString more = content_.trouble.isEmpty() ? content_.more : content_.trouble;
    ink.text(x, y + 2, more, {kKeyPx, false, content_.trouble.isEmpty() ? t.text : t.off, Align::left, room});
    if (content_.wanted > 0) {
        const double digits =
            ink.text(w() - 20, 52, QStringLiteral("/%1").arg(content_.wanted), {kMidPx, false, t.muted, Align::right});
        ink.text(w() - 20 - digits, 52, QString::number(content_.touched), {kBigPx, true, {}, Align::right});
        ink.text(w() - 20, 78, QStringLiteral("points"), {kBodyPx, false, t.muted, Align::right});
    }
    // What the shapes mean.
    double right = w() - 20;
    const double base = h() - 17;
    const auto legend = [&](Grade grade, const QString& words) {
        right -= ink.text(right, base, words, {kBodyPx, false, {}, Align::right});
        ink.mark(grade, {right - 13, base - 5}, 15);
        right -= 38;
    };
    legend(Grade::off, QStringLiteral("more"));
    legend(Grade::near, QStringLiteral("≤ 5"));
    legend(Grade::on, QStringLiteral("≤ 2 mm"));
    ink.text(right + 6, base, QStringLiteral("off the surface"), {kBodyPx, false, t.muted, Align::right});
}

void RegisterPanel::present(const Shown& shown) {
    const SessionView& view = shown.view;
    Content next;
    next.touched = view.touch.touched;
    next.wanted = view.touch.wanted;
    if (view.registration) {
        const RegistrationView& r = *view.registration;
        next.done = true;
        next.grade = grade_of_verdict(r.verdict);
        next.error_mm = r.predicted_rms_mm;
        next.p95_mm = r.predicted_p95_mm;
        next.rms_mm = r.rms_mm;
        next.surface_points = r.surface_points;
        for (const FiducialResidual& f : r.fiducials) {
            next.rows.push_back({QString::fromStdString(f.name), f.residual_mm, f.left_out_mm});
        }
    }
    if (view.check) {
        next.checked = true;
        next.grade = grade_of_check(view.check->verdict);
        next.error_mm = view.check->drift_mm;
        next.p95_mm = view.check->drift_error_mm;
        next.angle_deg = view.check->drift_deg;
        next.rows.clear();
        for (const CheckView::Row& row : view.check->rows) {
            next.rows.push_back({QString::fromStdString(row.name), row.moved_mm, row.left_mm});
        }
    }
    keep(content_, next);
}

void RegisterPanel::draw(Ink& ink) {
    const Theme& t = theme();
    const double split = std::min(300.0, h() * 0.54);
    ink.box({0, 0, w(), split}, kRadius, t.panel);
    ink.text(16, 32,
             content_.checked ? QStringLiteral("Moved since, at the target")
                              : QStringLiteral("Expected error at the target"),
             {kHeadingPx, true, {}, Align::left, w() - 32});
    if (!content_.done) {
        ink.text(16, 70, QStringLiteral("Known once enough points are touched."),
                 {kKeyPx, false, t.muted, Align::left, w() - 32});
        if (content_.wanted > 0) {
            ink.text(16, 130, QStringLiteral("%1 of %2").arg(content_.touched).arg(content_.wanted),
                     {kBigPx, true, {}});
            ink.box({16, 160, w() - 32, 10}, 5, t.raised);
            const double share = std::clamp(static_cast<double>(content_.touched) / content_.wanted, 0.0, 1.0);
            if (share > 0.0) ink.box({16, 160, std::max(10.0, (w() - 32) * share), 10}, 5, t.accent);
            ink.text(16, 196, QStringLiteral("points touched"), {kBodyPx, false, t.muted});
        }
    } else {
        const QColor colour = content_.grade == Grade::on ? t.text : t.of(content_.grade);
        const double digits = ink.text(14, 112, guidance_number(content_.error_mm), {kGuidancePx, true, colour});
        ink.text(14 + digits + 12, 112, QStringLiteral("mm"), {kMidPx, false, t.muted});
        const double needed_mm = content_.checked ? kAllowedDrift_mm : kNeeded_mm;
        const QString need = content_.checked ? QStringLiteral("allowed ≤ %1").arg(needed_mm, 0, 'g', 2)
                                              : QStringLiteral("needs ≤ %1").arg(needed_mm, 0, 'g', 2);
        ink.text(w() - 16, 80, need, {kKeyPx, false, {}, Align::right});
        ink.mark(content_.grade, {w() - 16 - Ink::width(need, kKeyPx) - 17, 74}, 18);
        const QString beside = content_.checked ? QStringLiteral("seen to ±%1").arg(content_.p95_mm, 0, 'f', 1)
                                                : QStringLiteral("95 % ≤ %1").arg(content_.p95_mm, 0, 'f', 1);
        ink.text(w() - 16, 103, beside, {kKeyPx, false, t.muted, Align::right});
        // A ruler: expected error, its bound, and what is needed.
        const double top = std::max(6.0, std::ceil(std::max(content_.error_mm, content_.p95_mm) + 0.5));
        const double left = 24;
        const double right = w() - 24;
        const double y = split - 92;
        const auto x_of = [&](double mm) { return left + (right - left) * std::min(mm, top) / top; };
        QColor band = t.of(content_.grade);
        band.setAlphaF(0.28F);
        const double from = content_.checked ? x_of(std::max(0.0, content_.error_mm - content_.p95_mm)) : left;
        const double to = x_of(content_.checked ? content_.error_mm + content_.p95_mm : content_.p95_mm);
        ink.box({from, y - 9, to - from, 18}, 3, band);
        ink.line({left, y}, {right, y}, t.line, 2);
        for (int mm = 0; mm <= static_cast<int>(top); mm += top > 8 ? 2 : 1) {
            ink.line({x_of(mm), y - 4}, {x_of(mm), y + 4}, t.line, 1.5);
            ink.text(x_of(mm), y + 28, QString::number(mm), {kSmallPx, false, t.muted, Align::centre});
        }
        ink.line({x_of(needed_mm), y - 22}, {x_of(needed_mm), y + 12}, t.on, 2, {2, 5});
        ink.text(x_of(needed_mm), y - 28, content_.checked ? QStringLiteral("allowed") : QStringLiteral("needed"),
                 {kSmallPx, false, t.muted, Align::centre});
        ink.mark(content_.grade, {x_of(content_.error_mm), y}, 22, t.text, 2);
        ink.text(16, split - 18,
                 content_.checked ? QStringLiteral("Turned by %1°").arg(content_.angle_deg, 0, 'f', 1)
                                  : QStringLiteral("Fit left %1 mm over %2 scalp points")
                                        .arg(content_.rms_mm, 0, 'f', 1)
                                        .arg(content_.surface_points),
                 {kBodyPx, false, t.muted, Align::left, w() - 32});
    }

    const double y0 = split + 12;
    ink.box({0, y0, w(), h() - y0}, kRadius, t.panel);
    ink.text(16, y0 + 40, QStringLiteral("Off by, mm"), {kBodyPx, false, t.muted});
    ink.text(222, y0 + 40, content_.checked ? QStringLiteral("moved") : QStringLiteral("in the fit"),
             {kBodyPx, false, t.muted, Align::right});
    ink.text(w() - 16, y0 + 40, content_.checked ? QStringLiteral("of its own") : QStringLiteral("left out"),
             {kBodyPx, false, t.muted, Align::right});
    ink.line({16, y0 + 56}, {w() - 16, y0 + 56}, t.line);
    if (content_.rows.empty()) {
        ink.text(16, y0 + 88, QStringLiteral("No fit yet"), {kKeyPx, false, t.muted});
        return;
    }
    const double pitch = std::min(44.0, (h() - y0 - 62) / static_cast<double>(content_.rows.size()));
    double y = y0 + 58 + pitch / 2;
    for (const Row& row : content_.rows) {
        const Grade grade =
            grade_of_mm(content_.checked ? row.residual_mm : std::max(row.residual_mm, row.left_out_mm));
        const bool bad = grade == Grade::off;
        if (bad) {
            QColor ground = t.off;
            ground.setAlphaF(0.16F);
            ink.box({2, y - pitch / 2, w() - 4, pitch}, 4, ground);
        }
        ink.mark(grade, {26, y}, 17);
        QString name = row.name;
        if (!name.isEmpty()) name[0] = name[0].toUpper();
        ink.text(46, y + 6, name, {kKeyPx, bad, {}, Align::left, 134});
        ink.text(222, y + 7, QString::number(row.residual_mm, 'f', 1), {kHeadingPx, bad, {}, Align::right});
        ink.text(w() - 16, y + 7, QString::number(row.left_out_mm, 'f', 1), {kHeadingPx, bad, {}, Align::right});
        y += pitch;
    }
}

}  // namespace precentral
