// SPDX-License-Identifier: Apache-2.0
// Made-up views of a session, for tests of the screen and for pictures of it. Nothing here comes from a device.
#pragma once

#include <memory>

#include "imaging/head_model.h"
#include "navigation/session_view.h"

namespace precentral::fake {

// A coil seen in a frame received at `now`, in the middle of train 8, on target.
SessionView treat_on_target(SteadyTime now);
// Between trains, 3.2 mm above the scalp and 3.4 mm off.
SessionView treat_off_target(SteadyTime now);
// The coil has been hidden for 1.8 s; the session already took its pose away.
SessionView treat_coil_hidden(SteadyTime now);
SessionView patient_step(SteadyTime now);
SessionView image_step(SteadyTime now);
// `touched` of 40 points taken; registered from all 40 on.
SessionView register_step(SteadyTime now, int touched);
// Landmarks touched again in the middle of the trains: the head reference has been knocked.
SessionView check_step(SteadyTime now);
SessionView target_step(SteadyTime now);
SessionView map_step(SteadyTime now);
SessionView outcome_step(SteadyTime now);
SessionView review_step(SteadyTime now);

// Puts target, coil, touched points and pulses of `view` on that head's surface, left hand area.
void place_on(SessionView& view, const HeadModel& head);

// An ellipsoid with an ellipsoid brain: enough for tests.
std::shared_ptr<const HeadModel> simple_head();

}  // namespace precentral::fake
