// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/windings.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>

#include "data/error.h"
#include "navigation/efield/sphere_field.h"

namespace precentral {
namespace {

using Eigen::Vector3d;
constexpr double kPi = std::numbers::pi;

struct Rule {
    std::vector<double> nodes;
    std::vector<double> weights;
};

// Gauss rule with `count` nodes for the measure given by (node, weight) pairs, by Lanczos on the pairs (Gragg and
// Harrod 1984, doi 10.1007/BF01389565, in its plain form: the few nodes asked for keep it accurate).
Rule gauss_of(const Rule& measure, int count) {
    const auto n = static_cast<Eigen::Index>(measure.nodes.size());
    const Eigen::VectorXd x = Eigen::Map<const Eigen::VectorXd>(measure.nodes.data(), n);
    const Eigen::VectorXd w = Eigen::Map<const Eigen::VectorXd>(measure.weights.data(), n);
    const double total = w.sum();
    Eigen::VectorXd current = (w / total).cwiseSqrt();
    Eigen::VectorXd before = Eigen::VectorXd::Zero(n);
    Eigen::MatrixXd jacobi = Eigen::MatrixXd::Zero(count, count);
    double beta = 0.0;
    for (int k = 0; k < count; ++k) {
        Eigen::VectorXd next = x.cwiseProduct(current) - beta * before;
        jacobi(k, k) = next.dot(current);
        next -= jacobi(k, k) * current;
        beta = next.norm();
        if (k + 1 < count) jacobi(k, k + 1) = jacobi(k + 1, k) = beta;
        before = current;
        current = next / beta;
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(jacobi);
    Rule out;
    for (int k = 0; k < count; ++k) {
        out.nodes.push_back(solver.eigenvalues()[k]);
        out.weights.push_back(total * solver.eigenvectors()(0, k) * solver.eigenvectors()(0, k));
    }
    return out;
}

// Gauss–Legendre on [0, 1].
Rule legendre(int count) {
    Eigen::MatrixXd jacobi = Eigen::MatrixXd::Zero(count, count);
    for (int k = 1; k < count; ++k) {
        jacobi(k, k - 1) = jacobi(k - 1, k) = k / std::sqrt(4.0 * k * k - 1.0);
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(jacobi);
    Rule out;
    for (int k = 0; k < count; ++k) {
        out.nodes.push_back(0.5 * (1.0 + solver.eigenvalues()[k]));
        out.weights.push_back(solver.eigenvectors()(0, k) * solver.eigenvectors()(0, k));
    }
    return out;
}

// The measure π n(ρ) d(ρ²), mm²; its total is the wing's area summed over turns.
Rule density_of(const std::vector<double>& radii_mm) {
    const Rule unit = legendre(24);
    Rule out;
    for (const double radius : radii_mm) {
        for (std::size_t k = 0; k < unit.nodes.size(); ++k) {
            out.nodes.push_back(radius * radius * unit.nodes[k]);
            out.weights.push_back(kPi * radius * radius * unit.weights[k]);
        }
    }
    return out;
}

// Two unit directions that span the wing's plane, the first along coil x as nearly as the plane allows.
std::pair<Vector3d, Vector3d> plane_of(const Wing& wing) {
    const Vector3d n = wing.axis.xyz;
    const Vector3d first = (Vector3d::UnitX() - n.x() * n).normalized();
    const Vector3d up = n.z() < 0.0 ? Vector3d(-n) : n;
    return {first, up.cross(first)};
}

void add_ring(const Wing& wing, double radius_mm, double moment_mm2, int count, double phase,
              std::vector<MagneticDipole>& out) {
    const auto [u, v] = plane_of(wing);
    for (int i = 0; i < count; ++i) {
        const double angle = 2.0 * kPi * (i + phase) / count;
        out.push_back({{wing.centre.xyz + radius_mm * (std::cos(angle) * u + std::sin(angle) * v)},
                       1e-6 * moment_mm2 / count * wing.axis.xyz});
    }
}

std::vector<double> evenly(double inner, double outer, int turns) {
    std::vector<double> out;
    for (int i = 0; i < turns; ++i) out.push_back(turns == 1 ? outer : inner + (outer - inner) * i / (turns - 1));
    return out;
}

double tilt_deg(const Winding& winding) {
    double tilt = 0.0;
    for (const Wing& wing : winding.wings) {
        tilt = std::max(tilt, std::acos(std::min(1.0, std::abs(wing.axis.xyz.z()))) * 180.0 / kPi);
    }
    return tilt;
}

CoilModel named_after(const Winding& winding, std::vector<MagneticDipole> dipoles, const std::string& how) {
    CoilModel out{winding.name, winding.source + "; " + how, version_of(dipoles), winding.highest_didt_a_per_us, {}};
    out.dipoles = std::move(dipoles);
    return out;
}

const std::map<std::string, std::function<Winding()>>& library() {
    static const std::map<std::string, std::function<Winding()>> all{
        {"figure8-70", figure_of_eight_70}, {"circular-90", circular_90}, {"double-cone-110", double_cone_110}};
    return all;
}

}  // namespace

Winding figure_of_eight(double inner_radius_mm, double outer_radius_mm, int turns, double half_distance_mm,
                        double casing_mm) {
    const bool sizes = inner_radius_mm > 0.0 && outer_radius_mm >= inner_radius_mm && outer_radius_mm < 500.0 &&
                       half_distance_mm >= outer_radius_mm && half_distance_mm < 500.0 && casing_mm >= 0.0 &&
                       casing_mm < 100.0;
    if (!sizes || turns < 1 || turns > 100) {
        throw InputError("A figure-of-eight has radii above 0, wings that do not overlap, and 1 to 100 turns.");
    }
    Winding out;
    out.name = "figure8-" + std::to_string(static_cast<int>(std::lround(inner_radius_mm + outer_radius_mm)));
    out.source = "turns as given";
    const auto radii = evenly(inner_radius_mm, outer_radius_mm, turns);
    out.wings.push_back({{Vector3d(half_distance_mm, 0, -casing_mm)}, {Vector3d::UnitZ()}, radii});
    out.wings.push_back({{Vector3d(-half_distance_mm, 0, -casing_mm)}, {-Vector3d::UnitZ()}, radii});
    return out;
}

Winding figure_of_eight_70() {
    Winding out = figure_of_eight(28.0, 44.0, 9, 45.0, 6.5);
    out.name = "figure8-70";
    out.source = "turns of Thielscher and Kammer 2004, doi 10.1016/j.clinph.2004.02.019";
    out.highest_didt_a_per_us = 114.7;
    return out;
}

Winding circular_90() {
    Winding out;
    out.name = "circular-90";
    out.source = "nominal diameters 66-123 mm, 14 turns";
    out.wings.push_back({{Vector3d(0, 0, -6.5)}, {Vector3d::UnitZ()}, evenly(33.0, 61.5, 14)});
    return out;
}

Winding double_cone_110() {
    Winding out;
    out.name = "double-cone-110";
    out.source = "nominal diameters 96-125 mm, 9 turns a wing, 100 degrees between the wings";
    const double tilt = 40.0 * kPi / 180.0;
    const auto radii = evenly(48.0, 62.5, 9);
    for (const double side : {1.0, -1.0}) {
        const Vector3d outward(side * std::cos(tilt), 0.0, std::sin(tilt));
        const Vector3d inward(-side * std::sin(tilt), 0.0, std::cos(tilt));  // towards the head
        out.wings.push_back({{64.0 * outward - 6.5 * inward}, {side * inward}, radii});
    }
    return out;
}

CoilModel full_coil(const Winding& winding) {
    const Rule unit = legendre(10);
    std::vector<MagneticDipole> dipoles;
    for (const Wing& wing : winding.wings) {
        for (const double radius : wing.radii_mm) {
            for (std::size_t k = 0; k < unit.nodes.size(); ++k) {
                add_ring(wing, radius * std::sqrt(unit.nodes[k]), kPi * radius * radius * unit.weights[k], 48,
                         0.5 * static_cast<double>(k % 2), dipoles);
            }
        }
    }
    return named_after(winding, std::move(dipoles), "every turn");
}

CoilModel reduced_coil(const Winding& winding, const std::vector<int>& dipoles_on_ring) {
    if (dipoles_on_ring.empty() || *std::min_element(dipoles_on_ring.begin(), dipoles_on_ring.end()) < 3) {
        throw InputError("A reduced coil needs at least one ring with three dipoles.");
    }
    std::vector<MagneticDipole> dipoles;
    for (const Wing& wing : winding.wings) {
        const Rule rings = gauss_of(density_of(wing.radii_mm), static_cast<int>(dipoles_on_ring.size()));
        for (std::size_t k = 0; k < rings.nodes.size(); ++k) {
            add_ring(wing, std::sqrt(rings.nodes[k]), rings.weights[k], dipoles_on_ring[k],
                     0.5 * static_cast<double>(k % 2), dipoles);
        }
    }
    const std::string how = std::to_string(dipoles.size()) + " moment-matched dipoles";
    return named_after(winding, std::move(dipoles), how);
}

double cap_error(const CoilModel& coil, const CoilModel& reference, double wing_tilt_deg) {
    constexpr double kScalpMm = 85.0;
    constexpr double kDepthMm = 15.0;
    // The tilted wings rest on the scalp: the sphere touches their planes.
    const double centre_z = kScalpMm / std::cos(wing_tilt_deg * kPi / 180.0);
    std::vector<Vector3d> points;
    for (int ring = 0; ring <= 20; ++ring) {
        const double polar = kPi / 3.0 * (ring + 0.5) / 21.0;
        const int around = std::max(6, static_cast<int>(std::lround(100.0 * std::sin(polar))));
        for (int i = 0; i < around; ++i) {
            const double a = 2.0 * kPi * (i + 0.37) / around;
            points.push_back((kScalpMm - kDepthMm) *
                             Vector3d(std::sin(polar) * std::cos(a), std::sin(polar) * std::sin(a), -std::cos(polar)));
        }
    }
    const auto placed = [&](const CoilModel& model) {
        DipolesAboutSphere out;
        for (const MagneticDipole& d : model.dipoles) {
            out.add(1e-3 * (d.position.xyz - centre_z * Vector3d::UnitZ()), d.moment);
        }
        return out;
    };
    const DipolesAboutSphere tried = placed(coil);
    const DipolesAboutSphere exact = placed(reference);
    double off = 0.0;
    double all = 0.0;
    for (const Vector3d& point : points) {
        const Vector3d e = sphere_field(exact, 1e-3 * point);
        off += (sphere_field(tried, 1e-3 * point) - e).squaredNorm();
        all += e.squaredNorm();
    }
    return std::sqrt(off / all);
}

CoilModel coil_within(const Winding& winding, double largest_error) {
    static const std::vector<std::vector<int>> kSets = {{6, 8},
                                                        {5, 7, 9},
                                                        {6, 10, 12},
                                                        {8, 12, 14},
                                                        {6, 10, 14, 16},
                                                        {8, 12, 16, 18},
                                                        {6, 10, 14, 16, 18},
                                                        {8, 14, 20, 24, 28},
                                                        {6, 10, 14, 16, 18, 20},
                                                        {8, 14, 20, 24, 28, 30}};
    const CoilModel reference = full_coil(winding);
    const double tilt = tilt_deg(winding);
    for (const auto& set : kSets) {
        CoilModel out = reduced_coil(winding, set);
        if (cap_error(out, reference, tilt) <= largest_error) return out;
    }
    throw Error("No reduced set of dipoles is within the error asked for the coil \"" + winding.name + "\".");
}

std::vector<std::string> winding_names() {
    std::vector<std::string> out;
    for (const auto& entry : library()) out.push_back(entry.first);
    return out;
}

Winding winding_named(const std::string& name) {
    const auto found = library().find(name);
    if (found != library().end()) return found->second();
    std::string names;
    for (const auto& known : winding_names()) names += (names.empty() ? "" : ", ") + known;
    throw InputError("There is no coil \"" + name + "\". Known: " + names + "; or give a .ccd or .tcd file.");
}

Vector3d vector_potential(const Winding& winding, const Point<Coil>& at) {
    Vector3d sum = Vector3d::Zero();
    for (const Wing& wing : winding.wings) {
        const Vector3d offset = 1e-3 * (at.xyz - wing.centre.xyz);
        const double height = offset.dot(wing.axis.xyz);
        const Vector3d sideways = offset - height * wing.axis.xyz;
        const double rho = sideways.norm();
        if (rho < 1e-12) continue;  // on the axis the potential is nought
        const Vector3d around = wing.axis.xyz.cross(sideways / rho);
        for (const double radius_mm : wing.radii_mm) {
            const double a = 1e-3 * radius_mm;
            const double m = 4.0 * a * rho / ((a + rho) * (a + rho) + height * height);
            const double k = std::sqrt(m);
            // μ0 / (π k) √(a/ρ) [(1 − m/2) K − E], μ0/π = 4e-7
            const double value =
                4e-7 / k * std::sqrt(a / rho) * ((1.0 - 0.5 * m) * std::comp_ellint_1(k) - std::comp_ellint_2(k));
            sum += value * around;
        }
    }
    return sum;
}

Vector3d vector_potential_of_segment(const Point<Coil>& a, const Point<Coil>& b, const Point<Coil>& at) {
    const Vector3d along = b.xyz - a.xyz;
    const double length = along.norm();
    if (length == 0.0) return Vector3d::Zero();
    const double reach = (at.xyz - a.xyz).norm() + (at.xyz - b.xyz).norm();
    return 1e-7 * std::log((reach + length) / (reach - length)) * along / length;
}

}  // namespace precentral
