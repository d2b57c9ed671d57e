// SPDX-License-Identifier: Apache-2.0
#include "registration/next_touch.h"

#include <cmath>

#include "registration/scalp_words.h"

namespace precentral {
namespace {

constexpr std::size_t kCandidates = 1500;
constexpr double kPatch_mm = 6.0;  // a hand cannot aim finer, and a single triangle's normal is rough

}  // namespace

NextTouch next_touch(const PoseCovariance<Scan>& covariance, const SurfaceIndex& scalp, const Point<Scan>& target,
                     double lowest_z_mm, double noise_mm, int points) {
    const Surface& surface = scalp.surface();
    const Matrix6& c = covariance.matrix;
    const Eigen::Matrix<double, 3, 6> at_target = motion_of_point(target.xyz, covariance.about.xyz);
    const double before = (at_target * c * at_target.transpose()).trace();
    const std::size_t stride = std::max<std::size_t>(1, surface.vertices.size() / kCandidates);

    double best = -1.0;
    Point<Scan> where = surface.vertices.front();
    for (std::size_t i = 0; i < surface.vertices.size(); i += stride) {
        const Point<Scan>& v = surface.vertices[i];
        if (v.xyz.z() < lowest_z_mm) continue;
        const Eigen::Vector3d n = scalp.patch_normal(v, kPatch_mm).xyz;
        Vector6 g;
        g << (v.xyz - covariance.about.xyz).cross(n), n;
        const Vector6 cg = c * g;
        const double gain = (at_target * cg).squaredNorm() / (noise_mm * noise_mm / points + g.dot(cg));
        if (gain > best) {
            best = gain;
            where = v;
        }
    }
    NextTouch out;
    out.patch = scalp.closest(where);
    out.words = place_in_words(where, upper_head_centre(surface));
    out.expected_rms_mm = std::sqrt(std::max(before - std::max(best, 0.0), 0.0));
    return out;
}

}  // namespace precentral
