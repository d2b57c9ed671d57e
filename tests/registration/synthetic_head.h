// SPDX-License-Identifier: Apache-2.0
// A smooth head of known shape, and simulated alignments of it whose truth is known.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "imaging/surface.h"
#include "registration/point_fit.h"

namespace precentral::testing {

// An ellipsoid (x right, y front, z up, mm) with nose, nose bridge, brows, chin, ears and occiput. Every subdivision
// quadruples the triangles of an icosahedron: 5 gives 20 480, 6 gives 81 920.
Surface synthetic_head(int subdivisions);

// Where the ray from the head's centre along `direction` leaves it.
Point<Scan> on_synthetic_head(const Eigen::Vector3d& direction);

// Hand area of the left M1 of that head.
Point<Scan> hand_area();

// nasion, left ear, right ear.
std::vector<NamedPoint<Scan>> true_fiducials();

// synthetic_head(5), made and indexed once.
const SurfaceIndex& head();

Eigen::Isometry3d random_pose(std::mt19937& random, double max_angle_deg, double max_shift_mm);
Eigen::Vector3d random_normal3(std::mt19937& random, double sigma);

struct TrialOptions {
    int scalp_points = 200;
    bool face = true;              // a quarter of the points on nose, nose bridge and brows
    double noise_mm = 1.2;         // of a scalp point, a axis
    double lift_off_share = 0.05;  // of the points, 3-10 mm outside
    double touch_error_mm = 3.0;   // rms length
    double pick_error_mm = 2.0;    // rms length
};

struct Trial {
    Transform<Scan, Head> scan_from_head;  // the truth
    std::vector<NamedPoint<Head>> fiducials_in_head;
    std::vector<NamedPoint<Scan>> fiducials_in_scan;
    std::vector<Point<Head>> scalp_points;
};

Trial make_trial(const Surface& head, unsigned seed, const TrialOptions& options = {});

}  // namespace precentral::testing
