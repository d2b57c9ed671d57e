// SPDX-License-Identifier: Apache-2.0
// Coordinate frames in the type system, so that a chain of transforms that does not fit does not compile.
//
// Everything is in millimetres. `Transform<To, From>` reads `to_from_from`:
//     const Point<Scan> tip_in_scan = scan_from_head * head_from_tracker * tracker_from_stylus * tip_in_stylus;
#pragma once

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <string_view>

namespace precentral {

struct Scan {};      // the patient's own MRI: RAS+, mm
struct Mni {};       // MNI152 template space: RAS+, mm
struct Tracker {};   // the camera
struct Head {};      // reference body fixed to the patient's head
struct Stylus {};    // pointer; its own marker body
struct CoilBody {};  // marker body fixed to the coil
// The coil itself: origin at the centre of its bottom face, +z into the head, +y from the centre away from the
// handle, x = y × z (the convention of SimNIBS and NIBS-BIDS).
struct Coil {};
struct Voxel {};  // voxel indices, i fastest; the centre of the first voxel is (0,0,0)

// A free vector: a displacement in mm, or a unit normal. It rotates; it does not translate.
template <class F>
struct Direction {
    Eigen::Vector3d xyz = Eigen::Vector3d::Zero();

    double norm() const { return xyz.norm(); }
    double dot(const Direction& other) const { return xyz.dot(other.xyz); }
    Direction cross(const Direction& other) const { return {xyz.cross(other.xyz)}; }
    Direction normalized() const { return {xyz.normalized()}; }
    Direction operator-() const { return {-xyz}; }
    friend Direction operator+(const Direction& a, const Direction& b) { return {a.xyz + b.xyz}; }
    friend Direction operator-(const Direction& a, const Direction& b) { return {a.xyz - b.xyz}; }
    friend Direction operator*(double s, const Direction& a) { return {s * a.xyz}; }
    friend bool operator==(const Direction& a, const Direction& b) { return a.xyz == b.xyz; }
};

template <class F>
struct Point {
    Eigen::Vector3d xyz = Eigen::Vector3d::Zero();

    friend Direction<F> operator-(const Point& a, const Point& b) { return {a.xyz - b.xyz}; }
    friend Point operator+(const Point& a, const Direction<F>& d) { return {a.xyz + d.xyz}; }
    friend Point operator-(const Point& a, const Direction<F>& d) { return {a.xyz - d.xyz}; }
    friend bool operator==(const Point& a, const Point& b) { return a.xyz == b.xyz; }
};

template <class F>
double distance_mm(const Point<F>& a, const Point<F>& b) {
    return (a - b).norm();
}

// Throws InputError naming `source` unless `m` is finite, its last row is 0 0 0 1, its rotation part is orthonormal
// to 1e-3 and right-handed. The nearest rotation is returned, so rounding in a file does not accumulate.
Eigen::Isometry3d rigid_from_matrix(const Eigen::Matrix4d& m, std::string_view source);

// Throws InputError naming `source` unless `m` is finite, invertible and its last row is 0 0 0 1.
Eigen::Affine3d affine_from_matrix(const Eigen::Matrix4d& m, std::string_view source);

// Rigid: To <- From.
template <class To, class From>
class Transform {
public:
    Transform() : isometry_(Eigen::Isometry3d::Identity()) {}
    explicit Transform(const Eigen::Isometry3d& to_from_from) : isometry_(to_from_from) {}

    // The door for matrices from files and devices.
    static Transform checked(const Eigen::Matrix4d& m, std::string_view source) {
        return Transform(rigid_from_matrix(m, source));
    }

    const Eigen::Isometry3d& isometry() const { return isometry_; }
    Eigen::Matrix4d matrix() const { return isometry_.matrix(); }
    Eigen::Matrix3d rotation() const { return isometry_.linear(); }
    Point<To> origin() const { return {isometry_.translation()}; }
    Direction<To> x_axis() const { return {isometry_.linear().col(0)}; }
    Direction<To> y_axis() const { return {isometry_.linear().col(1)}; }
    Direction<To> z_axis() const { return {isometry_.linear().col(2)}; }
    Transform<From, To> inverse() const { return Transform<From, To>(isometry_.inverse()); }

    Point<To> operator*(const Point<From>& p) const { return {isometry_ * p.xyz}; }
    Direction<To> operator*(const Direction<From>& d) const { return {isometry_.linear() * d.xyz}; }

private:
    Eigen::Isometry3d isometry_;
};

// Affine: To <- From. May scale and shear; an image's voxel grid and template space need it.
template <class To, class From>
class AffineMap {
public:
    AffineMap() : affine_(Eigen::Affine3d::Identity()) {}
    explicit AffineMap(const Eigen::Affine3d& to_from_from) : affine_(to_from_from) {}

    static AffineMap checked(const Eigen::Matrix4d& m, std::string_view source) {
        return AffineMap(affine_from_matrix(m, source));
    }

    const Eigen::Affine3d& affine() const { return affine_; }
    Eigen::Matrix4d matrix() const { return affine_.matrix(); }
    AffineMap<From, To> inverse() const { return AffineMap<From, To>(affine_.inverse()); }

    Point<To> operator*(const Point<From>& p) const { return {affine_ * p.xyz}; }
    Direction<To> operator*(const Direction<From>& d) const { return {affine_.linear() * d.xyz}; }

private:
    Eigen::Affine3d affine_;
};

template <class A, class B, class C>
Transform<A, C> operator*(const Transform<A, B>& a_from_b, const Transform<B, C>& b_from_c) {
    return Transform<A, C>(a_from_b.isometry() * b_from_c.isometry());
}
template <class A, class B, class C>
AffineMap<A, C> operator*(const AffineMap<A, B>& a_from_b, const AffineMap<B, C>& b_from_c) {
    return AffineMap<A, C>(a_from_b.affine() * b_from_c.affine());
}
template <class A, class B, class C>
AffineMap<A, C> operator*(const AffineMap<A, B>& a_from_b, const Transform<B, C>& b_from_c) {
    return AffineMap<A, C>(Eigen::Affine3d(a_from_b.affine() * Eigen::Affine3d(b_from_c.isometry())));
}
template <class A, class B, class C>
AffineMap<A, C> operator*(const Transform<A, B>& a_from_b, const AffineMap<B, C>& b_from_c) {
    return AffineMap<A, C>(Eigen::Affine3d(Eigen::Affine3d(a_from_b.isometry()) * b_from_c.affine()));
}

// Shortest rotation (slerp) and straight translation; u in [0, 1], 0 gives a.
template <class To, class From>
Transform<To, From> interpolate(const Transform<To, From>& a, const Transform<To, From>& b, double u) {
    const Eigen::Quaterniond qa(a.rotation());
    const Eigen::Quaterniond qb(b.rotation());
    Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
    out.linear() = qa.slerp(u, qb).toRotationMatrix();
    out.translation() = (1.0 - u) * a.origin().xyz + u * b.origin().xyz;
    return Transform<To, From>(out);
}

// Angle of the rotation that takes a to b, degrees in [0, 180].
template <class To, class From>
double angle_between_deg(const Transform<To, From>& a, const Transform<To, From>& b) {
    return Eigen::AngleAxisd(a.rotation().transpose() * b.rotation()).angle() * 180.0 / 3.14159265358979323846;
}

}  // namespace precentral
