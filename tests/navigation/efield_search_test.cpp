// SPDX-License-Identifier: Apache-2.0
// One target and many poses: shares, the best pose, the dose for another place.
#include <gtest/gtest.h>

#include <chrono>

#include "data/error.h"
#include "efield_fixtures.h"
#include "navigation/efield/dose_transfer.h"
#include "navigation/efield/placed_coil.h"
#include "navigation/efield/pose_search.h"
#include "navigation/efield/windings.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

const Vector3d kScalp(78.0, 96.0, 84.0);
const Vector3d kSkull(67.0, 85.0, 73.0);

CoilModel coil() {
    static const CoilModel made = coil_within(figure_of_eight_70());
    return made;
}

// An egg-shaped head with its inner skull, prepared once.
class Egg : public testing::Test {
protected:
    static void SetUpTestSuite() {
        scalp_ = new SurfaceIndex(ellipsoid(20480, kScalp));
        std::vector<Point<Scan>> points;
        for (const auto& p : cap(Vector3d::UnitZ(), 1.0, 600)) points.push_back({0.92 * p.xyz.cwiseProduct(kSkull)});
        modes_ = new ShellModes(prepare_shell_modes(ellipsoid(1280, kSkull), points, coil()));
    }
    static void TearDownTestSuite() {
        delete modes_;
        delete scalp_;
    }
    static Point<Scan> some_target(SeededRandom& random) {
        return modes_->points[static_cast<std::size_t>(draw_uniform(random) * double(modes_->points.size()))];
    }
    static std::vector<Transform<Scan, Coil>> poses_over(const Point<Scan>& target, int count, SeededRandom& random) {
        const auto seat = scalp_->closest(target);
        std::vector<Transform<Scan, Coil>> out;
        while (static_cast<int>(out.size()) < count) {
            const auto place = scalp_->closest(seat.point + Direction<Scan>{25.0 * any_direction(random)});
            out.push_back(coil_on_scalp(*scalp_, place.point, {any_direction(random)}, draw_uniform(random, 0.0, 360.0),
                                        draw_uniform(random, 0.0, 8.0)));
        }
        return out;
    }
    static inline SurfaceIndex* scalp_ = nullptr;
    static inline ShellModes* modes_ = nullptr;
};

TEST_F(Egg, ManyPosesHaveTheFieldsOfEach) {
    SeededRandom random = random_stream(1, 0);
    const auto shared = std::make_shared<ShellModes>(*modes_);
    const auto whole = shell_cortical_field(shared, coil());
    for (int i = 0; i < 4; ++i) {
        const std::size_t at = 40 + 130 * static_cast<std::size_t>(i);
        const Point<Scan> target = modes_->points[at];
        const TargetField field(coil(), *modes_, target);
        EXPECT_LE(field.probe_error(), 0.01);
        const TargetField sphere(coil(), modes_->sphere, target);
        const auto poses = poses_over(target, 60, random);
        Vectors3f many;
        Vectors3f of_sphere;
        field.at(poses, many);
        sphere.at(poses, of_sphere);
        double most = 0.0;
        double worst = 0.0;
        for (std::size_t p = 0; p < poses.size(); ++p) {
            Vectors3f all;
            whole->evaluate(poses[p], 1.0, all);
            most = std::max(most, all.at(at).norm());
            worst = std::max(worst, (all.at(at) - many.at(p)).norm());
            const Vector3d exact = 1e6 * sphere_field(placed(coil(), poses[p], modes_->sphere.centre),
                                                      1e-3 * (target.xyz - modes_->sphere.centre.xyz));
            EXPECT_LE((of_sphere.at(p) - exact).norm(), 1e-4 * exact.norm() + 1e-6);
        }
        EXPECT_LE(worst, 0.012 * most);
    }
}

TEST_F(Egg, SharesAreOfTheFullField) {
    SeededRandom random = random_stream(2, 0);
    const Point<Scan> target = some_target(random);
    const TargetField field(coil(), modes_->sphere, target);
    const auto poses = poses_over(target, 20, random);
    Vectors3f values;
    field.at(poses, values);
    const Direction<Scan> preferred{any_direction(random)};
    const auto along = field.shares(poses, 2.0, preferred);
    const auto whole = field.shares(poses, 2.0);
    for (std::size_t p = 0; p < poses.size(); ++p) {
        EXPECT_NEAR(whole[p], 0.5 * values.at(p).norm(), 1e-9);
        EXPECT_NEAR(along[p], std::max(0.0, 0.5 * values.at(p).dot(preferred.xyz)), 1e-9);
    }
    EXPECT_THROW(field.shares(poses, 0.0), InputError);
    EXPECT_TRUE(field.shares({}, 1.0).empty());
}

