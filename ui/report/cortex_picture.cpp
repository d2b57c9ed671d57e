// SPDX-License-Identifier: Apache-2.0
#include "ui/report/cortex_picture.h"

// EGL must not drag in X11 and its macros.
#define EGL_NO_X11
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <vtkActor.h>
#include <vtkCallbackCommand.h>
#include <vtkCamera.h>
#include <vtkCellArray.h>
#include <vtkFloatArray.h>
#include <vtkGenericOpenGLRenderWindow.h>
#include <vtkImageData.h>
#include <vtkLight.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkPolyDataMapper.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkUnsignedCharArray.h>
#include <vtkWindowToImageFilter.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <thread>

#include "data/error.h"
#include "ui/report/fold_shade.h"

namespace precentral {

namespace {

// A drawing context of no screen, current on this thread while it lives.
class ScreenlessContext {
public:
    ScreenlessContext() {
        display_ = eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
        if (display_ == EGL_NO_DISPLAY || eglInitialize(display_, nullptr, nullptr) == EGL_FALSE) {
            throw Error("this machine draws no 3D pictures without a display (no EGL; package libgl1-mesa-dri).");
        }
        const EGLint wanted[] = {EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE};
        EGLConfig config = nullptr;
        EGLint count = 0;
        const EGLint version[] = {
            EGL_CONTEXT_MAJOR_VERSION,           3,       EGL_CONTEXT_MINOR_VERSION, 2, EGL_CONTEXT_OPENGL_PROFILE_MASK,
            EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE};
        const bool made = eglBindAPI(EGL_OPENGL_API) == EGL_TRUE &&
                          eglChooseConfig(display_, wanted, &config, 1, &count) == EGL_TRUE && count > 0 &&
                          (context_ = eglCreateContext(display_, config, EGL_NO_CONTEXT, version)) != EGL_NO_CONTEXT &&
                          eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_) == EGL_TRUE;
        if (!made) {
            close();
            throw Error("this machine's graphics driver has no OpenGL 3.2 without a display.");
        }
    }
    ~ScreenlessContext() { close(); }
    ScreenlessContext(const ScreenlessContext&) = delete;
    ScreenlessContext& operator=(const ScreenlessContext&) = delete;

private:
    // The display itself stays: others in the process may share it, EGL counts no users.
    void close() {
        eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        if (context_ != EGL_NO_CONTEXT) eglDestroyContext(display_, context_);
        eglReleaseThread();
    }
    EGLDisplay display_ = EGL_NO_DISPLAY;
    EGLContext context_ = EGL_NO_CONTEXT;
};

vtkNew<vtkPolyData> coloured_mesh(const HeadModel& head) {
    const Surface& brain = head.brain;
    vtkNew<vtkPoints> points;
    points->SetNumberOfPoints(static_cast<vtkIdType>(brain.vertices.size()));
    vtkNew<vtkFloatArray> normals;
    normals->SetNumberOfComponents(3);
    normals->SetNumberOfTuples(static_cast<vtkIdType>(brain.vertices.size()));
    vtkNew<vtkUnsignedCharArray> colours;
    colours->SetNumberOfComponents(3);
    colours->SetNumberOfTuples(static_cast<vtkIdType>(brain.vertices.size()));
    const std::vector<float> folds = fold_shade(head);
    for (std::size_t i = 0; i < brain.vertices.size(); ++i) {
        const auto id = static_cast<vtkIdType>(i);
        const Eigen::Vector3d& p = brain.vertices[i].xyz;
        points->SetPoint(id, p.x(), p.y(), p.z());
        const Eigen::Vector3d n = i < brain.normals.size() ? brain.normals[i].xyz : Eigen::Vector3d::UnitZ();
        normals->SetTuple3(id, n.x(), n.y(), n.z());
        // Light on the crowns to a middle grey in the folds.
        const double dark = std::clamp(static_cast<double>(folds[i]), 0.0, 1.0);
        const Eigen::Vector3d rgb =
            (1.0 - dark) * Eigen::Vector3d(250.0, 250.0, 250.0) + dark * Eigen::Vector3d(84.0, 84.0, 84.0);
        colours->SetTuple3(id, rgb.x(), rgb.y(), rgb.z());
    }
    vtkNew<vtkCellArray> cells;
    for (const auto& triangle : brain.triangles) {
        const vtkIdType ids[3] = {triangle[0], triangle[1], triangle[2]};
        cells->InsertNextCell(3, ids);
    }
    vtkNew<vtkPolyData> mesh;
    mesh->SetPoints(points);
    mesh->SetPolys(cells);
    mesh->GetPointData()->SetNormals(normals);
    mesh->GetPointData()->SetScalars(colours);
    return mesh;
}

void aim_camera(vtkRenderer& renderer, const CortexView& view) {
    constexpr double kAway = 400.0;
    const Eigen::Vector3d eye = view.centre.xyz + kAway * view.outward.xyz;
    vtkCamera& camera = *renderer.GetActiveCamera();
    camera.ParallelProjectionOn();
    camera.SetParallelScale(view.height_mm() / 2.0);
    camera.SetFocalPoint(view.centre.xyz.data());
    camera.SetPosition(eye.data());
    camera.SetViewUp(view.up.xyz.data());
    camera.SetClippingRange(kAway - 250.0, kAway + 60.0);  // this side of the brain only
}

void light_softly(vtkRenderer& renderer, const CortexView& view) {
    renderer.AutomaticLightCreationOff();
    struct Lamp {
        double right, up, out, intensity;
    };
    // A main lamp from above left, a weak one from the other side: relief without black shadows.
    for (const Lamp& lamp : {Lamp{-0.5, 0.7, 1.0, 0.62}, Lamp{0.7, -0.4, 1.0, 0.38}}) {
        const Eigen::Vector3d from = view.centre.xyz + 300.0 * (lamp.right * view.right.xyz + lamp.up * view.up.xyz +
                                                                lamp.out * view.outward.xyz);
        vtkNew<vtkLight> light;
        light->SetLightTypeToSceneLight();
        light->PositionalOff();
        light->SetPosition(from.x(), from.y(), from.z());
        light->SetFocalPoint(view.centre.xyz.x(), view.centre.xyz.y(), view.centre.xyz.z());
        light->SetIntensity(lamp.intensity);
        renderer.AddLight(light);
    }
}

QImage image_of(vtkImageData& picture) {
    int dims[3] = {};
    picture.GetDimensions(dims);
    // Grey at once: a conversion by Qt would start its threads from here.
    QImage image(dims[0], dims[1], QImage::Format_Grayscale8);
    for (int row = 0; row < dims[1]; ++row) {
        const auto* from = static_cast<const unsigned char*>(picture.GetScalarPointer(0, dims[1] - 1 - row, 0));
        unsigned char* to = image.scanLine(row);
        for (int i = 0; i < dims[0]; ++i, from += 3)
            to[i] = static_cast<unsigned char>((from[0] + from[1] + from[2]) / 3);
    }
    return image;
}

QImage render_here(const HeadModel& head, const CortexView& view, int width_px) {
    const ScreenlessContext context;
    const int height_px = std::max(1, static_cast<int>(std::lround(width_px / view.aspect)));

    vtkNew<vtkGenericOpenGLRenderWindow> window;
    // GLEW as packaged asks for GLX and complains without it; drawing works all the same, and is checked below.
    vtkNew<vtkCallbackCommand> quiet;
    quiet->SetCallback([](vtkObject*, unsigned long, void*, void*) {});
    window->AddObserver(vtkCommand::ErrorEvent, quiet);
    window->AddObserver(vtkCommand::WarningEvent, quiet);
    vtkNew<vtkCallbackCommand> is_current;
    is_current->SetCallback([](vtkObject*, unsigned long, void*, void* data) { *static_cast<bool*>(data) = true; });
    window->AddObserver(vtkCommand::WindowIsCurrentEvent, is_current);
    window->SetOwnContext(0);
    window->SetMultiSamples(0);
    window->SetFrameBlitModeToNoBlit();
    window->SetSize(width_px, height_px);
    window->SetReadyForRendering(true);
    window->OpenGLInit();

    vtkNew<vtkRenderer> renderer;
    renderer->SetBackground(0.957, 0.953, 0.941);
    window->AddRenderer(renderer);
    vtkNew<vtkPolyDataMapper> mapper;
    const vtkNew<vtkPolyData> mesh = coloured_mesh(head);
    mapper->SetInputData(mesh);
    mapper->SetColorModeToDirectScalars();
    vtkNew<vtkActor> actor;
    actor->SetMapper(mapper);
    actor->GetProperty()->SetAmbient(0.33);
    actor->GetProperty()->SetDiffuse(0.80);
    actor->GetProperty()->SetSpecular(0.0);
    renderer->AddActor(actor);
    aim_camera(*renderer, view);
    light_softly(*renderer, view);
    window->Render();

    vtkNew<vtkWindowToImageFilter> grab;
    grab->SetInput(window);
    grab->SetInputBufferTypeToRGB();
    grab->ReadFrontBufferOff();
    grab->ShouldRerenderOff();
    grab->Update();
    QImage image = image_of(*grab->GetOutput());
    window->Finalize();
    if (image.width() != width_px || image.height() != height_px) {
        throw Error("the graphics driver gave a picture of the wrong size.");
    }
    // A driver that draws nothing leaves one colour, usually black.
    const QRgb first = image.pixel(width_px / 2, height_px / 2);
    bool flat = true;
    for (int i = 0; flat && i < width_px * height_px; i += 97) flat = image.pixel(i % width_px, i / width_px) == first;
    if (flat) throw Error("the graphics driver drew nothing.");
    return image;
}

}  // namespace

QImage render_cortex(const HeadModel& head, const CortexView& view, int width_px) {
    if (head.brain.empty()) throw InputError("the head model has no brain surface.");
    QImage image;
    std::exception_ptr failure;
    // A thread of its own: nobody's context is current there, and none is disturbed.
    std::thread worker([&] {
        try {
            image = render_here(head, view, width_px);
        } catch (...) {
            failure = std::current_exception();
        }
    });
    worker.join();
    if (failure) std::rethrow_exception(failure);
    return image;
}

}  // namespace precentral
