// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/treat_stage.h"

#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

// "On target. Hold still." is said in two weights; an act gets its full stop.
Headline treat_headline(const Shown& shown) {
    Headline out = headline_of(shown);
    const GuidanceView* g = shown.guidance;
    if (g == nullptr) return out;
    out.grade = g->overall;
    const QString act = QString::fromStdString(g->act);
    const qsizetype stop = act.indexOf(QStringLiteral(". "));
    out.bold = stop > 0 ? act.left(stop + 1) : act;
    out.more = stop > 0 ? act.mid(stop + 2) : QString();
    if (!out.bold.isEmpty() && !out.bold.endsWith(QLatin1Char('.'))) out.bold += QLatin1Char('.');
    const QString then = QString::fromStdString(g->then);
    if (!then.isEmpty()) {
        out.muted = then.startsWith(QStringLiteral("then"))
                        ? then
                        : QStringLiteral("then ") + then.left(1).toLower() + then.mid(1);
    }
    return out;
}

}  // namespace

TreatStage::Places TreatStage::places() const {
    Places at;
    const double extra_w = std::max(0.0, w() - 764.0);
    const double grow = std::max(0.4, h() / 552.0);
    // Round, as high as the stage allows, and clear of what stands beside it.
    at.rim = std::min(210.0 * grow, (w() - 764.0 + 2 * 210.0) / 2.0);
    at.eye = {446.0 + extra_w * 0.5, h() - 238.0 * grow};
    const double left_w = 196.0 + extra_w * 0.35;
    const double left_x = 16.0 + extra_w * 0.06;
    const double scene_h = std::min(left_w * 0.9, (h() - 376.0) * 1.0);
    at.scene = {left_x, 96.0, left_w, std::max(scene_h, 60.0)};
    at.tilt = {left_x + left_w / 2, h() - 128.0};
    at.gap = {682.0 + extra_w * 0.9, 120.0, 52.0, h() - 172.0};
    return at;
}

void TreatStage::present(const Shown& shown) {
    const Headline headline = treat_headline(shown);
    const GuidancePicture picture = guidance_picture(shown);
    const Places at = places();
    if (headline != headline_) {
        // Words stand for at least 0.3 s, so that a hand between two states does not make them flicker; the loss of the
        // pose and anything wrong show at once.
        const bool soft = headline.trouble == headline_.trouble && headline.grade == headline_.grade;
        if (!soft || seconds_between(sentence_since_, shown.now) >= 0.3) {
            headline_ = headline;
            sentence_since_ = shown.now;
            update_units({0, 0, w(), 82});
        }
    }
    if (picture == picture_) return;
    const GuidancePicture& old = picture_;
    const bool all =
        picture.live != old.live || picture.midline_up != old.midline_up || picture.front_left != old.front_left;
    if (all || picture.offset_mm != old.offset_mm || picture.in_plane != old.in_plane ||
        picture.twist_deg != old.twist_deg || picture.twist != old.twist) {
        const double reach = at.rim + 42.0;
        update_units({at.eye.x() - reach, at.eye.y() - reach, 2 * reach, 2 * reach});
    }
    if (all || picture.tilt_deg != old.tilt_deg || picture.tilt != old.tilt) {
        const double reach = at.tilt_radius + 20.0;
        update_units({at.tilt.x() - reach, at.tilt.y() - reach, 2 * reach, 2 * reach});
    }
    if (all || picture.gap_mm != old.gap_mm || picture.gap != old.gap) update_units(at.gap.adjusted(-16, -8, 16, 8));
    picture_ = picture;
}

void TreatStage::draw(Ink& ink) {
    const Theme& t = theme();
    ink.box({0, 0, w(), h()}, kRadius, t.panel);
    draw_headline(ink, headline_, w());
    const Places at = places();
    if (small_ != Small::none) {
        ink.text(at.scene.center().x(), at.scene.bottom() + 20,
                 field_ ? QStringLiteral("Field on the cortex") : QStringLiteral("Seen from where you stand"),
                 {kBodyPx, false, t.muted, Align::centre, at.scene.width()});
    }
    draw_bulls_eye(ink, at.eye, at.rim, picture_);
    draw_tilt(ink, at.tilt, at.tilt_radius, picture_);
    ink.text(at.tilt.x(), at.tilt.y() + at.tilt_radius + 26, QStringLiteral("Tilt"), {kKeyPx, true, {}, Align::centre});
    draw_gap(ink, at.gap, picture_);
}

QRectF TreatStage::scene_place() const { return small_ == Small::none ? QRectF() : places().scene; }

SceneLook TreatStage::scene_look() const {
    SceneLook look;
    if (field_) {
        look.camera = SceneLook::Camera::cortex;
        look.scalp = 0.0;
        look.brain = look.field = true;
        look.coil = SceneLook::CoilStyle::outline;
        return look;
    }
    look.camera = SceneLook::Camera::standing;
    look.scalp = small_ == Small::coil_only ? 0.25 : 1.0;
    look.coil = SceneLook::CoilStyle::solid;
    look.target = small_ == Small::coil_only;
    return look;
}

void TreatStage::cycle_small_view() {
    small_ = small_ == Small::scene ? Small::coil_only : small_ == Small::coil_only ? Small::none : Small::scene;
    update();
}

}  // namespace precentral
