// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/hidden_stage.h"

#include <QPainterPath>
#include <cmath>

namespace precentral {

void HiddenStage::present(const Shown& shown) {
    const SessionView& view = shown.view;
    const TreatmentView& treatment = view.treatment;
    Content next;
    next.missing = shown.tracking.missing;
    next.title = shown.tracking.title;
    const double s = shown.tracking.seconds;
    next.seconds = s < 99.95 ? QString::number(std::max(0.0, s), 'f', 1) : QString::number(std::lround(s));
    next.happened = shown.tracking.happened;
    if (treatment.running && treatment.train > 0) {
        next.happened = next.happened.chopped(1) + QStringLiteral(" during train %1.").arg(treatment.train);
    }
    next.head_seen = shown.tracking.fresh && view.head.state == ToolState::visible;
    next.coil_seen = shown.tracking.fresh && view.coil.state == ToolState::visible;
    next.camera_answers = shown.tracking.missing != Missing::link && shown.tracking.missing != Missing::frames;
    if (next.missing == Missing::coil && next.head_seen) next.happened += QStringLiteral(" The head is still seen.");
    if (next.missing == Missing::head && next.coil_seen) next.happened += QStringLiteral(" The coil is still seen.");
    next.pulses_run = treatment.running;
    if (treatment.running) {
        next.state = QStringLiteral("A train is running.");
        next.state_more = QStringLiteral("If pulses go out, release the pedal.");
    } else {
        next.state = QStringLiteral("No train runs.");
        next.state_more =
            treatment.held.empty() ? QStringLiteral("None starts by itself.") : QString::fromStdString(treatment.held);
    }
    int without_pose = 0;
    if (treatment.pulses) {
        for (const DeliveredPulse& pulse : *treatment.pulses) {
            if (!pulse.valid && pulse.train == treatment.train) ++without_pose;
        }
    }
    next.did = without_pose > 0 ? QStringLiteral(
                                      "It kept %1 of this train's pulses marked “no pose”. The last pose is "
                                      "not shown.")
                                      .arg(without_pose)
                                : QStringLiteral(
                                      "It took the last pose off the screen. Pulses that go out now are kept, "
                                      "marked “no pose”.");
    if (!view.trouble.empty()) next.did = QString::fromStdString(view.trouble);
    next.todo = shown.tracking.todo;
    keep(content_, next);
}

void HiddenStage::draw_sight(Ink& ink, double right) const {
    const Theme& t = theme();
    const double x = right - 720.0;  // drawn for a frame whose right edge is at 720
    ink.text(x + 516, 65, QStringLiteral("Camera"), {kBodyPx, false, {}, Align::centre});
    const QColor camera = content_.camera_answers ? t.text : t.hidden;
    ink.box({x + 470, 74, 92, 26}, 13, t.raised, camera, 2.5);
    ink.disc({x + 486, 87}, 6, camera);
    ink.disc({x + 546, 87}, 6, camera);
    const auto ray = [&](QPointF from, QPointF to, bool is_seen) {
        if (is_seen) {
            ink.line(from, to, t.on, 4);
            return;
        }
        const QPointF along = to - from;
        const double length = std::hypot(along.x(), along.y());
        const QPointF u = along / length;
        const QPointF middle = from + u * (length * 0.5);
        ink.line(from, middle - u * 14, t.hidden, 4);
        ink.line(middle + u * 16, to, t.hidden, 4, {3, 7});
        QPen pen(t.hidden, 5);
        pen.setCapStyle(Qt::RoundCap);
        ink.painter().setPen(pen);
        ink.painter().drawLine(middle + QPointF(-11, -18), middle + QPointF(11, 18));
        ink.painter().drawLine(middle + QPointF(16, -11), middle + QPointF(-16, 11));
    };
    const bool head = content_.head_seen && content_.camera_answers;
    const bool coil = content_.coil_seen && content_.camera_answers;
    ray({x + 502, 106}, {x + 486, 176}, head);
    ray({x + 546, 104}, {x + 656, 180}, coil);
    const auto body = [&](QPointF at, bool is_seen) {
        if (is_seen) {
            ink.disc(at, 17, t.on);
        } else {
            ink.broken_ring(at, 15, 6, t.hidden);
        }
    };
    body({x + 484, 196}, head);
    body({x + 670, 192}, coil);
    const QString unseen = content_.camera_answers ? QStringLiteral("hidden") : QStringLiteral("not known");
    ink.text(x + 484, 235, QStringLiteral("Head %1").arg(head ? QStringLiteral("seen") : unseen),
             {kBodyPx, false, {}, Align::centre});
    ink.text(x + 666, 235, QStringLiteral("Coil %1").arg(coil ? QStringLiteral("seen") : unseen),
             {kBodyPx, false, {}, Align::centre});
}

void HiddenStage::draw(Ink& ink) {
    const Theme& t = theme();
    QPainter& p = ink.painter();
    ink.box({0, 0, w(), h()}, kRadius, t.panel);
    p.save();
    QPainterPath frame;
    frame.setFillRule(Qt::OddEvenFill);
    frame.addRoundedRect(QRectF(0, 0, w(), h()), kRadius, kRadius);
    frame.addRect(QRectF(18, 18, w() - 36, h() - 36));
    p.setClipPath(frame, Qt::IntersectClip);
    QColor stripes = t.hidden;
    stripes.setAlphaF(0.75F);
    ink.hatch({0, 0, w(), h()}, stripes);
    p.restore();
    p.setPen(QPen(t.hidden, 3, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    p.setBrush(Qt::NoBrush);
    p.drawRect(QRectF(18, 18, w() - 36, h() - 36));

    const double right = w() - 44;
    const double k = h() / 552.0;
    ink.broken_ring({72, 82}, 24, 10, t.hidden);
    ink.text(114, 101, content_.title, {kAlarmPx, true, t.hidden, Align::left, right - 270 - 114});
    const double digits = ink.text(42, 216, content_.seconds, {kGuidancePx, true, {}});
    ink.text(42 + digits + 10, 216, QStringLiteral("s"), {kLeadPx, false, t.muted});
    const double state_x = std::max(208.0, 42 + digits + 50);
    const QColor state_colour = content_.pulses_run ? t.off : t.text;
    const double state_room = right - 270 - state_x;
    ink.text(state_x, 188, content_.state, {kHeadingPx, true, state_colour, Align::left, state_room});
    ink.text(state_x, 216, content_.state_more, {kHeadingPx, false, state_colour, Align::left, state_room});
    draw_sight(ink, right);
    ink.line({44, 258}, {right, 258}, t.line, 2);

    const double text_x = 220;
    const double room = right - text_x;
    double y = 296 * k + (1 - k) * 276;
    ink.text(44, y, QStringLiteral("What happened"), {kKeyPx, false, t.muted});
    y = std::max(ink.wrapped(text_x, y, room, 28, content_.happened, {kHeadingPx, false, {}}) + 24, y + 80);
    ink.text(44, y, QStringLiteral("What Precentral did"), {kKeyPx, false, t.muted, Align::left, 166});
    y = std::max(ink.wrapped(text_x, y, room, 28, content_.did, {kHeadingPx, false, {}}) + 28, y + 84);
    ink.text(44, y, QStringLiteral("What to do"), {kKeyPx, true, {}});
    ink.wrapped(text_x, y, room, 32, content_.todo, {kMidPx, true, {}});
}

}  // namespace precentral
