// SPDX-License-Identifier: Apache-2.0
// Map and Threshold: the cortex with every pulse above, the newest muscle response below; the threshold beside them.
#pragma once

#include "ui/desktop/guidance_drawing.h"
#include "ui/desktop/stage.h"

namespace precentral {

class MapStage : public Stage {
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

protected:
    void draw(Ink& ink) override;

private:
    struct Content {
        Headline headline;
        int positions = 0;
        std::uint64_t pulse = 0;
        std::size_t samples = 0;
        double mep_uv = 0.0;
        double latency_ms = 0.0;
        double rest_uv = 0.0;
        QString verdict;
        QString muscle;
        bool operator==(const Content&) const = default;
    } content_;
    GuidancePicture picture_;
    bool field_ = true;
    QString act_;
    EmgSweep sweep_;

    double upper_h() const;
    void draw_sweep(Ink& ink, const QRectF& area) const;
};

// The resting motor threshold, its range, and the response curve with every pulse.
class ThresholdPanel : public Panel {
public:
    using Panel::Panel;
    void present(const Shown& shown) override;

protected:
    void draw(Ink& ink) override;

private:
    struct Dot {
        int intensity = 0;
        bool responded = false;
        bool operator==(const Dot&) const = default;
    };
    struct Content {
        double rmt = 0.0, low = 0.0, high = 0.0, spread = 0.0, next = 0.0;
        bool enough = false;
        std::vector<Dot> dots;
        bool operator==(const Content&) const = default;
    } content_;

    void draw_curve(Ink& ink, const QRectF& area) const;
};

}  // namespace precentral
