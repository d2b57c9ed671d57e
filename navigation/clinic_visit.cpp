// SPDX-License-Identifier: Apache-2.0
#include "navigation/clinic_visit.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/error.h"
#include "data/pulse_writer.h"
#include "imaging/head_model.h"
#include "navigation/dose_limits.h"
#include "navigation/open_tracker.h"
#include "navigation/session/session_start.h"
#include "navigation/session/steps.h"
#include "navigation/stimulator_inbox.h"
#include "navigation/trigger_clock.h"
#include "navigation/trigger_input.h"

namespace precentral {
namespace {

constexpr auto kGoneOnWith = std::chrono::hours(12);

double days_between(UtcTime from, UtcTime to) {
    return std::chrono::duration<double, std::ratio<86400>>(to - from).count();
}

Case chosen_case(const Store& store, const std::string& code) {
    if (!code.empty()) return store.case_of(code);
    const auto cases = store.cases();
    if (cases.empty()) throw InputError("There is no case in this store yet. Add one with: precentral case new");
    if (cases.size() > 1) {
        throw InputError("There are " + std::to_string(cases.size()) +
                         " cases in this store; say which one with --case CODE (precentral case list shows them).");
    }
    return cases.front();
}

std::string sentences(const std::vector<std::string>& reasons) {
    std::string out;
    for (const std::string& reason : reasons) out += (out.empty() ? "" : " ") + reason;
    return out;
}

int treatment_pulses(const Store& store, RecordId session) {
    const auto pulses = store.pulses(session);
    return static_cast<int>(
        std::count_if(pulses.begin(), pulses.end(), [](const Pulse& p) { return p.purpose == PulsePurpose::treat; }));
}

DoseVerdict dose_of(const Store& store, const VisitPlan& plan, const std::vector<Session>& sessions, DosePlan dose,
                    UtcTime now) {
    for (const Session& before : sessions) {
        if (before.id == plan.session.id) continue;
        const double days_ago = days_between(before.started, now);
        if (days_ago >= 0.0 && days_ago < 7.0) dose.earlier.push_back({days_ago, treatment_pulses(store, before.id)});
        const auto thresholds = store.thresholds(before.id);
        if (!thresholds.empty() && before.target_side == plan.session.target_side) {
            dose.rmt_mso = thresholds.back().rmt_mso;
        }
    }
    return check_dose(dose);
}

void judge_dose_of(VisitPlan& plan, const DoseVerdict& dose, const std::optional<RailOverride>& by) {
    if (dose.level == DoseLevel::inside) return;
    std::vector<std::string> reasons;
    for (const DoseReason& reason : dose.reasons) {
        if (reason.level == dose.level) reasons.push_back(reason.text);
    }
    const std::string why = sentences(reasons);
    if (dose.level == DoseLevel::refused) throw InputError("This dose is refused. " + why);
    if (!by) {
        throw InputError("This dose lies outside the published limits. " + why +
                         " To go on, name who decides and why: --override \"NAME: REASON\".");
    }
    plan.warnings.push_back("Dose confirmed by " + by->who + " (" + by->reason + "): " + why);
}

}  // namespace

VisitPlan plan_visit(const Store& store, const ClinicOptions& options, UtcTime now) {
    VisitPlan plan;
    plan.patient = chosen_case(store, options.case_code);
    const auto sessions = store.sessions(plan.patient.code);
    if (!sessions.empty() && now - sessions.back().started < kGoneOnWith && !is_closed(store, sessions.back().id)) {
        plan.session = sessions.back();
        plan.resumed = true;
        return plan;  // it was judged when it began
    }
    plan.session.case_code = plan.patient.code;
    plan.session.visit = sessions.empty() ? 1 : sessions.back().visit + 1;
    plan.session.protocol = options.dose.protocol;
    plan.session.target_side = options.side.value_or(opposite(plan.patient.pain_side));
    plan.session.simulated = plan.patient.simulated || options.simulated_room;
    plan.session.started = now;
    if (options.simulated_room && !plan.patient.simulated) {
        throw InputError("Case " + plan.patient.code +
                         " is a patient's; a simulated room would mix made-up pulses into that record. Take a case "
                         "that was made with: precentral case new --simulated");
    }

    const std::optional<UtcTime> previous =
        sessions.empty() ? std::nullopt : std::optional<UtcTime>(sessions.back().started);
    const std::vector<RailJudgement> judgements = {
        judge_side(plan.patient.pain_side, plan.session.target_side, options.by),
        judge_interval(previous, now),
    };
    const RailJudgement all = together(judgements);
    if (all.verdict == RailVerdict::stop) {
        throw InputError(sentences(all.reasons) +
                         " To go on all the same, name who decides and why: --override \"NAME: REASON\".");
    }
    plan.warnings = all.reasons;
    judge_dose_of(plan, dose_of(store, plan, sessions, options.dose, now), options.by);
    return plan;
}

void require_own_image(const Store& store, const Case& patient, const std::string& content_sha256) {
    const auto images = store.images(patient.code);
    const bool own = images.empty() || std::any_of(images.begin(), images.end(), [&](const ImageRecord& image) {
                         return image.content_sha256 == content_sha256;
                     });
    if (!own) {
        throw InputError("This MRI is not the one on record for " + patient.code +
                         "; its targets would lie in another head. Open the right one with --t1, or make a new case "
                         "for a new image.");
    }
}

void require_own_image(Store& store, const Case& patient, const HeadModel& head,
                       const std::optional<std::filesystem::path>& t1) {
    require_own_image(store, patient, head.content_sha256);
    if (!store.images(patient.code).empty()) return;
    ImageRecord image;
    image.case_code = patient.code;
    image.content_sha256 = head.content_sha256;
    if (t1) image.path = t1->string();
    image.dims = head.t1.dims;
    image.spacing_mm = head.t1.spacing_mm();
    image.scan_from_voxel = head.t1.scan_from_voxel;
    image.added = utc_now();
    store.add(image);
}

VisitEnd hold_visit(const ClinicOptions& options, const HeadModel& head, Latest<SessionView>* screen,
                    OperatorKeys* keys, const Progress& progress) {
    const auto store = open_existing_store(options.store);
    VisitPlan plan = plan_visit(*store, options, utc_now());
    require_own_image(*store, plan.patient, head, options.t1);
    if (!plan.resumed) {
        plan.session.id = store->add(plan.session);
        store->add(SessionEvent{0, plan.session.id, "started", "tracker " + options.tracker, utc_now()});
        for (const std::string& warning : plan.warnings) {
            store->add(SessionEvent{0, plan.session.id, "warning", warning, utc_now()});
        }
    }
    const auto given = store->pulses(plan.session.id);
    const SurfaceIndex scalp(head.scalp);
    const SurfaceIndex brain(head.brain);
    PulseWriter writer(options.store);
    // Pulses heard from elsewhere are put on the tracker's clock and counted on; a simulated room's are its own.
    const bool elsewhere = !options.stimulator.empty();
    const std::uint64_t last_count = given.empty() ? 0 : given.back().device_count;
    const std::unique_ptr<Inbox> own =
        options.simulated_room ? std::make_unique<Inbox>() : std::make_unique<StimulatorInbox>(last_count);
    Inbox& inbox = *own;
    TriggerBridge bridge(inbox);
    const auto tracker = open_tracker(options.tracker, options.names,
                                      elsewhere ? bridge.tracker() : static_cast<DeviceListener&>(inbox));
    const std::unique_ptr<Device> stimulator = elsewhere ? open_trigger(options.stimulator, bridge.trigger()) : nullptr;

    SessionParts parts{*store,
                       writer,
                       head,
                       scalp,
                       brain,
                       inbox,
                       *tracker,
                       plan.patient,
                       plan.session,
                       screen,
                       keys,
                       progress.stop,
                       options.simulated_room};
    parts.emg = options.emg;
    // Somebody may have to plug a cable in; the screen says what is missing all the while.
    parts.give_up_s = options.simulated_room ? 20.0 : std::numeric_limits<double>::infinity();
    parts.say = progress.report ? [&progress](const std::string& text) { progress.report(-1.0, text); }
                                : std::function<void(const std::string&)>{};
    if (options.simulated_room) {
        await_link(inbox, options.tracker, progress.stop);
        tracker->send_text("Hello", "{\"pace\": " + std::to_string(options.room_pace) + "}");
    }
    LiveSession live(parts);
    do {  // a simulated stimulator tells its counter; it is needed to know what went out while the program was down
        live.next_frame();
    } while (options.simulated_room && !live.counter_at_start());
    if (plan.resumed) live.note("resumed", "the program was started again");
    VisitCourse course;
    course.times.pulse_interval_s = options.pulse_interval_s;
    course.say = [&progress](const char* what) {
        if (progress.report) progress.report(-1.0, what);
    };
    take_course(live, course);
    if (keys != nullptr) {
        Outcome outcome = outcome_step(live);
        outcome.session = plan.session.id;
        outcome.asked = utc_now();
        store->add(outcome);
        if (outcome.relief_percent) {
            live.view.relief = std::to_string(std::lround(*outcome.relief_percent)) + " % relief";
        }
        live.leave(Step::outcome);
    }
    live.note("closed", "");
    return {plan.patient.code, plan.session.visit};
}

}  // namespace precentral
