// SPDX-License-Identifier: Apache-2.0
// What is judged before a visit begins, and pulses of a stimulator that knows nothing of the session.
#include "navigation/clinic_visit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/error.h"
#include "imaging/head_model.h"
#include "navigation/stimulator_inbox.h"

namespace precentral {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class ClinicVisit : public testing::Test {
protected:
    void SetUp() override {
        store_ = open_store(":memory:");
        patient_.code = "PRC-AAAAAAAA";
        patient_.pain_side = Side::right;
        patient_.pain_region = "hand";
        patient_.created = now_;
        store_->add_case(patient_);
        options_.case_code = patient_.code;
        options_.tracker = "igtl://127.0.0.1";
    }

    Session add_visit(int visit, double days_ago, bool closed) {
        Session session;
        session.case_code = patient_.code;
        session.visit = visit;
        session.target_side = Side::left;
        session.started = now_ - std::chrono::milliseconds(static_cast<std::int64_t>(days_ago * 86400e3));
        session.id = store_->add(session);
        if (closed) store_->add(SessionEvent{0, session.id, "closed", "", session.started});
        return session;
    }

    std::string refusal() {
        try {
            plan_visit(*store_, options_, now_);
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    }

    const UtcTime now_ = utc_now();
    std::unique_ptr<Store> store_;
    Case patient_;
    ClinicOptions options_;
};

TEST_F(ClinicVisit, AimsOppositeToThePainAndCountsVisits) {
    options_.by = RailOverride{"Dr A", "as on every visit"};
    VisitPlan plan = plan_visit(*store_, options_, now_);
    EXPECT_EQ(plan.session.visit, 1);
    EXPECT_EQ(plan.session.target_side, Side::left);
    EXPECT_FALSE(plan.resumed);
    add_visit(1, 21.0, true);
    plan = plan_visit(*store_, options_, now_);
    EXPECT_EQ(plan.session.visit, 2);
    EXPECT_FALSE(plan.resumed);
}

TEST_F(ClinicVisit, TheSideOfThePainIsRefusedUnlessSomebodyDecides) {
    options_.side = Side::right;
    EXPECT_THAT(refusal(), AllOf(HasSubstr("side"), HasSubstr("--override")));
    options_.by = RailOverride{"Dr A", "pain on both sides"};
    const VisitPlan plan = plan_visit(*store_, options_, now_);
    EXPECT_EQ(plan.session.target_side, Side::right);
    EXPECT_THAT(plan.warnings, testing::Contains(HasSubstr("pain on both sides")));
}

TEST_F(ClinicVisit, AVisitTooSoonIsWarnedOf) {
    options_.by = RailOverride{"Dr A", "known"};
    add_visit(1, 7.0, true);
    EXPECT_THAT(plan_visit(*store_, options_, now_).warnings, testing::Contains(HasSubstr("7")));
}

TEST_F(ClinicVisit, AnInterruptedVisitIsGoneOnWithAndAnOldOneIsNot) {
    options_.by = RailOverride{"Dr A", "known"};
    const Session open = add_visit(1, 0.1, false);
    VisitPlan plan = plan_visit(*store_, options_, now_);
    EXPECT_TRUE(plan.resumed);
    EXPECT_EQ(plan.session.id, open.id);
    store_->add(SessionEvent{0, open.id, "closed", "", now_});
    EXPECT_FALSE(plan_visit(*store_, options_, now_).resumed);
    add_visit(2, 20.0, false);  // given up three weeks ago
    EXPECT_FALSE(plan_visit(*store_, options_, now_).resumed);
}

TEST_F(ClinicVisit, ADoseFarOutsideTheTablesCannotBeOverridden) {
    options_.by = RailOverride{"Dr A", "please"};
    options_.dose.protocol.intensity_percent_rmt = 130.0;
    EXPECT_THAT(refusal(), HasSubstr("refused"));
}

TEST_F(ClinicVisit, AnotherStoreAnotherCaseAnotherRoomAreRefused) {
    options_.case_code = "PRC-ZZZZZZZZ";
    EXPECT_THAT(refusal(), HasSubstr("There is no case"));
    options_.case_code.clear();
    Case second = patient_;
    second.code = "PRC-BBBBBBBB";
    store_->add_case(second);
    EXPECT_THAT(refusal(), HasSubstr("--case"));
    options_.case_code = patient_.code;
    options_.simulated_room = true;  // made-up pulses in a patient's record
    EXPECT_THAT(refusal(), HasSubstr("simulated"));
}

TEST_F(ClinicVisit, AnotherPatientsImageIsRefused) {
    HeadModel head;
    head.content_sha256 = std::string(64, 'a');
    require_own_image(*store_, patient_, head, "one.nii.gz");
    ASSERT_EQ(store_->images(patient_.code).size(), 1U);
    require_own_image(*store_, patient_, head, "copied/one.nii.gz");
    EXPECT_EQ(store_->images(patient_.code).size(), 1U);
    head.content_sha256 = std::string(64, 'b');
    EXPECT_THROW(require_own_image(*store_, patient_, head, "two.nii.gz"), InputError);
    EXPECT_EQ(store_->images(patient_.code).size(), 1U);
}

std::vector<std::uint64_t> counts_of(StimulatorInbox& inbox) {
    std::vector<std::uint64_t> out;
    while (const auto event = inbox.next(std::chrono::milliseconds(0))) {
        if (const auto* trigger = std::get_if<Trigger>(&*event)) out.push_back(trigger->count);
    }
    return out;
}

TEST(StimulatorInbox, CountsOnFromTheSessionAndKeepsJumps) {
    StimulatorInbox inbox(40);
    for (const std::uint64_t count : {9001U, 9002U, 9005U, 9006U}) {
        Trigger trigger;
        trigger.count = count;
        inbox.on_trigger(trigger);
    }
    EXPECT_THAT(counts_of(inbox), testing::ElementsAre(41, 42, 45, 46));
    for (const std::uint64_t count : {1U, 2U, 4U}) {  // it was switched off and on
        Trigger trigger;
        trigger.count = count;
        inbox.on_trigger(trigger);
    }
    EXPECT_THAT(counts_of(inbox), testing::ElementsAre(47, 48, 50));
    for (int i = 0; i < 2; ++i) inbox.on_trigger(Trigger{});  // one that does not count
    EXPECT_THAT(counts_of(inbox), testing::ElementsAre(51, 52));
}

// A camera's program that hangs and goes on sending its last pose: nothing of it is shown as live or kept with a pulse.
TEST(Inbox, AFrozenPoseIsNoPose) {
    Inbox inbox;
    const SteadyTime began = steady_now();
    std::vector<ToolState> coil;
    for (int i = 0; i < 60; ++i) {
        TrackerFrame frame;
        frame.sequence = static_cast<std::uint64_t>(i) + 1;
        frame.received = began + std::chrono::milliseconds(16 * i);
        frame.device_time_s = 0.016 * i;
        Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
        pose.translation() = Eigen::Vector3d(0.01 * i, 0.0, -1500.0);
        frame.head.state = ToolState::visible;
        frame.head.tracker_from_tool = Transform<Tracker, Head>(pose);  // moves on
        pose.translation() = Eigen::Vector3d(0.01 * std::min(i, 20), 0.0, -1400.0);
        frame.coil.state = ToolState::visible;
        frame.coil.tracker_from_tool = Transform<Tracker, CoilBody>(pose);  // stops at frame 20
        inbox.on_frame(frame);
    }
    while (const auto event = inbox.next(std::chrono::milliseconds(0))) {
        const auto& frame = std::get<TrackerFrame>(*event);
        EXPECT_EQ(frame.head.state, ToolState::visible);
        coil.push_back(frame.coil.state);
    }
    ASSERT_EQ(coil.size(), 60U);
    EXPECT_EQ(coil[20], ToolState::visible);
    EXPECT_EQ(coil[31], ToolState::frozen);  // 176 ms after
    EXPECT_EQ(coil[59], ToolState::frozen);
    EXPECT_THAT(inbox.history().at_device_time(0.016 * 50.5).why, HasSubstr("frozen"));
}

}  // namespace
}  // namespace precentral
