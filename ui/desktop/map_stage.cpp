// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/map_stage.h"

#include <QPolygonF>
#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

constexpr double kFrom_ms = -20.0;
constexpr double kTo_ms = 70.0;
constexpr double kSearchFrom_ms = 15.0;
constexpr double kSearchTo_ms = 45.0;

Grade grade_of_mep(const QString& verdict) {
    return verdict.startsWith(QStringLiteral("accepted")) ? Grade::on
           : verdict.startsWith(QStringLiteral("weak"))   ? Grade::near
                                                          : Grade::off;
}

}  // namespace

double MapStage::upper_h() const { return std::round((h() - 12) * 408.0 / 688.0); }

void MapStage::present(const Shown& shown) {
    const SessionView& view = shown.view;
    const MappingView& m = view.mapping;
    Content next;
    next.headline = headline_of(shown);
    next.positions = static_cast<int>(m.pulses.size());
    if (!shown.tracking.lost() && m.hotspot) {
        next.headline.muted = QStringLiteral("hand area within %1 mm (95 %) · %2 pulses")
                                  .arg(m.radius95_mm, 0, 'f', 1)
                                  .arg(next.positions);
    }
    if (!shown.tracking.lost() && shown.guidance != nullptr) next.headline.grade = shown.guidance->overall;
    next.pulse = m.sweep.pulse_count;
    next.samples = m.sweep.microvolts.size();
    next.mep_uv = m.mep_uv;
    next.latency_ms = m.latency_ms;
    next.rest_uv = m.rest_rms_uv;
    next.verdict = QString::fromStdString(m.verdict);
    next.muscle = QString::fromStdString(view.pain);
    if (!(next == content_)) {
        if (next.pulse != content_.pulse || next.samples != content_.samples) sweep_ = m.sweep;
        content_ = next;
        update();
    }
    const GuidancePicture picture = guidance_picture(shown);
    const QString act = shown.guidance != nullptr ? QString::fromStdString(shown.guidance->act) : QString();
    if (!(picture == picture_) || act != act_) {
        picture_ = picture;
        act_ = act;
        update_units({w() - 168, 64, 168, upper_h() - 64});
    }
}

QRectF MapStage::scene_place() const { return {16, 90, w() - 184, upper_h() - 106}; }

SceneLook MapStage::scene_look() const {
    SceneLook look;
    look.camera = SceneLook::Camera::cortex;
    look.scalp = 0.0;
    look.brain = true;
    look.target = true;
    look.coil = SceneLook::CoilStyle::outline;
    look.pulses = true;
    look.field = field_;
    return look;
}

void MapStage::draw(Ink& ink) {
    const Theme& t = theme();
    const double upper = upper_h();
    ink.box({0, 0, w(), upper}, kRadius, t.panel);
    draw_headline(ink, content_.headline, w());
    const double x = w() - 148;
    draw_bulls_eye(ink, {x + 66, 150}, 62, picture_);
    if (picture_.live) {
        // The act in words, the one that costs most field first.
        double y = ink.wrapped(x, 240, 134, 19, act_, {kBodyPx, true, {}}) + 5;
        const auto row = [&](const QString& name, Grade grade, const QString& value) {
            ink.mark(grade, {x + 7, y - 5}, 13);
            ink.text(x + 20, y, name, {kSmallPx, false, t.muted});
            ink.text(x + 132, y, value, {kSmallPx, true, {}, Align::right});
            y += 20;
        };
        row(QStringLiteral("Gap"), picture_.gap, guidance_number(picture_.gap_mm) + QStringLiteral(" mm"));
        row(QStringLiteral("In plane"), picture_.in_plane,
            guidance_number(picture_.in_plane_mm) + QStringLiteral(" mm"));
        row(QStringLiteral("Twist"), picture_.twist,
            guidance_number(std::abs(picture_.twist_deg)) + QStringLiteral("°"));
    } else {
        ink.text(x + 66, 242, QStringLiteral("no pose"), {kBodyPx, true, t.hidden, Align::centre});
    }
    const double legend = upper - 32;
    ink.disc({x + 8, legend - 29}, 7, QColor(0xffffff), t.muted, t.dark ? 0.0 : 1.0);
    ink.text(x + 24, legend - 24, QStringLiteral("response"), {kBodyPx, false, {}});
    ink.disc({x + 8, legend - 5}, 5, QColor(0x20262d), t.muted, 1.5);
    ink.text(x + 24, legend, QStringLiteral("no response"), {kBodyPx, false, {}});

    const QRectF lower(0, upper + 12, w(), h() - upper - 12);
    ink.box(lower, kRadius, t.panel);
    draw_sweep(ink, lower);
}

