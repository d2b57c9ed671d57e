// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>
#include <numbers>

#include "navigation/session/register_record.h"
#include "navigation/session/steps.h"
#include "navigation/session/touch.h"
#include "registration/recheck.h"

namespace precentral {
namespace {

constexpr int kScalpPoints = 200;

struct LeftOut {};

// The screen as it was before the check, once this goes.
class Screen {
public:
    explicit Screen(LiveSession& session)
        : session_(session),
          step_(session.view.step),
          steps_(session.view.steps),
          sentence_(session.view.sentence),
          key_(session.view.key) {
        session.view.steps[static_cast<std::size_t>(step_)] = StepState::open;
        session.view.steps[static_cast<std::size_t>(Step::registration)] = StepState::current;
        session.view.step = Step::registration;
        session.view.touch = {};
    }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;
    ~Screen() {
        session_.view.step = step_;
        session_.view.steps = steps_;
        session_.view.sentence = sentence_;
        session_.view.key = key_;
        session_.view.touch = {};
        session_.instruction.act = Instruction::Act::none;
    }

private:
    LiveSession& session_;
    const Step step_;
    const std::array<StepState, kSteps> steps_;
    const std::string sentence_;
    const MainKey key_;
};

std::vector<NamedPoint<Head>> named(const std::vector<TouchedLandmark>& landmarks) {
    std::vector<NamedPoint<Head>> out;
    for (const TouchedLandmark& one : landmarks) out.push_back({one.name, one.point});
    return out;
}

std::vector<TouchedLandmark> kept(const std::vector<NamedPoint<Head>>& points) {
    std::vector<TouchedLandmark> out;
    for (const NamedPoint<Head>& one : points) out.push_back({one.name, one.point});
    return out;
}

std::optional<LandmarkTouches> touches_of(const LiveSession& session, RecordId registration) {
    for (const LandmarkTouches& touches : session.parts().store.landmark_touches(session.parts().session.id)) {
        if (touches.registration == registration && !touches.drift_mm) return touches;
    }
    return std::nullopt;
}

// All landmarks once around.
std::vector<NamedPoint<Head>> touch_all(LiveSession& session, const std::vector<NamedPoint<Head>>& then) {
    std::vector<NamedPoint<Head>> now;
    session.view.touch.wanted = static_cast<int>(then.size());
    session.view.touch.touched = 0;
    session.view.touch.points.clear();
    session.view.key = {"LEAVE OUT", "the check; nothing is changed", true, false};
    session.take_main_key();
    for (const NamedPoint<Head>& landmark : then) {
        session.instruction.act = Instruction::Act::touch_landmark;
        session.instruction.what = landmark.name;
        session.view.touch.ask = "Touch the " + landmark.name + " once more";
        session.view.sentence = "to see whether the registration still holds";
        now.push_back({landmark.name, rest_of_tip<Head>(session, landmark.name, [&] {
                           if (session.take_main_key()) throw LeftOut();
                           return session.tip_in_head();
                       })});
        session.view.touch.touched = static_cast<int>(now.size());
        session.view.touch.points.push_back(session.setting().registration->scan_from_head * now.back().point);
    }
    return now;
}

CheckView shown(const Recheck& check) {
    CheckView out;
    out.drift_mm = check.drift_mm;
    out.drift_error_mm = check.drift_error_mm;
    out.drift_deg = check.drift_deg;
    out.verdict = check.verdict;
    for (const Recheck::Landmark& one : check.landmarks) out.rows.push_back({one.name, one.moved_mm, one.left_mm});
    if (!check.reasons.empty()) out.reason = check.reasons.front();
    return out;
}

// What the registration expected of itself at the target, as a covariance there: it is kept as three numbers.
PoseCovariance<Scan> covariance_of(const RegistrationRecord& registration, const Point<Scan>& target) {
    PoseCovariance<Scan> out;
    out.about = target;
    const double angle_rad = registration.predicted_angle_deg * std::numbers::pi / 180.0;
    out.matrix.diagonal().head<3>().setConstant(angle_rad * angle_rad / 3.0);
    out.matrix.diagonal().tail<3>().setConstant(registration.predicted_rms_mm * registration.predicted_rms_mm / 3.0);
    return out;
}

RegistrationRecord record_of(const QuickRegistration& quick, const Recheck& check, RecordId session) {
    RegistrationRecord record;
    record.session = session;
    record.scan_from_head = quick.scan_from_head;
    record.rms_mm = quick.rms_mm;
    for (const Recheck::Landmark& one : check.landmarks) {
        record.fiducials.push_back({one.name, one.left_mm, one.left_out_mm});
    }
    record.predicted_rms_mm = quick.target.rms_mm;
    record.predicted_p95_mm = quick.target.p95_mm;
    record.predicted_angle_deg = quick.target.angle_deg;
    record.verdict = to_word(quick.verdict);
    record.reasons = quick.reasons;
    record.made = utc_now();
    return record;
}

const char* headline(RecheckVerdict verdict) {
    switch (verdict) {
        case RecheckVerdict::fine: return "The registration holds";
        case RecheckVerdict::touch_again: return "This check could not tell";
        case RecheckVerdict::register_again: return "The head may have moved in its reference";
        case RecheckVerdict::reference_slipped: break;
    }
    return "The head reference has slipped";
}

std::string tenths(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

// Drift as a fresh fit of landmarks and scalp shows it, which a few landmarks alone cannot at 3 mm.
void judge(Recheck& check, const RegistrationResult& fit, const RegistrationRecord& before, const Point<Scan>& target) {
    const RecheckOptions allowed;
    // Beyond this multiple of its expected rms, a vector of three normal errors is one of a hundred (chi-square 11.34).
    constexpr double kRare = 1.944;
    const Point<Head> target_then = before.scan_from_head.inverse() * target;
    check.then_from_now = before.scan_from_head.inverse() * fit.scan_from_head;
    check.drift_mm = distance_mm(check.then_from_now * target_then, target_then);
    check.drift_deg = Eigen::AngleAxisd(check.then_from_now.isometry().linear()).angle() * 180.0 / std::numbers::pi;
    check.drift_error_mm = std::hypot(fit.target.rms_mm, before.predicted_rms_mm);
    check.drift_error_deg = std::hypot(fit.target.angle_deg, before.predicted_angle_deg);
    const bool surely =
        check.drift_mm > kRare * check.drift_error_mm || check.drift_deg > kRare * check.drift_error_deg;
    const bool far = check.drift_mm > allowed.drift_mm || check.drift_deg > allowed.drift_deg;
    const std::string moved = " lies " + tenths(check.drift_mm) + " mm and " + tenths(check.drift_deg) +
                              " degrees from where it was (the fits alone: " + tenths(check.drift_error_mm) + " mm, " +
                              tenths(check.drift_error_deg) + " degrees)";
    check.reasons.clear();
    if (far && surely) {
        check.verdict = RecheckVerdict::reference_slipped;
        check.reasons.push_back("The target" + moved + ".");
    } else if (far) {
        check.verdict = RecheckVerdict::register_again;
        check.reasons.push_back("The target" + moved + ".");
    } else {
        check.verdict = RecheckVerdict::fine;
        check.reasons.push_back("The target" + moved + ".");
    }
}

void keep_check(LiveSession& session, const RegistrationRecord& checked, const std::vector<NamedPoint<Head>>& now,
                const Recheck& check) {
    LandmarkTouches record;
    record.session = session.parts().session.id;
    record.registration = checked.id;
    record.landmarks = kept(now);
    record.drift_mm = check.drift_mm;
    record.drift_deg = check.drift_deg;
    record.verdict = to_word(check.verdict);
    record.reasons = check.reasons;
    record.made = utc_now();
    session.parts().store.add(record);
    session.show(shown(check));
}

// None when the operator leaves the sweep out or nothing better than a poor fit comes of it.
std::optional<RegistrationResult> sweep_and_fit(LiveSession& session, const std::vector<NamedPoint<Head>>& now,
                                                const RegistrationRecord& before, const Point<Scan>& target,
                                                const Recheck& check) {
    const bool slipped = check.verdict == RecheckVerdict::reference_slipped;
    session.view.key = {"SKIP", slipped ? "the scalp; register by the landmarks alone" : "the scalp", true, false};
    session.view.touch.touched = 0;
    session.take_main_key();
    bool skipped = false;
    const auto interrupted = [&] { return skipped = skipped || session.take_main_key(); };
    const Transform<Scan, Head> about = before.scan_from_head * check.then_from_now;
    std::vector<Point<Head>> points;
    for (int wanted = kScalpPoints; wanted <= 2 * kScalpPoints; wanted += kScalpPoints) {
        sweep_scalp(session, wanted, points, about, interrupted);
        if (skipped) return std::nullopt;
        RegistrationResult fit = fit_swept(session, now, points, target);
        if (fit.verdict != Verdict::poor) return fit;
    }
    return std::nullopt;
}

}  // namespace

void keep_touches(LiveSession& session, const RegistrationRecord& registration,
                  const std::vector<NamedPoint<Head>>& fiducials) {
    LandmarkTouches touches;
    touches.session = registration.session;
    touches.registration = registration.id;
    touches.landmarks = kept(fiducials);
    touches.made = registration.made;
    session.parts().store.add(touches);
}

CheckEnd recheck_step(LiveSession& session) {
    const RegistrationRecord before = session.setting().registration.value();
    const auto then_touched = touches_of(session, before.id);
    if (!then_touched || then_touched->landmarks.size() < 3) {
        session.note("registration not checked", "no three landmarks are on record for it");
        return CheckEnd::left_out;
    }
    const auto then = named(then_touched->landmarks);
    const Point<Scan> target =
        session.setting().target
            ? session.setting().target->cortex
            : landmark_named(session.parts().head.motor, hand_name(session.parts().session.target_side)).point;
    const Screen screen(session);
    try {
        const std::vector<NamedPoint<Head>> now = touch_all(session, then);
        Recheck check = check_registration(before.scan_from_head, then, now, target);
        CheckView first = shown(check);
        // What three landmarks cannot say the scalp does; until then it is not decided.
        if (first.verdict == RecheckVerdict::register_again) first.verdict = RecheckVerdict::touch_again;
        session.show(first);
        std::optional<RegistrationResult> fit;
        if (check.verdict != RecheckVerdict::fine) {
            fit = sweep_and_fit(session, now, before, target, check);
            if (fit) judge(check, *fit, before, target);
        }
        keep_check(session, before, now, check);
        session.instruction.act = Instruction::Act::none;
        session.view.touch.ask = headline(check.verdict);
        session.view.sentence = check.reasons.empty() ? "" : check.reasons.front();
        const bool moved =
            check.verdict == RecheckVerdict::reference_slipped || check.verdict == RecheckVerdict::register_again;
        if (!moved) {
            session.await_key("GO ON", "the registration stays");
            return check.verdict == RecheckVerdict::fine ? CheckEnd::holds : CheckEnd::left_out;
        }
        session.await_key("REGISTER ANEW", fit ? "with what was touched; pulses so far keep theirs"
                                               : "by the landmarks alone; pulses so far keep theirs");
        session.note("reference moved", check.reasons.front());
        RegistrationRecord record =
            fit ? record_of(*fit, session.parts().session.id)
                : record_of(register_quickly(before.scan_from_head, covariance_of(before, target), then, now, {},
                                             session.parts().scalp, target),
                            check, session.parts().session.id);
        record.reasons.push_back("It follows registration " + std::to_string(before.id) + ", which had moved " +
                                 tenths(check.drift_mm) + " mm at the target.");
        record.id = session.parts().store.add(record);
        if (record.verdict == "poor") {  // kept, not used
            register_step(session);
            return CheckEnd::registered_anew;
        }
        keep_touches(session, record, now);
        const CheckView seen = shown(check);
        session.use(record);
        session.show(seen);
        return CheckEnd::registered_anew;
    } catch (const LeftOut&) {
        session.note("registration not checked", "left out by the operator");
        return CheckEnd::left_out;
    }
}

}  // namespace precentral
