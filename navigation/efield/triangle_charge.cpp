// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/triangle_charge.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

constexpr double kFar = 3.0;       // longest edges away, where quadrature is exact to 1e-5
constexpr double kOnPlane = 1e-9;  // heights below this share of the size count as in the plane

// Radon's rule: (6 ± √15)/21 and the weights (155 ± √15)/1200.
constexpr double kRoot15 = 3.8729833462074168852;
constexpr double kNear = (6.0 + kRoot15) / 21.0;
constexpr double kCorner = (6.0 - kRoot15) / 21.0;
constexpr double kNearWeight = (155.0 + kRoot15) / 1200.0;
constexpr double kCornerWeight = (155.0 - kRoot15) / 1200.0;

}  // namespace

const std::array<TriangleRule, 3> kThreePoints{{{{2.0 / 3, 1.0 / 6, 1.0 / 6}, 1.0 / 3},
                                                {{1.0 / 6, 2.0 / 3, 1.0 / 6}, 1.0 / 3},
                                                {{1.0 / 6, 1.0 / 6, 2.0 / 3}, 1.0 / 3}}};
const std::array<TriangleRule, 7> kSevenPoints{{{{1.0 / 3, 1.0 / 3, 1.0 / 3}, 9.0 / 40},
                                                {{kNear, kNear, 1 - 2 * kNear}, kNearWeight},
                                                {{kNear, 1 - 2 * kNear, kNear}, kNearWeight},
                                                {{1 - 2 * kNear, kNear, kNear}, kNearWeight},
                                                {{kCorner, kCorner, 1 - 2 * kCorner}, kCornerWeight},
                                                {{kCorner, 1 - 2 * kCorner, kCorner}, kCornerWeight},
                                                {{1 - 2 * kCorner, kCorner, kCorner}, kCornerWeight}}};

ChargedTriangle::ChargedTriangle(const Vector3d& a, const Vector3d& b, const Vector3d& c) : corners_{a, b, c} {
    const Vector3d twice_area = (b - a).cross(c - a);
    area_ = 0.5 * twice_area.norm();
    normal_ = twice_area / (2.0 * area_);
    middle_ = (a + b + c) / 3.0;
    for (std::size_t k = 0; k < 3; ++k) {
        const Vector3d edge = corners_[(k + 1) % 3] - corners_[k];
        length_[k] = edge.norm();
        along_[k] = edge / length_[k];
        outward_[k] = along_[k].cross(normal_);
        size_ = std::max(size_, length_[k]);
    }
    // The density of corner k falls to nought on the edge opposite, k + 1.
    for (std::size_t k = 0; k < 3; ++k) {
        gradient_[k] = -length_[(k + 1) % 3] / (2.0 * area_) * outward_[(k + 1) % 3];
    }
    for (std::size_t q = 0; q < nodes_.size(); ++q) {
        const auto& rule = kSevenPoints[q];
        nodes_[q] = point(rule.b[0], rule.b[1], rule.b[2]);
    }
}

Matrix3d ChargedTriangle::field(const Vector3d& at) const {
    if ((at - middle_).squaredNorm() < kFar * kFar * size_ * size_) return field_in_closed_form(at);
    Matrix3d out = Matrix3d::Zero();
    for (std::size_t q = 0; q < nodes_.size(); ++q) {
        const Vector3d d = at - nodes_[q];
        const double square = d.squaredNorm();
        const Vector3d part = area_ * kSevenPoints[q].weight / (square * std::sqrt(square)) * d;
        for (int k = 0; k < 3; ++k) out.col(k) += kSevenPoints[q].b[static_cast<std::size_t>(k)] * part;
    }
    return out;
}

Matrix3d ChargedTriangle::field_in_closed_form(const Vector3d& at) const {
    std::array<Vector3d, 3> to_corner;  // from the point
    std::array<double, 3> distance{};
    for (std::size_t k = 0; k < 3; ++k) {
        to_corner[k] = corners_[k] - at;
        distance[k] = to_corner[k].norm();
    }
    const double height = -to_corner[0].dot(normal_);  // of the point above the plane
    const bool in_plane = std::abs(height) < kOnPlane * size_;

    // ∫ dl/R and ∫ s dl/R along each edge, s from its first corner.
    std::array<double, 3> flat{};
    std::array<double, 3> linear{};
    double potential = 0.0;  // ∫ dS/R, without the solid angle's part
    Vector3d edges = Vector3d::Zero();
    for (std::size_t k = 0; k < 3; ++k) {
        const std::size_t next = (k + 1) % 3;
        const double begin = to_corner[k].dot(along_[k]);  // the edge runs from begin to end, 0 nearest to the point
        const double end = begin + length_[k];
        // Two forms of the same; the one without cancellation is taken.
        flat[k] = begin + end > 0.0 ? std::log((distance[next] + end) / std::max(distance[k] + begin, 1e-300))
                                    : std::log((distance[k] - begin) / std::max(distance[next] - end, 1e-300));
        linear[k] = distance[next] - distance[k] - begin * flat[k];
        potential += to_corner[k].dot(outward_[k]) * flat[k];
        edges += flat[k] * outward_[k];
    }
    double solid = 0.0;  // ∫ height dS/R³: positive above
    if (!in_plane) {
        const double triple = to_corner[0].dot(to_corner[1].cross(to_corner[2]));
        const double base = distance[0] * distance[1] * distance[2] + to_corner[0].dot(to_corner[1]) * distance[2] +
                            to_corner[0].dot(to_corner[2]) * distance[1] + to_corner[1].dot(to_corner[2]) * distance[0];
        solid = -2.0 * std::atan2(triple, base);
        if ((solid > 0.0) != (height > 0.0)) solid = -solid;
        potential -= std::abs(height) * std::abs(solid);
    }
    Matrix3d out;
    const Vector3d foot_from_first = -to_corner[0] - height * normal_;  // in the plane, from corner 0
    for (std::size_t k = 0; k < 3; ++k) {
        const double at_foot = (k == 0 ? 1.0 : 0.0) + gradient_[k].dot(foot_from_first);
        const double normal_part = at_foot * solid - height * gradient_[k].dot(edges);
        // Density along the edges: edge k falls from 1, the edge before it rises to 1.
        const std::size_t before = (k + 2) % 3;
        const double falling = flat[k] - linear[k] / length_[k];
        const double rising = linear[before] / length_[before];
        const Vector3d tangential = falling * outward_[k] + rising * outward_[before] - potential * gradient_[k];
        out.col(static_cast<Eigen::Index>(k)) = normal_part * normal_ + tangential;
    }
    return out;
}

}  // namespace precentral
