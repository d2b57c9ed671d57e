// SPDX-License-Identifier: Apache-2.0
// A triangle surface in the patient's scan, and where points lie relative to it.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "data/frames.h"

namespace precentral {

struct Surface {
    std::vector<Point<Scan>> vertices;          // mm
    std::vector<std::array<int, 3>> triangles;  // counter-clockwise seen from outside
    std::vector<Direction<Scan>> normals;       // one a vertex, unit, outward
    bool empty() const { return triangles.empty(); }
};

struct SurfacePoint {
    Point<Scan> point;         // on the surface
    Direction<Scan> normal;    // unit, outward, of the triangle hit (interpolated from its vertices)
    double distance_mm = 0.0;  // signed for closest(): positive outside; along the ray for first_hit()
    int triangle = -1;
};

// Answers questions about one surface. Built once (~0.1 s for 150 000 triangles); const calls may come from any thread.
class SurfaceIndex {
public:
    explicit SurfaceIndex(Surface surface);
    ~SurfaceIndex();
    SurfaceIndex(SurfaceIndex&&) noexcept;
    SurfaceIndex& operator=(SurfaceIndex&&) noexcept;

    const Surface& surface() const;
    SurfacePoint closest(const Point<Scan>& p) const;
    // First crossing of the ray from `origin` along `direction` (unit) within `length_mm`.
    std::optional<SurfacePoint> first_hit(const Point<Scan>& origin, const Direction<Scan>& direction,
                                          double length_mm) const;
    // Mean outward normal of the surface within `radius_mm` of p, weighted by area: what a coil of that size rests on.
    Direction<Scan> patch_normal(const Point<Scan>& p, double radius_mm) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace precentral
