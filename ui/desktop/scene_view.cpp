// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/scene_view.h"

#include <vtkCamera.h>
#include <vtkMatrix4x4.h>
#include <vtkPolyData.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>

#include <QLabel>
#include <QResizeEvent>
#include <QTimer>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "ui/desktop/field_legend.h"
#include "ui/desktop/field_painter.h"
#include "ui/desktop/scene_actors.h"
#include "ui/desktop/scene_camera.h"
#include "ui/desktop/scene_marks.h"
#include "ui/desktop/vtk_view.h"

namespace precentral {
namespace {

constexpr int kRest_ms = 200;
constexpr int kSmallView_px = 90000;
constexpr double kGlide_s = 0.4;
// Smaller motion of the coil than this is not worth a frame.
constexpr double kStill_mm = 0.15;
constexpr double kStill_deg = 0.15;

}  // namespace

class SceneView::Overlay : public QWidget {
public:
    Overlay(SceneView* view) : QWidget(view), view_(view) { setAttribute(Qt::WA_TransparentForMouseEvents); }

protected:
    void paintEvent(QPaintEvent*) override;

private:
    SceneView* view_;
};

struct SceneView::Impl {
    VtkView* gl = nullptr;
    QLabel* no_gl = nullptr;
    Overlay* overlay = nullptr;
    std::unique_ptr<SceneActors> actors;
    std::shared_ptr<const SceneMeshes> meshes;
    const Theme* theme = &dark_theme();
    double scale = 1.0;
    SceneLook look;
    QTimer frame_timer;
    QTimer rest_timer;
    QTimer glide_timer;
    SteadyTime glide_start{};
    CameraPlace glide_from, place;
    bool turned_by_hand = false;
    bool moving = false;
    // What was presented last.
    Side side = Side::left;
    bool turned = false;
    std::optional<Transform<Scan, Coil>> coil;
    std::unique_ptr<FieldPainter> painter;
    std::optional<Transform<Scan, Coil>> field_wanted;
    std::shared_ptr<const ShellModes> inner_skull;
    std::uint64_t first_wish = 0;               // since the pose is live
    std::shared_ptr<const PaintedField> field;  // as it is painted
    int fields = 0;
    std::optional<Transform<Scan, Coil>> target;
    std::optional<Point<Scan>> aim;   // where the cortex camera looks
    std::optional<Point<Scan>> next;  // the fiducial to touch now
    QString ask;
    std::vector<Point<Scan>> touched_points;
    std::size_t residuals = 0;
    std::vector<MapPulseView> pulses;
    std::optional<Point<Scan>> hotspot;
    double radius95_mm = 0.0;
};

void SceneView::Overlay::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    painter.scale(view_->impl_->scale, view_->impl_->scale);
    Ink ink(painter, *view_->impl_->theme);
    view_->draw_overlay(ink, width() / view_->impl_->scale, height() / view_->impl_->scale);
}

SceneView::SceneView(QWidget* parent) : QWidget(parent), impl_(std::make_unique<Impl>()) {
    Impl& s = *impl_;
    setFocusPolicy(Qt::NoFocus);
    if (VtkView::gl_available()) {
        s.gl = new VtkView(this);
        s.actors = std::make_unique<SceneActors>(s.gl->renderer());
        s.gl->allow_interaction(true, [this](bool moving) {
            impl_->turned_by_hand = true;
            impl_->glide_timer.stop();
            if (moving) moved();
            impl_->overlay->update();
        });
        s.gl->renderer()->GetActiveCamera()->SetViewAngle(kViewAngle_deg);
    } else {
        s.no_gl = new QLabel(
            QStringLiteral("No 3D view: this display offers no OpenGL 3.2. The guidance works without."), this);
        s.no_gl->setAlignment(Qt::AlignCenter);
        s.no_gl->setWordWrap(true);
    }
    s.overlay = new Overlay(this);
    s.frame_timer.setSingleShot(true);
    s.rest_timer.setSingleShot(true);
    s.glide_timer.setInterval(33);
    QObject::connect(&s.frame_timer, &QTimer::timeout, this, [this] {
        impl_->gl->update();
        impl_->overlay->update();
    });
    QObject::connect(&s.rest_timer, &QTimer::timeout, this, [this] { at_rest(); });
    QObject::connect(&s.glide_timer, &QTimer::timeout, this, [this] { glide_step(); });
}

