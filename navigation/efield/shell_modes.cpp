// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/shell_modes.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <atomic>
#include <cmath>

#include "data/hash.h"
#include "imaging/parallel.h"
#include "navigation/efield/placed_coil.h"
#include "navigation/efield/shell_poses.h"

namespace precentral {
namespace {

using Eigen::Matrix3Xd;
using Eigen::MatrixXd;
using Eigen::Vector3d;
using Eigen::VectorXd;

constexpr int kHeldOutPoses = 120;
constexpr std::size_t kSamplePoints = 1200;  // points on which modes are chosen

Eigen::Index ix(std::size_t i) { return static_cast<Eigen::Index>(i); }

// Where a coil may be: above the sphere's equator lowered by a third of the radius.
std::vector<std::size_t> upper_vertices(const Surface& shell, const FittedSphere& sphere) {
    std::vector<std::size_t> out;
    for (std::size_t v = 0; v < shell.vertices.size(); ++v) {
        if (shell.vertices[v].xyz.z() > sphere.centre.xyz.z() - sphere.radius_mm / 3.0) out.push_back(v);
    }
    return out;
}

// n·E of the sphere at the shell's places, V/m for 1 A/s; a column a pose.
MatrixXd through_shell(const ShellPlaces& places, const FittedSphere& sphere, const CoilModel& coil,
                       const std::vector<Transform<Scan, Coil>>& poses) {
    std::vector<Point<Scan>> points;
    for (const Vector3d& place : places.at_mm) points.push_back({place});
    const Vectors3f seen = seen_from(sphere.centre, points);
    MatrixXd out(ix(points.size()), ix(poses.size()));
    for_each_part(static_cast<int>(poses.size()), [&](int p) {
        Vectors3f field;
        sphere_field(placed(coil, poses[static_cast<std::size_t>(p)], sphere.centre), seen, field);
        for (std::size_t i = 0; i < points.size(); ++i) {
            out(ix(i), p) = places.normals[i].dot(field.at(i));
        }
    });
    return out;
}

// 3 points × vertices.
MatrixXd field_rows(const ShellSolver& solver, const std::vector<Point<Scan>>& points) {
    MatrixXd out(3 * ix(points.size()), solver.vertices());
    for_each_part(static_cast<int>(points.size()), [&](int i) {
        out.middleRows(3 * i, 3) = solver.field_by_charge(points[static_cast<std::size_t>(i)].xyz);
    });
    return out;
}

void require_inside(const Surface& shell, const std::vector<Point<Scan>>& points) {
    const SurfaceIndex index(shell);
    constexpr int kParts = 16;
    std::array<int, kParts> outside{};
    for_each_part(kParts, [&](int part) {
        const auto p = static_cast<std::size_t>(part);
        for (std::size_t i = p; i < points.size(); i += kParts) {
            if (!(index.closest(points[i]).distance_mm < -0.2)) ++outside[p];
        }
    });
    int all = 0;
    for (const int some : outside) all += some;
    if (all > 0) {
        throw InputError(std::to_string(all) + " of " + std::to_string(points.size()) +
                         " points lie outside the inner skull; the field is known inside only.");
    }
}

// The subset of indices 0 … count − 1, evenly.
std::vector<std::size_t> evenly(std::size_t count, std::size_t wanted) {
    std::vector<std::size_t> out;
    const std::size_t kept = std::min(count, wanted);
    for (std::size_t i = 0; i < kept; ++i) out.push_back(i * count / kept);
    return out;
}

struct Chosen {
    MatrixXd charges;       // vertices × modes
    MatrixXd coefficients;  // modes × vertices
    double rms_error = 0.0;
    double worst_error = 0.0;
};

// The fewest leading modes that meet the error at the poses held out, or the most allowed.
Chosen choose_modes(const ShellSolver& solver, const FittedSphere& sphere, const CoilModel& coil,
                    const std::vector<Point<Scan>>& sample, const ShellModesOptions& options,
                    const Progress& progress) {
    const int training = std::max(40, options.training_poses);
    const auto over = upper_vertices(solver.shell(), sphere);
    SeededRandom taught = random_stream(options.seed, 0);
    SeededRandom held = random_stream(options.seed, 1);
    auto poses = draw_poses_over(solver.shell(), over, coil, training, taught);
    for (const auto& pose : draw_poses_over(solver.shell(), over, coil, kHeldOutPoses, held)) poses.push_back(pose);
    const MatrixXd weighted = solver.places().weighted(through_shell(solver.places(), sphere, coil, poses));
    const MatrixXd charges = solver.charges(weighted);
    progress.at(0.5, "inner skull: modes");
    const MatrixXd rows = field_rows(solver, sample);
    const MatrixXd corrections = rows * charges;
    VectorXd size(ix(poses.size()));  // of the whole field
    const Vectors3f seen = seen_from(sphere.centre, sample);
    for_each_part(static_cast<int>(poses.size()), [&](int p) {
        Vectors3f field;
        sphere_field(placed(coil, poses[static_cast<std::size_t>(p)], sphere.centre), seen, field);
        double squares = 0.0;
        for (std::size_t i = 0; i < sample.size(); ++i) {
            squares += (field.at(i) + corrections.block<3, 1>(3 * ix(i), p)).squaredNorm();
        }
        size[p] = std::sqrt(squares);
    });
    progress.at(0.55, "inner skull: modes");
    const VectorXd scale = size.cwiseInverse();
    const MatrixXd learned = corrections.leftCols(training) * scale.head(training).asDiagonal();
    const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(learned.transpose() * learned);
    progress.at(0.6, "inner skull: modes");
    // Descending; beyond a millionth of the first there is only rounding.
    const double first = eigen.eigenvalues()[training - 1];
    int usable = 0;
    while (usable < std::min(options.most_modes, training) &&
           eigen.eigenvalues()[training - 1 - usable] > 1e-12 * first) {
        ++usable;
    }
    const MatrixXd v = eigen.eigenvectors().rightCols(usable).rowwise().reverse();
    const VectorXd s = eigen.eigenvalues().tail(usable).reverse().cwiseSqrt();
    const MatrixXd mix = scale.head(training).asDiagonal() * v * s.cwiseInverse().asDiagonal();
    const MatrixXd basis = corrections.leftCols(training) * mix;  // orthonormal columns
    const MatrixXd held_out = corrections.rightCols(kHeldOutPoses) * scale.tail(kHeldOutPoses).asDiagonal();
    const MatrixXd held_coefficients = basis.transpose() * held_out;
    int modes = 0;
    Chosen out;
    const auto measure = [&] {
        double mean = 0.0;
        out.worst_error = 0.0;
        for (int p = 0; p < kHeldOutPoses; ++p) {
            const double left =
                std::max(0.0, held_out.col(p).squaredNorm() - held_coefficients.col(p).head(modes).squaredNorm());
            mean += left / kHeldOutPoses;
            out.worst_error = std::max(out.worst_error, std::sqrt(left));
        }
        out.rms_error = std::sqrt(mean);
    };
    const auto too_few = [&] {
        return out.rms_error > options.largest_rms_error || out.worst_error > options.largest_worst_error;
    };
    for (measure(); modes < usable && too_few(); measure()) ++modes;
    out.charges = charges.leftCols(training) * mix.leftCols(modes);
    out.coefficients = solver.charges_transposed(rows.transpose() * basis.leftCols(modes)).transpose();
    return out;
}

}  // namespace

FittedSphere sphere_of_shell(const Surface& inner_skull) {
    double low = 1e300;
    double high = -1e300;
    for (const auto& v : inner_skull.vertices) {
        low = std::min(low, v.xyz.z());
        high = std::max(high, v.xyz.z());
    }
    std::vector<Point<Scan>> upper;
    for (const auto& v : inner_skull.vertices) {
        if (v.xyz.z() >= 0.5 * (low + high)) upper.push_back(v);
    }
    return fit_sphere(upper);
}

std::string shell_modes_key(const Surface& inner_skull, const std::vector<Point<Scan>>& points, const CoilModel& coil,
                            const ShellModesOptions& options) {
    Sha256 hash;
    const std::string words = std::string(kShellVersion) + ' ' + coil.version + ' ' +
                              std::to_string(inner_skull.vertices.size()) + ' ' +
                              std::to_string(inner_skull.triangles.size()) + ' ' + std::to_string(points.size()) + ' ' +
                              std::to_string(options.largest_rms_error) + ' ' +
                              std::to_string(options.largest_worst_error) + ' ' + std::to_string(options.most_modes) +
                              ' ' + std::to_string(options.training_poses) + ' ' + std::to_string(options.seed) + ' ';
    hash.add(words.data(), words.size());
    for (const auto& v : inner_skull.vertices) hash.add(v.xyz.data(), 3 * sizeof(double));
    for (const auto& t : inner_skull.triangles) hash.add(t.data(), sizeof(t));
    for (const auto& p : points) hash.add(p.xyz.data(), 3 * sizeof(double));
    return hash.hex();
}

Matrix3Xd shell_field(const ShellSolver& solver, const FittedSphere& sphere, const CoilModel& coil,
                      const Transform<Scan, Coil>& scan_from_coil, const std::vector<Point<Scan>>& points) {
    const MatrixXd sigma =
        solver.charges(solver.places().weighted(through_shell(solver.places(), sphere, coil, {scan_from_coil})));
    const DipolesAboutSphere dipoles = placed(coil, scan_from_coil, sphere.centre);
    Matrix3Xd out(3, ix(points.size()));
    for_each_part(static_cast<int>(points.size()), [&](int i) {
        const Vector3d p = points[static_cast<std::size_t>(i)].xyz;
        out.col(i) = sphere_field(dipoles, 1e-3 * (p - sphere.centre.xyz)) + solver.field_by_charge(p) * sigma.col(0);
    });
    return out;
}

ShellModes prepare_shell_modes(const Surface& inner_skull, const std::vector<Point<Scan>>& points,
                               const CoilModel& coil, const ShellModesOptions& options, const Progress& progress) {
    if (points.empty()) throw InputError("There is no point at which the field is wanted.");
    const ShellSolver solver(inner_skull, {progress.stop, [&](double fraction, std::string_view doing) {
                                               if (progress.report) progress.report(0.4 * fraction, doing);
                                           }});
    require_inside(inner_skull, points);
    ShellModes out;
    out.key = shell_modes_key(inner_skull, points, coil, options);
    out.coil_name = coil.name;
    out.coil_version = coil.version;
    out.shell = inner_skull;
    if (out.shell.normals.size() != out.shell.vertices.size()) throw InputError("The inner skull lacks its normals.");
    out.sphere = sphere_of_shell(inner_skull);
    out.points = points;
    progress.at(0.42, "inner skull: modes");
    std::vector<Point<Scan>> sample;
    for (const std::size_t i : evenly(points.size(), kSamplePoints)) sample.push_back(points[i]);
    Chosen chosen = choose_modes(solver, out.sphere, coil, sample, options, progress);
    out.charges = std::move(chosen.charges);
    out.coefficients = std::move(chosen.coefficients);
    out.rms_error = chosen.rms_error;
    out.worst_error = chosen.worst_error;

    const auto modes = static_cast<std::size_t>(out.charges.cols());
    out.modes = FieldModes(points.size(), modes);
    const Eigen::MatrixXf charges = out.charges.cast<float>();
    std::atomic<int> done{0};
    std::atomic<bool> stopped{false};
    const int blocks = static_cast<int>(out.modes.blocks());
    for_each_part(blocks, [&](int block) {
        if (progress.stop.stop_requested()) stopped = true;
        if (stopped) return;
        const std::size_t begin = static_cast<std::size_t>(block) * FieldModes::kBlock;
        const std::size_t end = std::min(points.size(), begin + FieldModes::kBlock);
        Eigen::MatrixXf rows(3 * ix(end - begin), solver.vertices());
        for (std::size_t i = begin; i < end; ++i) {
            rows.middleRows(3 * ix(i - begin), 3) = solver.field_by_charge(points[i].xyz).cast<float>();
        }
        const Eigen::MatrixXf fields = rows * charges;
        for (std::size_t i = begin; i < end; ++i) {
            for (std::size_t k = 0; k < modes; ++k) {
                for (std::size_t c = 0; c < 3; ++c) out.modes.at(i, k, c) = fields(3 * ix(i - begin) + ix(c), ix(k));
            }
        }
        ++done;
    });
    if (stopped) throw Cancelled();
    progress.at(1.0, "inner skull: done");
    return out;
}

}  // namespace precentral
