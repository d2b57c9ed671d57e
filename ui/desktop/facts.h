// SPDX-License-Identifier: Apache-2.0
// Plain facts in rows: beside a stage, or as the stage of a step that only tells.
#pragma once

#include "ui/desktop/stage.h"

class QPushButton;

namespace precentral {

struct Fact {
    QString name;
    QString value;
    std::optional<Grade> grade;
    bool operator==(const Fact&) const = default;
};

// What each step has to say in facts.
std::vector<Fact> facts_of(const Shown& shown);
// Under the facts: what to be careful about.
std::vector<QString> warnings_of(const Shown& shown);

class FactsPanel : public Panel {
public:
    using Panel::Panel;
    void present(const Shown& shown) override;

protected:
    void draw(Ink& ink) override;

private:
    struct Content {
        QString title;
        std::vector<Fact> facts;
        std::vector<QString> warnings;
        bool operator==(const Content&) const = default;
    } content_;
};

// Patient and Review.
class FactsStage : public Stage {
public:
    explicit FactsStage(QWidget* parent);
    void present(const Shown& shown) override;
    // The report of a Review; empty before it is written.
    QPushButton* report_button() const { return report_; }

protected:
    void draw(Ink& ink) override;
    void look_changed() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Content {
        Headline headline;
        std::vector<Fact> facts;
        QString report;
        QString note;
        bool operator==(const Content&) const = default;
    } content_;
    QPushButton* report_ = nullptr;

    void place_button();
};

}  // namespace precentral
