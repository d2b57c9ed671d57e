// SPDX-License-Identifier: Apache-2.0
// What registering and checking share: the sweep over the scalp, the records of a fit, the hand point of a side by
// name.
#pragma once

#include <functional>
#include <vector>

#include "navigation/session/live_session.h"
#include "registration/register_head.h"

namespace precentral {

inline const char* hand_name(Side side) { return side == Side::left ? "hand, left M1" : "hand, right M1"; }

// Glides over scalp and face until `points` holds as many as wanted, a step apart. `interrupted` is asked at every
// frame; once it says so, what there is has to do.
void sweep_scalp(LiveSession& session, int wanted, std::vector<Point<Head>>& points,
                 const Transform<Scan, Head>& scan_from_head, const std::function<bool()>& interrupted = nullptr);

// How a fit of fiducials and swept points is made in a session.
RegistrationResult fit_swept(const LiveSession& session, const std::vector<NamedPoint<Head>>& fiducials,
                             const std::vector<Point<Head>>& points, const Point<Scan>& target);
RegistrationRecord record_of(const RegistrationResult& fit, RecordId session);

// Keeps what the registration was made from, for later checks. Throws as Store::add.
void keep_touches(LiveSession& session, const RegistrationRecord& registration,
                  const std::vector<NamedPoint<Head>>& fiducials);

}  // namespace precentral
