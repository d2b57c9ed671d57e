// SPDX-License-Identifier: Apache-2.0
// The four numbers of the guidance and the field, readable from two metres.
#pragma once

#include <array>

#include "ui/desktop/panel.h"

namespace precentral {

// Digits change at most ten times a second so that they can be read; a change of state or the loss of the pose shows
// at once.
class NumbersPanel : public Panel {
public:
    using Panel::Panel;
    void present(const Shown& shown) override;
    // While held the digits stand still for reading aloud, as long as the pose is live.
    void set_held(bool held) { held_ = held; }

protected:
    void draw(Ink& ink) override;

private:
    struct Row {
        Grade grade = Grade::hidden;
        QString number = QStringLiteral("–");
        bool operator==(const Row&) const = default;
    };
    struct Content {
        bool live = false;
        bool pressed = false;  // into the skin
        std::array<Row, 4> rows;
        Row field;
        QString model;  // the field's: " · sphere"
        bool operator==(const Content&) const = default;
    } content_;
    SteadyTime digits_taken_{};
    bool held_ = false;
};

}  // namespace precentral
