// SPDX-License-Identifier: Apache-2.0
// A tape measure laid over the head, as an EEG technician lays it.
#pragma once

#include <string>
#include <vector>

#include "imaging/surface.h"

namespace precentral {

// The tape from its first point to its last. Points lie on the surface or, where the tape bridges a hollow, above it.
struct Tape {
    std::vector<Point<Scan>> points;
    std::vector<double> along_mm;  // from the first point, one a point, ascending
    double length_mm() const { return along_mm.back(); }
    Point<Scan> at(double share) const;  // share in [0, 1] of the length
};

// The tape from `from` over `over` to `to`, kept in the plane of the three: where that plane cuts the surface, pulled
// taut, so that it bridges hollows (the root of the nose, the fold before the ear) and does not follow every voxel.
//
// A plane's cut and not the shortest path over the surface: between points that lie on opposite sides of a nearly round
// head many paths are almost equally short, so the shortest one may leave the midline for a bump in the skin, while the
// plane of three landmarks is what the international measurement means by its sagittal, coronal and horizontal lines
// (Jurcak, Tsuzuki and Dan 2007, doi 10.1016/j.neuroimage.2006.09.024, lay their reference curves the same way).
//
// Each of the three must lie within 10 mm of the same part of the cut. Throws InputError beginning with `what` when
// they do not, or when they are on one line.
Tape lay_tape(const Surface& surface, const Point<Scan>& from, const Point<Scan>& over, const Point<Scan>& to,
              const std::string& what);

}  // namespace precentral
