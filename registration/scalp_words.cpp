// SPDX-License-Identifier: Apache-2.0
#include "registration/scalp_words.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace precentral {
namespace {

constexpr double kUpperHead_mm = 130.0;
constexpr double kMidline_mm = 15.0;

}  // namespace

Point<Scan> upper_head_centre(const Surface& scalp) {
    double top = -std::numeric_limits<double>::infinity();
    for (const Point<Scan>& v : scalp.vertices) top = std::max(top, v.xyz.z());
    Eigen::Vector3d low = Eigen::Vector3d::Constant(std::numeric_limits<double>::infinity());
    Eigen::Vector3d high = -low;
    for (const Point<Scan>& v : scalp.vertices) {
        if (v.xyz.z() < top - kUpperHead_mm) continue;
        low = low.cwiseMin(v.xyz);
        high = high.cwiseMax(v.xyz);
    }
    return {0.5 * (low + high)};
}

std::string place_in_words(const Point<Scan>& p, const Point<Scan>& head_centre) {
    const Eigen::Vector3d d = p.xyz - head_centre.xyz;
    const Eigen::Vector3d u = d.normalized();
    const char* side = d.x() < 0.0 ? "left" : "right";
    std::string out;
    if (u.z() > 0.75) {
        out = "top of the head";
        if (std::abs(u.y()) > 0.35) out += u.y() > 0.0 ? ", towards the forehead" : ", towards the back";
    } else if (u.y() > 0.65) {
        out = u.z() > 0.15 ? "forehead" : "face";
    } else if (u.y() < -0.65) {
        out = "back of the head";
    } else {
        out = "side of the head";
        if (std::abs(u.y()) > 0.3) out += u.y() > 0.0 ? ", in front of the ear" : ", behind the ear";
    }
    if (std::abs(d.x()) > kMidline_mm) out += std::string(", ") + side + " side";
    return out;
}

}  // namespace precentral
