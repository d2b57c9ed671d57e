// SPDX-License-Identifier: Apache-2.0
// The base of every drawn area: draws itself in drawing units on the theme's panel colour.
#pragma once

#include <QWidget>
#include <vector>

#include "ui/desktop/ink.h"
#include "ui/desktop/shown.h"

namespace precentral {

class Panel : public QWidget {
public:
    explicit Panel(QWidget* parent);

    void set_look(const Theme& theme, double scale);
    // Takes what it draws from `shown`, and asks for a repaint only where that differs from what stands on the screen.
    virtual void present(const Shown& shown) = 0;
    // Every text of the present picture and where it stands, in widget pixels.
    std::vector<DrawnText> texts();

    const Theme& theme() const { return *theme_; }
    double scale() const { return scale_; }
    // Size in drawing units.
    double w() const { return width() / scale_; }
    double h() const { return height() / scale_; }
    QRect to_pixels(const QRectF& units) const;

protected:
    virtual void draw(Ink& ink) = 0;
    virtual void look_changed() {}
    void paintEvent(QPaintEvent* event) override;
    void update_units(const QRectF& units) { update(to_pixels(units).adjusted(-2, -2, 2, 2)); }
    // Keeps `next` and repaints all when it differs from `kept`.
    template <class Content>
    void keep(Content& kept, Content next) {
        if (kept == next) return;
        kept = std::move(next);
        update();
    }

private:
    void draw_on(QPainter& painter, std::vector<DrawnText>* notes);

    const Theme* theme_;
    double scale_ = 1.0;
};

// The line at the top of a stage: state, one act in bold, more, and what is wrong below it.
struct Headline {
    std::optional<Grade> grade;
    QString bold;
    QString more;
    QString muted;
    QString trouble;
    bool operator==(const Headline&) const = default;
};
void draw_headline(Ink& ink, const Headline& headline, double width);
Headline headline_of(const Shown& shown);

}  // namespace precentral
