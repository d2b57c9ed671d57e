// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QKeyEvent>
#include <QMessageBox>
#include <QPainter>
#include <QPointer>
#include <QSettings>
#include <thread>
#include <utility>

#include "ui/desktop/facts.h"
#include "ui/desktop/hidden_stage.h"
#include "ui/desktop/main_key.h"
#include "ui/desktop/map_stage.h"
#include "ui/desktop/numbers_panel.h"
#include "ui/desktop/outcome_stage.h"
#include "ui/desktop/register_stage.h"
#include "ui/desktop/scene_view.h"
#include "ui/desktop/steps_column.h"
#include "ui/desktop/target_stage.h"
#include "ui/desktop/top_bar.h"
#include "ui/desktop/train_strip.h"
#include "ui/desktop/treat_stage.h"

namespace precentral {

struct MainWindow::MeshWork {
    std::jthread thread;
};

QString disclaimer() {
    return QStringLiteral(
        "Research and record-keeping software. Not a medical device; not cleared by FDA or CE-marked. Confirm side, "
        "target and intensity independently.");
}

MainWindow::MainWindow(Pull pull, SessionVerbs& verbs, Clock clock)
    : pull_(std::move(pull)), verbs_(verbs), clock_(std::move(clock)), theme_(&dark_theme()), voice_(bell_voice()) {
    setWindowTitle(QStringLiteral("Precentral"));  // never an identity
    setMinimumSize(960, 600);
    setFocusPolicy(Qt::StrongFocus);
    patient_ = new PatientPanel(this);
    side_ = new SidePanel(this);
    registration_ = new RegistrationPanel(this);
    steps_ = new StepsColumn(this, [this](Step step) { go_to(step); });
    numbers_ = new NumbersPanel(this);
    register_panel_ = new RegisterPanel(this);
    threshold_panel_ = new ThresholdPanel(this);
    facts_ = new FactsPanel(this);
    strip_ = new TrainStrip(this);
    key_ = new MainKeyPanel(this, [this] { press_main_key(); });
    treat_ = new TreatStage(this);
    hidden_ = new HiddenStage(this);
    register_ = new RegisterStage(this);
    target_ = new TargetStage(this);
    map_ = new MapStage(this);
    outcome_ = new OutcomeStage(this, [this] { present(); });
    tell_ = new FactsStage(this);
    scene_ = new SceneView(this);
    for (Panel* panel : panels()) panel->hide();
    scene_->hide();
    resize(1280, 800);
    view_ = pull_();
    set_theme(dark_theme());
    timer_.setTimerType(Qt::PreciseTimer);
    QObject::connect(&timer_, &QTimer::timeout, this, [this] { refresh(); });
    timer_.start(16);
}

MainWindow::~MainWindow() { mesh_work_.reset(); }

std::vector<Panel*> MainWindow::panels() const {
    return {patient_,         side_,   registration_, steps_,   numbers_, register_panel_,
            threshold_panel_, facts_,  strip_,        key_,     treat_,   hidden_,
            register_,        target_, map_,          outcome_, tell_};
}

void MainWindow::set_head(std::shared_ptr<const HeadModel> head) {
    mesh_work_.reset();
    head_ = std::move(head);
    preparing_.reset();
    meshes_ready_ = false;
    if (!head_) return;
    target_->set_volume(head_->t1);
    mesh_work_ = std::make_unique<MeshWork>();
    QPointer<MainWindow> self(this);
    mesh_work_->thread = std::jthread([self, head_model = head_] {
        auto meshes = make_scene_meshes(head_model->scalp, head_model->brain);
        // The window is still there: its destructor waits for this thread.
        QMetaObject::invokeMethod(
            self.data(),
            [self, meshes = std::move(meshes)] {
                if (!self) return;
                self->scene_->set_meshes(meshes);
                self->meshes_ready_ = true;
            },
            Qt::QueuedConnection);
    });
    present();
}

void MainWindow::set_preparing(double fraction, const QString& doing) {
    preparing_ = std::pair(std::clamp(fraction, 0.0, 1.0), doing);
    update();
    present();
}

void MainWindow::set_theme(const Theme& theme) {
    theme_ = &theme;
    arrange();
    update();
}

void MainWindow::restore_settings() {
    const QSettings settings;
    resize(settings.value(QStringLiteral("window/size"), QSize(1280, 800)).toSize().expandedTo(minimumSize()));
    muted_ = settings.value(QStringLiteral("sound/muted"), false).toBool();
    set_theme(settings.value(QStringLiteral("window/theme")).toString() == QStringLiteral("light") ? light_theme()
                                                                                                   : dark_theme());
}

void MainWindow::save_settings() const {
    QSettings settings;
    settings.setValue(QStringLiteral("window/size"), size());
    settings.setValue(QStringLiteral("window/theme"), theme_->dark ? QStringLiteral("dark") : QStringLiteral("light"));
    settings.setValue(QStringLiteral("sound/muted"), muted_);
}

bool MainWindow::with_strip() const { return view_.step == Step::treat; }

Stage* MainWindow::stage_for(const Shown& shown) const {
    switch (shown.view.step) {
        case Step::patient:
        case Step::review: return tell_;
        case Step::image:
        case Step::target: return target_;
        case Step::registration: return register_;
        case Step::map:
        case Step::threshold: return map_;
        case Step::treat: return shown.tracking.lost() ? static_cast<Stage*>(hidden_) : treat_;
        case Step::outcome: return outcome_;
    }
    return tell_;
}

Panel* MainWindow::side_panel_for(Step step) const {
    switch (step) {
        case Step::treat: return numbers_;
        case Step::registration: return register_panel_;
        case Step::map:
        case Step::threshold: return threshold_panel_;
        default: return facts_;
    }
}

void MainWindow::arrange() {
    grid_ = grid_for(size(), with_strip());
    apply_theme(*theme_, grid_.scale);
    for (Panel* panel : panels()) panel->set_look(*theme_, grid_.scale);
    scene_->set_look(*theme_, grid_.scale);
    patient_->setGeometry(grid_.patient);
    side_->setGeometry(grid_.side);
    registration_->setGeometry(grid_.registration);
    steps_->setGeometry(grid_.steps);
    key_->setGeometry(grid_.key);
    if (with_strip()) strip_->setGeometry(grid_.strip);
    for (Panel* panel : {static_cast<Panel*>(numbers_), static_cast<Panel*>(register_panel_),
                         static_cast<Panel*>(threshold_panel_), static_cast<Panel*>(facts_)}) {
        panel->setGeometry(grid_.numbers);
    }
    for (Stage* stage : {static_cast<Stage*>(treat_), static_cast<Stage*>(hidden_), static_cast<Stage*>(register_),
                         static_cast<Stage*>(target_), static_cast<Stage*>(map_), static_cast<Stage*>(outcome_),
                         static_cast<Stage*>(tell_)}) {
        stage->setGeometry(grid_.stage);
    }
    for (Panel* panel : {static_cast<Panel*>(patient_), static_cast<Panel*>(side_), static_cast<Panel*>(registration_),
                         static_cast<Panel*>(steps_), static_cast<Panel*>(key_)}) {
        panel->setVisible(true);
    }
    strip_->setVisible(with_strip());
    place_scene();
}

void MainWindow::place_scene() {
    // Small windows drop the small 3D view first.
    const bool small = width() < 1180 || height() < 736;
    const QRectF place = stage_ != nullptr ? stage_->scene_place() : QRectF();
    const bool wanted = !place.isEmpty() && !(small && stage_ == treat_);
    if (wanted) {
        scene_->setGeometry(stage_->to_pixels(place).translated(grid_.stage.topLeft()));
        scene_->set_look(*theme_, grid_.scale);
        scene_->set_scene(stage_->scene_look());
        scene_->raise();
    }
    scene_->setVisible(wanted);
}

void MainWindow::refresh() {
    const Step before = view_.step;
    view_ = pull_();
    if (view_.step != before) {
        if (view_.step == Step::outcome) outcome_->clear();
        arrange();
    }
    present();
}

void MainWindow::present() {
    // An old view shown again is judged by the clock again: what was live may no longer be.
    SessionView* shown_view = &view_;
    SessionView preparing;
    if (preparing_ && head_ == nullptr) {
        preparing = view_;
        preparing.sentence =
            QStringLiteral("%1 · %2 %").arg(preparing_->second).arg(qRound(preparing_->first * 100)).toStdString();
        shown_view = &preparing;
    }
    const Shown shown = shown_of(*shown_view, clock_(), turned_, head_.get());
    Stage* stage = stage_for(shown);
    if (stage != stage_) {
        Stage* old = stage_;
        stage_ = stage;
        stage_->present(shown);
        place_scene();
        stage_->setVisible(true);
        if (old != nullptr) old->setVisible(false);
    } else {
        stage_->present(shown);
    }
    Panel* beside = side_panel_for(view_.step);
    for (Panel* panel : {static_cast<Panel*>(numbers_), static_cast<Panel*>(register_panel_),
                         static_cast<Panel*>(threshold_panel_), static_cast<Panel*>(facts_)}) {
        if (panel != beside && panel->isVisibleTo(this)) panel->setVisible(false);
    }
    beside->present(shown);
    if (!beside->isVisibleTo(this)) beside->setVisible(true);
    key_->set_blocked(stage_ == outcome_ && view_.relief.empty() ? outcome_->missing() : QString());
    for (Panel* panel : {static_cast<Panel*>(patient_), static_cast<Panel*>(side_), static_cast<Panel*>(registration_),
                         static_cast<Panel*>(steps_), static_cast<Panel*>(key_)}) {
        panel->present(shown);
    }
    if (with_strip()) strip_->present(shown);
    scene_->present(shown);
    for (const Sound sound : cues_.due(shown)) {
        if (voice_ && (!muted_ || sound == Sound::alarm)) voice_(sound);
    }
}

void MainWindow::press_main_key() {
    const TreatmentView& t = view_.treatment;
    const bool treating = view_.step == Step::treat && (t.running || t.paused);
    if (treating && t.running) {
        verbs_.pause_or_resume();  // a pause is never refused, whatever the key says
    } else if (!view_.key.enabled) {
        return;
    } else if (treating) {
        // Resuming needs a pose that is live on this screen, not only in the session's last word.
        if (!shown_of(view_, clock_(), turned_, head_.get()).tracking.lost()) verbs_.pause_or_resume();
    } else if (view_.step == Step::outcome && view_.relief.empty()) {
        if (outcome_->missing().isEmpty()) verbs_.record_outcome(outcome_->outcome());
    } else {
        verbs_.advance();
    }
}

void MainWindow::go_to(Step step) {
    const StepState state = view_.steps[static_cast<std::size_t>(step)];
    if (view_.treatment.running || step == view_.step) return;
    if (step == Step::registration && state == StepState::done) {
        check_registration();
    } else if (state == StepState::done || state == StepState::open) {
        verbs_.go_to(step);
    }
}

void MainWindow::check_registration() {
    const bool giving = view_.treatment.running;
    if (view_.registration && !giving && view_.step != Step::registration && view_.step < Step::outcome) {
        verbs_.check_registration();
    }
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
    if (event->isAutoRepeat()) return;
    const int key = event->key();
    if (event->modifiers() & Qt::ControlModifier) {
        if (key >= Qt::Key_1 && key <= Qt::Key_9) go_to(static_cast<Step>(key - Qt::Key_1));
        return;
    }
    switch (key) {
        case Qt::Key_Space:
        case Qt::Key_Return:
        case Qt::Key_Enter: press_main_key(); break;
        case Qt::Key_F:
            turned_ = !turned_;
            present();
            break;
        case Qt::Key_V:
            treat_->cycle_small_view();
            place_scene();
            break;
        case Qt::Key_E:
            if (stage_ == map_) map_->switch_field();
            if (stage_ == treat_) treat_->switch_field();
            place_scene();
            break;
        case Qt::Key_C: check_registration(); break;
        case Qt::Key_Y:
        case Qt::Key_N:
            if (view_.asks_for_twitch) verbs_.answer_twitch(key == Qt::Key_Y);
            break;
        case Qt::Key_M: muted_ = !muted_; break;
        case Qt::Key_H:
            held_ = !held_;
            numbers_->set_held(held_);
            break;
        case Qt::Key_U:
        case Qt::Key_Backspace: verbs_.undo(); break;
        case Qt::Key_F1: show_about(); break;
        case Qt::Key_F9: set_theme(theme_->dark ? light_theme() : dark_theme()); break;
        case Qt::Key_Escape: break;
        default: QWidget::keyPressEvent(event);
    }
}

void MainWindow::show_about() {
    if (view_.step == Step::treat) return;  // no dialog over Treat
    QMessageBox box(this);
    box.setWindowTitle(QStringLiteral("About Precentral"));
    box.setText(QStringLiteral("Precentral"));
    box.setInformativeText(disclaimer());
    box.exec();
}

void MainWindow::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), theme_->bg); }

void MainWindow::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange();
    present();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    save_settings();
    event->accept();
}

}  // namespace precentral