SceneView::~SceneView() = default;

void SceneView::set_meshes(std::shared_ptr<const SceneMeshes> meshes) {
    impl_->meshes = std::move(meshes);
    if (impl_->gl == nullptr) return;
    take_field_away();
    impl_->painter.reset();
    if (impl_->meshes) {
        impl_->actors->set_field_mesh(impl_->meshes->brain(true));
        impl_->painter = std::make_unique<FieldPainter>(impl_->meshes->moving_scalp(), impl_->meshes->moving_brain());
    }
    impl_->touched_points.clear();
    show_meshes(false);
    set_scene(impl_->look);
    place_camera(false);
}

void SceneView::set_look(const Theme& theme, double scale) {
    Impl& s = *impl_;
    if (s.theme == &theme && s.scale == scale && s.frame_timer.interval() != 0) return;
    s.theme = &theme;
    s.scale = std::max(scale, 0.05);
    QPalette palette = this->palette();
    palette.setColor(QPalette::WindowText, theme.muted);
    if (s.no_gl != nullptr) {
        s.no_gl->setPalette(palette);
        s.no_gl->setFont(screen_font(qRound(kBodyPx * scale)));
        return;
    }
    s.actors->set_theme(theme);
    s.gl->renderer()->SetBackground(theme.panel.redF(), theme.panel.greenF(), theme.panel.blueF());
    render_soon();
}

void SceneView::set_scene(const SceneLook& look) {
    Impl& s = *impl_;
    const bool other_camera = look.camera != s.look.camera;
    s.look = look;
    if (s.gl == nullptr) return;
    s.actors->scalp.set_shown(look.scalp > 0.0 && s.meshes != nullptr);
    // A veil is lit evenly, or its own shade darkens what is behind it.
    s.actors->scalp.set_veiled(look.scalp);
    if (!look.field) take_field_away();
    s.actors->brain.set_shown(look.brain && s.meshes != nullptr && s.field == nullptr);
    s.actors->target.set_shown(look.target && s.target.has_value());
    if (s.coil) {
        s.actors->coil.set_shown(look.coil == SceneLook::CoilStyle::solid);
        s.actors->coil_ring.set_shown(look.coil == SceneLook::CoilStyle::outline);
    }
    for (SceneActor* one : {&s.actors->touched[0], &s.actors->touched[1], &s.actors->touched[2]}) {
        if (!look.touched) one->set_shown(false);
    }
    if (look.touched) s.actors->show_touched({});
    s.touched_points.clear();
    s.pulses.clear();
    s.hotspot.reset();
    for (SceneActor* one : {&s.actors->responded, &s.actors->silent, &s.actors->hotspot}) one->set_shown(false);
    if (other_camera) place_camera(false);
    render_soon();
}

void SceneView::show_meshes(bool moving) {
    Impl& s = *impl_;
    s.moving = moving;
    if (s.meshes == nullptr || s.gl == nullptr) return;
    // Smooth edges halve the frame rate of a large view without a graphics card, so they wait until nothing moves.
    s.gl->renderer()->SetUseFXAA(!moving || width() * height() < kSmallView_px);
    s.actors->scalp.set_mesh(s.meshes->scalp(moving));
    s.actors->brain.set_mesh(s.meshes->brain(moving));
}

void SceneView::moved() {
    if (!impl_->moving) show_meshes(true);
    impl_->rest_timer.start(kRest_ms);
    render_soon();
}

void SceneView::at_rest() {
    show_meshes(false);
    render_soon();
}

void SceneView::render_soon() {
    Impl& s = *impl_;
    if (s.gl == nullptr || s.frame_timer.isActive()) return;
    // The 3D view takes at most a third of this thread: the bull's-eye comes first.
    s.frame_timer.start(static_cast<int>(std::clamp(2.0 * s.gl->frame_ms(), 16.0, 200.0)));
}