void MapStage::draw_sweep(Ink& ink, const QRectF& area) const {
    const Theme& t = theme();
    QPainter& p = ink.painter();
    const double top = area.top() + 72;
    const double bottom = area.bottom() - 32;
    const double left = 16;
    const double right = w() - 16;
    const auto x_of = [&](double ms) { return left + (right - left) * (ms - kFrom_ms) / (kTo_ms - kFrom_ms); };
    p.fillRect(QRectF(x_of(kSearchFrom_ms), top, x_of(kSearchTo_ms) - x_of(kSearchFrom_ms), bottom - top), t.raised);
    for (const double ms : {kSearchFrom_ms, kSearchTo_ms})
        ink.line({x_of(ms), top}, {x_of(ms), bottom}, t.muted, 1, {3, 4});
    const double zero = top + (bottom - top) * 0.49;
    ink.line({left, zero}, {right, zero}, t.line);
    ink.line({x_of(0), top}, {x_of(0), bottom}, t.accent, 2);
    ink.text(x_of(0) - 7, bottom - 4, QStringLiteral("pulse"), {kSmallPx, false, t.muted, Align::right});
    ink.text(x_of(kSearchTo_ms) - 8, bottom - 8, QStringLiteral("looked for here"),
             {kSmallPx, false, t.muted, Align::right});
    for (const int ms : {-20, 0, 20, 40, 60}) {
        ink.text(x_of(ms), area.bottom() - 12,
                 ms == 60 ? QStringLiteral("60 ms") : QString::number(ms).replace(QLatin1Char('-'), QChar(0x2212)),
                 {kSmallPx, false, t.muted, ms == -20 ? Align::left : Align::centre});
    }
    if (sweep_.microvolts.empty() || sweep_.sample_rate_hz <= 0.0) {
        ink.text(20, area.top() + 44, QStringLiteral("No pulse yet"), {kLeadPx, true, t.muted});
        return;
    }
    const Grade grade = grade_of_mep(content_.verdict);
    ink.mark(grade, {33, area.top() + 34}, 26);
    double x = 60;
    x += 14 + ink.text(x, area.top() + 44, QStringLiteral("MEP %1 µV").arg(std::lround(content_.mep_uv)),
                       {kLeadPx, true, {}});
    if (content_.latency_ms > 0.0) {
        x += 14 + ink.text(x, area.top() + 44, QStringLiteral("%1 ms").arg(content_.latency_ms, 0, 'f', 1),
                           {kLeadPx, false, {}});
    }
    ink.text(x, area.top() + 44, content_.verdict, {kLeadPx, false, t.of(grade), Align::left, right - x - 4});
    ink.text(right, top + 18, QStringLiteral("rest %1 µV").arg(std::lround(content_.rest_uv)),
             {kSmallPx, false, t.muted, Align::right});

    // Scaled to the answer, not to the pulse's own artefact, which is cut off.
    const double half = (bottom - top) * 0.46;
    const double step_ms = 1000.0 / sweep_.sample_rate_hz;
    double largest = 50.0;
    float low = 0.0F;
    float high = 0.0F;
    for (std::size_t i = 0; i < sweep_.microvolts.size(); ++i) {
        const double ms = sweep_.start_ms + step_ms * static_cast<double>(i);
        const float v = sweep_.microvolts[i];
        if (!std::isfinite(v) || ms < kSearchFrom_ms || ms > kSearchTo_ms) continue;
        largest = std::max(largest, std::abs(static_cast<double>(v)));
        low = std::min(low, v);
        high = std::max(high, v);
    }
    const auto y_of = [&](double uv) { return std::clamp(zero - half * uv / largest, top, bottom); };
    QPolygonF trace;
    for (std::size_t i = 0; i < sweep_.microvolts.size(); ++i) {
        const double ms = sweep_.start_ms + step_ms * static_cast<double>(i);
        if (ms < kFrom_ms || ms > kTo_ms || !std::isfinite(sweep_.microvolts[i])) continue;
        trace.push_back({x_of(ms), y_of(static_cast<double>(sweep_.microvolts[i]))});
    }
    p.setPen(QPen(t.text, 2.2, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
    p.setBrush(Qt::NoBrush);
    p.drawPolyline(trace);
    if (grade != Grade::on) return;
    if (content_.latency_ms > 0.0) {
        ink.line({x_of(content_.latency_ms), zero}, {x_of(content_.latency_ms), bottom - 12}, t.on, 2);
        ink.disc({x_of(content_.latency_ms), zero}, 6, t.on);
    }
    const double bracket = x_of(kSearchTo_ms) + 24;
    ink.line({bracket, y_of(static_cast<double>(high))}, {bracket, y_of(static_cast<double>(low))}, t.on, 2.5);
    for (const float v : {high, low}) {
        ink.line({bracket - 7, y_of(static_cast<double>(v))}, {bracket + 7, y_of(static_cast<double>(v))}, t.on, 2.5);
    }
    ink.text(bracket + 14, zero - 12, QStringLiteral("%1 µV").arg(std::lround(content_.mep_uv)), {kKeyPx, true, {}});
}

void ThresholdPanel::present(const Shown& shown) {
    const ThresholdView& v = shown.view.threshold;
    Content next{v.rmt_mso, v.low95_mso, v.high95_mso, v.spread_mso, v.next_mso, v.enough, {}};
    for (const ThresholdPulseView& pulse : v.pulses) {
        next.dots.push_back({static_cast<int>(std::lround(pulse.intensity_mso)), pulse.responded});
    }
    keep(content_, next);
}

void ThresholdPanel::draw(Ink& ink) {
    const Theme& t = theme();
    ink.box({0, 0, w(), h()}, kRadius, t.panel);
    ink.text(16, 34, QStringLiteral("Resting motor threshold"), {kHeadingPx, true, {}, Align::left, w() - 32});
    const bool known = !content_.dots.empty() && content_.rmt > 0.0;
    const QString number = known ? QString::number(std::lround(content_.rmt)) : QStringLiteral("–");
    const double digits = ink.text(14, 112, number, {kGuidancePx, true, known ? t.text : t.muted});
    const double unit = ink.text(14 + digits + 10, 112, QStringLiteral("% MSO"), {kMidPx, false, t.muted});
    const double room = w() - 32 - digits - unit - 22;
    if (known) {
        ink.text(w() - 16, 68,
                 QStringLiteral("95 %: %1–%2").arg(std::lround(content_.low)).arg(std::lround(content_.high)),
                 {kKeyPx, false, {}, Align::right, room + 40});
    }
    ink.text(w() - 16, 92, QStringLiteral("%1 pulses").arg(content_.dots.size()),
             {kKeyPx, false, t.muted, Align::right, room});
    if (content_.next > 0.0 && !content_.enough) {
        ink.text(w() - 16, 116, QStringLiteral("next %1 %").arg(std::lround(content_.next)),
                 {kKeyPx, true, t.accent, Align::right, room});
    } else if (content_.enough) {
        ink.text(w() - 16, 116, QStringLiteral("enough"), {kKeyPx, true, t.on, Align::right, room});
    }
    draw_curve(ink, {0, 136, w(), h() - 136});
}

void ThresholdPanel::draw_curve(Ink& ink, const QRectF& area) const {
    const Theme& t = theme();
    QPainter& p = ink.painter();
    const double left = 44;
    const double right = w() - 20;
    const double yes = area.top() + 60;
    const double no = area.bottom() - 70;
    double low = 1000.0;
    double high = -1000.0;
    for (const Dot& dot : content_.dots) {
        low = std::min(low, static_cast<double>(dot.intensity));
        high = std::max(high, static_cast<double>(dot.intensity));
    }
    if (content_.rmt > 0.0) {
        low = std::min({low, content_.rmt - 6.0, content_.low});
        high = std::max({high, content_.rmt + 6.0, content_.high});
    }
    if (content_.next > 0.0) {
        low = std::min(low, content_.next);
        high = std::max(high, content_.next);
    }
    if (low > high) {
        low = 40;
        high = 60;
    }
    low = std::max(0.0, std::floor((low - 1) / 5.0) * 5.0);
    high = std::min(100.0, std::ceil((high + 1) / 5.0) * 5.0);
    if (high - low < 5.0) high = low + 5.0;
    const auto x_of = [&](double mso) { return left + (right - left) * (mso - low) / (high - low); };
    ink.line({left, no}, {right, no}, t.line);
    ink.line({left, yes}, {right, yes}, t.line);
    ink.line({left, (yes + no) / 2}, {right, (yes + no) / 2}, t.line, 1, {3, 4});
    ink.text(36, yes + 5, QStringLiteral("yes"), {kSmallPx, false, t.muted, Align::right});
    ink.text(36, (yes + no) / 2 + 5, QStringLiteral("half"), {kSmallPx, false, t.muted, Align::right});
    ink.text(36, no + 5, QStringLiteral("no"), {kSmallPx, false, t.muted, Align::right});
    const bool known = !content_.dots.empty() && content_.rmt > 0.0;
    if (known) {
        QColor band = t.on;
        band.setAlphaF(0.14F);
        const double a = x_of(std::clamp(content_.low, low, high));
        const double b = x_of(std::clamp(content_.high, low, high));
        p.fillRect(QRectF(a, yes, std::max(b - a, 1.0), no - yes), band);
        const double spread = std::max(content_.spread, 0.2);
        QPolygonF curve;
        for (int i = 0; i <= 80; ++i) {
            const double mso = low + (high - low) * i / 80.0;
            const double chance = 0.5 * std::erfc(-(mso - content_.rmt) / (spread * std::sqrt(2.0)));
            curve.push_back({x_of(mso), no + (yes - no) * chance});
        }
        p.setPen(QPen(t.text, 3));
        p.setBrush(Qt::NoBrush);
        p.drawPolyline(curve);
        ink.line({x_of(content_.rmt), yes}, {x_of(content_.rmt), no}, t.on, 3);
    }
    // Each pulse, stacked where an intensity was used more than once.
    std::vector<std::pair<int, int>> stacked[2];
    for (const Dot& dot : content_.dots) {
        auto& list = stacked[dot.responded ? 1 : 0];
        auto found =
            std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.first == dot.intensity; });
        if (found == list.end()) found = list.insert(list.end(), {dot.intensity, 0});
        const int height = std::min(found->second++, 4);
        const double x = x_of(dot.intensity);
        if (dot.responded) {
            ink.disc({x, yes - 2 - 12.0 * height}, 5, t.text);
        } else {
            ink.disc({x, no + 2 - 12.0 * height}, 4.2, t.panel, t.text, 2);
        }
    }
    if (content_.next > 0.0 && !content_.enough) {
        const double x = x_of(content_.next);
        p.setPen(Qt::NoPen);
        p.setBrush(t.accent);
        p.drawPolygon(QPolygonF({QPointF(x, no + 11), QPointF(x + 7, no + 23), QPointF(x - 7, no + 23)}));
        p.setBrush(Qt::NoBrush);
    }
    const int step = high - low > 30 ? 10 : 5;
    for (int mso = static_cast<int>(low); mso <= static_cast<int>(high); mso += step) {
        const bool last = mso + step > static_cast<int>(high);
        ink.text(x_of(mso), no + 42, last ? QStringLiteral("%1 %").arg(mso) : QString::number(mso),
                 {kSmallPx, false, t.muted, last ? Align::right : Align::centre});
    }
}

}  // namespace precentral
