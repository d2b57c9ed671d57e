// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/outcome_stage.h"

#include <QButtonGroup>
#include <QDoubleValidator>
#include <QLineEdit>
#include <QPushButton>

namespace precentral {
namespace {

constexpr double kRow = 92.0;
constexpr double kTop = 108.0;
constexpr double kField = 250.0;

std::optional<double> number_in(const QLineEdit* field) {
    if (!field->hasAcceptableInput()) return std::nullopt;
    bool ok = false;
    const double value = field->locale().toDouble(field->text(), &ok);
    return ok ? std::optional(value) : std::nullopt;
}

std::optional<double> chosen_in(const QButtonGroup* group) {
    return group->checkedId() >= 0 ? std::optional(static_cast<double>(group->checkedId())) : std::nullopt;
}

}  // namespace

OutcomeStage::OutcomeStage(QWidget* parent, std::function<void()> changed) : Stage(parent) {
    const auto number = [&](double low, double high, int decimals, const QString& hint) {
        auto* field = new QLineEdit(this);
        field->setLocale(QLocale::c());
        auto* validator = new QDoubleValidator(low, high, decimals, field);
        validator->setNotation(QDoubleValidator::StandardNotation);
        validator->setLocale(QLocale::c());
        field->setValidator(validator);
        field->setPlaceholderText(hint);
        QObject::connect(field, &QLineEdit::textChanged, this, [changed] { changed(); });
        return field;
    };
    relief_ = number(-100, 100, 0, QStringLiteral("−100 … 100"));
    days_ = number(0, 365, 1, QStringLiteral("0 … 365"));
    before_ = scale_of_ten(changed);
    after_ = scale_of_ten(changed);
    no_adverse_ = new QPushButton(QStringLiteral("None"), this);
    no_adverse_->setCheckable(true);
    adverse_ = new QLineEdit(this);
    adverse_->setPlaceholderText(QStringLiteral("or what, in the patient’s words"));
    note_ = new QLineEdit(this);
    note_->setPlaceholderText(QStringLiteral("anything else the patient says (no names)"));
    QObject::connect(no_adverse_, &QPushButton::toggled, this, [this, changed](bool none) {
        if (none) adverse_->clear();
        changed();
    });
    QObject::connect(adverse_, &QLineEdit::textChanged, this, [this, changed](const QString& text) {
        if (!text.trimmed().isEmpty()) no_adverse_->setChecked(false);
        changed();
    });
}

QButtonGroup* OutcomeStage::scale_of_ten(const std::function<void()>& changed) {
    auto* group = new QButtonGroup(this);
    for (int i = 0; i <= 10; ++i) {
        auto* button = new QPushButton(QString::number(i), this);
        button->setCheckable(true);
        button->setStyleSheet(QStringLiteral("padding: 0"));
        group->addButton(button, i);
    }
    QObject::connect(group, &QButtonGroup::idToggled, this, [changed](int, bool) { changed(); });
    return group;
}

void OutcomeStage::present(const Shown& shown) {
    Content next{headline_of(shown), QString::fromStdString(shown.view.relief)};
    const bool open = next.recorded.isEmpty();
    for (QWidget* field :
         {static_cast<QWidget*>(relief_), static_cast<QWidget*>(days_), static_cast<QWidget*>(no_adverse_),
          static_cast<QWidget*>(adverse_), static_cast<QWidget*>(note_)}) {
        field->setEnabled(open);
    }
    for (QButtonGroup* group : {before_, after_}) {
        for (QAbstractButton* button : group->buttons()) button->setEnabled(open);
    }
    keep(content_, next);
}

Outcome OutcomeStage::outcome() const {
    Outcome out;
    out.relief_percent = number_in(relief_);
    out.relief_days = number_in(days_);
    out.pain_before = chosen_in(before_);
    out.pain_after = chosen_in(after_);
    const QString events = adverse_->text().trimmed();
    out.adverse_events = no_adverse_->isChecked() ? "none" : events.toStdString();
    out.note = note_->text().trimmed().toStdString();
    return out;
}

QString OutcomeStage::missing() const {
    if (!relief_->text().isEmpty() && !relief_->hasAcceptableInput())
        return QStringLiteral("relief is a number from −100 to 100");
    if (!days_->text().isEmpty() && !days_->hasAcceptableInput())
        return QStringLiteral("days is a number from 0 to 365");
    if (!number_in(relief_) && !chosen_in(after_)) return QStringLiteral("ask for the relief, or for the pain now");
    if (!no_adverse_->isChecked() && adverse_->text().trimmed().isEmpty())
        return QStringLiteral("ask for adverse events");
    return {};
}

void OutcomeStage::clear() {
    for (QLineEdit* field : {relief_, days_, adverse_, note_}) field->clear();
    no_adverse_->setChecked(false);
    for (QButtonGroup* group : {before_, after_}) {
        group->setExclusive(false);
        for (QAbstractButton* button : group->buttons()) button->setChecked(false);
        group->setExclusive(true);
    }
}

void OutcomeStage::look_changed() { place_fields(); }

void OutcomeStage::resizeEvent(QResizeEvent* event) {
    Stage::resizeEvent(event);
    place_fields();
}

void OutcomeStage::place_fields() {
    const auto row = [](int i) { return kTop + kRow * i; };
    relief_->setGeometry(to_pixels({kField, row(0), 150, 52}));
    days_->setGeometry(to_pixels({kField, row(1), 150, 52}));
    const double pitch = (w() - kField - 20 + 6) / 11.0;
    for (int i = 0; i <= 10; ++i) {
        before_->button(i)->setGeometry(to_pixels({kField + pitch * i, row(2), pitch - 6, 52}));
        after_->button(i)->setGeometry(to_pixels({kField + pitch * i, row(3), pitch - 6, 52}));
    }
    no_adverse_->setGeometry(to_pixels({kField, row(4), 110, 52}));
    adverse_->setGeometry(to_pixels({kField + 122, row(4), w() - kField - 142, 52}));
    note_->setGeometry(to_pixels({kField, row(5), w() - kField - 20, 52}));
}

void OutcomeStage::draw(Ink& ink) {
    const Theme& t = theme();
    ink.box({0, 0, w(), h()}, kRadius, t.panel);
    draw_headline(ink, content_.headline, w());
    struct Row {
        const char* name;
        const char* hint;
    };
    static constexpr Row kRows[] = {{"Relief", "negative = worse"},
                                    {"It lasted", "days"},
                                    {"Pain before", "0 none … 10 worst"},
                                    {"Pain now", "0 none … 10 worst"},
                                    {"Adverse events", "“none” is an answer"},
                                    {"Note", ""}};
    double y = kTop;
    for (const Row& row : kRows) {
        const bool hint = row.hint[0] != '\0';
        ink.text(20, y + (hint ? 24 : 33), QString::fromUtf8(row.name),
                 {kHeadingPx, true, {}, Align::left, kField - 32});
        ink.text(20, y + 48, QString::fromUtf8(row.hint), {kBodyPx, false, t.muted, Align::left, kField - 32});
        y += kRow;
    }
    ink.text(kField + 162, kTop + 35, QStringLiteral("%"), {kMidPx, false, t.muted});
    ink.text(kField + 162, kTop + kRow + 35, QStringLiteral("days"), {kMidPx, false, t.muted});
    if (!content_.recorded.isEmpty()) {
        ink.mark(Grade::on, {w() - 300, kTop + 26}, 22);
        ink.text(w() - 280, kTop + 33, QStringLiteral("Recorded: ") + content_.recorded,
                 {kHeadingPx, true, {}, Align::left, 260});
    }
}

}  // namespace precentral