void SceneView::place_camera(bool glide) {
    Impl& s = *impl_;
    if (s.gl == nullptr || s.meshes == nullptr) return;
    const CameraPlace to = camera_place(s.look.camera, {s.meshes->centre().xyz, s.meshes->half_size_mm()}, s.side,
                                        s.turned, s.aim, s.next);
    s.turned_by_hand = false;
    if (glide && isVisible()) {
        s.glide_from = s.place;
        s.place = to;
        s.glide_start = steady_now();
        s.glide_timer.start();
        return;
    }
    s.glide_timer.stop();
    s.place = to;
    s.glide_from = to;
    glide_step();
}

void SceneView::glide_step() {
    Impl& s = *impl_;
    double u = 1.0;
    if (s.glide_timer.isActive()) {
        u = std::clamp(seconds_between(s.glide_start, steady_now()) / kGlide_s, 0.0, 1.0);
        if (u >= 1.0) s.glide_timer.stop();
        u = u * u * (3.0 - 2.0 * u);
    }
    Eigen::Vector3d away = (1.0 - u) * s.glide_from.away + u * s.place.away;
    if (away.norm() < 0.05) away = s.place.away;  // from one side straight to the other
    away.normalize();
    const Eigen::Vector3d focus = (1.0 - u) * s.glide_from.focus + u * s.place.focus;
    const double reach = (1.0 - u) * s.glide_from.reach_mm + u * s.place.reach_mm;
    // The angle is vertical; a narrow view needs more distance.
    const double aspect = height() > 0 ? static_cast<double>(width()) / height() : 1.0;
    const double distance = reach / std::sin(kViewAngle_deg / 2.0 * std::numbers::pi / 180.0) / std::min(1.0, aspect);
    vtkCamera* camera = s.gl->renderer()->GetActiveCamera();
    const Eigen::Vector3d position = focus + distance * away;
    camera->SetFocalPoint(focus.x(), focus.y(), focus.z());
    camera->SetPosition(position.x(), position.y(), position.z());
    const bool from_above = std::abs(away.z()) > 0.92;
    camera->SetViewUp(0.0, from_above ? 1.0 : 0.0, from_above ? 0.0 : 1.0);
    camera->SetClippingRange(std::max(1.0, distance - 400.0), distance + 400.0);
    if (s.glide_timer.isActive()) {
        moved();
    } else {
        render_soon();
    }
}

void SceneView::present_coil(const Shown& shown) {
    Impl& s = *impl_;
    const SessionView& view = shown.view;
    const bool live = view.scan_from_coil && shown.tracking.fresh && view.link == LinkState::connected &&
                      view.head.state == ToolState::visible && view.coil.state == ToolState::visible &&
                      s.look.coil != SceneLook::CoilStyle::none;
    SceneActors& a = *s.actors;
    if (!live) {
        const bool was = s.coil.has_value();
        s.coil.reset();
        const bool changed = a.coil.set_shown(false) || a.coil_ring.set_shown(false);
        if (was || changed) s.gl->update();  // at once, not when the next frame is due
        return;
    }
    const bool first = !s.coil.has_value();
    if (!first && distance_mm(s.coil->origin(), view.scan_from_coil->origin()) < kStill_mm &&
        angle_between_deg(*s.coil, *view.scan_from_coil) < kStill_deg) {
        return;
    }
    s.coil = view.scan_from_coil;
    a.coil.set_pose(*s.coil);
    a.coil_ring.set_pose(*s.coil);
    a.coil.set_shown(s.look.coil == SceneLook::CoilStyle::solid);
    a.coil_ring.set_shown(s.look.coil == SceneLook::CoilStyle::outline);
    moved();
}

void SceneView::take_field_away() {
    Impl& s = *impl_;
    s.field_wanted.reset();
    s.first_wish = 0;
    if (s.field == nullptr) return;
    s.field.reset();
    s.actors->field.set_shown(false);
    s.actors->brain.set_shown(s.look.brain && s.meshes != nullptr);
    s.gl->update();  // at once
    s.overlay->update();
}

