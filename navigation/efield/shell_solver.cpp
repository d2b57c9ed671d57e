// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/shell_solver.h"

#include <algorithm>
#include <atomic>
#include <numbers>

#include "imaging/parallel.h"

namespace precentral {
namespace {

using Eigen::MatrixXd;
using Eigen::Vector3d;

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr double kNear = 1.5;  // longest edges away, where the outer integral takes seven points

Eigen::Index at(std::size_t i) { return static_cast<Eigen::Index>(i); }

}  // namespace

ShellSolver::ShellSolver(const Surface& shell, const Progress& progress) : shell_(shell), places_(shell) {
    const std::vector<ChargedTriangle>& triangles = places_.triangles;
    const Eigen::VectorXd& areas = places_.vertex_areas_mm2;
    const std::size_t count = triangles.size();
    progress.at(0.0, "inner skull: charges");

    // Rows in parts of their own: what a triangle's tests see, by vertex, then summed in order.
    const int n = vertices();
    constexpr int kParts = 32;
    std::vector<MatrixXd> part_rows(kParts);
    std::vector<std::vector<int>> part_vertices(kParts);
    std::atomic<int> done{0};
    std::atomic<bool> stopped{false};
    for_each_part(kParts, [&](int part) {
        const std::size_t first = count * static_cast<std::size_t>(part) / kParts;
        const std::size_t last = count * static_cast<std::size_t>(part + 1) / kParts;
        std::vector<int>& mine = part_vertices[static_cast<std::size_t>(part)];
        for (std::size_t t = first; t < last; ++t) {
            mine.insert(mine.end(), shell_.triangles[t].begin(), shell_.triangles[t].end());
        }
        std::sort(mine.begin(), mine.end());
        mine.erase(std::unique(mine.begin(), mine.end()), mine.end());
        MatrixXd& rows = part_rows[static_cast<std::size_t>(part)];
        rows = MatrixXd::Zero(n, at(mine.size()));  // transposed: a column a test
        for (std::size_t t = first; t < last; ++t) {
            if (progress.stop.stop_requested()) stopped = true;
            if (stopped) return;
            const ChargedTriangle& test = triangles[t];
            std::array<Eigen::Index, 3> column{};
            for (std::size_t k = 0; k < 3; ++k) {
                column[k] = std::lower_bound(mine.begin(), mine.end(), shell_.triangles[t][k]) - mine.begin();
            }
            for (std::size_t s = 0; s < count; ++s) {
                const ChargedTriangle& source = triangles[s];
                if (s == t) continue;  // flat: its own normal part is nought
                const auto add = [&](const TriangleRule& rule) {
                    const Eigen::RowVector3d flux = test.area() * rule.weight * test.normal().transpose() *
                                                    source.field(test.point(rule.b[0], rule.b[1], rule.b[2]));
                    for (std::size_t k = 0; k < 3; ++k) {
                        for (int j = 0; j < 3; ++j) {
                            rows(shell_.triangles[s][static_cast<std::size_t>(j)], column[k]) -= rule.b[k] * flux[j];
                        }
                    }
                };
                const double reach = kNear * std::max(test.size(), source.size());
                if ((test.middle() - source.middle()).squaredNorm() < reach * reach) {
                    for (const TriangleRule& rule : kSevenPoints) add(rule);
                } else {
                    for (const TriangleRule& rule : kThreePoints) add(rule);
                }
            }
        }
        ++done;
    });
    if (stopped) throw Cancelled();
    progress.at(0.6, "inner skull: equations");
    MatrixXd system = MatrixXd::Zero(n, n);
    for (std::size_t part = 0; part < part_rows.size(); ++part) {
        for (std::size_t k = 0; k < part_vertices[part].size(); ++k) {
            system.row(part_vertices[part][k]) += part_rows[part].col(at(k)).transpose();
        }
        part_rows[part].resize(0, 0);
    }
    for (std::size_t t = 0; t < count; ++t) {
        for (const int i : shell_.triangles[t]) {
            for (const int j : shell_.triangles[t]) {
                system(i, j) += kTwoPi * triangles[t].area() * (i == j ? 2.0 : 1.0) / 12.0;
            }
        }
    }
    // Gauss: just inside, the flux of any charge on the shell is nought; what quadrature left of it is taken off where
    // the charge is. Then total charge nought makes the answer one.
    const Eigen::RowVectorXd flux = system.colwise().sum();
    for (int j = 0; j < n; ++j) system(j, j) -= flux[j];
    system += kTwoPi / areas.sum() * areas * areas.transpose();
    lu_.compute(system);
    progress.at(1.0, "inner skull: equations");
}

MatrixXd ShellSolver::charges(const MatrixXd& weighted_field) const {
    // No net flux: what the places' quadrature left is spread over the shell.
    const Eigen::RowVectorXd left = weighted_field.colwise().sum() / places_.vertex_areas_mm2.sum();
    return lu_.solve(weighted_field - places_.vertex_areas_mm2 * left);
}

MatrixXd ShellSolver::charges_transposed(const MatrixXd& at_charges) const {
    const MatrixXd out = lu_.transpose().solve(at_charges);
    const Eigen::RowVectorXd mean = places_.vertex_areas_mm2.transpose() * out / places_.vertex_areas_mm2.sum();
    return out.rowwise() - mean;
}

Eigen::Matrix3Xd ShellSolver::field_by_charge(const Vector3d& at_mm) const {
    Eigen::Matrix3Xd out = Eigen::Matrix3Xd::Zero(3, vertices());
    for (std::size_t t = 0; t < places_.triangles.size(); ++t) {
        const Eigen::Matrix3d part = places_.triangles[t].field(at_mm);
        for (int k = 0; k < 3; ++k) out.col(shell_.triangles[t][static_cast<std::size_t>(k)]) += part.col(k);
    }
    return out;
}

}  // namespace precentral
