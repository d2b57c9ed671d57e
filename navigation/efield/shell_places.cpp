// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/shell_places.h"

#include "data/error.h"
#include "imaging/mesh_measures.h"

namespace precentral {
namespace {

constexpr std::size_t kMostTriangles = 6000;
constexpr double kSmallestAreaMm2 = 1e-6;

Eigen::Index ix(std::size_t i) { return static_cast<Eigen::Index>(i); }

}  // namespace

ShellPlaces::ShellPlaces(const Surface& shell) : corners(shell.triangles) {
    require_usable(shell, "The inner skull");
    const MeshMeasures measures = measured(shell);
    if (!measures.watertight() || measures.shells != 1 || !(measures.volume_ml > 0.0)) {
        throw InputError("The inner skull is not one closed surface with its normals outward.");
    }
    if (corners.size() > kMostTriangles) {
        throw InputError("The inner skull has more than 6000 triangles; 1280 to 2560 are enough.");
    }
    vertex_areas_mm2 = Eigen::VectorXd::Zero(ix(shell.vertices.size()));
    for (const auto& t : corners) {
        const auto corner = [&](std::size_t k) { return shell.vertices[static_cast<std::size_t>(t[k])].xyz; };
        triangles.emplace_back(corner(0), corner(1), corner(2));
        const ChargedTriangle& triangle = triangles.back();
        if (!(triangle.area() > kSmallestAreaMm2)) throw InputError("The inner skull has triangles without area.");
        for (const int v : t) vertex_areas_mm2[v] += triangle.area() / 3.0;
        for (const TriangleRule& rule : kThreePoints) {
            at_mm.push_back(triangle.point(rule.b[0], rule.b[1], rule.b[2]));
            normals.push_back(triangle.normal());
        }
    }
}

Eigen::MatrixXd ShellPlaces::weighted(const Eigen::MatrixXd& normal_field) const {
    Eigen::MatrixXd out = Eigen::MatrixXd::Zero(vertex_areas_mm2.size(), normal_field.cols());
    for (std::size_t t = 0; t < triangles.size(); ++t) {
        for (std::size_t q = 0; q < 3; ++q) {
            for (std::size_t k = 0; k < 3; ++k) {
                out.row(corners[t][k]) += triangles[t].area() * kThreePoints[q].weight * kThreePoints[q].b[k] *
                                          normal_field.row(ix(3 * t + q));
            }
        }
    }
    return out;
}

}  // namespace precentral
