// SPDX-License-Identifier: Apache-2.0
#include "imaging/landmarks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

#include "data/error.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

// The template's own landmarks: Colin27's ASA positions as MNE-Python ships them.
const Vector3d kNasion(0.0083, 86.8110, -39.9830);
const Vector3d kLeftEar(-86.0761, -19.9897, -47.9860);
const Vector3d kRightEar(85.7939, -20.0093, -48.0310);
const Vector3d kInion(0.0045, -118.5650, -23.0780);

constexpr const char* kCarried =
    "landmark of the Colin27 template (ASA 10-20 positions of MNE-Python), carried over to this head and moved to the "
    "nearest scalp";
constexpr const char* kSaddle =
    "saddle of the skin between brow and nose, nearest to the landmark of the Colin27 template (ASA 10-20 positions of "
    "MNE-Python)";
constexpr const char* kHandSource =
    "mean motor hotspot of the hand in template space (probability map of the hand motor hotspot, 50 % contour; right "
    "side mirrored), carried over to this head. The hotspot often lies in front of the hand knob: map it";
constexpr const char* kFaceSource =
    "approximate face area of M1 in template space, carried over to this head; less certain than the hand: map it";
constexpr const char* kLegSource =
    "approximate leg area of M1 in template space, carried over to this head; less certain than the hand: map it";

constexpr double kSaddleSdMm = 3.0;
constexpr double kCarriedSdMm = 8.0;
constexpr double kEarSdMm = 10.0;
constexpr double kInionSdMm = 8.0;
constexpr double kMotorSdMm = 8.0;

// The search for the nasion's saddle.
constexpr double kSearchMm = 18.0;      // up and down from the carried place
constexpr double kProfileMm = 34.0;     // of the profile looked at, up and down
constexpr double kHollowMm = 2.0;       // a shallower one is noise
constexpr double kRidgeMm = 14.0;       // to either side, for the ridge of the nose
constexpr double kHollowReachMm = 7.0;  // of the parabola that tells the deepest place
constexpr double kRidgeReachMm = 6.0;   // … the highest place across the nose
constexpr double kFarMm = 1e3;
constexpr double kStepMm = 0.5;

// A head's own directions, from its carried landmarks.
struct Axes {
    Direction<Scan> right, front, up;
};

// The top of a parabola laid through the values within `reach` of the highest (least squares); the highest itself when
// they do not bend downwards. A single highest sample jumps with the triangles of the skin.
double top_of(const std::vector<std::array<double, 2>>& at_and_value, double highest_at, double reach) {
    Eigen::Matrix3d normal = Eigen::Matrix3d::Zero();
    Vector3d right_side = Vector3d::Zero();
    for (const auto& [at, value] : at_and_value) {
        const double x = at - highest_at;
        if (std::abs(x) > reach) continue;
        const Vector3d row(1.0, x, x * x);
        normal += row * row.transpose();
        right_side += value * row;
    }
    const Vector3d bend = normal.ldlt().solve(right_side);
    const double top = -bend[1] / (2.0 * bend[2]);
    return bend[2] < 0.0 && std::abs(top) < reach ? highest_at + top : highest_at;
}

// Looks at the skin from the front, along the head's own axis.
class Profile {
public:
    Profile(const SurfaceIndex& scalp, const Point<Scan>& origin, const Axes& axes)
        : scalp_(scalp), origin_(origin), axes_(axes) {}

    std::optional<double> front_mm(double right_mm, double up_mm) const {
        constexpr double kBackMm = 60.0;
        const Point<Scan> start = origin_ + right_mm * axes_.right + up_mm * axes_.up + kBackMm * axes_.front;
        const auto hit = scalp_.first_hit(start, -axes_.front, 2.0 * kBackMm);
        if (!hit) return std::nullopt;
        return kBackMm - hit->distance_mm;
    }
    Point<Scan> place(double right_mm, double up_mm, double front_mm) const {
        return origin_ + right_mm * axes_.right + up_mm * axes_.up + front_mm * axes_.front;
    }

