// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/train_strip.h"

#include <QPolygonF>
#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

constexpr double kLeft = 152.0;    // where the trains begin
constexpr double kClocks = 216.0;  // width of the clocks at the right
constexpr double kCellTop = 76.0;
constexpr double kCellHeight = 34.0;
constexpr double kZero = 66.0;  // y of 0 mm
constexpr double kPerMm = 13.0;
constexpr double kTop = 32.0;  // deviations are cut off here and marked

}  // namespace

void TrainStrip::present(const Shown& shown) {
    const TreatmentView& t = shown.view.treatment;
    Content next;
    next.frequency = QStringLiteral("%1 Hz").arg(t.protocol.frequency_hz, 0, 'g', 3);
    next.intensity = t.intensity_mso > 0.0 ? QStringLiteral("%1 % MSO").arg(std::lround(t.intensity_mso))
                                           : QStringLiteral("– % MSO");
    if (t.rmt_mso > 0.0) {
        next.of_rmt = QStringLiteral("= %1 % of RMT %2")
                          .arg(std::lround(t.protocol.intensity_percent_rmt))
                          .arg(std::lround(t.rmt_mso));
    }
    next.trains = std::max(0, t.protocol.trains);
    next.pulses_per_train = std::max(0, t.protocol.pulses_per_train);
    next.train = t.train;
    next.pulse = t.pulse_in_train;
    next.running = t.running;
    next.lost = shown.tracking.lost();
    next.remaining = clock_text(t.remaining_s);
    next.next_label = QStringLiteral("Next train in");
    if (next.lost || t.paused) {
        next.next = QStringLiteral("held");
        next.next_grade = next.lost ? Grade::hidden : Grade::on;
    } else if (t.waiting_for_target) {
        next.next_label = QStringLiteral("Next train");
        next.next = QStringLiteral("waits for target");
        next.next_grade = Grade::near;
    } else {
        next.next = clock_text(t.next_train_in_s);
    }
    next.delivered = t.pulses ? t.pulses->size() : 0;
    next.pulses = t.pulses.get();
    if (next == content_) return;
    // The clocks tick each second; the trains change only with a pulse.
    const bool same_trains = next.delivered == content_.delivered && next.pulse == content_.pulse &&
                             next.train == content_.train && next.running == content_.running &&
                             next.trains == content_.trains && next.lost == content_.lost &&
                             next.intensity == content_.intensity && next.of_rmt == content_.of_rmt;
    pulses_ = t.pulses;
    content_ = next;
    if (same_trains) {
        update_units({w() - kClocks, 0, kClocks, h()});
    } else {
        update();
    }
}

void TrainStrip::draw_train(Ink& ink, int train, double x, double cell) const {
    const Theme& t = theme();
    QPainter& p = ink.painter();
    const QRectF box(x, kCellTop, cell, kCellHeight);
    int delivered = 0;
    if (pulses_) {
        delivered = static_cast<int>(std::count_if(pulses_->begin(), pulses_->end(),
                                                   [train](const DeliveredPulse& d) { return d.train == train; }));
    }
    const bool current =
        train == content_.train && (content_.running || (delivered > 0 && delivered < content_.pulses_per_train));
    if (delivered == 0 && !current) {
        ink.box(box, 3, t.raised, t.line, 1);
        return;
    }
    const double share =
        content_.pulses_per_train > 0 ? std::min(1.0, static_cast<double>(delivered) / content_.pulses_per_train) : 1.0;
    const bool full = share >= 1.0;
    const QColor fill = content_.running && current ? t.accent : t.on;
    if (!full) ink.box(box, 3, {}, content_.lost ? t.hidden : content_.running && current ? t.accent : t.line, 2);
    ink.box({x, kCellTop, cell * share, kCellHeight}, full ? 3 : 2, fill);
    if (!pulses_ || content_.pulses_per_train == 0) return;
    int index = 0;
    const double width = std::max(1.0, cell / content_.pulses_per_train);
    for (const DeliveredPulse& d : *pulses_) {
        if (d.train != train) continue;
        const double at = x + cell * index++ / content_.pulses_per_train;
        if (!d.valid) {
            p.fillRect(QRectF(at, kCellTop, width, kCellHeight), t.panel);
            ink.hatch({at, kCellTop, std::max(width, 2.0), kCellHeight}, t.hidden);
        } else if (d.grade == Grade::near) {
            p.fillRect(QRectF(at, kCellTop + kCellHeight - 10, width, 10), t.near);
        } else if (d.grade == Grade::off) {
            p.fillRect(QRectF(at, kCellTop + kCellHeight - 18, width, 18), t.off);
        }
    }
}

