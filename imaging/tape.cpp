// SPDX-License-Identifier: Apache-2.0
#include "imaging/tape.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <unordered_map>

#include "data/error.h"

namespace precentral {
namespace {

using Eigen::Vector2d;
using Eigen::Vector3d;

constexpr double kReachMm = 10.0;
constexpr double kSamePlaceMm = 1e-6;
constexpr double kOneLine = 0.02;  // sine of the angle under which three points count as one line

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// One connected part of a plane's cut through a surface.
struct Curve {
    std::vector<Vector3d> points;
    bool closed = false;
    std::size_t pieces() const { return closed ? points.size() : points.size() - 1; }
    const Vector3d& end_of(std::size_t piece) const { return points[(piece + 1) % points.size()]; }
};

// A vertex counts as above the plane when it lies on it, so each triangle has none or two cut edges.
std::vector<Curve> cut(const Surface& surface, const Vector3d& origin, const Vector3d& normal) {
    std::vector<double> height(surface.vertices.size());
    for (std::size_t i = 0; i < height.size(); ++i) height[i] = normal.dot(surface.vertices[i].xyz - origin);
    struct Crossing {
        Vector3d point;
        std::array<int, 2> next{-1, -1};
    };
    std::vector<Crossing> crossings;
    std::unordered_map<std::uint64_t, int> of_edge;
    const auto crossing_of = [&](int a, int b) {
        const auto [low, high] = std::minmax(a, b);
        const auto key = (static_cast<std::uint64_t>(low) << 32) | static_cast<std::uint64_t>(high);
        const auto [found, added] = of_edge.try_emplace(key, static_cast<int>(crossings.size()));
        if (added) {
            const double share = height[at(low)] / (height[at(low)] - height[at(high)]);
            const Vector3d& start = surface.vertices[at(low)].xyz;
            crossings.push_back({start + share * (surface.vertices[at(high)].xyz - start)});
        }
        return found->second;
    };
    const auto join = [&](int a, int b) {
        for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}}) {
            auto& next = crossings[at(from)].next;
            (next[0] < 0 ? next[0] : next[1]) = to;  // an edge of more than two triangles keeps its last
        }
    };
    for (const auto& t : surface.triangles) {
        std::array<int, 2> ends{-1, -1};
        std::size_t found = 0;
        for (std::size_t c = 0; c < 3 && found < 2; ++c) {
            const int a = t[c];
            const int b = t[(c + 1) % 3];
            if ((height[at(a)] >= 0.0) != (height[at(b)] >= 0.0)) ends[found++] = crossing_of(a, b);
        }
        if (found == 2) join(ends[0], ends[1]);
    }
    std::vector<Curve> out;
    std::vector<char> used(crossings.size(), 0);
    const auto walk = [&](int start, bool closed) {
        Curve curve;
        curve.closed = closed;
        for (int here = start, next = start; next >= 0; here = next) {
            used[at(here)] = 1;
            curve.points.push_back(crossings[at(here)].point);
            const auto& both = crossings[at(here)].next;
            next = both[0] >= 0 && used[at(both[0])] == 0   ? both[0]
                   : both[1] >= 0 && used[at(both[1])] == 0 ? both[1]
                                                            : -1;
        }
        if (curve.points.size() > 1) out.push_back(std::move(curve));
    };
    // Ends of open curves first, so that none is entered in its middle.
    for (std::size_t i = 0; i < crossings.size(); ++i) {
        if (used[i] == 0 && crossings[i].next[1] < 0) walk(static_cast<int>(i), false);
    }
    for (std::size_t i = 0; i < crossings.size(); ++i) {
        if (used[i] == 0) walk(static_cast<int>(i), true);
    }
    return out;
}

struct OnCurve {
    std::size_t piece = 0;
    double share = 0.0;  // of the piece
    Vector3d point = Vector3d::Zero();
    double distance_mm = std::numeric_limits<double>::infinity();
};

OnCurve closest_on(const Curve& curve, const Vector3d& p) {
    OnCurve best;
    for (std::size_t i = 0; i < curve.pieces(); ++i) {
        const Vector3d along = curve.end_of(i) - curve.points[i];
        const double squared = along.squaredNorm();
        const double share = squared > 0.0 ? std::clamp(along.dot(p - curve.points[i]) / squared, 0.0, 1.0) : 0.0;
        const Vector3d point = curve.points[i] + share * along;
        const double distance = (p - point).norm();
        if (distance < best.distance_mm) best = {i, share, point, distance};
    }
    return best;
}

bool before(const OnCurve& a, const OnCurve& b) {
    return a.piece < b.piece || (a.piece == b.piece && a.share < b.share);
}

