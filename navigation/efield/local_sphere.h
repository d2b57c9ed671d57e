// SPDX-License-Identifier: Apache-2.0
// The sphere that stands for the head under the coil.
//
// A centre wrong by 5 mm changes the field by under 5 %, so the fit follows the coil in steps.
#pragma once

#include <optional>
#include <vector>

#include "data/frames.h"
#include "imaging/surface.h"

namespace precentral {

struct FittedSphere {
    Point<Scan> centre;
    double radius_mm = 0.0;
    double rms_mm = 0.0;  // of the points' distances from it, outliers weighted down
};

// Algebraic least squares, then robust (Huber, 3 mm) Gauss–Newton steps on the distances. Throws InputError for fewer
// than four points, points in one plane, or points that no sphere of 30–200 mm radius describes.
FittedSphere fit_sphere(const std::vector<Point<Scan>>& points);

// To the part of a surface (scalp or inner skull) within `reach_mm` of a place; nearest 60 mm at least are used where
// the surface is farther away. Throws InputError when there is no such part.
FittedSphere fit_local_sphere(const Surface& surface, const Point<Scan>& near_to, double reach_mm = 70.0);

// Fits anew when the coil has moved by more than 5 mm since the last fit, so that small motions leave the sphere in
// peace. One thread at a time.
class SphereFollowingCoil {
public:
    explicit SphereFollowingCoil(Surface surface, double reach_mm = 70.0);
    // True when the sphere is another one than before. Throws as fit_local_sphere; the old sphere then stays.
    bool follow(const Point<Scan>& coil_centre);
    const FittedSphere& sphere() const;  // throws Error before the first follow()

private:
    Surface surface_;
    double reach_mm_;
    std::optional<FittedSphere> sphere_;
    Point<Scan> fitted_at_;
};

}  // namespace precentral
