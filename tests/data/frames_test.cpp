// SPDX-License-Identifier: Apache-2.0
#include "data/frames.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "data/error.h"

namespace precentral {
namespace {

template <class A, class B>
concept composable = requires(A a, B b) {
    a* b;
};
template <class A, class B>
concept subtractable = requires(A a, B b) {
    a - b;
};

// A chain that fits compiles; one that does not, does not.
static_assert(composable<Transform<Scan, Head>, Transform<Head, Tracker>>);
static_assert(!composable<Transform<Scan, Head>, Transform<Coil, Head>>);
static_assert(!composable<Transform<Scan, Head>, Transform<Tracker, Head>>);
static_assert(!composable<Transform<Scan, Head>, Point<Scan>>);
static_assert(!composable<Transform<Scan, Head>, Direction<Tracker>>);
static_assert(!composable<AffineMap<Mni, Scan>, Point<Mni>>);
static_assert(composable<AffineMap<Mni, Scan>, Transform<Scan, Head>>);
static_assert(!composable<AffineMap<Mni, Scan>, Transform<Mni, Head>>);
static_assert(subtractable<Point<Scan>, Point<Scan>>);
static_assert(!subtractable<Point<Scan>, Point<Mni>>);
static_assert(!std::is_convertible_v<Eigen::Isometry3d, Transform<Scan, Head>>);
static_assert(!std::is_convertible_v<Transform<Scan, Head>, Transform<Head, Scan>>);

template <class To, class From>
Transform<To, From> random_pose(std::mt19937& random) {
    std::normal_distribution<double> normal;
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.linear() = Eigen::Quaterniond(normal(random), normal(random), normal(random), normal(random))
                        .normalized()
                        .toRotationMatrix();
    pose.translation() = 100.0 * Eigen::Vector3d(normal(random), normal(random), normal(random));
    return Transform<To, From>(pose);
}

TEST(Frames, InverseUndoesAndCompositionAssociates) {
    std::mt19937 random(7);
    for (int i = 0; i < 100; ++i) {
        const auto scan_from_head = random_pose<Scan, Head>(random);
        const auto head_from_tracker = random_pose<Head, Tracker>(random);
        const auto tracker_from_stylus = random_pose<Tracker, Stylus>(random);
        const Point<Stylus> tip{{1.0, 2.0, 3.0}};
        const auto left = (scan_from_head * head_from_tracker) * tracker_from_stylus;
        const auto right = scan_from_head * (head_from_tracker * tracker_from_stylus);
        EXPECT_NEAR(distance_mm(left * tip, right * tip), 0.0, 1e-9);
        EXPECT_NEAR(distance_mm(left.inverse() * (left * tip), tip), 0.0, 1e-9);
        const Direction<Stylus> along{{0.0, 0.0, 1.0}};
        EXPECT_NEAR((left * along).norm(), 1.0, 1e-12);
    }
}

TEST(Frames, InterpolationKeepsEndsAndHalvesTheAngle) {
    std::mt19937 random(8);
    for (int i = 0; i < 100; ++i) {
        const auto a = random_pose<Tracker, Head>(random);
        const auto b = random_pose<Tracker, Head>(random);
        EXPECT_NEAR(angle_between_deg(interpolate(a, b, 0.0), a), 0.0, 1e-5);
        EXPECT_NEAR(angle_between_deg(interpolate(a, b, 1.0), b), 0.0, 1e-5);
        const auto middle = interpolate(a, b, 0.5);
        EXPECT_NEAR(angle_between_deg(a, middle), 0.5 * angle_between_deg(a, b), 1e-6);
    }
}

TEST(Frames, TheDoorRefusesWhatIsNotRigid) {
    Eigen::Matrix4d m = Eigen::Matrix4d::Identity();
    EXPECT_NO_THROW((Transform<Scan, Head>::checked(m, "a file")));
    m(0, 0) = 1.01;
    EXPECT_THROW((Transform<Scan, Head>::checked(m, "a file")), InputError);
    m(0, 0) = -1.0;
    EXPECT_THROW((Transform<Scan, Head>::checked(m, "a file")), InputError);
    m(0, 0) = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW((Transform<Scan, Head>::checked(m, "a file")), InputError);
    m = Eigen::Matrix4d::Identity();
    m(3, 0) = 0.5;
    EXPECT_THROW((Transform<Scan, Head>::checked(m, "a file")), InputError);
    m = Eigen::Matrix4d::Identity();
    m(0, 1) = 0.01;  // shear
    try {
        (void)Transform<Scan, Head>::checked(m, "head.json");
        FAIL();
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find("head.json"), std::string::npos);
    }
    m = Eigen::Matrix4d::Zero();
    m(3, 3) = 1.0;
    EXPECT_THROW((AffineMap<Scan, Voxel>::checked(m, "t1.nii")), InputError);
}

}  // namespace
}  // namespace precentral