// The points of the curve from `a` forward to `b`, both included; on a closed curve past its first point when need be.
std::vector<Vector3d> forward(const Curve& curve, const OnCurve& a, const OnCurve& b) {
    std::vector<Vector3d> out{a.point};
    if (!before(a, b) || a.piece != b.piece) {
        for (std::size_t i = a.piece;;) {
            i = (i + 1) % curve.points.size();
            out.push_back(curve.points[i]);
            if (i == b.piece) break;
        }
    }
    out.push_back(b.point);
    return out;
}

// From a over v to b.
std::vector<Vector3d> path(const Curve& curve, const OnCurve& a, const OnCurve& v, const OnCurve& b) {
    const bool forth = before(a, b) ? before(a, v) && before(v, b) : before(a, v) || before(v, b);
    if (forth && (curve.closed || before(a, b))) return forward(curve, a, b);
    if (!curve.closed && before(a, b)) return {};
    auto out = forward(curve, b, a);
    std::reverse(out.begin(), out.end());
    return out;
}

// The path pulled taut on the side of `outward`: a point that lies in a hollow between two others is left out.
std::vector<Vector3d> taut(const std::vector<Vector3d>& path, const Vector3d& normal, const Vector3d& outward) {
    const Vector3d forth = (path.back() - path.front()).normalized();
    const Vector3d up = normal.cross(forth).dot(outward) > 0.0 ? Vector3d(normal.cross(forth)) : forth.cross(normal);
    const auto flat = [&](const Vector3d& p) { return Vector2d(forth.dot(p), up.dot(p)); };
    std::vector<Vector3d> out;
    for (const Vector3d& p : path) {
        // Where the plane passes through a vertex, several edges give the same point; it has no direction to bend.
        if (!out.empty() && (p - out.back()).norm() < kSamePlaceMm) continue;
        while (out.size() >= 2) {
            const Vector2d last = flat(out.back()) - flat(out[out.size() - 2]);
            const Vector2d next = flat(p) - flat(out.back());
            if (last.x() * next.y() - last.y() * next.x() <= 0.0) break;  // bends with the head
            out.pop_back();
        }
        out.push_back(p);
    }
    return out;
}

}  // namespace

Point<Scan> Tape::at(double share) const {
    const double wanted = std::clamp(share, 0.0, 1.0) * length_mm();
    const auto after = std::upper_bound(along_mm.begin(), along_mm.end(), wanted);
    if (after == along_mm.begin()) return points.front();
    if (after == along_mm.end()) return points.back();
    const auto i = static_cast<std::size_t>(after - along_mm.begin());
    const double part = (wanted - along_mm[i - 1]) / (along_mm[i] - along_mm[i - 1]);
    return points[i - 1] + part * (points[i] - points[i - 1]);
}

Tape lay_tape(const Surface& surface, const Point<Scan>& from, const Point<Scan>& over, const Point<Scan>& to,
              const std::string& what) {
    const Vector3d chord = to.xyz - from.xyz;
    const Vector3d rise = over.xyz - from.xyz;
    const Vector3d across = rise.cross(chord);
    if (!(across.norm() > kOneLine * chord.norm() * rise.norm())) {
        throw InputError(what + ": its three points are on one line or on one place.");
    }
    const Vector3d normal = across.normalized();
    const auto curves = cut(surface, from.xyz, normal);
    const Curve* best = nullptr;
    OnCurve v;
    for (const Curve& curve : curves) {
        const OnCurve place = closest_on(curve, over.xyz);
        if (place.distance_mm < v.distance_mm) {
            v = place;
            best = &curve;
        }
    }
    if (best == nullptr || v.distance_mm > kReachMm) throw InputError(what + ": its points are not on the scalp.");
    const OnCurve a = closest_on(*best, from.xyz);
    const OnCurve b = closest_on(*best, to.xyz);
    if (a.distance_mm > kReachMm || b.distance_mm > kReachMm) {
        throw InputError(what + ": its points are not on one connected part of the scalp.");
    }
    const auto rough = path(*best, a, v, b);
    if (rough.size() < 2) throw InputError(what + ": the scalp has a hole in the way.");
    const Vector3d outward = over.xyz - 0.5 * (from.xyz + to.xyz);
    Tape out;
    for (const Vector3d& p : taut(rough, normal, outward)) {
        const double step = out.points.empty() ? 0.0 : (p - out.points.back().xyz).norm();
        out.along_mm.push_back(out.along_mm.empty() ? 0.0 : out.along_mm.back() + step);
        out.points.push_back({p});
    }
    if (out.points.size() < 2) throw InputError(what + ": its ends are the same place.");
    return out;
}

}  // namespace precentral
