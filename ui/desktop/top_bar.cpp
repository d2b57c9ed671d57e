// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/top_bar.h"

#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

constexpr double kCheckAfter_s = 1200.0;  // a registration this old is worth a check

}  // namespace

void PatientPanel::present(const Shown& shown) {
    keep(content_, {QString::fromStdString(shown.view.case_code), shown.view.simulated, shown.view.visit});
}

void PatientPanel::draw(Ink& ink) {
    ink.box({0, 0, w(), h()}, kRadius, theme().panel);
    QString first = QStringLiteral("Patient");
    if (content_.visit > 1) first += QStringLiteral(" · visit %1").arg(content_.visit);
    if (content_.simulated) first = QStringLiteral("Simulated patient");
    ink.text(14, 24, first, {kSmallPx, false, theme().muted, Align::left, w() - 28});
    const QString code = content_.code.isEmpty() ? QStringLiteral("–") : content_.code;
    ink.text(14, 42, code, {kBodyPx, true, {}, Align::left, w() - 20});
}

SidePanel::Chip SidePanel::chip_of(const QString& name, const ToolView& tool, const Shown& shown) {
    Chip chip{name, Grade::hidden, {}};
    if (shown.view.link == LinkState::connecting) {
        chip.text = QStringLiteral("waiting");
    } else if (shown.view.link == LinkState::lost) {
        chip.text = QStringLiteral("no link");
    } else if (!shown.tracking.fresh) {
        chip.text = QStringLiteral("silent");
    } else {
        switch (tool.state) {
            case ToolState::visible:
                chip.grade = Grade::on;
                chip.text = QStringLiteral("%1 Hz").arg(std::lround(tool.rate_hz));
                break;
            case ToolState::hidden: chip.text = QStringLiteral("hidden"); break;
            case ToolState::out_of_volume: chip.text = QStringLiteral("too far"); break;
            case ToolState::frozen: chip.text = QStringLiteral("frozen"); break;
            case ToolState::missing: chip.text = QStringLiteral("missing"); break;
        }
    }
    return chip;
}

void SidePanel::present(const Shown& shown) {
    const SessionView& view = shown.view;
    Content next;
    next.side = view.target_side;
    next.target = QString::fromStdString(view.target_name);
    next.pain = QString::fromStdString(view.pain);
    next.needed = view.step != Step::patient && view.step != Step::image && view.step != Step::outcome &&
                  view.step != Step::review;
    next.chips[0] = chip_of(QStringLiteral("Head"), view.head, shown);
    next.chips[1] = view.step == Step::registration ? chip_of(QStringLiteral("Stylus"), view.stylus, shown)
                                                    : chip_of(QStringLiteral("Coil"), view.coil, shown);
    // A rate that flickers between 59 and 60 is not worth a repaint; states are.
    const bool states_same =
        std::equal(next.chips.begin(), next.chips.end(), content_.chips.begin(), [](const Chip& a, const Chip& b) {
            return a.name == b.name && a.grade == b.grade && (a.grade == Grade::on || a.text == b.text);
        });
    if (states_same && seconds_between(rates_taken_, shown.now) < 1.0) {
        next.chips = content_.chips;
    } else {
        rates_taken_ = shown.now;
    }
    keep(content_, next);
}

void SidePanel::draw(Ink& ink) {
    ink.box({0, 0, w(), h()}, kRadius, theme().panel);
    const double chips_left = w() - 16 - 2 * 136 - 12;
    ink.side_letter({16, 10, 44, 44}, content_.side, kLeadPx);
    const QString target =
        content_.target.isEmpty() ? QString::fromLatin1(to_word(content_.side)).toUpper() : content_.target;
    const double pain_room = 150;
    double x = 72;
    x += ink.text(x, 42, target,
                  {kLeadPx, true, theme().of(content_.side), Align::left, chips_left - x - 32 - pain_room});
    if (!content_.pain.isEmpty()) {
        x += 16;
        const double label = ink.text(x, 40, QStringLiteral("pain: "), {kHeadingPx, false, theme().muted});
        ink.text(x + label, 40, content_.pain, {kHeadingPx, false, {}, Align::left, chips_left - x - label - 16});
    }
    for (std::size_t i = 0; i < content_.chips.size(); ++i) {
        const Chip& chip = content_.chips[i];
        const QRectF box(chips_left + static_cast<double>(i) * 148, 12, 136, 40);
        const bool bad = content_.needed && chip.grade != Grade::on;
        ink.box(box, 20, {}, bad ? theme().hidden : theme().line, bad ? 2 : 1);
        const double name = Ink::width(chip.name, kBodyPx, true);
        const double text_room = 136 - 10 - name - 32;
        const double text = std::min(Ink::width(chip.text, kBodyPx), text_room);
        double at = box.center().x() - (name + 8 + 16 + 8 + text) / 2;
        ink.text(at, 37, chip.name, {kBodyPx, true, {}});
        at += name + 8;
        ink.mark(chip.grade, {at + 8, 32}, 16);
        ink.text(at + 24, 37, chip.text, {kBodyPx, false, {}, Align::left, text_room});
    }
}

void RegistrationPanel::present(const Shown& shown) {
    const SessionView& view = shown.view;
    Content next;
    next.done = view.registration.has_value();
    if (view.registration) {
        const RegistrationView& r = *view.registration;
        next.grade = grade_of_verdict(r.verdict);
        next.error = QStringLiteral("%1 mm").arg(r.predicted_rms_mm, 0, 'f', 1);
        next.bound = QStringLiteral("(95 % ≤ %1)").arg(r.predicted_p95_mm, 0, 'f', 1);
        next.below = age_text(r.age_s);
        if (view.check) {
            if (view.check->verdict != RecheckVerdict::fine) next.grade = grade_of_check(view.check->verdict);
            next.below = QStringLiteral("checked %1 · moved %2 mm")
                             .arg(age_text(view.check->age_s))
                             .arg(view.check->drift_mm, 0, 'f', 1);
        } else if (r.age_s > kCheckAfter_s) {
            next.below += QStringLiteral(" · C checks it");
        } else if (r.surface_points > 0) {
            next.below += QStringLiteral(" · %1 scalp points").arg(r.surface_points);
        }
    } else {
        next.below = view.touch.touched == 0   ? QStringLiteral("no point touched")
                     : view.touch.touched == 1 ? QStringLiteral("1 point touched")
                                               : QStringLiteral("%1 points touched").arg(view.touch.touched);
    }
    keep(content_, next);
}

void RegistrationPanel::draw(Ink& ink) {
    ink.box({0, 0, w(), h()}, kRadius, theme().panel);
    const double x = 32 + ink.text(16, 37, QStringLiteral("Registration"), {kSmallPx, false, theme().muted});
    if (!content_.done) {
        ink.text(x, 30, QStringLiteral("not accepted yet"), {kKeyPx, true, {}, Align::left, w() - x - 16});
    } else {
        ink.mark(content_.grade, {x + 8, 24}, 16);
        const double error = ink.text(x + 24, 30, content_.error, {kKeyPx, true, {}});
        ink.text(x + 32 + error, 30, content_.bound,
                 {kBodyPx, false, theme().muted, Align::left, w() - x - 40 - error});
    }
    ink.text(x, 49, content_.below, {kSmallPx, false, theme().muted, Align::left, w() - x - 12});
}

}  // namespace precentral
