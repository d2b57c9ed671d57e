// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/target_stage.h"

#include <QResizeEvent>

namespace precentral {

TargetStage::TargetStage(QWidget* parent) : Stage(parent) {
    slices_ = {new SliceView(this, Plane::axial), new SliceView(this, Plane::coronal),
               new SliceView(this, Plane::sagittal)};
}

void TargetStage::set_volume(const Volume& volume) {
    const GreyWindow window = grey_window(volume);
    for (SliceView* slice : slices_) slice->set_volume(volume, window);
}

void TargetStage::present(const Shown& shown) {
    target_step_ = shown.view.step == Step::target;
    Headline next = headline_of(shown);
    if (target_step_ && shown.guidance != nullptr) {
        next.muted = QString::fromStdString(shown.guidance->act);
    }
    keep(headline_, next);
    for (SliceView* slice : slices_) slice->present(shown);
}

QRectF TargetStage::cell(int column, int row) const {
    const double top = 90;
    const double gap = 12;
    const double cell_w = (w() - 3 * gap) / 2;
    const double cell_h = (h() - top - 2 * gap) / 2;
    return {gap + column * (cell_w + gap), top + row * (cell_h + gap), cell_w, cell_h};
}

QRectF TargetStage::scene_place() const { return cell(1, 1); }

SceneLook TargetStage::scene_look() const {
    SceneLook look;
    look.camera = SceneLook::Camera::standing;
    look.scalp = 0.32;
    look.brain = true;
    look.target = target_step_;
    look.coil = target_step_ ? SceneLook::CoilStyle::outline : SceneLook::CoilStyle::none;
    return look;
}

void TargetStage::draw(Ink& ink) {
    ink.box({0, 0, w(), h()}, kRadius, theme().panel);
    draw_headline(ink, headline_, w());
}

void TargetStage::look_changed() { place_slices(); }

void TargetStage::resizeEvent(QResizeEvent* event) {
    Stage::resizeEvent(event);
    place_slices();
}

void TargetStage::place_slices() {
    const QRectF places[3] = {cell(0, 0), cell(1, 0), cell(0, 1)};
    for (std::size_t i = 0; i < 3; ++i) {
        slices_[i]->set_look(theme(), scale());
        slices_[i]->setGeometry(to_pixels(places[i]));
    }
}

}  // namespace precentral
