// SPDX-License-Identifier: Apache-2.0
// The nine steps: done, current, open or blocked, and why.
#pragma once

#include <functional>

#include "ui/desktop/panel.h"

namespace precentral {

class StepsColumn : public Panel {
public:
    StepsColumn(QWidget* parent, std::function<void(Step)> chosen);
    void present(const Shown& shown) override;

protected:
    void draw(Ink& ink) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    struct Content {
        std::array<StepState, kSteps> states{};
        std::array<std::string, kSteps> notes;
        bool both_map_and_threshold = false;
        bool operator==(const Content&) const = default;
    } content_;
    std::function<void(Step)> chosen_;

    std::optional<Step> step_at(QPointF pixels) const;
    bool lit(int step) const;
};

}  // namespace precentral
