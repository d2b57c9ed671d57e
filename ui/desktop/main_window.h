// SPDX-License-Identifier: Apache-2.0
// The one window: pulls the session's view sixty times a second, hands it to the areas of the screen, and sends keys
// and clicks back as verbs. It keeps nothing of the session itself.
#pragma once

#include <QTimer>
#include <QWidget>
#include <functional>
#include <memory>
#include <vector>

#include "ui/desktop/grid.h"
#include "ui/desktop/session_verbs.h"
#include "ui/desktop/sounds.h"
#include "ui/desktop/stage.h"

namespace precentral {

class FactsPanel;
class FactsStage;
class HiddenStage;
class MainKeyPanel;
class MapStage;
class NumbersPanel;
class OutcomeStage;
class PatientPanel;
class RegisterPanel;
class RegisterStage;
class RegistrationPanel;
class SceneView;
class SidePanel;
class StepsColumn;
class TargetStage;
class ThresholdPanel;
class TrainStrip;
class TreatStage;

class MainWindow : public QWidget {
public:
    using Pull = std::function<SessionView()>;
    using Clock = std::function<SteadyTime()>;

    // `pull` may be called at any time from the screen's thread, and must return at once. `verbs` outlives the window.
    MainWindow(Pull pull, SessionVerbs& verbs, Clock clock = steady_now);
    ~MainWindow() override;

    // The head to draw; its meshes are thinned on a thread of their own and appear when ready.
    void set_head(std::shared_ptr<const HeadModel> head);
    // Long work before there is a head: what is done and how far, in [0, 1]. Cleared by set_head.
    void set_preparing(double fraction, const QString& doing);
    void set_theme(const Theme& theme);
    void set_voice(Voice voice) { voice_ = std::move(voice); }
    // Size, theme and mute of the last time; called by a program, not by tests.
    void restore_settings();
    void save_settings() const;

    // Pulls and presents now; the timer does the same.
    void refresh();
    // What the main key does now: one verb at most.
    void press_main_key();
    // Asks for a check where there is a registration and no train runs.
    void check_registration();

    // For tests and screenshots.
    std::vector<Panel*> panels() const;
    Stage* stage() const { return stage_; }
    SceneView* scene() const { return scene_; }
    MainKeyPanel* main_key() const { return key_; }
    OutcomeStage* outcome_form() const { return outcome_; }
    bool scene_ready() const { return meshes_ready_; }
    bool muted() const { return muted_; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void closeEvent(QCloseEvent* event) override;

private:
    Pull pull_;
    SessionVerbs& verbs_;
    Clock clock_;
    SessionView view_;
    Grid grid_;
    const Theme* theme_;
    QTimer timer_;
    SoundCues cues_;
    Voice voice_;
    bool turned_ = false;
    bool muted_ = false;
    bool held_ = false;
    bool lost_in_treat_ = false;
    bool meshes_ready_ = false;
    std::shared_ptr<const HeadModel> head_;
    std::optional<std::pair<double, QString>> preparing_;
    struct MeshWork;
    std::unique_ptr<MeshWork> mesh_work_;

    PatientPanel* patient_;
    SidePanel* side_;
    RegistrationPanel* registration_;
    StepsColumn* steps_;
    NumbersPanel* numbers_;
    RegisterPanel* register_panel_;
    ThresholdPanel* threshold_panel_;
    FactsPanel* facts_;
    TrainStrip* strip_;
    MainKeyPanel* key_;
    TreatStage* treat_;
    HiddenStage* hidden_;
    RegisterStage* register_;
    TargetStage* target_;
    MapStage* map_;
    OutcomeStage* outcome_;
    FactsStage* tell_;
    Stage* stage_ = nullptr;
    SceneView* scene_;

    Stage* stage_for(const Shown& shown) const;
    Panel* side_panel_for(Step step) const;
    bool with_strip() const;
    void arrange();
    void place_scene();
    void present();
    void go_to(Step step);
    void show_about();
};

// "Research and record-keeping software. Not a medical device; …"
QString disclaimer();

}  // namespace precentral