void TrainStrip::draw_deviations(Ink& ink, double left, double pitch, double cell) const {
    if (!pulses_ || content_.pulses_per_train == 0) return;
    const Theme& t = theme();
    QPainter& p = ink.painter();
    QPolygonF run;
    const auto flush = [&] {
        if (run.size() > 1) {
            p.setPen(QPen(t.text, 1.5, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
            p.setBrush(Qt::NoBrush);
            p.drawPolyline(run);
        }
        run.clear();
    };
    int train = 0;
    int index = 0;
    double peak = 0.0;
    double peak_x = 0.0;
    const auto finish_train = [&] {
        flush();
        if (peak > 2.0) {
            ink.painter().setPen(Qt::NoPen);
            ink.painter().setBrush(peak > 5.0 ? t.off : t.near);
            const double y = std::max(kTop, kZero - kPerMm * peak) - 3.0;
            if (peak > 5.0) {
                p.drawRect(QRectF(peak_x - 4, y - 8, 8, 8));
            } else {
                p.drawPolygon(QPolygonF({QPointF(peak_x, y - 9), QPointF(peak_x + 5, y), QPointF(peak_x - 5, y)}));
            }
            p.setBrush(Qt::NoBrush);
        }
        peak = 0.0;
        index = 0;
    };
    for (const DeliveredPulse& d : *pulses_) {
        if (d.train != train) {
            finish_train();
            train = d.train;
        }
        const double x = left + pitch * (d.train - 1) + 1 + (cell - 2) * index / content_.pulses_per_train;
        ++index;
        if (d.train < 1 || d.train > content_.trains) continue;
        if (!d.valid) {
            flush();
            ink.hatch({x, kTop, std::max(1.5, cell / content_.pulses_per_train), kZero - kTop}, t.hidden);
            continue;
        }
        const double mm = static_cast<double>(d.in_plane_mm);
        run.push_back({x, std::max(kTop, kZero - kPerMm * mm)});
        if (mm > peak) {
            peak = mm;
            peak_x = x;
        }
    }
    finish_train();
}

void TrainStrip::draw(Ink& ink) {
    const Theme& t = theme();
    ink.box({0, 0, w(), h()}, kRadius, t.panel);
    const double label_room = kLeft - 16 - 6;
    ink.text(16, 42, content_.frequency, {kMidPx, true, {}, Align::left, label_room});
    ink.text(16, 73, content_.intensity, {kMidPx, true, {}, Align::left, label_room});
    ink.text(16, 101, content_.of_rmt, {kBodyPx, false, t.muted, Align::left, label_room});

    const double available = w() - kLeft - kClocks - 31.0;
    const int trains = std::max(1, content_.trains);
    const double pitch = (available + 3.0) / trains;
    const double cell = pitch - std::min(3.0, pitch * 0.2);
    const double right = kLeft + pitch * trains - (pitch - cell);
    QColor soft = t.near;
    soft.setAlphaF(0.8F);
    ink.line({kLeft, kZero - 2 * kPerMm}, {right, kZero - 2 * kPerMm}, soft, 1, {3, 4});
    ink.line({kLeft, kZero}, {right, kZero}, t.line, 1);
    draw_deviations(ink, kLeft, pitch, cell);
    ink.text(right, 35, QStringLiteral("2 mm"), {kSmallPx, false, t.muted, Align::right});
    const bool early = content_.delivered < static_cast<std::size_t>(content_.trains) *
                                                static_cast<std::size_t>(content_.pulses_per_train) * 7 / 10;
    if (early) ink.text(right, 60, QStringLiteral("in plane, every pulse"), {kSmallPx, false, t.muted, Align::right});
    for (int i = 0; i < content_.trains; ++i) {
        const double x = kLeft + pitch * i;
        draw_train(ink, i + 1, x, cell);
        if (i == 0 || (i + 1) % 5 == 0) {
            ink.text(x + cell / 2, 127, QString::number(i + 1), {kSmallPx, false, t.muted, Align::centre});
        }
    }

    const double clocks = w() - kClocks;
    const double edge = w() - 16;
    const int shown_train = std::clamp(content_.train, content_.trains > 0 ? 1 : 0, std::max(content_.trains, 0));
    ink.text(clocks, 33, QStringLiteral("Train %1 of %2").arg(shown_train).arg(content_.trains),
             {kBodyPx, false, t.muted, Align::left, 98});
    const double done = ink.text(clocks, 61, QString::number(content_.pulse), {kMidPx, true, {}});
    ink.text(clocks + done, 61, QStringLiteral("/%1").arg(content_.pulses_per_train), {kMidPx, false, t.muted});
    ink.text(edge, 33, content_.next_label, {kBodyPx, false, t.muted, Align::right, 100});
    ink.text(edge, 61, content_.next,
             {kMidPx, true, content_.next_grade == Grade::on ? t.text : t.of(content_.next_grade), Align::right, 120});
    ink.line({clocks, 82}, {edge, 82}, t.line, 1);
    ink.text(clocks, 112, QStringLiteral("Remaining"), {kBodyPx, false, t.muted});
    ink.text(edge, 122, content_.remaining, {kBigPx, true, {}, Align::right, 118});
}

}  // namespace precentral
