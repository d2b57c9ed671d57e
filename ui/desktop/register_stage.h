// SPDX-License-Identifier: Apache-2.0
// Register: what to touch now above the head in 3D; the expected error and the table of residuals beside it.
#pragma once

#include "ui/desktop/stage.h"

namespace precentral {

class RegisterStage : public Stage {
public:
    using Stage::Stage;
    void present(const Shown& shown) override;
    QRectF scene_place() const override;
    SceneLook scene_look() const override;

protected:
    void draw(Ink& ink) override;

private:
    struct Content {
        std::optional<Grade> grade;
        QString sentence, more, trouble;
        int touched = 0;
        int wanted = 0;
        bool operator==(const Content&) const = default;
    } content_;
};

// Expected error at the target with its bound, and every point's residual in the fit and when left out.
class RegisterPanel : public Panel {
public:
    using Panel::Panel;
    void present(const Shown& shown) override;

protected:
    void draw(Ink& ink) override;

private:
    struct Row {
        QString name;
        double residual_mm = 0.0;
        double left_out_mm = 0.0;
        bool operator==(const Row&) const = default;
    };
    struct Content {
        bool done = false;
        bool checked = false;  // the numbers are of a check: how far the target has moved since
        double angle_deg = 0.0;
        Grade grade = Grade::hidden;
        double error_mm = 0.0;
        double p95_mm = 0.0;
        double rms_mm = 0.0;
        int surface_points = 0;
        int touched = 0;
        int wanted = 0;
        std::vector<Row> rows;
        bool operator==(const Content&) const = default;
    } content_;
};

}  // namespace precentral
