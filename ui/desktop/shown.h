// SPDX-License-Identifier: Apache-2.0
// What the screen may say about a SessionView at this instant: what is live, what is not and why.
#pragma once

#include <QString>

#include "imaging/head_model.h"
#include "navigation/session_view.h"

namespace precentral {

// A pose older than this is not shown as live, anywhere.
inline constexpr double kOldestPose_s = 0.150;

enum class Missing {
    none,
    link,    // not connected, or the connection broke
    frames,  // connected, but nothing arrives
    head,    // the camera does not see it
    coil,
    stylus,
    guidance,      // all are seen, and yet no guidance came
    registration,  // not made yet: nothing is lost
    target,
};

// What the present step needs of the tracker, and what of it is missing.
struct Tracking {
    Missing missing = Missing::none;
    bool fresh = false;    // the newest frame is at most kOldestPose_s old
    double seconds = 0.0;  // since it is missing
    QString title;         // "Coil hidden"
    QString happened;
    QString todo;
    bool lost() const {
        return missing != Missing::none && missing != Missing::registration && missing != Missing::target;
    }
};

struct Shown {
    const SessionView& view;
    SteadyTime now{};
    Tracking tracking;
    const GuidanceView* guidance = nullptr;  // live only
    bool turned = false;                     // the technician stands on the other side
    const HeadModel* head = nullptr;         // none before the image is prepared
};

Tracking tracking_of(const SessionView& view, SteadyTime now);
Shown shown_of(const SessionView& view, SteadyTime now, bool turned, const HeadModel* head);

// "0.6", "12", "far" from 100, "−0.4": one decimal below 10.
QString guidance_number(double value);
// "1:26"; "–" when negative or not finite.
QString clock_text(double seconds);
// "just now", "12 min ago".
QString age_text(double seconds);
Grade grade_of_field(double percent);
// Fine on, touch again near, else off.
Grade grade_of_check(RecheckVerdict verdict);
// "good" on, "fair" near, else off.
Grade grade_of_verdict(const std::string& verdict);

}  // namespace precentral
