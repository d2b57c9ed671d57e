// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/numbers_panel.h"

#include <cmath>

namespace precentral {
namespace {

constexpr double kDigitsEvery_s = 0.1;

struct RowName {
    const char* name;
    const char* tolerance;
    bool degrees;
};
constexpr std::array<RowName, 4> kRows = {
    {{"Gap", "≤ 1 mm", false}, {"In plane", "≤ 2 mm", false}, {"Tilt", "≤ 5°", true}, {"Twist", "≤ 5°", true}}};

}  // namespace

void NumbersPanel::present(const Shown& shown) {
    Content next;
    if (const GuidanceView* g = shown.guidance) {
        next.live = true;
        next.pressed = g->deviation.gap_mm <= -0.05;
        next.rows = {{{g->gap, guidance_number(std::abs(g->deviation.gap_mm))},
                      {g->in_plane, guidance_number(g->deviation.in_plane_mm)},
                      {g->tilt, guidance_number(g->deviation.tilt_deg)},
                      {g->twist, guidance_number(std::abs(g->deviation.twist_deg))}}};
        next.field.grade = grade_of_field(g->field_percent);
        next.field.number =
            g->field_percent > 0.0 ? QStringLiteral("%1 %").arg(std::lround(g->field_percent)) : QStringLiteral("–");
        if (!g->field_model.empty()) next.model = QStringLiteral(" · ") + QString::fromStdString(g->field_model);
        bool same_grades = content_.live && next.pressed == content_.pressed &&
                           next.field.grade == content_.field.grade && next.model == content_.model;
        for (std::size_t i = 0; i < 4; ++i) same_grades = same_grades && next.rows[i].grade == content_.rows[i].grade;
        const bool too_soon = held_ || seconds_between(digits_taken_, shown.now) < kDigitsEvery_s;
        if (same_grades && too_soon) return;
        digits_taken_ = shown.now;
    }
    if (next == content_) return;
    for (std::size_t i = 0; i < 4; ++i) {
        if (!(next.rows[i] == content_.rows[i]) || next.live != content_.live) {
            update_units({0, 118.0 * static_cast<double>(i), w(), 106});
        }
    }
    if (!(next.field == content_.field) || next.model != content_.model || next.live != content_.live)
        update_units({0, 472, w(), 80});
    content_ = next;
}

void NumbersPanel::draw(Ink& ink) {
    const Theme& t = theme();
    const auto frame = [&](const QRectF& rect, Grade grade) {
        ink.box(rect, kRadius, t.panel);
        if (grade == Grade::near || grade == Grade::off) ink.box(rect, kRadius, {}, t.of(grade), 3);
    };
    const auto number_colour = [&](Grade grade) { return grade == Grade::on ? t.text : t.of(grade); };
    for (std::size_t i = 0; i < 4; ++i) {
        const Row& row = content_.rows[i];
        const double y = 118.0 * static_cast<double>(i);
        frame({0, y, w(), 106}, row.grade);
        ink.mark(row.grade, {30, y + 53}, 28);
        const QString number = row.number;
        const double number_right = w() - 58;
        const double label_room = std::max(60.0, number_right - 54 - 10 - Ink::width(number, kGuidancePx, true));
        ink.text(54, y + 47, QString::fromUtf8(kRows[i].name), {kHeadingPx, true, {}, Align::left, label_room});
        // A minus before so large a number would run into its name; the word says it better.
        const QString below = !content_.live               ? QStringLiteral("not known")
                              : i == 0 && content_.pressed ? QStringLiteral("pressed in")
                                                           : QString::fromUtf8(kRows[i].tolerance);
        ink.text(54, y + 71, below, {kKeyPx, false, t.muted, Align::left, label_room});
        ink.text(number_right, y + 83, number, {kGuidancePx, true, number_colour(row.grade), Align::right});
        if (!content_.live) continue;
        if (kRows[i].degrees) {
            ink.text(w() - 54, y + 56, QStringLiteral("°"), {kBigPx, false, t.muted});
        } else {
            ink.text(w() - 54, y + 80, QStringLiteral("mm"), {kMidPx, false, t.muted});
        }
    }
    const Row& field = content_.field;
    frame({0, 472, w(), 80}, Grade::on);
    ink.mark(field.grade, {30, 512}, 28);
    const double field_room = w() - 20 - 54 - 12 - Ink::width(field.number, kBigPx, true);
    ink.text(54, 507, QStringLiteral("Field at target"), {kHeadingPx, true, {}, Align::left, field_room});
    ink.text(
        54, 531,
        field.grade == Grade::hidden ? QStringLiteral("not known") : QStringLiteral("of the plan") + content_.model,
        {kKeyPx, false, t.muted, Align::left, field_room});
    ink.text(w() - (field.grade == Grade::hidden ? 58 : 20), 526, field.number,
             {kBigPx, true, number_colour(field.grade), Align::right});
}

}  // namespace precentral
