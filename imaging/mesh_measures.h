// SPDX-License-Identifier: Apache-2.0
// What can be counted and measured on a triangle mesh: its normals, whether it is closed, what it encloses.
#pragma once

#include <string>

#include "imaging/surface.h"

namespace precentral {

struct MeshMeasures {
    int open_edges = 0;          // used by one triangle
    int non_manifold_edges = 0;  // used by more than two triangles, or twice in the same direction
    int shells = 0;              // parts that share no vertex
    double volume_ml = 0.0;      // signed: positive when a closed surface has its normals outward
    double area_cm2 = 0.0;
    bool watertight() const { return open_edges == 0 && non_manifold_edges == 0; }
};

MeshMeasures measured(const Surface& surface);

// Unit normal of each vertex: mean of its triangles' normals weighted by the angle at the vertex (Thürmer and Wüthrich
// 1998, doi 10.1080/10867651.1998.10487487). A vertex without area gets +z, so that no normal is ever zero.
std::vector<Direction<Scan>> vertex_normals(const std::vector<Point<Scan>>& vertices,
                                            const std::vector<std::array<int, 3>>& triangles);

// Throws InputError naming `source` when the surface is empty, refers to vertices it does not have, or has a
// coordinate that is not a number.
void require_usable(const Surface& surface, const std::string& source);

}  // namespace precentral
