// SPDX-License-Identifier: Apache-2.0
// A technician who fires the stimulator: the program only asks and hears. Hands, camera and stimulator are played by a
// thread that reads the screen; time is the camera's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "navigation/placement.h"
#include "navigation/session/single_pulse.h"
#include "navigation/session/steps.h"
#include "navigation/stimulator_inbox.h"
#include "tests/navigation/ball.h"

namespace precentral {
namespace {

struct NoDevice : Device {
    void send_text(const std::string&, const std::string&) override {}
};

class ByHand : public testing::Test {
protected:
    void SetUp() override {
        head_.scalp = ball(90.0, 60);
        head_.brain = ball(75.0, 60);
        scalp_.emplace(head_.scalp);
        brain_.emplace(head_.brain);
        patient_.code = "PRC-BYHAND00";
        patient_.created = utc_now();
        store_->add_case(patient_);
        session_.case_code = patient_.code;
        session_.target_side = Side::left;
        session_.protocol = {"three short trains", 20.0, 3, 20, 2.0, 80.0};
        session_.started = utc_now();
        session_.id = store_->add(session_);
        writer_.emplace(url_);
        target_.session = session_.id;
        target_.side = Side::left;
        target_.cortex = {Eigen::Vector3d(-0.55, -0.1, 0.83).normalized() * 75.0};
        target_.scan_from_coil = coil_over(*scalp_, target_.cortex, 45.0, Side::left);
        target_.id = store_->add(target_);
        registration_.session = session_.id;
        registration_.id = store_->add(registration_);
        calibration_.session = session_.id;
        calibration_.id = store_->add(calibration_);
    }

    SessionParts parts(bool emg) {
        SessionParts out{*store_, *writer_, head_,    *scalp_,  *brain_, inbox_,
                         device_, patient_, session_, &screen_, &keys_,  room_.get_stop_token(),
                         false};
        out.emg = emg;
        return out;
    }
    void equip(LiveSession& live) {
        live.use(registration_);
        live.use(calibration_);
        live.use(target_);
    }

    // One camera frame after the other, each once the session has seen the one before. `act` sees the screen and says
    // what the stimulator does in this frame: the pulses that fall into it, by their time.
    template <class Act>
    void play(Act act) {
        room_ = std::jthread([this, act](const std::stop_token& stop) mutable {
            SteadyTime last{};
            for (std::uint64_t i = 1; !stop.stop_requested(); ++i) {
                for (int k = 0; k < 20000 && last != SteadyTime{} && screen_.get().frame_received != last; ++k) {
                    if (stop.stop_requested()) return;
                    std::this_thread::sleep_for(std::chrono::microseconds(50));
                }
                const double now_s = 10.0 + static_cast<double>(i) / 60.0;
                for (const double at_s : act(screen_.get(), now_s)) {
                    Trigger pulse;
                    pulse.count = ++fired_ + 7000;  // it has counted others before
                    pulse.device_time_s = at_s;
                    inbox_.on_trigger(pulse);
                }
                TrackerFrame frame;
                frame.sequence = i;
                frame.received = last = steady_now();
                frame.device_time_s = now_s;
                const double noise_mm = 0.005 * static_cast<double>(i % 5);
                Eigen::Isometry3d body = Eigen::Isometry3d::Identity();
                body.translation().x() = noise_mm;
                frame.head = {ToolState::visible, Transform<Tracker, Head>(body)};
                Eigen::Isometry3d coil = target_.scan_from_coil.isometry();
                coil.translation().x() += noise_mm;
                frame.coil = {ToolState::visible, Transform<Tracker, CoilBody>(coil)};
                inbox_.on_frame(frame);
            }
        });
    }

