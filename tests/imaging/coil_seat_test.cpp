// SPDX-License-Identifier: Apache-2.0
// Coil poses on heads whose normals and distances are known.
#include "imaging/coil_seat.h"

#include <gtest/gtest.h>

#include <numbers>
#include <random>

#include "data/error.h"
#include "fixtures.h"
#include "imaging/coil_proposals.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr double kScalp = 92.0;
constexpr double kBrain = 74.0;

std::vector<Landmark> six_places(std::mt19937& random) {
    std::uniform_real_distribution<double> any(-0.25, 0.25);
    std::vector<Landmark> out;
    for (const char* name : {"hand", "face", "leg"}) {
        for (const double side : {-1.0, 1.0}) {
            const double lateral = name[0] == 'l' ? 0.15 : name[0] == 'h' ? 0.6 : 1.1;
            const Vector3d direction(side * lateral, any(random), 1.0);
            out.push_back({std::string(name) + (side < 0.0 ? ", left M1" : ", right M1"),
                           {kBrain * direction.normalized()},
                           "made up",
                           8.0});
        }
    }
    return out;
}

// On two spheres round one centre every answer is known.
TEST(CoilProposals, LieTangentiallyOverTheirPlaceOnASphere) {
    const SurfaceIndex scalp(sphere(Vector3d::Zero(), kScalp, 6));
    const SurfaceIndex brain(sphere(Vector3d::Zero(), kBrain, 6));
    std::mt19937 random(3);
    const auto places = six_places(random);
    const auto proposals = propose_coils(scalp, brain, places);
    ASSERT_EQ(proposals.size(), places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
        const CoilProposal& p = proposals[i];
        const Vector3d outward = places[i].point.xyz.normalized();
        EXPECT_EQ(p.side, outward.x() < 0.0 ? Side::left : Side::right);
        ASSERT_TRUE(p.scalp_cortex_mm);
        EXPECT_NEAR(*p.scalp_cortex_mm, kScalp - kBrain, 0.1);
        EXPECT_LT(p.patch_angle_deg, 0.1);
        for (const auto& pose : {p.oblique, p.antero_posterior}) {
            EXPECT_LT((pose.origin().xyz - kScalp * outward).norm(), 0.3);
            EXPECT_GT(-pose.z_axis().xyz.dot(outward), std::cos(0.3 * std::numbers::pi / 180.0));
            EXPECT_LT(through_face_mm(scalp.surface(), pose), 1e-9);
        }
        // Antero-posterior: away from the handle is to the front, and the coil's long axis has no part to the front.
        EXPECT_NEAR(p.antero_posterior.x_axis().xyz.y(), 0.0, 1e-9);
        EXPECT_GT(p.antero_posterior.y_axis().xyz.y(), 0.9);
        // Oblique: the handle points back and away from the midline.
        const Vector3d handle = -p.oblique.y_axis().xyz;
        EXPECT_LT(handle.y(), -0.5);
        EXPECT_GT(handle.x() * (p.side == Side::left ? -1.0 : 1.0), 0.1);
        EXPECT_NEAR(angle_between_deg(p.oblique, p.antero_posterior), 45.0, 1e-3);
    }
    EXPECT_THROW(propose_coils(scalp, brain, {{"hand", {{0, 0, kBrain}}, "no side", 8.0}}), InputError);
}

TEST(CoilProposals, NothingOfALumpyHeadReachesThroughTheFaceOfARestedCoil) {
    std::mt19937 random(11);
    std::uniform_real_distribution<double> any(-1.0, 1.0);
    int lifted = 0;
    for (int trial = 0; trial < 20; ++trial) {
        Surface head = sphere(Vector3d::Zero(), 1.0, 5);
        const Vector3d wave = 6.0 * Vector3d(any(random), any(random), any(random));
        for (auto& vertex : head.vertices) {
            vertex.xyz = (1.0 + 0.03 * std::sin(wave.dot(vertex.xyz))) * Vector3d(76, 96, 92).cwiseProduct(vertex.xyz);
        }
        head.normals.clear();
        const SurfaceIndex scalp(head);
        const Vector3d there(60.0 * any(random), 40.0 * any(random), 60.0);
        const auto seat = coil_over(scalp, {there}, 180.0 * any(random), Side::left);
        EXPECT_LT(std::abs(scalp.closest(seat.origin()).distance_mm), 1e-6);
        const double reach = through_face_mm(scalp.surface(), seat);
        const auto rest = rested(scalp.surface(), seat);
        EXPECT_LT(through_face_mm(scalp.surface(), rest), 1e-9);
        EXPECT_NEAR(distance_mm(rest.origin(), seat.origin()), reach, 1e-9);
        EXPECT_LT(angle_between_deg(rest, seat), 1e-9);
        lifted += reach > 0.1 ? 1 : 0;
        // Drawn back any less, it would still be inside.
        if (reach > 0.1) {
            Eigen::Isometry3d nearer = rest.isometry();
            nearer.translation() += 0.05 * rest.z_axis().xyz;
            EXPECT_GT(through_face_mm(scalp.surface(), Transform<Scan, Coil>(nearer)), 0.04);
        }
    }
    EXPECT_GT(lifted, 3);  // the law was put to the test
}

TEST(CoilSeat, AnAxisThatMissesHasNoDistance) {
    const SurfaceIndex scalp(sphere(Vector3d::Zero(), kScalp, 4));
    const SurfaceIndex brain(sphere(Vector3d::Zero(), kBrain, 4));
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.translation() = Vector3d(0, 88, 0);  // looks past the brain
    EXPECT_FALSE(scalp_cortex_mm(scalp, brain, Transform<Scan, Coil>(pose)));
}

}  // namespace
}  // namespace precentral
