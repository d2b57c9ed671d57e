// SPDX-License-Identifier: Apache-2.0
// The pain outcome as the patient tells it. Nothing is preselected; an answer that was not given stays empty.
#pragma once

#include <functional>

#include "ui/desktop/stage.h"

class QButtonGroup;
class QLineEdit;
class QPushButton;

namespace precentral {

class OutcomeStage : public Stage {
public:
    OutcomeStage(QWidget* parent, std::function<void()> changed);
    void present(const Shown& shown) override;

    // The answers given so far.
    Outcome outcome() const;
    // "" when it can be recorded; otherwise what is still to be asked.
    QString missing() const;
    void clear();

    QLineEdit* relief() const { return relief_; }
    QLineEdit* days() const { return days_; }
    QButtonGroup* before() const { return before_; }
    QButtonGroup* after() const { return after_; }
    QPushButton* no_adverse() const { return no_adverse_; }
    QLineEdit* adverse() const { return adverse_; }

protected:
    void draw(Ink& ink) override;
    void look_changed() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Content {
        Headline headline;
        QString recorded;
        bool operator==(const Content&) const = default;
    } content_;
    QLineEdit* relief_ = nullptr;
    QLineEdit* days_ = nullptr;
    QButtonGroup* before_ = nullptr;
    QButtonGroup* after_ = nullptr;
    QPushButton* no_adverse_ = nullptr;
    QLineEdit* adverse_ = nullptr;
    QLineEdit* note_ = nullptr;

    QButtonGroup* scale_of_ten(const std::function<void()>& changed);
    void place_fields();
};

}  // namespace precentral
