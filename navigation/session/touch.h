// SPDX-License-Identifier: Apache-2.0
// Waiting for a stylus to come and rest.
#pragma once

#include <cmath>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "data/error.h"
#include "navigation/session/live_session.h"

namespace precentral {

// Where the tip rests, in the frame `tip_now` answers in: it has to come from at least 15 mm away (or 3 s have to
// pass) and then rest for half a second, scattering less than 1.2 mm (rms: a camera's noise grows with the distance
// between tip and marker body); the mean over that time is the point.
template <class F>
Point<F> rest_of_tip(LiveSession& session, const std::string& what,
                     const std::function<std::optional<Point<F>>()>& tip_now) {
    constexpr double kRestS = 0.5;
    constexpr double kRestMm = 1.2;
    constexpr double kComeMm = 15.0;
    constexpr double kGiveUpS = 120.0;
    const double asked_s = session.now_s();
    std::optional<Point<F>> start;
    bool came = false;
    std::deque<std::pair<double, Point<F>>> rest;
    for (;;) {
        session.next_frame();
        const double now_s = session.now_s();
        if (now_s - asked_s > kGiveUpS) throw Error("The " + what + " was not touched within two minutes.");
        const auto tip = tip_now();
        if (!tip) {
            rest.clear();
            continue;
        }
        if (!start) start = tip;
        came = came || distance_mm(*start, *tip) > kComeMm || now_s - asked_s > 3.0;
        if (!came) continue;
        rest.emplace_back(now_s, *tip);
        while (now_s - rest.front().first > kRestS) rest.pop_front();
        Eigen::Vector3d mean = Eigen::Vector3d::Zero();
        for (const auto& sample : rest) mean += sample.second.xyz;
        mean /= static_cast<double>(rest.size());
        double squares = 0.0;
        for (const auto& sample : rest) squares += (sample.second.xyz - mean).squaredNorm();
        if (std::sqrt(squares / static_cast<double>(rest.size())) > kRestMm) {
            rest.clear();
        } else if (now_s - rest.front().first >= 0.95 * kRestS) {
            return {mean};
        }
    }
}

}  // namespace precentral
