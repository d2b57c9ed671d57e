// SPDX-License-Identifier: Apache-2.0
// Compiled without errno in square roots and without fused multiply-add (see CMakeLists.txt): the first lets the loops
// become vector loops, the second keeps every processor at the same bits.
#include "navigation/efield/sphere_field.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>

#include "navigation/efield/vector_units.h"

namespace precentral {
namespace {

constexpr double kMu0Over4Pi = 1e-7;
constexpr std::size_t kBlock = 256;  // points whose sums stay in the first-level cache

// Adds (ṁ·∇F) r / F² − ṁ / F to (vx, vy, vz).
template <class T>
[[gnu::always_inline]] inline void add_pair(T px, T py, T pz, T rx, T ry, T rz, T radius, T inverse_radius, T mx, T my,
                                            T mz, T m_dot_r, T& vx, T& vy, T& vz) {
    const T ax = rx - px;
    const T ay = ry - py;
    const T az = rz - pz;
    const T a2 = ax * ax + ay * ay + az * az;
    const T a = std::sqrt(a2);
    const T a_dot_r = ax * rx + ay * ry + az * rz;
    const T a_dot_r_over_a = a_dot_r / a;
    const T two_radius = radius + radius;
    const T inverse_f = T(1) / (a * (radius * a + a_dot_r));
    const T c1 = a2 * inverse_radius + a_dot_r_over_a + (a + a) + two_radius;
    const T c2 = a + two_radius + a_dot_r_over_a;
    const T m_dot_grad = c1 * m_dot_r - c2 * (px * mx + py * my + pz * mz);
    const T along_r = m_dot_grad * inverse_f * inverse_f;
    vx += along_r * rx - inverse_f * mx;
    vy += along_r * ry - inverse_f * my;
    vz += along_r * rz - inverse_f * mz;
}

struct FloatDipole {
    float x, y, z, radius, inverse_radius, mx, my, mz, m_dot_r;
};

std::vector<FloatDipole> as_float(const DipolesAboutSphere& dipoles) {
    std::vector<FloatDipole> out;
    out.reserve(dipoles.moments.size());
    for (std::size_t d = 0; d < dipoles.moments.size(); ++d) {
        const Eigen::Vector3d& r = dipoles.positions_m[d];
        const Eigen::Vector3f rf = r.cast<float>();
        const Eigen::Vector3f m = (kMu0Over4Pi * dipoles.moments[d]).cast<float>();
        const double radius = r.norm();
        out.push_back({rf.x(), rf.y(), rf.z(), static_cast<float>(radius), static_cast<float>(1.0 / radius), m.x(),
                       m.y(), m.z(), static_cast<float>(kMu0Over4Pi * dipoles.moments[d].dot(r))});
    }
    return out;
}

PRECENTRAL_EACH_VECTOR_UNIT
void field_of_block(const FloatDipole* dipoles, std::size_t dipole_count, const float* px, const float* py,
                    const float* pz, std::size_t count, float* ex, float* ey, float* ez) {
    float vx[kBlock] = {};
    float vy[kBlock] = {};
    float vz[kBlock] = {};
    for (std::size_t d = 0; d < dipole_count; ++d) {
        const FloatDipole q = dipoles[d];
        for (std::size_t i = 0; i < count; ++i) {
            add_pair<float>(px[i], py[i], pz[i], q.x, q.y, q.z, q.radius, q.inverse_radius, q.mx, q.my, q.mz, q.m_dot_r,
                            vx[i], vy[i], vz[i]);
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        ex[i] = py[i] * vz[i] - pz[i] * vy[i];
        ey[i] = pz[i] * vx[i] - px[i] * vz[i];
        ez[i] = px[i] * vy[i] - py[i] * vx[i];
    }
}

PRECENTRAL_EACH_VECTOR_UNIT
void vacuum_of_block(const FloatDipole* dipoles, std::size_t dipole_count, const float* px, const float* py,
                     const float* pz, std::size_t count, float* ex, float* ey, float* ez) {
    float sx[kBlock] = {};
    float sy[kBlock] = {};
    float sz[kBlock] = {};
    for (std::size_t d = 0; d < dipole_count; ++d) {
        const FloatDipole q = dipoles[d];
        for (std::size_t i = 0; i < count; ++i) {
            const float ax = q.x - px[i];
            const float ay = q.y - py[i];
            const float az = q.z - pz[i];
            const float a2 = ax * ax + ay * ay + az * az;
            const float over_cube = 1.0F / (a2 * std::sqrt(a2));
            sx[i] += (q.my * az - q.mz * ay) * over_cube;
            sy[i] += (q.mz * ax - q.mx * az) * over_cube;
            sz[i] += (q.mx * ay - q.my * ax) * over_cube;
        }
    }
    std::copy_n(sx, count, ex);
    std::copy_n(sy, count, ey);
    std::copy_n(sz, count, ez);
}

struct PoseBlock {
    const float* axes[9];  // x, y, z of the coil's x axis, then of its y, of its z
    const float* origin[3];
};

// Where the dipole is at each pose of a block, and its moment.
struct PlacedBlock {
    float rx[kBlock], ry[kBlock], rz[kBlock], radius[kBlock], inverse_radius[kBlock];
    float mx[kBlock], my[kBlock], mz[kBlock], m_dot_r[kBlock];
};

PRECENTRAL_EACH_VECTOR_UNIT
void place_block(const FloatDipole& q, const PoseBlock& poses, std::size_t count, PlacedBlock& out) {
    for (std::size_t i = 0; i < count; ++i) {
        out.rx[i] = poses.origin[0][i] + poses.axes[0][i] * q.x + poses.axes[3][i] * q.y + poses.axes[6][i] * q.z;
        out.ry[i] = poses.origin[1][i] + poses.axes[1][i] * q.x + poses.axes[4][i] * q.y + poses.axes[7][i] * q.z;
        out.rz[i] = poses.origin[2][i] + poses.axes[2][i] * q.x + poses.axes[5][i] * q.y + poses.axes[8][i] * q.z;
        out.mx[i] = poses.axes[0][i] * q.mx + poses.axes[3][i] * q.my + poses.axes[6][i] * q.mz;
        out.my[i] = poses.axes[1][i] * q.mx + poses.axes[4][i] * q.my + poses.axes[7][i] * q.mz;
        out.mz[i] = poses.axes[2][i] * q.mx + poses.axes[5][i] * q.my + poses.axes[8][i] * q.mz;
        out.radius[i] = std::sqrt(out.rx[i] * out.rx[i] + out.ry[i] * out.ry[i] + out.rz[i] * out.rz[i]);
        out.inverse_radius[i] = 1.0F / out.radius[i];
        out.m_dot_r[i] = out.mx[i] * out.rx[i] + out.my[i] * out.ry[i] + out.mz[i] * out.rz[i];
    }
}

// Adds one dipole's part at one point for a block of poses.
PRECENTRAL_EACH_VECTOR_UNIT
void add_poses_of_block(const PlacedBlock& q, const float* point, std::size_t count, float* vx, float* vy, float* vz) {
    const float px = point[0];
    const float py = point[1];
    const float pz = point[2];
    for (std::size_t i = 0; i < count; ++i) {
        add_pair<float>(px, py, pz, q.rx[i], q.ry[i], q.rz[i], q.radius[i], q.inverse_radius[i], q.mx[i], q.my[i],
                        q.mz[i], q.m_dot_r[i], vx[i], vy[i], vz[i]);
    }
}

}  // namespace

Eigen::Vector3d sphere_field(const DipolesAboutSphere& dipoles, const Eigen::Vector3d& p) {
    Eigen::Vector3d v = Eigen::Vector3d::Zero();
    for (std::size_t d = 0; d < dipoles.moments.size(); ++d) {
        const Eigen::Vector3d& r = dipoles.positions_m[d];
        const Eigen::Vector3d& m = dipoles.moments[d];
        const double radius = r.norm();
        add_pair<double>(p.x(), p.y(), p.z(), r.x(), r.y(), r.z(), radius, 1.0 / radius, m.x(), m.y(), m.z(), m.dot(r),
                         v.x(), v.y(), v.z());
    }
    return kMu0Over4Pi * p.cross(v);
}

Eigen::Vector3d vacuum_field(const DipolesAboutSphere& dipoles, const Eigen::Vector3d& p) {
    Eigen::Vector3d out = Eigen::Vector3d::Zero();
    for (std::size_t d = 0; d < dipoles.moments.size(); ++d) {
        const Eigen::Vector3d a = dipoles.positions_m[d] - p;
        const double length = a.norm();
        out += kMu0Over4Pi / (length * length * length) * dipoles.moments[d].cross(a);
    }
    return out;
}

Eigen::Vector3d sphere_magnetic_field(const Eigen::Vector3d& p, const Eigen::Vector3d& moment,
                                      const Eigen::Vector3d& r) {
    const Eigen::Vector3d a_vector = r - p;
    const double a = a_vector.norm();
    const double radius = r.norm();
    const double a_dot_r = a_vector.dot(r);
    const double f = a * (radius * a + a_dot_r);
    const Eigen::Vector3d gradient =
        (a * a / radius + a_dot_r / a + 2.0 * a + 2.0 * radius) * r - (a + 2.0 * radius + a_dot_r / a) * p;
    const Eigen::Vector3d turned = moment.cross(p);
    return kMu0Over4Pi / (f * f) * (f * turned - turned.dot(r) * gradient);
}

void sphere_field(const DipolesAboutSphere& dipoles, const Vectors3f& points, Vectors3f& out) {
    const std::vector<FloatDipole> q = as_float(dipoles);
    out.resize(points.size());
    for (std::size_t at = 0; at < points.size(); at += kBlock) {
        const std::size_t count = std::min(kBlock, points.size() - at);
        field_of_block(q.data(), q.size(), &points.x[at], &points.y[at], &points.z[at], count, &out.x[at], &out.y[at],
                       &out.z[at]);
    }
}

void vacuum_field(const DipolesAboutSphere& dipoles, const Vectors3f& points, Vectors3f& out) {
    const std::vector<FloatDipole> q = as_float(dipoles);
    out.resize(points.size());
    for (std::size_t at = 0; at < points.size(); at += kBlock) {
        const std::size_t count = std::min(kBlock, points.size() - at);
        vacuum_of_block(q.data(), q.size(), &points.x[at], &points.y[at], &points.z[at], count, &out.x[at], &out.y[at],
                        &out.z[at]);
    }
}

void sphere_field_of_poses(const DipolesAboutSphere& coil, const CoilPoses& poses,
                           const std::vector<Eigen::Vector3d>& points, std::vector<Vectors3f>& out) {
    std::vector<FloatDipole> q;
    for (std::size_t d = 0; d < coil.moments.size(); ++d) {
        const Eigen::Vector3f r = coil.positions_m[d].cast<float>();
        const Eigen::Vector3f m = (kMu0Over4Pi * coil.moments[d]).cast<float>();
        q.push_back({r.x(), r.y(), r.z(), 0.0F, 0.0F, m.x(), m.y(), m.z(), 0.0F});
    }
    const std::size_t total = poses.origin_m.size();
    out.resize(points.size());
    for (Vectors3f& field : out) field.resize(total);
    std::vector<float> sums(points.size() * 3 * kBlock);
    PlacedBlock placed_block;
    for (std::size_t at = 0; at < total; at += kBlock) {
        const std::size_t count = std::min(kBlock, total - at);
        const PoseBlock block{
            {&poses.x_axis.x[at], &poses.x_axis.y[at], &poses.x_axis.z[at], &poses.y_axis.x[at], &poses.y_axis.y[at],
             &poses.y_axis.z[at], &poses.z_axis.x[at], &poses.z_axis.y[at], &poses.z_axis.z[at]},
            {&poses.origin_m.x[at], &poses.origin_m.y[at], &poses.origin_m.z[at]}};
        std::fill(sums.begin(), sums.end(), 0.0F);
        for (const FloatDipole& dipole : q) {
            place_block(dipole, block, count, placed_block);
            for (std::size_t p = 0; p < points.size(); ++p) {
                const Eigen::Vector3f point = points[p].cast<float>();
                float* sum = &sums[p * 3 * kBlock];
                add_poses_of_block(placed_block, point.data(), count, sum, sum + kBlock, sum + 2 * kBlock);
            }
        }
        for (std::size_t p = 0; p < points.size(); ++p) {
            const Eigen::Vector3f point = points[p].cast<float>();
            const float* sum = &sums[p * 3 * kBlock];
            for (std::size_t i = 0; i < count; ++i) {
                const Eigen::Vector3f e = point.cross(Eigen::Vector3f(sum[i], sum[kBlock + i], sum[2 * kBlock + i]));
                out[p].x[at + i] = e.x();
                out[p].y[at + i] = e.y();
                out[p].z[at + i] = e.z();
            }
        }
    }
}

}  // namespace precentral