void SceneView::present_field(const Shown& shown) {
    Impl& s = *impl_;
    if (s.painter == nullptr || !s.look.field || !s.coil) {
        take_field_away();
        return;
    }
    const bool same =
        s.field_wanted && s.field_wanted->matrix() == s.coil->matrix() && s.inner_skull == shown.view.inner_skull;
    if (!same) {
        s.field_wanted = s.coil;
        s.inner_skull = shown.view.inner_skull;
        const std::uint64_t wish = s.painter->want(*s.coil, s.inner_skull);
        if (s.first_wish == 0) s.first_wish = wish;
    }
    const auto newest = s.painter->newest();
    if (newest == s.field) return;
    if (newest == nullptr) {
        take_field_away();
        return;
    }
    if (newest->wish < s.first_wish || !s.actors->paint_field(newest->share)) return;  // of a pose before it was lost
    s.field = newest;
    ++s.fields;
    s.actors->field.set_shown(true);
    s.actors->brain.set_shown(false);
    render_soon();
}

void SceneView::present_touched(const Shown& shown) {
    Impl& s = *impl_;
    const SessionView& view = shown.view;
    const std::size_t residuals = view.registration ? view.registration->fiducials.size() : 0;
    if (view.touch.points == s.touched_points && residuals == s.residuals) return;
    s.touched_points = view.touch.points;
    s.residuals = residuals;
    std::vector<MarkedPoint> marked;
    const std::vector<double> off =
        s.meshes ? distances_to_mesh_mm(s.meshes->scalp(true), s.touched_points) : std::vector<double>();
    for (std::size_t i = 0; i < s.touched_points.size(); ++i) {
        double mm = i < off.size() ? off[i] : 0.0;
        if (i < residuals) mm = std::max(mm, view.registration->fiducials[i].residual_mm);
        marked.push_back({s.touched_points[i], mm <= 2.0 ? Grade::on : mm <= 5.0 ? Grade::near : Grade::off});
    }
    s.actors->show_touched(marked);
    render_soon();
}

void SceneView::present_pulses(const Shown& shown) {
    Impl& s = *impl_;
    const MappingView& mapping = shown.view.mapping;
    const bool same = mapping.pulses.size() == s.pulses.size() && mapping.hotspot == s.hotspot &&
                      mapping.radius95_mm == s.radius95_mm;
    if (same) return;
    s.pulses = mapping.pulses;
    s.hotspot = mapping.hotspot;
    s.radius95_mm = mapping.radius95_mm;
    s.actors->show_pulses(s.pulses);
    render_soon();
}

void SceneView::present(const Shown& shown) {
    Impl& s = *impl_;
    const SessionView& view = shown.view;
    if (s.gl == nullptr) return;
    const bool other_side = s.side != view.target_side || s.turned != shown.turned;
    s.side = view.target_side;
    s.turned = shown.turned;
    present_coil(shown);
    present_field(shown);

    std::optional<Transform<Scan, Coil>> target;
    if (view.target) target = view.target->scan_from_coil;
    const bool target_changed =
        target.has_value() != s.target.has_value() || (target && !target->matrix().isApprox(s.target->matrix(), 1e-9));
    if (target_changed) {
        s.target = target;
        if (target) s.actors->target.set_pose(*target);
        s.actors->target.set_shown(s.look.target && target.has_value());
        render_soon();
    }
    std::optional<Point<Scan>> aim = view.target ? std::optional(view.target->cortex) : std::nullopt;
    std::optional<Point<Scan>> next;
    QString ask;
    if (view.step == Step::registration && shown.head != nullptr && !view.registration && view.touch.touched >= 0 &&
        static_cast<std::size_t>(view.touch.touched) < shown.head->fiducials.size()) {
        const Landmark& landmark = shown.head->fiducials[static_cast<std::size_t>(view.touch.touched)];
        next = landmark.point;
        ask = QString::fromStdString(landmark.name);
    }
    const bool other_place = other_side || (s.look.camera == SceneLook::Camera::cortex && aim != s.aim) ||
                             (s.look.camera == SceneLook::Camera::next_patch && next != s.next);
    s.aim = aim;
    if (next != s.next || ask != s.ask) {
        s.next = next;
        s.ask = ask;
        s.overlay->update();
    }
    if (other_place) place_camera(true);

    const bool tip = s.look.touched && view.stylus_tip && shown.tracking.fresh &&
                     view.stylus.state == ToolState::visible && view.head.state == ToolState::visible;
    if (tip) {
        s.actors->stylus.actor->SetPosition(view.stylus_tip->xyz.x(), view.stylus_tip->xyz.y(),
                                            view.stylus_tip->xyz.z());
        render_soon();
    }
    if (s.actors->stylus.set_shown(tip)) render_soon();
    if (s.look.touched) present_touched(shown);
    if (s.look.pulses) present_pulses(shown);
}