    const std::string url_ = ":memory:by-hand";
    const std::unique_ptr<Store> store_ = open_store(url_);
    HeadModel head_;
    std::optional<SurfaceIndex> scalp_, brain_;
    Case patient_;
    Session session_;
    TargetRecord target_;
    RegistrationRecord registration_;
    CoilCalibrationRecord calibration_;
    std::optional<PulseWriter> writer_;
    StimulatorInbox inbox_{0};
    NoDevice device_;
    Latest<SessionView> screen_;
    OperatorKeys keys_;
    std::uint64_t fired_ = 0;
    std::jthread room_;
};

TEST_F(ByHand, TrainsAreHeardCountedAndGoneOnWithWhenOneStops) {
    // Starts a train when asked to; the second one stops after 7 pulses and is started again.
    struct Technician {
        std::vector<double> due_s;
        int started = 0;
        std::vector<double> operator()(const SessionView& screen, double now_s) {
            if (due_s.empty() && screen.sentence.starts_with("Start train")) {
                const int pulses = ++started == 2 ? 7 : started == 3 ? 13 : 20;
                for (int k = 0; k < pulses; ++k) due_s.push_back(now_s + 0.3 + k * 0.05);
            }
            std::vector<double> out;
            while (!due_s.empty() && due_s.front() < now_s) {
                out.push_back(due_s.front());
                due_s.erase(due_s.begin());
            }
            return out;
        }
    };
    std::jthread presser([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            const SessionView now = screen_.get();
            if (now.key.label == "START") keys_.press_main_key();
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    });
    play(Technician{});
    LiveSession live(parts(true));
    equip(live);
    ThresholdRecord threshold;
    threshold.rmt_mso = 60.0;
    TreatOptions options;
    options.check_at_the_end = false;
    treat_step(live, threshold, {}, options);
    presser.request_stop();
    room_.request_stop();

    const auto pulses = store_->pulses(session_.id);
    ASSERT_EQ(pulses.size(), 60U);
    for (std::size_t i = 0; i < pulses.size(); ++i) {
        EXPECT_EQ(pulses[i].train, static_cast<int>(i / 20) + 1) << i;
        EXPECT_EQ(pulses[i].index, static_cast<int>(i % 20) + 1) << i;
        EXPECT_EQ(pulses[i].device_count, i + 1);
        EXPECT_TRUE(pulses[i].valid) << pulses[i].reason;
        EXPECT_EQ(pulses[i].intensity_mso, 48.0);  // as asked: this stimulator does not tell
        EXPECT_EQ(pulses[i].registration, registration_.id);
    }
    int stopped = 0;
    for (const SessionEvent& event : store_->events(session_.id)) stopped += event.kind == "train stopped" ? 1 : 0;
    EXPECT_EQ(stopped, 1);
}

TEST_F(ByHand, ASinglePulseWaitsForTheHandAndATwitchForTheEye) {
    int asked = 0;
    play([&, fired_at_s = -1.0](const SessionView& screen, double now_s) mutable {
        if (screen.asks_for_twitch) keys_.answer_twitch(++asked == 1);
        const bool wanted = screen.sentence == "Set 55 % and give one pulse";
        // Six seconds late: in a clinic that is no error.
        if (wanted && fired_at_s < 0.0) fired_at_s = now_s + 6.0;
        if (fired_at_s < 0.0 || now_s < fired_at_s) return std::vector<double>{};
        const std::vector<double> out{fired_at_s};
        fired_at_s = -1.0;
        return out;
    });
    LiveSession live(parts(false));
    equip(live);
    live.next_frame();
    live.pulses.setting.purpose = PulsePurpose::threshold;
    double last_s = live.now_s();
    const AnsweredPulse answer = give_pulse(live, target_.scan_from_coil, 55.0, 1.0, last_s);
    room_.request_stop();
    EXPECT_TRUE(answer.usable);
    EXPECT_TRUE(answer.responded);
    EXPECT_EQ(answer.pulse.mep_verdict, "twitch seen");
    EXPECT_EQ(answer.pulse.intensity_mso, 55.0);
    EXPECT_FALSE(answer.pulse.mep_uv);
    EXPECT_TRUE(writer_->wait_until_written());
    EXPECT_EQ(store_->pulses(session_.id).size(), 1U);
}

}  // namespace
}  // namespace precentral
