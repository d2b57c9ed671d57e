// SPDX-License-Identifier: Apache-2.0
// The one key of every screen, always in the same place.
#pragma once

#include <functional>

#include "ui/desktop/panel.h"

namespace precentral {

class MainKeyPanel : public Panel {
public:
    MainKeyPanel(QWidget* parent, std::function<void()> pressed);
    void present(const Shown& shown) override;
    // A screen that asks for more than the session knows (a form) says so here; empty takes it back.
    void set_blocked(const QString& why);

protected:
    void draw(Ink& ink) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    struct Content {
        QString label;
        QString caption;
        bool enabled = false;
        bool filled = false;
        bool lost = false;
        bool enter = false;
        bool operator==(const Content&) const = default;
    } content_;
    QString blocked_;
    std::function<void()> pressed_;
};

}  // namespace precentral
