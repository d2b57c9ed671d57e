// SPDX-License-Identifier: Apache-2.0
// The row above every stage: who, which side and with which tools, and how good the registration is.
#pragma once

#include <array>

#include "ui/desktop/panel.h"

namespace precentral {

// The case's code; never a name.
class PatientPanel : public Panel {
public:
    using Panel::Panel;
    void present(const Shown& shown) override;

protected:
    void draw(Ink& ink) override;

private:
    struct Content {
        QString code;
        bool simulated = false;
        int visit = 1;
        bool operator==(const Content&) const = default;
    } content_;
};

// The side's letter, the target, where it hurts, and the tools that this step needs.
class SidePanel : public Panel {
public:
    using Panel::Panel;
    void present(const Shown& shown) override;

protected:
    void draw(Ink& ink) override;

private:
    struct Chip {
        QString name;
        Grade grade = Grade::hidden;
        QString text;
        bool operator==(const Chip&) const = default;
    };
    struct Content {
        Side side = Side::left;
        QString target;
        QString pain;
        std::array<Chip, 2> chips;
        bool needed = false;  // by this step
        bool operator==(const Content&) const = default;
    } content_;
    SteadyTime rates_taken_{};

    static Chip chip_of(const QString& name, const ToolView& tool, const Shown& shown);
};

class RegistrationPanel : public Panel {
public:
    using Panel::Panel;
    void present(const Shown& shown) override;

protected:
    void draw(Ink& ink) override;

private:
    struct Content {
        bool done = false;
        Grade grade = Grade::hidden;
        QString error;
        QString bound;
        QString below;
        bool operator==(const Content&) const = default;
    } content_;
};

}  // namespace precentral
