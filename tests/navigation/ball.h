// SPDX-License-Identifier: Apache-2.0
// A ball as the simplest head: what every angle and distance on it must be is known.
#pragma once

#include <cmath>
#include <numbers>

#include "imaging/surface.h"

namespace precentral {

inline Surface ball(double radius_mm, int rings = 120) {
    Surface surface;
    const int segments = 2 * rings;
    for (int ring = 0; ring <= rings; ++ring) {
        const double polar = std::numbers::pi * ring / rings;
        for (int segment = 0; segment < segments; ++segment) {
            const double around = 2.0 * std::numbers::pi * segment / segments;
            const Eigen::Vector3d n(std::sin(polar) * std::cos(around), std::sin(polar) * std::sin(around),
                                    std::cos(polar));
            surface.vertices.push_back({radius_mm * n});
            surface.normals.push_back({n});
        }
    }
    for (int ring = 0; ring < rings; ++ring) {
        for (int segment = 0; segment < segments; ++segment) {
            const int a = ring * segments + segment;
            const int b = ring * segments + (segment + 1) % segments;
            if (ring > 0) surface.triangles.push_back({a, a + segments, b});
            if (ring < rings - 1) surface.triangles.push_back({b, a + segments, b + segments});
        }
    }
    return surface;
}

}  // namespace precentral
