// SPDX-License-Identifier: Apache-2.0
// Treat: one sentence, the bull's-eye, tilt, gap, and a small view from where the technician stands.
#pragma once

#include "ui/desktop/guidance_drawing.h"
#include "ui/desktop/stage.h"

namespace precentral {

class TreatStage : public Stage {
public:
    using Stage::Stage;
    void present(const Shown& shown) override;
    QRectF scene_place() const override;
    SceneLook scene_look() const override;
    // The electric field on the cortex.
    void switch_field() {
        field_ = !field_;
        update();
    }
    // scene, coil only, none
    void cycle_small_view();

protected:
    void draw(Ink& ink) override;

private:
    struct Places {
        QPointF eye;
        double rim = 210.0;
        QPointF tilt;
        double tilt_radius = 76.0;
        QRectF gap;
        QRectF scene;
    };
    Places places() const;

    Headline headline_;
    GuidancePicture picture_;
    bool field_ = false;
    enum class Small { scene, coil_only, none } small_ = Small::scene;
    SteadyTime sentence_since_{};
};

}  // namespace precentral