// Every 1.5 mm or so of scalp within reach, every 3°.
double best_of_all(const SurfaceIndex& scalp, const TargetField& field, const PoseSearchOptions& options) {
    const auto base = scalp.closest(field.target());
    std::vector<Transform<Scan, Coil>> poses;
    for (const auto& v : scalp.surface().vertices) {
        if (distance_mm(v, base.point) > 25.0) continue;
        for (double yaw = 0.0; yaw < 360.0; yaw += 3.0) {
            poses.push_back(coil_on_scalp(scalp, v, {base.normal.xyz.unitOrthogonal()}, yaw, options.hair_mm));
        }
    }
    Vectors3f values;
    field.at(poses, values);
    double best = 0.0;
    for (std::size_t p = 0; p < poses.size(); ++p) {
        best = std::max(best, options.along ? values.at(p).dot(options.along->normalized().xyz) : values.at(p).norm());
    }
    return best;
}

TEST_F(Egg, TheFoundPoseIsAsGoodAsTheBestOfAll) {
    SeededRandom random = random_stream(3, 0);
    for (int i = 0; i < 6; ++i) {
        const Point<Scan> target = some_target(random);
        PoseSearchOptions options;
        options.hair_mm = i % 2 == 0 ? 0.0 : 4.0;
        const Direction<Scan> outward = scalp_->closest(target).normal;
        const Direction<Scan> any{any_direction(random)};
        if (i % 3 == 2) options.along = any - any.dot(outward) * outward;
        for (const bool shell : {false, true}) {
            if (shell && i > 2) continue;
            const TargetField field =
                shell ? TargetField(coil(), *modes_, target) : TargetField(coil(), modes_->sphere, target);
            const FoundPose found = strongest_pose(*scalp_, field, options);
            EXPECT_GE(found.v_per_m, 0.995 * best_of_all(*scalp_, field, options));
            EXPECT_EQ(found.origin.head, shell ? "inner skull" : "sphere");
            // Flat on the scalp, that hair between.
            const auto seat = scalp_->closest(found.scan_from_coil.origin());
            EXPECT_NEAR(seat.distance_mm, options.hair_mm, 0.1);
            EXPECT_LT(found.scan_from_coil.z_axis().dot(scalp_->patch_normal(seat.point, 20.0)), -0.999);
            EXPECT_NEAR(found.scan_from_coil.rotation().determinant(), 1.0, 1e-12);
            if (!options.along) {
                EXPECT_GE(found.scan_from_coil.y_axis().xyz.y(), 0.0);  // handle to the back
            }
        }
    }
}

TEST_F(Egg, HairCostsField) {
    SeededRandom random = random_stream(4, 0);
    const TargetField field(coil(), modes_->sphere, some_target(random));
    PoseSearchOptions hair;
    hair.hair_mm = 5.0;
    const double bald = strongest_pose(*scalp_, field).v_per_m;
    const double share = strongest_pose(*scalp_, field, hair).v_per_m / bald;
    EXPECT_LT(share, 0.88);  // about 4–5 % a millimetre
    EXPECT_GT(share, 0.70);
}

TEST_F(Egg, TheSearchRefusesNonsense) {
    SeededRandom random = random_stream(5, 0);
    const TargetField field(coil(), modes_->sphere, some_target(random));
    PoseSearchOptions options;
    options.hair_mm = -1.0;
    EXPECT_THROW(strongest_pose(*scalp_, field, options), InputError);
    options = {};
    options.reach_mm = std::nan("");
    EXPECT_THROW(strongest_pose(*scalp_, field, options), InputError);
    options = {};
    options.along = Direction<Scan>{};
    EXPECT_THROW(strongest_pose(*scalp_, field, options), InputError);
    EXPECT_THROW(TargetField(coil(), *modes_, {Vector3d(0, 0, 80)}), InputError);
    EXPECT_THROW(TargetField(reversed(coil()), *modes_, modes_->points[0]), InputError);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(strongest_pose(*scalp_, field, {}, {stop.get_token(), {}}), Cancelled);
}

TEST(DoseTransfer, GoesByDistanceOrByField) {
    const DoseTransfer deeper = dose_by_distance(50.0, 14.0, 18.0);
    EXPECT_NEAR(deeper.percent_mso, 62.0, 1e-12);
    EXPECT_TRUE(deeper.reachable);
    EXPECT_NE(deeper.reason.find("Stokes"), std::string::npos);
    EXPECT_FALSE(dose_by_distance(80.0, 14.0, 24.0).reachable);
    EXPECT_NEAR(dose_by_field(60.0, 1.5, 1.0).percent_mso, 90.0, 1e-12);
    EXPECT_FALSE(dose_by_field(60.0, 1.5, 0.8).reachable);
    EXPECT_THROW(dose_by_distance(0.0, 14.0, 14.0), InputError);
    EXPECT_THROW(dose_by_distance(50.0, std::nan(""), 14.0), InputError);
    EXPECT_THROW(dose_by_field(50.0, 0.0, 1.0), InputError);
}

}  // namespace
}  // namespace precentral
