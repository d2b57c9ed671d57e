// SPDX-License-Identifier: Apache-2.0
// Coils of our own, from the turns they are wound of.
//
// A turn of radius a carrying 1 A is a disc of vertical dipoles of density 1 A; a wing of turns r_1 … r_n is a disc of
// density n(ρ) = number of turns with r > ρ. A field that is smooth over the disc sees only the moments of that
// density, so a few rings of dipoles, placed by Gauss quadrature in ρ² under n(ρ) ρ dρ, stand for the whole wing.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "data/frames.h"
#include "navigation/efield/coil.h"

namespace precentral {

// Turns about one axis in one plane.
struct Wing {
    Point<Coil> centre;            // mm
    Direction<Coil> axis;          // unit; the dipole direction of a positive current (right-hand rule)
    std::vector<double> radii_mm;  // one a turn
};

struct Winding {
    std::string name;
    std::string source;
    std::optional<double> highest_didt_a_per_us;
    std::vector<Wing> wings;
};

// Magstim 70 mm figure-of-eight: 9 turns a wing at radii 28, 30 … 44 mm, wing centres ±45 mm, 6.5 mm behind the face,
// as the published dipole model counts them (Thielscher and Kammer 2004, doi 10.1016/j.clinph.2004.02.019: the copper
// spans 26–44 mm, each turn taken at its outer edge); 114.7 A/µs on a Magstim Rapid (Drakaki et al. 2022, doi
// 10.1016/j.brs.2022.04.017).
Winding figure_of_eight_70();
// Figure-of-eight of other size: evenly spaced turns between the two radii. Throws InputError for impossible sizes.
Winding figure_of_eight(double inner_radius_mm, double outer_radius_mm, int turns, double half_distance_mm,
                        double casing_mm);
// Round coil of the common 90 mm size (turn diameters 66–123 mm, 14 turns; nominal values, not measured).
Winding circular_90();
// Double cone of the common 110 mm size (turn diameters 96–125 mm, 9 turns a wing, 100° between the wings; nominal).
Winding double_cone_110();

// Every turn on its own, converged to about 1e-9 of the field 15 mm below the scalp: the reference.
CoilModel full_coil(const Winding& winding);

// One ring a number, that many dipoles on it, from the inside outwards. Throws InputError for fewer than one ring or
// three dipoles on a ring.
CoilModel reduced_coil(const Winding& winding, const std::vector<int>& dipoles_on_ring);

// Relative error (root of summed squares) of `coil` against `reference` over a cap of 60° half-angle, 15 mm below a
// scalp of 85 mm radius on which the casing rests.
double cap_error(const CoilModel& coil, const CoilModel& reference, double wing_tilt_deg = 0.0);

// The smallest reduced coil within that error against full_coil. Throws Error when none of the sets tried reaches it.
CoilModel coil_within(const Winding& winding, double largest_error = 0.001);

// By name: "figure8-70", "circular-90", "double-cone-110"; throws InputError listing them.
Winding winding_named(const std::string& name);
std::vector<std::string> winding_names();

// Vector potential of the turns themselves for 1 A at a point, V·s/m, from complete elliptic integrals (Smythe, Static
// and Dynamic Electricity, 1950, §7.10). Not valid on a turn.
Eigen::Vector3d vector_potential(const Winding& winding, const Point<Coil>& at);
// The same of a straight piece of wire from a to b.
Eigen::Vector3d vector_potential_of_segment(const Point<Coil>& a, const Point<Coil>& b, const Point<Coil>& at);

}  // namespace precentral
