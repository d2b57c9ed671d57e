// SPDX-License-Identifier: Apache-2.0
// The closed form of the sphere: golden values, physics, an implementation by other algebra, and the fast loops.
#include "navigation/efield/sphere_field.h"

#include <gtest/gtest.h>

#include <Eigen/Geometry>

#include "data/error.h"
#include "efield_fixtures.h"
#include "navigation/efield/local_sphere.h"
#include "navigation/efield/placed_coil.h"
#include "navigation/efield/windings.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

void expect_relative(const Vector3d& got, const Vector3d& wanted, double tolerance) {
    EXPECT_LE((got - wanted).norm(), tolerance * wanted.norm()) << got.transpose() << " for " << wanted.transpose();
}

DipolesAboutSphere some_dipoles(SeededRandom& random, int count = 5) {
    DipolesAboutSphere out;
    for (int i = 0; i < count; ++i) {
        out.add(draw_uniform(random, 0.085, 0.14) * any_direction(random), 3.0 * any_direction(random));
    }
    return out;
}

Vector3d some_place(SeededRandom& random) { return draw_uniform(random, 0.005, 0.078) * any_direction(random); }

// Ḃ of magnetic dipoles, T/s.
Vector3d changing_field(const DipolesAboutSphere& dipoles, const Vector3d& at) {
    Vector3d out = Vector3d::Zero();
    for (std::size_t d = 0; d < dipoles.moments.size(); ++d) {
        const Vector3d r = at - dipoles.positions_m[d];
        const double length = r.norm();
        const Vector3d unit = r / length;
        out += 1e-7 / (length * length * length) * (3.0 * dipoles.moments[d].dot(unit) * unit - dipoles.moments[d]);
    }
    return out;
}

// Other algebra: no radial part and curl E = −Ḃ leave E(p) = p × ∫₀¹ t Ḃ(t p) dt, here by Gauss–Legendre on 40 pieces
// of 5 nodes. No word of it is shared with the closed form.
Vector3d field_by_integration(const DipolesAboutSphere& dipoles, const Vector3d& p) {
    static const double nodes[5] = {0.0, 0.5384693101056831, -0.5384693101056831, 0.9061798459386640,
                                    -0.9061798459386640};
    static const double weights[5] = {128.0 / 225.0, 0.4786286704993665, 0.4786286704993665, 0.2369268850561891,
                                      0.2369268850561891};
    constexpr int kPieces = 40;
    Vector3d sum = Vector3d::Zero();
    for (int piece = 0; piece < kPieces; ++piece) {
        for (int k = 0; k < 5; ++k) {
            const double t = (piece + 0.5 * (1.0 + nodes[k])) / kPieces;
            sum += 0.5 * weights[k] / kPieces * t * changing_field(dipoles, t * p);
        }
    }
    return p.cross(sum);
}

TEST(SphereField, HasTheGoldenValues) {
    DipolesAboutSphere one;
    one.add({0, 0, 0.1}, {0, 0, 1});
    const Vector3d p(0.02, 0.01, 0.06);
    expect_relative(sphere_field(one, p), {1.03913281e-05, -2.07826562e-05, 0}, 1e-8);
    DipolesAboutSphere other;
    other.add({0.03, -0.02, 0.09}, {1, 2, 3});
    expect_relative(sphere_field(other, p), {7.91335661e-05, 0, -2.63778554e-05}, 1e-8);
}

// Figure-of-eight of 56 dipoles, centre at z = 91.5 mm, dI/dt 1e8 A/s.
TEST(SphereField, HasTheGoldenValuesOfAFigureOfEight) {
    const CoilModel coil = reduced_coil(figure_of_eight(26.0, 44.0, 9, 45.0, 6.5), {6, 10, 12});
    ASSERT_EQ(coil.dipoles.size(), 56U);
    Eigen::Isometry3d over = Eigen::Isometry3d::Identity();
    over.linear() = Eigen::AngleAxisd(3.14159265358979323846, Vector3d::UnitY()).toRotationMatrix();
    over.translation() = Vector3d(0, 0, 85.0);  // windings 6.5 mm above
    const auto dipoles = placed(coil, Transform<Scan, Coil>(over), {Vector3d::Zero()});
    expect_relative(1e8 * sphere_field(dipoles, {0, 0, 0.07}), {0, 146.634658, 0}, 1e-8);
    expect_relative(1e8 * sphere_field(dipoles, {0.02, 0, 0.065}), {0, 75.1183739, 0}, 1e-8);
    expect_relative(1e8 * sphere_field(dipoles, {0, 0.03, 0.06}), {0, 70.8604041, -35.4302020}, 1e-8);
}

