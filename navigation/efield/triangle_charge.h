// SPDX-License-Identifier: Apache-2.0
// The electric field of a charge that varies linearly over a flat triangle.
//
// In closed form, from the edge logarithms, the solid angle and the potential of the triangle (Wilton et al. 1984, doi
// 10.1109/TAP.1984.1143304; Van Oosterom and Strackee 1983, doi 10.1109/TBME.1983.325207); by quadrature from afar. The
// field is that of ∫ σ(r') (r − r') / |r − r'|³ dS', lengths in any one unit. In the plane of the triangle, inside it,
// the normal part is the principal value, 0.
#pragma once

#include <Eigen/Core>
#include <array>

namespace precentral {

class ChargedTriangle {
public:
    ChargedTriangle(const Eigen::Vector3d& a, const Eigen::Vector3d& b, const Eigen::Vector3d& c);

    // Column k is the field at `at` of the density that is 1 at corner k and 0 at the others.
    Eigen::Matrix3d field(const Eigen::Vector3d& at) const;
    Eigen::Matrix3d field_in_closed_form(const Eigen::Vector3d& at) const;

    double area() const { return area_; }
    const Eigen::Vector3d& normal() const { return normal_; }  // unit; counter-clockwise from outside
    const Eigen::Vector3d& middle() const { return middle_; }
    double size() const { return size_; }  // longest edge
    // Barycentric coordinates (b0, b1, b2).
    Eigen::Vector3d point(double b0, double b1, double b2) const {
        return b0 * corners_[0] + b1 * corners_[1] + b2 * corners_[2];
    }

private:
    std::array<Eigen::Vector3d, 3> corners_;
    std::array<Eigen::Vector3d, 3> along_;     // unit, edge k from corner k to the next
    std::array<Eigen::Vector3d, 3> outward_;   // unit, in the plane, out of edge k
    std::array<double, 3> length_{};           // of edge k
    std::array<Eigen::Vector3d, 3> gradient_;  // of the density that is 1 at corner k
    std::array<Eigen::Vector3d, 7> nodes_;     // of the quadrature from afar
    Eigen::Vector3d normal_;
    Eigen::Vector3d middle_;
    double area_ = 0.0;
    double size_ = 0.0;
};

// A rule on a triangle: barycentric coordinates and weights that sum to 1.
struct TriangleRule {
    std::array<double, 3> b;
    double weight;
};
extern const std::array<TriangleRule, 3> kThreePoints;  // exact to degree 2, all inside
extern const std::array<TriangleRule, 7> kSevenPoints;  // exact to degree 5 (Radon 1948)

}  // namespace precentral
