// SPDX-License-Identifier: Apache-2.0
// When the screen makes a sound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_session.h"
#include "ui/desktop/sounds.h"

namespace precentral {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

const SteadyTime kNow = SteadyTime{} + std::chrono::hours(3);

std::vector<Sound> due(SoundCues& cues, const SessionView& view, SteadyTime now) {
    return cues.due(shown_of(view, now, false, nullptr));
}

TEST(Cues, OnTargetIsSilent) {
    SoundCues cues;
    for (int i = 0; i < 300; ++i) {
        const SteadyTime now = kNow + milliseconds(16 * i);
        EXPECT_THAT(due(cues, fake::treat_on_target(now), now), IsEmpty());
    }
}

TEST(Cues, FallsWhenOffAndRisesWhenBack) {
    SoundCues cues;
    due(cues, fake::treat_on_target(kNow), kNow);
    EXPECT_THAT(due(cues, fake::treat_off_target(kNow), kNow), ElementsAre(Sound::off_fall));
    EXPECT_THAT(due(cues, fake::treat_off_target(kNow), kNow), IsEmpty());
    EXPECT_THAT(due(cues, fake::treat_on_target(kNow), kNow), ElementsAre(Sound::back_rise));
}

TEST(Cues, TicksOnceASecondWhenNear) {
    SoundCues cues;
    int ticks = 0;
    for (int i = 0; i < 300; ++i) {
        const SteadyTime now = kNow + milliseconds(16 * i);
        SessionView view = fake::treat_on_target(now);
        view.guidance->overall = Grade::near;
        for (const Sound sound : due(cues, view, now)) ticks += sound == Sound::near_tick ? 1 : 0;
    }
    EXPECT_EQ(ticks, 5);  // 4.8 s
}

TEST(Cues, AlarmsWhileHiddenAndEachFiveSecondsLater) {
    SoundCues cues;
    due(cues, fake::treat_on_target(kNow), kNow);
    int early = 0;
    int late = 0;
    for (int ms = 0; ms < 13000; ms += 16) {
        const SteadyTime now = kNow + milliseconds(ms);
        for (const Sound sound : due(cues, fake::treat_coil_hidden(now), now)) {
            ASSERT_EQ(sound, Sound::alarm);
            (ms <= 3000 ? early : late)++;
        }
    }
    EXPECT_EQ(early, 6);
    EXPECT_EQ(late, 2);
}

TEST(Cues, AnnouncesATrainOnce) {
    SoundCues cues;
    int announced = 0;
    for (int ms = 0; ms < 5000; ms += 16) {
        const SteadyTime now = kNow + milliseconds(ms);
        SessionView view = fake::treat_off_target(now);
        view.guidance->overall = Grade::on;
        view.treatment.next_train_in_s = 5.0 - ms / 1000.0;
        for (const Sound sound : due(cues, view, now)) announced += sound == Sound::train_soon ? 1 : 0;
    }
    EXPECT_EQ(announced, 1);
}

}  // namespace
}  // namespace precentral
