// SPDX-License-Identifier: Apache-2.0
#include "navigation/session/register_record.h"
#include "navigation/session/steps.h"
#include "navigation/session/touch.h"
#include "registration/coil_calibration.h"
#include "registration/pivot.h"
#include "registration/register_head.h"

namespace precentral {
namespace {

using Act = Instruction::Act;

constexpr double kPivotS = 4.0;
constexpr int kFewestRounds = 2;
constexpr int kMostRounds = 8;
constexpr int kScalpPoints = 280;
constexpr double kPointSpacingMm = 8.0;

std::vector<NamedPoint<Head>> touch_fiducials(LiveSession& session) {
    std::vector<NamedPoint<Head>> touched;
    for (const Landmark& landmark : session.parts().head.fiducials) {
        session.instruction.act = Act::touch_landmark;
        session.instruction.what = landmark.name;
        session.view.touch.ask = "Touch the " + landmark.name;
        session.view.sentence = session.view.touch.ask;
        touched.push_back(
            {landmark.name, rest_of_tip<Head>(session, landmark.name, [&] { return session.tip_in_head(); })});
        session.view.touch.touched = static_cast<int>(touched.size());
    }
    return touched;
}

Point<CoilBody> touch_mark(LiveSession& session, const std::string& mark, const Point<Stylus>& tip_in_stylus) {
    session.instruction.act = Act::touch_coil;
    session.instruction.what = mark;
    session.view.sentence = "Touch the coil's mark: " + mark;
    return rest_of_tip<CoilBody>(session, "coil mark " + mark, [&]() -> std::optional<Point<CoilBody>> {
        const TrackerFrame& frame = session.frame();
        if (!frame.coil.visible() || !frame.stylus.visible()) return std::nullopt;
        return frame.coil.tracker_from_tool.inverse() * frame.stylus.tracker_from_tool * tip_in_stylus;
    });
}

}  // namespace

void sweep_scalp(LiveSession& session, int wanted, std::vector<Point<Head>>& points,
                 const Transform<Scan, Head>& scan_from_head, const std::function<bool()>& interrupted) {
    session.instruction.act = Act::sweep;
    session.view.touch.ask = "Glide over scalp, forehead and nose";
    session.view.sentence = session.view.touch.ask;
    session.view.touch.wanted = wanted;
    const double began_s = session.now_s();
    while (static_cast<int>(points.size()) < wanted) {
        session.next_frame();
        if (interrupted && interrupted()) return;
        if (session.now_s() - began_s > 300.0) {
            throw Error("Only " + std::to_string(points.size()) +
                        " scalp points came within five minutes; is the stylus seen by the camera?");
        }
        if (session.now_s() - began_s < 1.0) continue;  // the hand is still on its way to the scalp
        const auto tip = session.tip_in_head();
        if (!tip || (!points.empty() && distance_mm(points.back(), *tip) < kPointSpacingMm)) continue;
        points.push_back(*tip);
        session.view.touch.touched = static_cast<int>(points.size());
        session.view.touch.points.push_back(scan_from_head * *tip);
    }
}

RegistrationRecord record_of(const RegistrationResult& fit, RecordId session) {
    RegistrationRecord record;
    record.session = session;
    record.scan_from_head = fit.scan_from_head;
    record.rms_mm = fit.rms_mm;
    record.fiducials = fit.fiducials;
    record.surface_points = fit.surface_points;
    record.predicted_rms_mm = fit.target.rms_mm;
    record.predicted_p95_mm = fit.target.p95_mm;
    record.predicted_angle_deg = fit.target.angle_deg;
    record.verdict = to_word(fit.verdict);
    record.reasons = fit.reasons;
    record.made = utc_now();
    return record;
}

RegistrationResult fit_swept(const LiveSession& session, const std::vector<NamedPoint<Head>>& fiducials,
                             const std::vector<Point<Head>>& points, const Point<Scan>& target) {
    std::vector<NamedPoint<Scan>> picked;
    for (const Landmark& landmark : session.parts().head.fiducials) picked.push_back({landmark.name, landmark.point});
    // How far off the skin a gliding tip rests (hair, pressure) differs between hands, so it is estimated with the
    // pose.
    RegistrationOptions options;
    options.surface.offset_sigma_mm = 0.5;
    return register_head(fiducials, picked, points, session.parts().scalp, target, options);
}

void calibrate_tools(LiveSession& session) {
    session.view.sentence = "Rest the stylus tip in the dimple and swing it around";
    session.instruction.act = Act::pivot;
    std::vector<Transform<Tracker, Stylus>> poses;
    const double began_s = session.now_s();
    while (session.now_s() - began_s < kPivotS + 0.5) {
        const TrackerFrame& frame = session.next_frame();
        // The first half second the hand is on its way.
        if (frame.stylus.visible() && session.now_s() - began_s > 0.5) poses.push_back(frame.stylus.tracker_from_tool);
    }
    const auto pivot = calibrate_pivot(poses);
    session.use_stylus_tip(pivot.tip);

    std::vector<NamedPoint<Coil>> known;
    for (const Theatre::CoilMark& mark : Theatre::coil_marks()) known.push_back({mark.name, mark.point});
    std::vector<NamedPoint<CoilBody>> touched;
    CoilCalibration fit;
    // Twice around averages the hand's error; more when the marks still disagree.
    for (int round = 1; round <= kMostRounds; ++round) {
        for (const NamedPoint<Coil>& mark : known)
            touched.push_back({mark.name, touch_mark(session, mark.name, pivot.tip)});
        if (round < kFewestRounds) continue;
        fit = calibrate_coil(touched, known);
        if (fit.verdict == Verdict::good) break;
    }
    if (fit.verdict == Verdict::poor) {
        throw Error("The coil calibration is poor" + (fit.reasons.empty() ? "." : ": " + fit.reasons.front()));
    }
    CoilCalibrationRecord record;
    record.session = session.parts().session.id;
    record.coil_name = "figure-of-8, 70 mm";
    record.coil_body_from_coil = fit.coil_body_from_coil;
    record.source = std::to_string(touched.size()) + " touches of five marks on the coil";
    record.rms_mm = fit.rms_mm;
    record.made = utc_now();
    record.id = session.parts().store.add(record);
    session.use(record);
}

void register_step(LiveSession& session) {
    session.enter(Step::registration, "Register the head");
    session.await_key("START", "stylus in hand");
    session.view.key = {"TOUCH", "a stylus at rest is taken by itself", false, false};
    if (!session.setting().calibration) calibrate_tools(session);

    const Point<Scan> target =
        landmark_named(session.parts().head.motor, hand_name(session.parts().session.target_side)).point;
    session.view.touch = {};
    const auto fiducials = touch_fiducials(session);
    const RegistrationResult coarse = fit_swept(session, fiducials, {}, target);
    std::vector<Point<Head>> points;
    RegistrationResult fit;
    for (int wanted = kScalpPoints; wanted <= 2 * kScalpPoints; wanted += kScalpPoints) {
        sweep_scalp(session, wanted, points, coarse.scan_from_head);
        session.instruction.act = Act::none;
        fit = fit_swept(session, fiducials, points, target);
        if (fit.verdict != Verdict::poor) break;
    }
    RegistrationRecord record = record_of(fit, session.parts().session.id);
    record.id = session.parts().store.add(record);
    if (fit.verdict == Verdict::poor) {
        throw Error("The registration is poor" + (fit.reasons.empty() ? std::string(".") : ": " + fit.reasons.front()) +
                    " Touch the fiducials again.");
    }
    keep_touches(session, record, fiducials);
    session.view.touch.points.clear();
    for (const Point<Head>& p : points) session.view.touch.points.push_back(fit.scan_from_head * p);
    session.use(record);
    session.leave(Step::registration);
}

}  // namespace precentral