TEST(SphereField, HasNoRadialPart) {
    SeededRandom random = random_stream(1, 0);
    for (int i = 0; i < 200; ++i) {
        const auto dipoles = some_dipoles(random);
        const Vector3d p = some_place(random);
        const Vector3d e = sphere_field(dipoles, p);
        EXPECT_LE(std::abs(e.dot(p.normalized())), 1e-12 * e.norm());
    }
}

TEST(SphereField, ItsCurlIsTheChangeOfTheMagneticField) {
    SeededRandom random = random_stream(2, 0);
    constexpr double h = 2e-5;
    for (int i = 0; i < 50; ++i) {
        const auto dipoles = some_dipoles(random, 1);
        const Vector3d p = some_place(random);
        Eigen::Matrix3d slope;  // column j: dE/dx_j
        for (int j = 0; j < 3; ++j) {
            const Vector3d step = h * Vector3d::Unit(j);
            slope.col(j) = (sphere_field(dipoles, p + step) - sphere_field(dipoles, p - step)) / (2.0 * h);
        }
        const Vector3d curl(slope(2, 1) - slope(1, 2), slope(0, 2) - slope(2, 0), slope(1, 0) - slope(0, 1));
        const Vector3d change = changing_field(dipoles, p);
        EXPECT_LE((curl + change).norm(), 1e-5 * change.norm());
        EXPECT_LE(std::abs(slope.trace()), 1e-5 * slope.norm());  // no charges inside
    }
}

TEST(SphereField, AgreesWithAnImplementationByOtherAlgebra) {
    SeededRandom random = random_stream(3, 0);
    for (int i = 0; i < 200; ++i) {
        const auto dipoles = some_dipoles(random);
        const Vector3d p = some_place(random);
        expect_relative(sphere_field(dipoles, p), field_by_integration(dipoles, p), 1e-9);
    }
}

TEST(SphereField, IsLinearInTheRate) {
    SeededRandom random = random_stream(4, 0);
    auto dipoles = some_dipoles(random);
    const Vector3d p = some_place(random);
    const Vector3d once = sphere_field(dipoles, p);
    for (auto& m : dipoles.moments) m *= -3.5;
    expect_relative(sphere_field(dipoles, p), -3.5 * once, 1e-14);
}

TEST(SphereField, TurnsWithTheHead) {
    SeededRandom random = random_stream(5, 0);
    for (int i = 0; i < 100; ++i) {
        const auto dipoles = some_dipoles(random);
        const Vector3d p = some_place(random);
        const Eigen::Matrix3d turn =
            Eigen::AngleAxisd(draw_uniform(random, 0.0, 6.0), any_direction(random)).toRotationMatrix();
        DipolesAboutSphere turned;
        for (std::size_t d = 0; d < dipoles.moments.size(); ++d) {
            turned.add(turn * dipoles.positions_m[d], turn * dipoles.moments[d]);
        }
        expect_relative(sphere_field(turned, turn * p), turn * sphere_field(dipoles, p), 1e-12);
    }
}

TEST(SphereField, IsReciprocalToTheMagneticFieldOfACurrent) {
    SeededRandom random = random_stream(6, 0);
    for (int i = 0; i < 100; ++i) {
        const auto dipoles = some_dipoles(random);
        const Vector3d p = some_place(random);
        const Vector3d current = any_direction(random);
        double flux = 0.0;
        double size = 0.0;
        for (std::size_t d = 0; d < dipoles.moments.size(); ++d) {
            const double part = sphere_magnetic_field(p, current, dipoles.positions_m[d]).dot(dipoles.moments[d]);
            flux += part;
            size += std::abs(part);
        }
        EXPECT_NEAR(sphere_field(dipoles, p).dot(current), -flux, 1e-12 * size);
    }
}

// Without the conductor only −∂A/∂t is left; a radial dipole's has no radial part anyway (Sarvas 1987).
TEST(SphereField, OfARadialDipoleIsThatOfTheVacuum) {
    DipolesAboutSphere radial;
    radial.add({0.0, 0.06, 0.08}, 2.0 * Vector3d(0.0, 0.06, 0.08));
    const Vector3d p(0.03, 0.02, 0.05);
    expect_relative(sphere_field(radial, p), vacuum_field(radial, p), 1e-13);
}

