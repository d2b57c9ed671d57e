// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/target_field.h"

#include <Eigen/QR>
#include <algorithm>

#include "data/error.h"
#include "imaging/parallel.h"
#include "navigation/efield/placed_coil.h"
#include "navigation/efield/shell_poses.h"

namespace precentral {
namespace {

using Eigen::Matrix3Xd;
using Eigen::MatrixXd;
using Eigen::Vector3d;

constexpr double kAmperePerSecond = 1e6;
constexpr double kCoilReachMm = 55.0;  // coil centres from the target's place on the shell
constexpr double kProbeReachMm = 100.0;
constexpr int kTaughtPoses = 260;
constexpr int kHeldOutPoses = 60;
constexpr int kFewestProbes = 16;
constexpr int kMostProbes = 48;
constexpr double kProbeError = 0.004;
constexpr std::uint64_t kSeed = 20;

Eigen::Index ix(std::size_t i) { return static_cast<Eigen::Index>(i); }

// The shell's vertices over which a coil may lie that stimulates this target.
std::vector<std::size_t> vertices_near(const Surface& shell, const Point<Scan>& target) {
    const auto seat = *std::min_element(
        shell.vertices.begin(), shell.vertices.end(),
        [&](const auto& a, const auto& b) { return distance_mm(a, target) < distance_mm(b, target); });
    std::vector<std::size_t> out;
    for (std::size_t v = 0; v < shell.vertices.size(); ++v) {
        if (distance_mm(shell.vertices[v], seat) <= kCoilReachMm) out.push_back(v);
    }
    return out;
}

}  // namespace

TargetField::TargetField(const CoilModel& coil, const FittedSphere& sphere, const Point<Scan>& target)
    : coil_(in_coil_axes(coil)), centre_(sphere.centre), target_(target) {
    for (Vector3d& moment : coil_.moments) moment *= kAmperePerSecond;
    points_m_.push_back(1e-3 * (target.xyz - centre_.xyz));
    origin_ = sphere_cortical_field(sphere, {target}, coil)->origin();
}

TargetField::TargetField(const CoilModel& coil, const ShellModes& modes, const Point<Scan>& target)
    : TargetField(coil, modes.sphere, target) {
    if (modes.coil_version != coil.version) {
        throw InputError("The inner skull was prepared for the coil \"" + modes.coil_name + "\", not for \"" +
                         coil.name + "\"; prepare it for this coil.");
    }
    if (!(SurfaceIndex(modes.shell).closest(target).distance_mm < 0.0)) {
        throw InputError("The target lies outside the inner skull; choose it on the cortex.");
    }
    origin_.head = "inner skull";
    origin_.version = std::string(kShellVersion) + " " + modes.key.substr(0, 16);
    choose_probes(coil, modes);
}

void TargetField::choose_probes(const CoilModel& coil, const ShellModes& modes) {
    const ShellPlaces places(modes.shell);
    // The correction at the target as a sum over the places.
    Matrix3Xd by_charge = Matrix3Xd::Zero(3, ix(modes.shell.vertices.size()));
    for (std::size_t t = 0; t < places.triangles.size(); ++t) {
        const Eigen::Matrix3d part = places.triangles[t].field(target_.xyz);
        for (int k = 0; k < 3; ++k) by_charge.col(places.corners[t][static_cast<std::size_t>(k)]) += part.col(k);
    }
    const Matrix3Xd by_vertex = (by_charge * modes.charges) * modes.coefficients;

    SeededRandom random = random_stream(kSeed, 0);
    const auto poses =
        draw_poses_over(modes.shell, vertices_near(modes.shell, target_), coil, kTaughtPoses + kHeldOutPoses, random);
    std::vector<Point<Scan>> at;
    for (const Vector3d& place : places.at_mm) at.push_back({place});
    const Vectors3f seen = seen_from(centre_, at);
    MatrixXd through(ix(at.size()), ix(poses.size()));
    Matrix3Xd sphere_part(3, ix(poses.size()));
    for_each_part(static_cast<int>(poses.size()), [&](int p) {
        DipolesAboutSphere dipoles = placed(coil, poses[static_cast<std::size_t>(p)], centre_);
        for (Vector3d& moment : dipoles.moments) moment *= kAmperePerSecond;
        Vectors3f field;
        sphere_field(dipoles, seen, field);
        for (std::size_t i = 0; i < at.size(); ++i) through(ix(i), p) = places.normals[i].dot(field.at(i));
        sphere_part.col(p) = sphere_field(dipoles, points_m_.front());
    });
    const Matrix3Xd correction = by_vertex * places.weighted(through);
    // Errors count against the strongest field: a pose that hardly reaches the target need not be known finely.
    const double scale = 1.0 / (sphere_part + correction).colwise().norm().maxCoeff();

    std::vector<std::size_t> candidates;  // one a triangle, not too far
    for (std::size_t i = 0; i < at.size(); i += 3) {
        if (distance_mm(at[i], target_) <= kProbeReachMm) candidates.push_back(i);
    }
    MatrixXd seen_by(ix(poses.size()), ix(candidates.size()));
    for (std::size_t c = 0; c < candidates.size(); ++c) {
        seen_by.col(ix(c)) = scale * through.row(ix(candidates[c])).transpose();
    }
    const MatrixXd wanted = scale * correction.transpose();
    const Eigen::ColPivHouseholderQR<MatrixXd> pivoted(seen_by.topRows(kTaughtPoses));
    const auto& order = pivoted.colsPermutation().indices();
    for (int count = kFewestProbes;; count += 8) {
        const Eigen::Index kept = std::min<Eigen::Index>(count, seen_by.cols());
        MatrixXd chosen(seen_by.rows(), kept);
        for (Eigen::Index k = 0; k < kept; ++k) chosen.col(k) = seen_by.col(order[k]);
        const MatrixXd weights = chosen.topRows(kTaughtPoses).householderQr().solve(wanted.topRows(kTaughtPoses));
        probe_error_ =
            (chosen.bottomRows(kHeldOutPoses) * weights - wanted.bottomRows(kHeldOutPoses)).rowwise().norm().maxCoeff();
        if (probe_error_ > kProbeError && count < kMostProbes && kept < seen_by.cols()) continue;
        weights_ = weights.transpose();
        for (Eigen::Index k = 0; k < kept; ++k) {
            const std::size_t i = candidates[static_cast<std::size_t>(order[k])];
            points_m_.push_back(1e-3 * (places.at_mm[i] - centre_.xyz));
            normals_.push_back(places.normals[i]);
        }
        return;
    }
}

void TargetField::at(const std::vector<Transform<Scan, Coil>>& poses, Vectors3f& out) const {
    std::vector<Vectors3f> fields;
    sphere_field_of_poses(coil_, seen_from(centre_, poses), points_m_, fields);
    out = fields.front();
    for (std::size_t k = 0; k < normals_.size(); ++k) {
        const Vectors3f& probe = fields[k + 1];
        const Eigen::Vector3f n = normals_[k].cast<float>();
        const Eigen::Vector3f w = weights_.col(ix(k)).cast<float>();
        for (std::size_t p = 0; p < poses.size(); ++p) {
            const float through = n.x() * probe.x[p] + n.y() * probe.y[p] + n.z() * probe.z[p];
            out.x[p] += w.x() * through;
            out.y[p] += w.y() * through;
            out.z[p] += w.z() * through;
        }
    }
}

std::vector<double> TargetField::shares(const std::vector<Transform<Scan, Coil>>& poses, double full_v_per_m,
                                        const std::optional<Direction<Scan>>& preferred) const {
    if (!(full_v_per_m > 0.0)) throw InputError("The field at the best pose must be above 0 V/m.");
    Vectors3f field;
    at(poses, field);
    std::vector<double> out;
    out.reserve(poses.size());
    for (std::size_t p = 0; p < poses.size(); ++p) {
        const Vector3d e = field.at(p);
        out.push_back((preferred ? std::max(0.0, e.dot(preferred->xyz)) : e.norm()) / full_v_per_m);
    }
    return out;
}

}  // namespace precentral
