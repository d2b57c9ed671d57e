// SPDX-License-Identifier: Apache-2.0
#include "navigation/rehearsal.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <thread>

#include "data/pulse_writer.h"
#include "data/store.h"
#include "imaging/head_model.h"
#include "navigation/igtl_client.h"
#include "navigation/session/session_start.h"
#include "navigation/session/steps.h"
#include "navigation/theatre/room_process.h"
#include "navigation/theatre/room_wire.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

class Rehearsal {
public:
    Rehearsal(const RehearsalOptions& options, const HeadModel& head, Latest<SessionView>* screen, OperatorKeys* keys,
              const Progress& progress)
        : options_(options),
          head_(head),
          screen_(screen),
          keys_(keys),
          progress_(progress),
          scalp_(head.scalp),
          brain_(head.brain),
          store_url_((options.out / "precentral.db").string()),
          store_(open_store(store_url_)),
          writer_(store_url_) {}

    RehearsalResult run() {
        find_or_make_case();
        result_.case_code = patient_.code;
        result_.store = store_url_;
        for (int visit = 1; visit <= options_.visits; ++visit) {
            progress_.at(static_cast<double>(visit - 1) / options_.visits, "visit " + std::to_string(visit));
            result_.visits.push_back(run_visit(visit));
        }
        progress_.at(1.0, "all visits done");
        return result_;
    }

private:
    void find_or_make_case() {
        for (const Case& known : store_->cases()) {
            if (known.simulated && interrupted(known)) {
                patient_ = known;
                return;
            }
        }
        patient_.code = random_case_code();
        patient_.pain_side = Side::right;
        patient_.pain_region = "hand";
        patient_.aetiology = "central pain after ischaemic stroke";
        patient_.worst_symptom = "burning";
        patient_.simulated = true;
        patient_.created = utc_now();
        store_->add_case(patient_);
        ImageRecord image;
        image.case_code = patient_.code;
        image.content_sha256 = head_.content_sha256;
        image.path = options_.t1.string();
        image.dims = head_.t1.dims;
        image.spacing_mm = head_.t1.spacing_mm();
        image.scan_from_voxel = head_.t1.scan_from_voxel;
        image.added = utc_now();
        store_->add(image);
    }

    std::string seed_note() const { return "seed " + std::to_string(options_.seed); }

    // Begun with this seed and not finished. A finished one stays as it is; the next run is another patient.
    bool interrupted(const Case& known) const {
        const auto sessions = store_->sessions(known.code);
        if (sessions.empty()) return false;
        bool ours = false;
        for (const SessionEvent& event : store_->events(sessions.front().id)) {
            ours = ours || (event.kind == "started" && event.text == seed_note());
        }
        return ours && (static_cast<int>(sessions.size()) < options_.visits || !is_closed(*store_, sessions.back().id));
    }

    Session find_or_make_session(int visit, bool& resumed) {
        for (const Session& known : store_->sessions(patient_.code)) {
            if (known.visit == visit) {
                resumed = true;
                return known;
            }
        }
        Session session;
        session.case_code = patient_.code;
        session.visit = visit;
        session.protocol.pause_s = options_.train_pause_s;
        if (options_.train_pause_s != Protocol{}.pause_s)
            session.protocol.name += ", pauses shortened for the rehearsal";
        // Contralateral to the pain.
        session.target_side = opposite(patient_.pain_side);
        session.simulated = true;
        // The visits of a test period lie three weeks apart, the last one today.
        session.started = utc_now() - std::chrono::days(21) * (options_.visits - visit) - std::chrono::hours(1);
        session.id = store_->add(session);
        store_->add(SessionEvent{0, session.id, "started", seed_note(), utc_now()});
        return session;
    }

    // Where this run's frames begin: at the visit's start, or after the last pulse of the run that was interrupted.
    UtcTime dated(const Session& session) const {
        UtcTime from = session.started;
        for (const Pulse& pulse : store_->pulses(session.id))
            from = std::max(from, pulse.time + std::chrono::seconds(1));
        return from;
    }

    RoomOptions room_options(const Session& session) const {
        RoomOptions room;
        room.t1 = options_.t1;
        room.cache_dir = options_.cache_dir;
        room.program = options_.program;
        room.theatre.seed = options_.seed;
        room.theatre.visit = session.visit;
        room.theatre.side = session.target_side;
        room.theatre.knock_mm = options_.knock_mm;
        const std::string name = session.case_code + "-room-visit" + std::to_string(session.visit);
        room.port_file = options_.out / (name + ".port");
        room.counter_file = options_.out / (name + ".counter");
        return room;
    }