TEST(SphereField, TheFastLoopsAgreeWithTheExactOnes) {
    SeededRandom random = random_stream(7, 0);
    const CoilModel coil = coil_within(figure_of_eight_70());
    const Transform<Scan, Coil> pose = on_ball(any_direction(random), 86.0, 0.7);
    const auto dipoles = placed(coil, pose, {Vector3d::Zero()});
    std::vector<Point<Scan>> points = cap(-pose.z_axis().xyz, 70.0, 777);  // not a whole number of blocks
    Vectors3f fast;
    Vectors3f vacuum;
    sphere_field(dipoles, seen_from({Vector3d::Zero()}, points), fast);
    vacuum_field(dipoles, seen_from({Vector3d::Zero()}, points), vacuum);
    double most = 0.0;
    for (const auto& p : points) most = std::max(most, sphere_field(dipoles, 1e-3 * p.xyz).norm());
    for (std::size_t i = 0; i < points.size(); ++i) {
        EXPECT_LE((fast.at(i) - sphere_field(dipoles, 1e-3 * points[i].xyz)).norm(), 3e-6 * most);
        EXPECT_LE((vacuum.at(i) - vacuum_field(dipoles, 1e-3 * points[i].xyz)).norm(), 1e-5 * most);
    }
    // Many poses, one point: the same numbers from the other side.
    std::vector<Transform<Scan, Coil>> poses;
    for (int i = 0; i < 300; ++i) {
        poses.push_back(on_ball((-pose.z_axis().xyz + 0.3 * any_direction(random)).normalized(), 90.0, 0.1 * i));
    }
    std::vector<Vectors3f> of_poses;
    sphere_field_of_poses(in_coil_axes(coil), seen_from({Vector3d::Zero()}, poses), {1e-3 * points[0].xyz}, of_poses);
    for (std::size_t i = 0; i < poses.size(); ++i) {
        const Vector3d exact = sphere_field(placed(coil, poses[i], {Vector3d::Zero()}), 1e-3 * points[0].xyz);
        EXPECT_LE((of_poses[0].at(i) - exact).norm(), 1e-5 * most);
    }
}

// Lanes work alone: one point by itself gets the bits it gets among thousands.
TEST(SphereField, APointsFieldDoesNotDependOnItsNeighbours) {
    const CoilModel coil = coil_within(figure_of_eight_70());
    const auto dipoles = placed(coil, on_ball(Vector3d::UnitZ(), 86.0, 0.7), {Vector3d::Zero()});
    const auto points = cap(Vector3d::UnitZ(), 70.0, 501);
    Vectors3f together;
    sphere_field(dipoles, seen_from({Vector3d::Zero()}, points), together);
    for (std::size_t i = 0; i < points.size(); i += 7) {
        Vectors3f alone;
        sphere_field(dipoles, seen_from({Vector3d::Zero()}, std::vector<Point<Scan>>{points[i]}), alone);
        EXPECT_EQ(alone.x[0], together.x[i]);
        EXPECT_EQ(alone.y[0], together.y[i]);
        EXPECT_EQ(alone.z[0], together.z[i]);
    }
}

TEST(LocalSphere, FindsASphereThroughNoiseAndOutliers) {
    SeededRandom random = random_stream(8, 0);
    for (int i = 0; i < 30; ++i) {
        const Vector3d centre = 50.0 * any_direction(random);
        const Vector3d up = any_direction(random);
        std::vector<Point<Scan>> points;
        for (const auto& p : cap(up, 85.0, 400)) {
            const double noise = draw_normal(random, 0.0, 0.5) + (draw_uniform(random) < 0.05 ? 12.0 : 0.0);
            points.push_back({centre + (1.0 + noise / 85.0) * p.xyz});
        }
        const FittedSphere sphere = fit_sphere(points);
        EXPECT_LT((sphere.centre.xyz - centre).norm(), 2.0);
        EXPECT_NEAR(sphere.radius_mm, 85.0, 2.0);
    }
}

TEST(LocalSphere, RefusesWhatIsNoHead) {
    EXPECT_THROW(fit_sphere({{Vector3d(1, 2, 3)}, {Vector3d(3, 2, 1)}, {Vector3d(0, 0, 1)}}), InputError);
    std::vector<Point<Scan>> flat;
    for (int i = 0; i < 50; ++i) flat.push_back({Vector3d(i % 7, i / 7, 0)});
    EXPECT_THROW(fit_sphere(flat), InputError);
    EXPECT_THROW(fit_sphere(cap(Vector3d::UnitZ(), 900.0, 100)), InputError);
    flat.assign(10, {Vector3d::Constant(std::nan(""))});
    EXPECT_THROW(fit_sphere(flat), InputError);
}

TEST(LocalSphere, FollowsTheCoilInSteps) {
    const Surface head = ellipsoid(5120, {75.0, 95.0, 85.0});
    SphereFollowingCoil following(head);
    EXPECT_THROW(following.sphere(), Error);
    EXPECT_TRUE(following.follow({Vector3d(0, 0, 90)}));
    const Point<Scan> first = following.sphere().centre;
    EXPECT_FALSE(following.follow({Vector3d(3, 0, 90)}));
    EXPECT_EQ(following.sphere().centre, first);
    EXPECT_TRUE(following.follow({Vector3d(40, 0, 80)}));
    EXPECT_NE(following.sphere().centre, first);
}

}  // namespace
}  // namespace precentral
