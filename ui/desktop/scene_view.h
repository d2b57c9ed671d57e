// SPDX-License-Identifier: Apache-2.0
// The 3D view: head, live coil, target, touched points, mapping pulses; side letters always. What is not live is taken
// away at once. Without OpenGL it is a label that says so. Screen's thread.
#pragma once

#include <QWidget>
#include <memory>
#include <optional>

#include "ui/desktop/scene_meshes.h"
#include "ui/desktop/stage.h"

class QLabel;

namespace precentral {

class SceneView : public QWidget {
public:
    explicit SceneView(QWidget* parent);
    ~SceneView() override;

    void set_meshes(std::shared_ptr<const SceneMeshes> meshes);
    void set_look(const Theme& theme, double scale);
    void set_scene(const SceneLook& look);
    void present(const Shown& shown);

    // Whether the coil is drawn now.
    bool coil_shown() const;
    // Whether the field is, and which of them it is; counts up with each that is painted.
    bool field_shown() const;
    int fields() const;
    // Where a point stands on this widget, pixels; empty before the first frame or behind the camera.
    std::optional<QPointF> project(const Point<Scan>& point) const;
    // The 3D picture of this instant, rendered now; empty without OpenGL.
    QImage picture();
    int frames() const;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    class Overlay;
    struct Impl;
    std::unique_ptr<Impl> impl_;

    void place_camera(bool glide);
    void glide_step();
    void moved();
    void at_rest();
    void render_soon();
    void show_meshes(bool moving);
    void present_coil(const Shown& shown);
    void present_field(const Shown& shown);
    void take_field_away();
    void present_touched(const Shown& shown);
    void present_pulses(const Shown& shown);
    void draw_overlay(Ink& ink, double w, double h);
};

}  // namespace precentral