bool SceneView::coil_shown() const {
    return impl_->actors && (impl_->actors->coil.shown() || impl_->actors->coil_ring.shown());
}

bool SceneView::field_shown() const { return impl_->actors && impl_->actors->field.shown(); }
int SceneView::fields() const { return impl_->fields; }

std::optional<QPointF> SceneView::project(const Point<Scan>& point) const {
    const Impl& s = *impl_;
    if (s.gl == nullptr || s.gl->frames() == 0 || width() <= 0 || height() <= 0) return std::nullopt;
    vtkCamera* camera = s.gl->renderer()->GetActiveCamera();
    vtkMatrix4x4* matrix =
        camera->GetCompositeProjectionTransformMatrix(static_cast<double>(width()) / height(), -1.0, 1.0);
    const double in[4] = {point.xyz.x(), point.xyz.y(), point.xyz.z(), 1.0};
    double out[4];
    matrix->MultiplyPoint(in, out);
    if (out[3] <= 0.0) return std::nullopt;
    return QPointF((out[0] / out[3] + 1.0) * width() / 2.0, (1.0 - out[1] / out[3]) * height() / 2.0);
}

QImage SceneView::picture() { return impl_->gl != nullptr ? impl_->gl->grabFramebuffer() : QImage(); }
int SceneView::frames() const { return impl_->gl != nullptr ? impl_->gl->frames() : 0; }

void SceneView::draw_overlay(Ink& ink, double w, double h) {
    const Impl& s = *impl_;
    if (s.gl == nullptr) return;
    if (s.meshes == nullptr) {
        ink.text(w / 2, h / 2, QStringLiteral("No head yet"),
                 {kBodyPx, false, ink.theme().muted, Align::centre, w - 16});
        return;
    }
    double along[3];
    double up[3];
    s.gl->renderer()->GetActiveCamera()->GetDirectionOfProjection(along);
    s.gl->renderer()->GetActiveCamera()->GetViewUp(up);
    SceneMarks marks;
    marks.view_direction = {along[0], along[1], along[2]};
    marks.view_up = {up[0], up[1], up[2]};
    marks.head = {s.meshes->centre().xyz, s.meshes->half_size_mm()};
    marks.side_in_words = s.look.side_in_words;
    if (s.look.touched) marks.touch_next = s.next;
    marks.touch_words = s.ask;
    if (s.look.pulses) marks.hotspot = s.hotspot;
    marks.radius95_mm = s.radius95_mm;
    draw_scene_marks(ink, w, h, marks, [&](const Point<Scan>& p) -> std::optional<QPointF> {
        const auto pixels = project(p);
        return pixels ? std::optional(*pixels / s.scale) : std::nullopt;
    });
    if (s.field) {
        draw_field_legend(
            ink, w, h, {QString::fromStdString(s.field->origin.head), s.field->area_half_mm2, s.field->peak_v_per_m});
    }
}

void SceneView::resizeEvent(QResizeEvent* event) {
    Impl& s = *impl_;
    if (s.gl != nullptr) s.gl->setGeometry(rect());
    if (s.no_gl != nullptr) s.no_gl->setGeometry(rect());
    s.overlay->setGeometry(rect());
    s.overlay->raise();
    QWidget::resizeEvent(event);
    if (!s.turned_by_hand) place_camera(false);
}

}  // namespace precentral