    // The height of the deepest hollow below a thread from brow to nose, within the search range.
    std::optional<double> hollow(double right_mm) const {
        constexpr int kSteps = static_cast<int>(kProfileMm / kStepMm);
        std::vector<std::array<double, 2>> seen;  // up, front
        for (int i = -kSteps; i <= kSteps; ++i) {
            if (const auto front = front_mm(right_mm, i * kStepMm)) seen.push_back({i * kStepMm, *front});
        }
        std::vector<std::array<double, 2>> thread;  // the upper hull of what was seen
        for (const auto& p : seen) {
            while (thread.size() >= 2) {
                const auto& a = thread[thread.size() - 2];
                const auto& b = thread.back();
                if ((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) < 0.0) break;
                thread.pop_back();
            }
            thread.push_back(p);
        }
        double deepest = kHollowMm;
        std::optional<double> where;
        std::size_t piece = 0;
        std::vector<std::array<double, 2>> depths;  // up, depth
        for (const auto& p : seen) {
            while (piece + 2 < thread.size() && thread[piece + 1][0] < p[0]) ++piece;
            if (piece + 1 >= thread.size() || std::abs(p[0]) > kSearchMm) continue;
            const auto& a = thread[piece];
            const auto& b = thread[piece + 1];
            const double depth = a[1] + (b[1] - a[1]) * (p[0] - a[0]) / (b[0] - a[0]) - p[1];
            depths.push_back({p[0], depth});
            if (depth <= deepest) continue;
            deepest = depth;
            where = p[0];
        }
        return where ? std::optional(top_of(depths, *where, kHollowReachMm)) : std::nullopt;
    }

    // Where the bridge of the nose is highest, at that height; it must fall away to both sides.
    std::optional<double> ridge(double up_mm) const {
        constexpr int kSteps = static_cast<int>(kRidgeMm / kStepMm);
        constexpr int kWidth = 3;  // the skin is smoothed over this many steps to either side
        std::array<double, 2 * kSteps + 1> front{};
        for (int i = -kSteps; i <= kSteps; ++i) {
            front[static_cast<std::size_t>(i + kSteps)] = front_mm(i * kStepMm, up_mm).value_or(-kRidgeMm);
        }
        double highest = -kFarMm;
        int top = 0;
        std::array<double, 2> lowest{kFarMm, kFarMm};  // on the left, on the right of the top
        for (int i = -kSteps + kWidth; i <= kSteps - kWidth; ++i) {
            double mean = 0.0;
            for (int w = -kWidth; w <= kWidth; ++w) mean += front[static_cast<std::size_t>(i + w + kSteps)];
            mean /= 2 * kWidth + 1;
            if (mean > highest) {
                highest = mean;
                top = i;
                lowest[0] = std::min(lowest[0], lowest[1]);
                lowest[1] = kFarMm;
            }
            lowest[1] = std::min(lowest[1], mean);
        }
        if (highest - std::max(lowest[0], lowest[1]) < kHollowMm) return std::nullopt;
        std::vector<std::array<double, 2>> fronts;
        for (int i = -kSteps; i <= kSteps; ++i)
            fronts.push_back({i * kStepMm, front[static_cast<std::size_t>(i + kSteps)]});
        return top_of(fronts, top * kStepMm, kRidgeReachMm);
    }

private:
    const SurfaceIndex& scalp_;
    Point<Scan> origin_;
    Axes axes_;
};

std::optional<Point<Scan>> saddle_near(const SurfaceIndex& scalp, const Point<Scan>& nasion, const Axes& axes) {
    const Profile profile(scalp, nasion, axes);
    double right_mm = 0.0;
    double up_mm = 0.0;
    for (int round = 0; round < 3; ++round) {
        const auto hollow = profile.hollow(right_mm);
        if (!hollow) return std::nullopt;
        up_mm = *hollow;
        const auto ridge = profile.ridge(up_mm);
        if (!ridge) return std::nullopt;
        right_mm = *ridge;
    }
    const auto front = profile.front_mm(right_mm, up_mm);
    if (!front) return std::nullopt;
    return profile.place(right_mm, up_mm, *front);
}

