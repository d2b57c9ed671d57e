// SPDX-License-Identifier: Apache-2.0
// Image and Target: three cuts through the T1 and the head in 3D.
#pragma once

#include <array>

#include "ui/desktop/slice_view.h"
#include "ui/desktop/stage.h"

namespace precentral {

class TargetStage : public Stage {
public:
    explicit TargetStage(QWidget* parent);
    void set_volume(const Volume& volume);
    void present(const Shown& shown) override;
    QRectF scene_place() const override;
    SceneLook scene_look() const override;
    std::array<SliceView*, 3> slices() const { return slices_; }

protected:
    void draw(Ink& ink) override;
    void look_changed() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    std::array<SliceView*, 3> slices_{};  // axial, coronal, sagittal
    Headline headline_;
    bool target_step_ = false;

    QRectF cell(int column, int row) const;
    void place_slices();
};

}  // namespace precentral
