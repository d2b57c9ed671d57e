// SPDX-License-Identifier: Apache-2.0
// Whether a registration still holds: a few landmarks touched again, at any time, against where they were touched then.
// A pure judgement; a caller that registers again adds a new record and leaves the old one.
#pragma once

#include <string>
#include <vector>

#include "data/frames.h"
#include "registration/fit_error.h"
#include "registration/point_fit.h"
#include "registration/surface_fit.h"

namespace precentral {

enum class RecheckVerdict { fine, touch_again, register_again, reference_slipped };

inline const char* to_word(RecheckVerdict verdict) {
    switch (verdict) {
        case RecheckVerdict::fine: return "fine";
        case RecheckVerdict::touch_again: return "touch again";
        case RecheckVerdict::register_again: return "register again";
        case RecheckVerdict::reference_slipped: return "the head reference has slipped";
    }
    return "";
}

struct RecheckOptions {
    double touch_error_mm = 2.0;  // rms length of the error of one touch of a landmark by the same hand
    double drift_mm = 3.0;        // at the target: more than this needs a new registration
    double drift_deg = 3.0;
};

struct Recheck {
    // Where the head reference stood then, seen from where it stands now: the identity when nothing slipped.
    Transform<Head, Head> then_from_now;
    double drift_mm = 0.0;  // of the target, as the best estimate
    double drift_deg = 0.0;
    double drift_error_mm = 0.0;  // expected rms error of drift_mm: what touching alone would show
    double drift_error_deg = 0.0;
    double chance = 1.0;  // of so large a motion if nothing had moved
    // As touched now: how far each lies from its place then, before and after the motion is taken off.
    struct Landmark {
        std::string name;
        double moved_mm = 0.0;
        double left_mm = 0.0;
        double left_out_mm = 0.0;  // from where the others put it; NaN with three landmarks
    };
    std::vector<Landmark> landmarks;
    RecheckVerdict verdict = RecheckVerdict::fine;
    std::vector<std::string> reasons;
};

// `then`: as touched when the registration was made, `now`: three to five (or more) of the same landmarks, by name.
// Chi-square of the six numbers of the rigid motion then to now under touching errors; a motion that chance does not
// explain and that stays rigid is a slip of the reference; one landmark that disagrees with the others is touched
// again. Throws InputError as fit_rigid does, and for a landmark that was not touched then. Pure; any thread.
Recheck check_registration(const Transform<Scan, Head>& scan_from_head, const std::vector<NamedPoint<Head>>& then,
                           const std::vector<NamedPoint<Head>>& now, const Point<Scan>& target,
                           const RecheckOptions& options = {});

// Checks over a session, in the order of time, each against the first.
struct TimedTouches {
    std::string when;  // "start", "middle", "end": used in the reasons
    std::vector<NamedPoint<Head>> landmarks;
};

struct SlipHistory {
    std::vector<Recheck> checks;  // one a set of touches after the first
    bool slipped = false;
    std::string after, before;  // the slip lies between these two
    std::vector<std::string> reasons;
};

// The first interval at whose end the reference has moved against the start; what lay before it still holds. Throws as
// check_registration does, and InputError for fewer than two sets.
SlipHistory find_slip(const Transform<Scan, Head>& scan_from_head, const std::vector<TimedTouches>& touches,
                      const Point<Scan>& target, const RecheckOptions& options = {});

// A new pose of the head from a few landmarks (three or more), and scalp points if there are any: each landmark is
// taken to lie in the scan where the registration before put it. Its error adds to that of the registration before.
struct QuickRegistration {
    Transform<Scan, Head> scan_from_head;
    PoseCovariance<Scan> covariance;  // with that of the registration before, when it is given
    TargetError target;
    double rms_mm = 0.0;  // of the landmarks
    Verdict verdict = Verdict::poor;
    std::vector<std::string> reasons;
};

QuickRegistration register_quickly(const Transform<Scan, Head>& scan_from_head_then,
                                   const PoseCovariance<Scan>& covariance_then,
                                   const std::vector<NamedPoint<Head>>& then, const std::vector<NamedPoint<Head>>& now,
                                   const std::vector<Point<Head>>& scalp_points, const SurfaceIndex& scalp,
                                   const Point<Scan>& target, const RecheckOptions& options = {});

}  // namespace precentral