// Where the hull is met on the way outwards (or, from outside, inwards) along the ray from the brain's middle through
// the place, as template space sees it. The leg lies a centimetre under the hull: there the nearest point of the hull
// would wander with every small dent.
Point<Scan> outward_to(const SurfaceIndex& hull, const ScanFromMni& scan_from_mni, const Point<Mni>& mni) {
    constexpr double kAheadMm = 10.0;
    constexpr double kReachMm = 30.0;
    const Vector3d middle(0.0, -20.0, 15.0);
    const Point<Scan> place = scan_from_mni(mni);
    const Vector3d further = mni.xyz + kAheadMm * (mni.xyz - middle).normalized();
    const Direction<Scan> outward{(scan_from_mni({further}) - place).xyz.normalized()};
    if (const auto hit = hull.first_hit(place, outward, kReachMm)) return hit->point;
    if (const auto hit = hull.first_hit(place, -outward, kReachMm)) return hit->point;
    return hull.closest(place).point;
}

}  // namespace

std::vector<Landmark> propose_fiducials(const ScanFromMni& scan_from_mni, const SurfaceIndex& scalp) {
    const auto carried = [&](const Vector3d& mni) { return scalp.closest(scan_from_mni({mni})).point; };
    const Point<Scan> nasion = carried(kNasion);
    const Point<Scan> left = carried(kLeftEar);
    const Point<Scan> right = carried(kRightEar);
    Axes axes;
    axes.right = (right - left).normalized();
    const Direction<Scan> ahead = nasion - Point<Scan>{0.5 * (left.xyz + right.xyz)};
    axes.front = (ahead - ahead.dot(axes.right) * axes.right).normalized();
    axes.up = axes.right.cross(axes.front);
    std::vector<Landmark> out;
    if (const auto saddle = saddle_near(scalp, nasion, axes)) {
        out.push_back({"nasion", *saddle, kSaddle, kSaddleSdMm});
    } else {
        out.push_back({"nasion", nasion, kCarried, kCarriedSdMm});
    }
    out.push_back({"left preauricular", left, kCarried, kEarSdMm});
    out.push_back({"right preauricular", right, kCarried, kEarSdMm});
    return out;
}

Landmark propose_inion(const ScanFromMni& scan_from_mni, const SurfaceIndex& scalp) {
    return {"inion", scalp.closest(scan_from_mni({kInion})).point, kCarried, kInionSdMm};
}

std::vector<Landmark> propose_motor(const ScanFromMni& scan_from_mni, const SurfaceIndex& hull) {
    struct Place {
        const char* name;
        Vector3d left_mni;
        const char* source;
    };
    const std::array<Place, 3> places = {{
        {"hand", {-38.6, -15.4, 62.0}, kHandSource},
        {"face", {-56.0, -7.0, 34.0}, kFaceSource},
        {"leg", {-8.0, -32.0, 69.0}, kLegSource},
    }};
    std::vector<Landmark> out;
    for (const Place& place : places) {
        for (const double side : {1.0, -1.0}) {
            const Point<Mni> mni{{side * place.left_mni[0], place.left_mni[1], place.left_mni[2]}};
            const Point<Scan> place_on_hull = outward_to(hull, scan_from_mni, mni);
            out.push_back({std::string(place.name) + (side > 0.0 ? ", left M1" : ", right M1"), place_on_hull,
                           place.source, kMotorSdMm});
        }
    }
    return out;
}

const Landmark& landmark_named(const std::vector<Landmark>& landmarks, const std::string& name) {
    for (const auto& landmark : landmarks) {
        if (landmark.name == name) return landmark;
    }
    throw InputError("This head has no landmark called \"" + name + "\".");
}

}  // namespace precentral
