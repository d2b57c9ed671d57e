// SPDX-License-Identifier: Apache-2.0
// A stimulation coil as the field sees it: magnetic dipoles in the coil's own axes.
//
// Positions are Coil mm (origin at the centre of the bottom face, +z into the head, +y away from the handle); windings
// lie at z < 0, behind the casing. Moments are A·m² for a coil current of 1 A. Sign: a rising current (dI/dt > 0) in a
// coil made here induces an electric field along +y under the centre of a figure-of-eight. A coil wired or driven the
// other way round is `reversed()`; nothing else changes a sign.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "data/frames.h"

namespace precentral {

struct MagneticDipole {
    Point<Coil> position;    // mm
    Eigen::Vector3d moment;  // A·m² for 1 A
};

struct CoilModel {
    std::string name;
    std::string source;                           // where the numbers come from
    std::string version;                          // changes when the dipoles do: the start of their SHA-256
    std::optional<double> highest_didt_a_per_us;  // at 100 % of the stimulator's output, when known
    std::vector<MagneticDipole> dipoles;
};

// The coil driven with the opposite current.
CoilModel reversed(const CoilModel& coil);

// dI/dt in A/µs at that percentage of the maximum stimulator output. Throws InputError when the coil's maximum is not
// known, or the percentage is not within 0–100.
double didt_a_per_us(const CoilModel& coil, double percent_mso);

// The first 16 digits of the SHA-256 over positions and moments.
std::string version_of(const std::vector<MagneticDipole>& dipoles);

}  // namespace precentral
