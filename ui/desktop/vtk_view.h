// SPDX-License-Identifier: Apache-2.0
// A Qt widget that shows a VTK renderer. VTK's own Qt widget is built for Qt 5; this one hosts a
// vtkGenericOpenGLRenderWindow in a QOpenGLWidget. Renders on demand only. Screen's thread.
#pragma once

#include <QOpenGLWidget>
#include <functional>
#include <memory>

class vtkRenderer;  // NOLINT(cppcoreguidelines-virtual-class-destructor): VTK destroys by Delete()

namespace precentral {

class VtkView : public QOpenGLWidget {
public:
    explicit VtkView(QWidget* parent);
    ~VtkView() override;

    // Call before the QApplication is made: 3.2 core, depth and stencil, no multisampling.
    static void choose_gl_format();
    // Whether this display gives an OpenGL context; asked once. Without one no VtkView should be made.
    static bool gl_available();

    vtkRenderer* renderer();
    // Turning and zooming by mouse; `moving(true)` on its start, `moving(false)` on its end.
    void allow_interaction(bool allow, std::function<void(bool moving)> moving);
    // The wall time of the newest frame, ms; 0 before the first.
    double frame_ms() const;
    // Frames rendered since the view was made.
    int frames() const;

protected:
    void initializeGL() override;
    void resizeGL(int width, int height) override;
    void paintGL() override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;

    void release();
    void pass_position(QPointF position, bool shift, bool control);
};

}  // namespace precentral
