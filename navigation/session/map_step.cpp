// SPDX-License-Identifier: Apache-2.0
#include "navigation/hotspot_search.h"
#include "navigation/placement.h"
#include "navigation/session/single_pulse.h"
#include "navigation/session/steps.h"

namespace precentral {
namespace {

constexpr int kFewestPulses = 30;
constexpr int kMostPulses = 60;
constexpr int kMostRejected = 40;
constexpr std::uint64_t kSearchSeed = 20250110;  // the search draws; the same answers give the same search

HotspotPrior prior_around(const SessionParts& parts, const TargetRecord& target) {
    const Direction<Scan> outward = parts.scalp.patch_normal(parts.scalp.closest(target.cortex).point, 20.0);
    const TangentFrame frame = tangent_frame(outward, target.side);
    HotspotPrior prior;
    prior.patch.centre = target.cortex;
    prior.patch.lateral = -frame.midline;
    prior.patch.anterior = frame.front;
    prior.patch.outward = frame.outward;
    prior.nominal_depth_mm = (target.scan_from_coil.inverse() * target.cortex).xyz.z();
    prior.onto_cortex = [&brain = parts.brain](const Point<Scan>& p) { return brain.closest(p).point; };
    return prior;
}

}  // namespace

HotspotRecord map_step(LiveSession& session, const StepTimes& times) {
    session.enter(Step::map, "Find the hand's hotspot; the hand stays relaxed");
    session.await_key("START", "single pulses around the hand area");
    const SessionParts& parts = session.parts();
    session.pulses.setting.purpose = PulsePurpose::map;
    const TargetRecord start = session.setting().target.value();
    const HotspotPrior prior = prior_around(parts, start);
    HotspotSearch search(prior, kSearchSeed);
    const auto cortex_at = [&](const Eigen::Vector2d& uv_mm) { return prior.onto_cortex(prior.patch.site(uv_mm)); };

    MappingView& shown = session.view.mapping;
    shown = {};
    double last_pulse_s = session.now_s();
    int unusable = 0;
    for (;;) {
        const HotspotEstimate now = search.estimate();
        if (now.pulses >= kMostPulses || (now.enough && now.pulses >= kFewestPulses)) break;
        const CoilAim aim = search.next();
        const Transform<Scan, Coil> goal = coil_over(parts.scalp, cortex_at(aim.uv_mm), aim.yaw_deg, start.side);
        session.aim_at(goal, cortex_at(aim.uv_mm));
        const AnsweredPulse answer = give_pulse(session, goal, aim.intensity_mso, times.pulse_interval_s, last_pulse_s);
        if (!answer.pulse.scan_from_coil || !answer.usable) {
            if (++unusable > kMostRejected) throw Error("Most sweeps are unusable: " + answer.pulse.mep_verdict + ".");
            continue;
        }
        search.add({*answer.pulse.scan_from_coil, answer.pulse.intensity_mso, answer.mep.amplitude_uv,
                    answer.mep.responded(), false});
        // Drawn where the coil's axis meets the cortex.
        const auto below =
            parts.brain.first_hit(answer.pulse.scan_from_coil->origin(), answer.pulse.scan_from_coil->z_axis(), 60.0);
        if (below) shown.pulses.push_back({below->point, answer.mep.amplitude_uv, answer.mep.responded()});
        const HotspotEstimate after = search.estimate();
        shown.hotspot = prior.onto_cortex(after.site);
        shown.radius95_mm = after.radius95_mm;
        session.view.sentence = after.verdict;
    }
    const HotspotEstimate found = search.estimate();
    if (found.responses < 5) {
        throw Error("No hotspot was found: " + std::to_string(found.responses) + " responses in " +
                    std::to_string(found.pulses) + " pulses. " + found.verdict);
    }
    HotspotRecord record;
    record.session = parts.session.id;
    record.muscle = "first dorsal interosseous";
    record.cortex = prior.onto_cortex(found.site);
    record.scan_from_coil = coil_over(parts.scalp, record.cortex, found.yaw_deg, start.side);
    record.radius95_mm = found.radius95_mm;
    record.pulses = found.pulses;
    record.method = "adaptive Bayes over site, direction and threshold";
    record.made = utc_now();

    TargetRecord target = start;
    target.id = 0;
    target.name = "own hotspot";
    target.cortex = record.cortex;
    target.scan_from_coil = record.scan_from_coil;
    target.cortex_mni = parts.head.template_space.mni(record.cortex);
    target.source = "own hotspot, " + std::to_string(found.pulses) + " pulses";
    target.made = utc_now();
    // The target first: a hotspot in the store means that its target is there too.
    target.id = parts.store.add(target);
    record.id = parts.store.add(record);
    session.use(target);
    session.view.threshold.rmt_mso = found.threshold_mso;
    session.leave(Step::map);
    return record;
}

}  // namespace precentral
