// SPDX-License-Identifier: Apache-2.0
// A recorded session computed again: nothing differs as it was written; any altered number is found.
#include "navigation/session_replay.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

#include "navigation/guidance.h"
#include "tests/navigation/ball.h"

namespace precentral {
namespace {

class SessionReplayTest : public testing::Test {
protected:
    SessionReplayTest() : scalp_(ball(90.0, 60)), random_(4) {}

    template <class To, class From>
    Transform<To, From> pose(double turn, double reach_mm) {
        std::uniform_real_distribution<double> unit(-1.0, 1.0);
        Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
        const Eigen::Vector3d axis = Eigen::Vector3d(unit(random_), unit(random_), unit(random_)).normalized();
        out.linear() = Eigen::AngleAxisd(turn * unit(random_), axis).toRotationMatrix();
        out.translation() = reach_mm * Eigen::Vector3d(unit(random_), unit(random_), unit(random_));
        return Transform<To, From>(out);
    }

    // As the running session writes them: 40 pulses near a target on the top of the ball.
    void write(const std::function<void(std::vector<Pulse>&)>& alter) {
        store_ = open_store(":memory:");
        Case patient;
        patient.code = "PRC-REPLAY";
        store_->add_case(patient);
        session_.case_code = patient.code;
        session_.id = store_->add(session_);
        RegistrationRecord registration;
        registration.session = session_.id;
        registration.scan_from_head = pose<Scan, Head>(2.0, 100.0);
        registration.id = store_->add(registration);
        CoilCalibrationRecord calibration;
        calibration.session = session_.id;
        calibration.coil_body_from_coil = pose<CoilBody, Coil>(2.0, 80.0);
        calibration.id = store_->add(calibration);
        TargetRecord target;
        target.session = session_.id;
        Eigen::Isometry3d top = Eigen::Isometry3d::Identity();
        top.linear() << -1, 0, 0, 0, 1, 0, 0, 0, -1;
        top.translation() = Eigen::Vector3d(0, 0, 91);
        target.scan_from_coil = Transform<Scan, Coil>(top);
        target.id = store_->add(target);
        std::vector<Pulse> pulses;
        for (int i = 1; i <= 40; ++i) {
            Pulse pulse;
            pulse.session = session_.id;
            pulse.sequence = i;
            pulse.registration = registration.id;
            pulse.calibration = calibration.id;
            pulse.target = target.id;
            if (i % 8 == 0) {
                pulse.reason = "hidden";
                pulses.push_back(pulse);
                continue;
            }
            const auto near = target.scan_from_coil * pose<Coil, Coil>(0.1, 3.0);
            pulse.tracker_from_head = pose<Tracker, Head>(3.0, 500.0);
            pulse.tracker_from_coil_body = *pulse.tracker_from_head * registration.scan_from_head.inverse() * near *
                                           calibration.coil_body_from_coil.inverse();
            pulse.valid = true;
            pulse.scan_from_coil = registration.scan_from_head *
                                   (pulse.tracker_from_head->inverse() * *pulse.tracker_from_coil_body) *
                                   calibration.coil_body_from_coil;
            pulse.deviation = deviation_of(*pulse.scan_from_coil, target.scan_from_coil, scalp_);
            pulses.push_back(pulse);
        }
        alter(pulses);
        store_->add(pulses);
    }

    SurfaceIndex scalp_;
    std::mt19937 random_;
    std::unique_ptr<Store> store_;
    Session session_;
};

TEST_F(SessionReplayTest, TheRecordAsItWasWritten) {
    write([](auto&) {});
    const SessionReplay found = replay_session(*store_, session_, &scalp_);
    EXPECT_TRUE(found.ok());
    EXPECT_EQ(found.pulses, 40);
    EXPECT_EQ(found.computed, 35);
    EXPECT_EQ(found.with_deviation, 35);
    EXPECT_EQ(found.without_pose, 5);
    EXPECT_TRUE(found.gap_checked);
    EXPECT_LT(found.worst.pose_mm, 1e-9);
    EXPECT_LT(found.worst.gap_mm, 1e-6);
    EXPECT_LT(found.worst.twist_deg, 1e-6);
    const SessionReplay without = replay_session(*store_, session_, nullptr);
    EXPECT_TRUE(without.ok());
    EXPECT_FALSE(without.gap_checked);
}

TEST_F(SessionReplayTest, AnyAlteredNumberIsFound) {
    const auto moved = [](Transform<Scan, Coil> pose, double mm) {
        Eigen::Isometry3d out = pose.isometry();
        out.translation().x() += mm;
        return Transform<Scan, Coil>(out);
    };
    const std::vector<std::function<void(Pulse&)>> alterations = {
        [&](Pulse& p) { p.scan_from_coil = moved(*p.scan_from_coil, 0.002); },
        [](Pulse& p) { p.deviation->in_plane_mm += 0.0011; },
        [](Pulse& p) { p.deviation->gap_mm -= 0.0011; },
        [](Pulse& p) { p.deviation->tilt_deg += 0.0011; },
        [](Pulse& p) { p.deviation->twist_deg *= -1.0; },
        [](Pulse& p) { p.deviation->gap_mm = std::nan(""); },
        [](Pulse& p) { p.deviation.reset(); },
        [](Pulse& p) { p.scan_from_coil.reset(); },
        [](Pulse& p) { p.tracker_from_head.reset(); },
        [](Pulse& p) { p.valid = false; },
        [](Pulse& p) { p.registration = 0; },
        [](Pulse& p) { p.target = 0; },
        [](Pulse& p) {
            Eigen::Isometry3d raw = p.tracker_from_coil_body->isometry();
            raw.translation().z() += 0.01;
            p.tracker_from_coil_body = Transform<Tracker, CoilBody>(raw);
        },
    };
    for (std::size_t i = 0; i < alterations.size(); ++i) {
        random_.seed(static_cast<unsigned>(i));
        write([&](std::vector<Pulse>& pulses) { alterations[i](pulses[16]); });
        const SessionReplay found = replay_session(*store_, session_, &scalp_);
        ASSERT_EQ(found.differing.size(), 1U) << i;
        EXPECT_EQ(found.differing[0].sequence, 17) << i;
    }
    // Within the limit it is the same number.
    write([&](std::vector<Pulse>& pulses) { pulses[16].deviation->in_plane_mm += 0.0009; });
    EXPECT_TRUE(replay_session(*store_, session_, &scalp_).ok());
}

TEST_F(SessionReplayTest, WhatAnotherCaseHasDoesNotCount) {
    write([](auto&) {});
    Case other;
    other.code = "PRC-OTHER";
    store_->add_case(other);
    Session session;
    session.case_code = other.code;
    session.id = store_->add(session);
    Pulse pulse = store_->pulses(session_.id).front();
    pulse.session = session.id;
    store_->add(std::span<const Pulse>(&pulse, 1));
    const SessionReplay found = replay_session(*store_, session, &scalp_);
    ASSERT_EQ(found.differing.size(), 1U);
    EXPECT_NE(found.differing[0].why.find("registration that the case does not have"), std::string::npos);
}

}  // namespace
}  // namespace precentral
