// SPDX-License-Identifier: Apache-2.0
#include "navigation/placement.h"
#include "navigation/session/steps.h"

namespace precentral {
namespace {

constexpr double kUsualYawDeg = 45.0;  // handle back and to the side

void take(LiveSession& session, TargetRecord target) {
    target.session = session.parts().session.id;
    target.made = utc_now();
    target.id = session.parts().store.add(target);
    session.use(target);
}

}  // namespace

void target_step(LiveSession& session) {
    session.enter(Step::target, "Confirm the target, then bring the coil there");
    const SessionParts& parts = session.parts();
    const Side side = parts.session.target_side;
    const Landmark& hand = landmark_named(parts.head.motor, side == Side::left ? "hand, left M1" : "hand, right M1");
    TargetRecord target;
    target.name = hand.name;
    target.side = side;
    target.cortex = hand.point;
    target.scan_from_coil = coil_over(parts.scalp, hand.point, kUsualYawDeg, side);
    target.cortex_mni = parts.head.template_space.mni(hand.point);
    target.source = hand.source;
    take(session, target);
    session.await_key("CONFIRM", std::string("hand area, ") + to_word(side) + " side");
    while (!session.bring_coil_to(target.scan_from_coil)) session.next_frame();
    session.leave(Step::target);
}

void repeat_target(LiveSession& session, const TargetRecord& earlier, int visit) {
    session.enter(Step::target, "Bring the coil to the target of the visit before");
    TargetRecord target = earlier;
    target.id = 0;
    target.source = "as on visit " + std::to_string(visit) + ": " + earlier.source;
    take(session, target);
    session.await_key("CONFIRM", "the same target as before");
    while (!session.bring_coil_to(target.scan_from_coil)) session.next_frame();
    session.leave(Step::target);
    // Mapped before: nothing to map again.
    session.view.steps[static_cast<std::size_t>(Step::map)] = StepState::done;
    session.view.step_notes[static_cast<std::size_t>(Step::map)] = "as visit " + std::to_string(visit);
}

}  // namespace precentral
