// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/vtk_view.h"

#include <vtkCallbackCommand.h>
#include <vtkGenericOpenGLRenderWindow.h>
#include <vtkGenericRenderWindowInteractor.h>
#include <vtkInteractorStyleTrackballCamera.h>
#include <vtkNew.h>
#include <vtkOpenGLFramebufferObject.h>
#include <vtkOpenGLState.h>
#include <vtkRenderer.h>

#include <QElapsedTimer>
#include <QMouseEvent>
#include <QOffscreenSurface>
#include <QOpenGLContext>
#include <QOpenGLFunctions>
#include <QSurfaceFormat>
#include <QWheelEvent>

namespace precentral {

struct VtkView::Impl {
    vtkNew<vtkGenericOpenGLRenderWindow> window;
    vtkNew<vtkRenderer> renderer;
    vtkNew<vtkGenericRenderWindowInteractor> interactor;
    vtkNew<vtkInteractorStyleTrackballCamera> style;
    vtkNew<vtkCallbackCommand> on_window;
    vtkNew<vtkCallbackCommand> on_render;
    std::function<void(bool)> moving;
    bool interactive = false;
    bool dragging = false;
    double frame_ms = 0.0;
    int frames = 0;
};

VtkView::VtkView(QWidget* parent) : QOpenGLWidget(parent), impl_(std::make_unique<Impl>()) {
    setFocusPolicy(Qt::NoFocus);
    setUpdateBehavior(QOpenGLWidget::NoPartialUpdate);
    auto& window = *impl_->window;
    window.SetFrameBlitModeToNoBlit();
    window.SetOwnContext(0);
    window.SetMultiSamples(0);
    window.SetReadyForRendering(false);
    window.AddRenderer(impl_->renderer);

    impl_->on_window->SetClientData(this);
    impl_->on_window->SetCallback([](vtkObject*, unsigned long event, void* client, void* answer) {
        auto* self = static_cast<VtkView*>(client);
        switch (event) {
            case vtkCommand::WindowMakeCurrentEvent:
                // QOpenGLWidget::makeCurrent() rebinds Qt's framebuffer; in the middle of VTK's render that gives a
                // blank window.
                if (self->context() != nullptr && QOpenGLContext::currentContext() != self->context()) {
                    self->makeCurrent();
                }
                break;
            case vtkCommand::WindowIsCurrentEvent:
                *static_cast<bool*>(answer) =
                    self->context() != nullptr && QOpenGLContext::currentContext() == self->context();
                break;
            case vtkCommand::WindowSupportsOpenGLEvent:
            case vtkCommand::WindowIsDirectEvent: *static_cast<int*>(answer) = 1; break;
            default: break;
        }
    });
    for (const auto event : {vtkCommand::WindowMakeCurrentEvent, vtkCommand::WindowIsCurrentEvent,
                             vtkCommand::WindowSupportsOpenGLEvent, vtkCommand::WindowIsDirectEvent}) {
        window.AddObserver(event, impl_->on_window);
    }
    impl_->on_render->SetClientData(this);
    impl_->on_render->SetCallback(
        [](vtkObject*, unsigned long, void* client, void*) { static_cast<VtkView*>(client)->update(); });
    impl_->interactor->SetRenderWindow(impl_->window);
    impl_->interactor->SetInteractorStyle(impl_->style);
    impl_->interactor->AddObserver(vtkCommand::RenderEvent, impl_->on_render);
    impl_->interactor->EnableRenderOff();
    impl_->interactor->Initialize();
}

VtkView::~VtkView() {
    if (context() != nullptr) QObject::disconnect(context(), nullptr, this, nullptr);
    release();
}

void VtkView::release() {
    if (context() == nullptr || !isValid()) return;
    makeCurrent();
    impl_->window->Finalize();
    impl_->window->SetReadyForRendering(false);
    doneCurrent();
}

void VtkView::choose_gl_format() {
    QSurfaceFormat format;
    format.setRenderableType(QSurfaceFormat::OpenGL);
    format.setVersion(3, 2);
    format.setProfile(QSurfaceFormat::CoreProfile);
    format.setDepthBufferSize(24);
    format.setStencilBufferSize(8);
    format.setAlphaBufferSize(0);
    format.setSamples(0);
    format.setSwapBehavior(QSurfaceFormat::DoubleBuffer);
    format.setSwapInterval(0);
    QSurfaceFormat::setDefaultFormat(format);
}

bool VtkView::gl_available() {
    static const bool available = [] {
        QOpenGLContext context;
        context.setFormat(QSurfaceFormat::defaultFormat());
        if (!context.create()) return false;
        QOffscreenSurface surface;
        surface.setFormat(context.format());
        surface.create();
        if (!surface.isValid() || !context.makeCurrent(&surface)) return false;
        const bool new_enough = context.format().majorVersion() > 3 ||
                                (context.format().majorVersion() == 3 && context.format().minorVersion() >= 2);
        context.doneCurrent();
        return new_enough;
    }();
    return available;
}

vtkRenderer* VtkView::renderer() { return impl_->renderer; }
double VtkView::frame_ms() const { return impl_->frame_ms; }
int VtkView::frames() const { return impl_->frames; }

void VtkView::allow_interaction(bool allow, std::function<void(bool)> moving) {
    impl_->interactive = allow;
    impl_->moving = std::move(moving);
    setAttribute(Qt::WA_TransparentForMouseEvents, !allow);
}

void VtkView::initializeGL() {
    // The context may go before this widget does (a change of top-level window).
    QObject::connect(context(), &QOpenGLContext::aboutToBeDestroyed, this, [this] { release(); });
    impl_->window->SetReadyForRendering(true);
    impl_->window->SetForceMaximumHardwareLineWidth(1);
    impl_->window->OpenGLInit();
}

void VtkView::resizeGL(int, int) {
    const int w = qRound(width() * devicePixelRatioF());
    const int h = qRound(height() * devicePixelRatioF());
    impl_->window->SetSize(w, h);
    impl_->interactor->UpdateSize(w, h);
}

void VtkView::paintGL() {
    QElapsedTimer timer;
    timer.start();
    auto& window = *impl_->window;
    vtkOpenGLState* state = window.GetState();
    state->Reset();
    state->Push();
    state->vtkglDepthFunc(GL_LEQUAL);
    impl_->interactor->EnableRenderOn();
    window.Render();
    impl_->interactor->EnableRenderOff();
    state->vtkglBindFramebuffer(GL_DRAW_FRAMEBUFFER, defaultFramebufferObject());
    const unsigned int attachment = GL_COLOR_ATTACHMENT0;
    state->vtkglDrawBuffers(1, const_cast<unsigned int*>(&attachment));
    const int w = qRound(width() * devicePixelRatioF());
    const int h = qRound(height() * devicePixelRatioF());
    window.BlitDisplayFramebuffer(0, 0, 0, w, h, 0, 0, w, h, GL_COLOR_BUFFER_BIT, GL_NEAREST);

    // Opaque everywhere, or Qt mixes what is behind into translucent areas.
    QOpenGLFunctions* gl = context()->functions();
    gl->glBindFramebuffer(GL_FRAMEBUFFER, defaultFramebufferObject());
    gl->glDisable(GL_SCISSOR_TEST);
    gl->glColorMask(GL_FALSE, GL_FALSE, GL_FALSE, GL_TRUE);
    gl->glClearColor(0.0F, 0.0F, 0.0F, 1.0F);
    gl->glClear(GL_COLOR_BUFFER_BIT);
    gl->glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
    state->Pop();
    impl_->frame_ms = static_cast<double>(timer.nsecsElapsed()) * 1e-6;
    ++impl_->frames;
}

void VtkView::pass_position(QPointF position, bool shift, bool control) {
    const double ratio = devicePixelRatioF();
    impl_->interactor->SetEventInformationFlipY(qRound(position.x() * ratio), qRound(position.y() * ratio),
                                                control ? 1 : 0, shift ? 1 : 0);
}

void VtkView::mousePressEvent(QMouseEvent* event) {
    if (!impl_->interactive || !isValid()) return;
    pass_position(event->position(), event->modifiers() & Qt::ShiftModifier, event->modifiers() & Qt::ControlModifier);
    impl_->dragging = true;
    if (impl_->moving) impl_->moving(true);
    impl_->interactor->InvokeEvent(event->button() == Qt::RightButton ? vtkCommand::RightButtonPressEvent
                                                                      : vtkCommand::LeftButtonPressEvent);
}

void VtkView::mouseMoveEvent(QMouseEvent* event) {
    if (!impl_->dragging) return;
    pass_position(event->position(), event->modifiers() & Qt::ShiftModifier, event->modifiers() & Qt::ControlModifier);
    impl_->interactor->InvokeEvent(vtkCommand::MouseMoveEvent);
    update();
}

void VtkView::mouseReleaseEvent(QMouseEvent* event) {
    if (!impl_->dragging) return;
    impl_->dragging = false;
    pass_position(event->position(), false, false);
    impl_->interactor->InvokeEvent(event->button() == Qt::RightButton ? vtkCommand::RightButtonReleaseEvent
                                                                      : vtkCommand::LeftButtonReleaseEvent);
    if (impl_->moving) impl_->moving(false);
    update();
}

void VtkView::wheelEvent(QWheelEvent* event) {
    if (!impl_->interactive || !isValid()) return;
    pass_position(event->position(), false, false);
    if (impl_->moving) impl_->moving(true);
    impl_->interactor->InvokeEvent(event->angleDelta().y() > 0 ? vtkCommand::MouseWheelForwardEvent
                                                               : vtkCommand::MouseWheelBackwardEvent);
    if (impl_->moving) impl_->moving(false);
    update();
}

}  // namespace precentral