    VisitResult run_visit(int visit) {
        VisitResult result;
        result.visit = visit;
        visit_ = visit;
        const Session session = find_or_make_session(visit, result.resumed);
        Inbox inbox;
        const std::uint16_t port = start_room(room_options(session));
        const auto device = connect_igtl("127.0.0.1", port, ToolNames{}, inbox);
        await_link(inbox, "127.0.0.1:" + std::to_string(port), progress_.stop);
        device->send_text("Hello", "{\"pace\": " + std::to_string(options_.pace) + "}");
        SessionParts parts{*store_,  writer_, head_,   scalp_, brain_,         inbox, *device,
                           patient_, session, screen_, keys_,  progress_.stop, true};
        parts.dated = dated(session);
        parts.say = progress_.report ? [this](const std::string& text) { progress_.report(-1.0, text); }
                                     : std::function<void(const std::string&)>{};
        LiveSession live(parts);
        if (!is_closed(*store_, session.id)) {
            do {  // the counter is needed to know what went out while the program was down
                live.next_frame();
            } while (!live.counter_at_start());
            if (result.resumed) live.note("resumed", "the program was started again");
            VisitCourse course;
            course.times.pulse_interval_s = options_.pulse_interval_s;
            course.treat.check_half_way = options_.knock_mm > 0.0;
            course.say = [this](const char* what) { say(what); };
            take_course(live, course);
        }
        const HiddenTruth truth = ask_truth(inbox, *device);
        if (!is_closed(*store_, session.id)) {
            record_outcome(live, session, truth);
            live.note("closed", "");
        }
        score(session, truth, result);
        return result;
    }

    void say(const char* what) const {
        if (progress_.report) progress_.report(-1.0, "visit " + std::to_string(visit_) + ": " + what);
    }

    HiddenTruth ask_truth(Inbox& inbox, Device& device) const {
        device.send_text("Reveal", "{}");
        const SteadyTime began = steady_now();
        while (seconds_between(began, steady_now()) < 20.0) {
            const auto event = inbox.next(100ms);
            if (!event) continue;
            const auto* text = std::get_if<DeviceText>(&*event);
            if (text != nullptr && text->device == "Truth") return truth_from_wire(text->text);
        }
        throw Error("The simulated room did not tell what was hidden.");
    }

    void record_outcome(LiveSession& live, const Session& session, const HiddenTruth& truth) {
        Outcome outcome;
        if (keys_ != nullptr) {
            outcome = outcome_step(live);
        } else {
            outcome.relief_percent = truth.relief_percent;
            outcome.relief_days = truth.relief_days;
            outcome.pain_before = truth.pain_before;
            outcome.pain_after = truth.pain_after;
            outcome.worst_symptom_after = truth.pain_after;
            outcome.adverse_events = "none";
            outcome.note = "as the simulated patient tells it";
            live.enter(Step::outcome, "How did it go since?");
        }
        outcome.session = session.id;
        outcome.asked = utc_now();
        store_->add(outcome);
        if (outcome.relief_percent) {
            live.view.relief = std::to_string(std::lround(*outcome.relief_percent)) + " % relief";
        }
        live.leave(Step::outcome);
    }

    void score(const Session& session, const HiddenTruth& truth, VisitResult& result) {
        const RegistrationRecord registration = store_->registrations(session.id).back();
        const Point<Scan> seen_at = registration.scan_from_head * truth.head_from_scan * truth.hotspot;
        result.registration_error_mm = distance_mm(seen_at, truth.hotspot);
        result.predicted_rms_mm = registration.predicted_rms_mm;
        result.predicted_p95_mm = registration.predicted_p95_mm;
        result.threshold_mso = store_->thresholds(session.id).back().rmt_mso;
        result.threshold_error_mso = result.threshold_mso - truth.threshold_mso;
        result.delivered = truth.delivered_in_trains;
        for (const Pulse& pulse : store_->pulses(session.id)) {
            if (pulse.purpose != PulsePurpose::treat) continue;
            ++result.recorded;
            if (pulse.valid) ++result.with_pose;
        }
        for (const LandmarkTouches& touches : store_->landmark_touches(session.id)) {
            if (touches.drift_mm) result.checks.push_back(touches);
        }
        if (const auto hotspot = last_of(store_->hotspots(session.id))) {
            result_.hotspot_error_mm = distance_mm(hotspot->cortex, truth.hotspot);
            result_.hotspot_radius95_mm = hotspot->radius95_mm;
            result_.map_pulses = hotspot->pulses;
        }
    }

    const RehearsalOptions& options_;
    const HeadModel& head_;
    Latest<SessionView>* screen_;
    OperatorKeys* keys_;
    const Progress& progress_;
    const SurfaceIndex scalp_;
    const SurfaceIndex brain_;
    const std::string store_url_;
    std::unique_ptr<Store> store_;
    PulseWriter writer_;
    Case patient_;
    int visit_ = 0;
    RehearsalResult result_;
};

}  // namespace

RehearsalResult rehearse(const RehearsalOptions& options, const HeadModel& head, Latest<SessionView>* screen,
                         OperatorKeys* keys, const Progress& progress) {
    std::error_code failed;
    std::filesystem::create_directories(options.out, failed);
    if (failed) {
        throw InputError("The folder " + options.out.string() + " cannot be made: " + failed.message() + ".");
    }
    return Rehearsal(options, head, screen, keys, progress).run();
}

}  // namespace precentral
