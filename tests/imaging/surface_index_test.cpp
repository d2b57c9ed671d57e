// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <thread>

#include "data/error.h"
#include "fixtures.h"
#include "imaging/decimate.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

Vector3d random_vector(std::mt19937& random, double size) {
    std::normal_distribution<double> normal;
    return size * Vector3d(normal(random), normal(random), normal(random));
}

TEST(SurfaceIndex, DistanceToASphereIsRadialWithTheSignOfTheSide) {
    std::mt19937 random(1);
    const Vector3d middle(10, -20, 30);
    const SurfaceIndex index(sphere(middle, 80.0, 6));
    for (int i = 0; i < 500; ++i) {
        const Point<Scan> p{middle + random_vector(random, 60.0)};
        const SurfacePoint on = index.closest(p);
        EXPECT_NEAR(on.distance_mm, (p.xyz - middle).norm() - 80.0, 0.03);
        EXPECT_NEAR((on.point.xyz - middle).norm(), 80.0, 0.03);
        EXPECT_GT(on.normal.xyz.dot((on.point.xyz - middle) / 80.0), 0.999);
        EXPECT_NEAR(on.normal.norm(), 1.0, 1e-12);
    }
}

// No triangle is nearer than the one answered: compared with every triangle's corners and random points on it.
TEST(SurfaceIndex, NothingOnTheSurfaceIsNearerThanTheAnswer) {
    std::mt19937 random(2);
    std::uniform_real_distribution<double> share;
    const Surface bumpy = [&] {
        Surface s = sphere({0, 0, 0}, 50.0, 3);
        for (auto& v : s.vertices) v.xyz += random_vector(random, 4.0);
        s.normals.clear();
        return s;
    }();
    const SurfaceIndex index(bumpy);
    for (int i = 0; i < 200; ++i) {
        const Point<Scan> p{random_vector(random, 50.0)};
        const double answered = std::abs(index.closest(p).distance_mm);
        EXPECT_NEAR(answered, distance_mm(p, index.closest(p).point), 1e-9);
        for (const auto& t : bumpy.triangles) {
            const Vector3d a = bumpy.vertices[static_cast<std::size_t>(t[0])].xyz;
            const Vector3d b = bumpy.vertices[static_cast<std::size_t>(t[1])].xyz;
            const Vector3d c = bumpy.vertices[static_cast<std::size_t>(t[2])].xyz;
            double u = share(random);
            double v = share(random);
            if (u + v > 1.0) {
                u = 1.0 - u;
                v = 1.0 - v;
            }
            EXPECT_GE((a + u * (b - a) + v * (c - a) - p.xyz).norm(), answered - 1e-9);
        }
    }
}

TEST(SurfaceIndex, TheSignIsRightBesideSharpEdgesAndCorners) {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> coordinate(-3.0, 3.0);
    const SurfaceIndex index(box({-1, -1, -1}, {1, 1, 1}));
    for (int i = 0; i < 5000; ++i) {
        const Vector3d p(coordinate(random), coordinate(random), coordinate(random));
        const bool inside = p.cwiseAbs().maxCoeff() < 1.0;
        const double expected =
            inside ? p.cwiseAbs().maxCoeff() - 1.0 : (p.cwiseAbs() - Vector3d::Ones()).cwiseMax(0.0).norm();
        EXPECT_NEAR(index.closest({p}).distance_mm, expected, 1e-12);
    }
}

TEST(SurfaceIndex, RaysFromInsideNeverSlipThroughAClosedSurface) {
    std::mt19937 random(4);
    const SurfaceIndex index(sphere({0, 0, 0}, 80.0, 4));
    for (int i = 0; i < 5000; ++i) {
        // Every third ray is aimed exactly at a vertex, every other third at the middle of an edge.
        Vector3d aim = random_vector(random, 1.0).normalized();
        const auto& t = index.surface().triangles[static_cast<std::size_t>(i) % index.surface().triangles.size()];
        const auto& a = index.surface().vertices[static_cast<std::size_t>(t[0])].xyz;
        const auto& b = index.surface().vertices[static_cast<std::size_t>(t[1])].xyz;
        if (i % 3 == 1) aim = a.normalized();
        if (i % 3 == 2) aim = (a + b).normalized();
        const auto hit = index.first_hit({Vector3d::Zero()}, {aim}, 100.0);
        ASSERT_TRUE(hit.has_value());
        EXPECT_NEAR(hit->distance_mm, 80.0, 0.6);
        EXPECT_NEAR(distance_mm(hit->point, {hit->distance_mm * aim}), 0.0, 1e-9);
        EXPECT_NEAR(index.closest(hit->point).distance_mm, 0.0, 1e-9);
        EXPECT_FALSE(index.first_hit({Vector3d::Zero()}, {aim}, hit->distance_mm - 1e-6).has_value());
    }
}

TEST(SurfaceIndex, TheFirstOfSeveralCrossingsIsAnswered) {
    const SurfaceIndex index(box({-1, -1, -1}, {1, 1, 1}));
    const auto hit = index.first_hit({{-5.0, 0.2, 0.3}}, {{1, 0, 0}}, 100.0);
    ASSERT_TRUE(hit.has_value());
    EXPECT_NEAR(hit->distance_mm, 4.0, 1e-12);
    EXPECT_FALSE(index.first_hit({{-5.0, 0.2, 0.3}}, {{-1, 0, 0}}, 100.0).has_value());
    EXPECT_FALSE(index.first_hit({{-5.0, 2.0, 0.3}}, {{1, 0, 0}}, 100.0).has_value());
}

TEST(SurfaceIndex, MovesWithTheSurface) {
    std::mt19937 random(5);
    const Surface still = sphere({0, 0, 0}, 30.0, 3);
    for (int i = 0; i < 20; ++i) {
        Eigen::Isometry3d move = Eigen::Isometry3d::Identity();
        move.linear() = Eigen::AngleAxisd(0.3 * i, random_vector(random, 1.0).normalized()).toRotationMatrix();
        move.translation() = random_vector(random, 50.0);
        Surface moved = still;
        for (auto& v : moved.vertices) v.xyz = move * v.xyz;
        moved.normals.clear();
        const SurfaceIndex here(still);
        const SurfaceIndex there(moved);
        const Vector3d p = random_vector(random, 30.0);
        EXPECT_NEAR(here.closest({p}).distance_mm, there.closest({move * p}).distance_mm, 1e-9);
        EXPECT_NEAR((move * here.closest({p}).point.xyz - there.closest({move * p}).point.xyz).norm(), 0.0, 1e-7);
    }
}

TEST(SurfaceIndex, APatchOfASpherePointsOutwards) {
    const SurfaceIndex index(sphere({0, 0, 0}, 80.0, 6));
    std::mt19937 random(6);
    for (int i = 0; i < 100; ++i) {
        const Vector3d out = random_vector(random, 1.0).normalized();
        for (const double radius_mm : {0.01, 5.0, 20.0}) {
            const auto normal = index.patch_normal({80.0 * out}, radius_mm);
            EXPECT_GT(normal.xyz.dot(out), 0.999);
            EXPECT_NEAR(normal.norm(), 1.0, 1e-12);
        }
    }
}

TEST(SurfaceIndex, AnswersAlikeFromManyThreads) {
    const SurfaceIndex index(sphere({0, 0, 0}, 80.0, 5));
    std::vector<std::vector<double>> answers(4);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : answers) {
            threads.emplace_back([&index, &mine] {
                std::mt19937 random(7);
                for (int i = 0; i < 2000; ++i) mine.push_back(index.closest({random_vector(random, 70.0)}).distance_mm);
            });
        }
    }
    for (const auto& mine : answers) EXPECT_EQ(mine, answers.front());
}

TEST(SurfaceIndex, RefusesWhatIsNoSurface) {
    EXPECT_THROW(SurfaceIndex(Surface{}), InputError);
    Surface broken = box({0, 0, 0}, {1, 1, 1});
    broken.triangles[3][1] = 8;
    EXPECT_THROW(SurfaceIndex{broken}, InputError);
    broken = box({0, 0, 0}, {1, 1, 1});
    broken.vertices[2].xyz[1] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(SurfaceIndex{broken}, InputError);
    const SurfaceIndex index(box({0, 0, 0}, {1, 1, 1}));
    EXPECT_THROW(index.closest({Vector3d::Constant(std::numeric_limits<double>::quiet_NaN())}), InputError);
}

TEST(MeshMeasures, ABoxIsClosedAndABoxWithoutALidIsNot) {
    Surface s = box({0, 0, 0}, {10, 20, 30});
    MeshMeasures m = measured(s);
    EXPECT_TRUE(m.watertight());
    EXPECT_EQ(m.shells, 1);
    EXPECT_NEAR(m.volume_ml, 6.0, 1e-12);
    EXPECT_NEAR(m.area_cm2, 22.0, 1e-12);
    s.triangles.pop_back();
    m = measured(s);
    EXPECT_EQ(m.open_edges, 3);
    EXPECT_FALSE(m.watertight());
    s = box({0, 0, 0}, {1, 1, 1});
    std::swap(s.triangles[0][0], s.triangles[0][1]);  // one triangle inside out
    EXPECT_EQ(measured(s).non_manifold_edges, 3);
}

TEST(Decimated, AClosedSurfaceStaysClosedAndKeepsItsShape) {
    const Surface fine = sphere({5, 5, 5}, 80.0, 6);
    for (const int wanted : {20000, 5000, 1000, 200}) {
        const Surface fewer = decimated(fine, wanted);
        EXPECT_LE(static_cast<int>(fewer.triangles.size()), wanted);
        EXPECT_GE(static_cast<int>(fewer.triangles.size()), wanted - 2);
        const MeshMeasures m = measured(fewer);
        EXPECT_TRUE(m.watertight());
        EXPECT_EQ(m.shells, 1);
        // Corners on a sphere leave out 7.3 / n of its volume at best.
        EXPECT_NEAR(m.volume_ml / measured(fine).volume_ml, 1.0, 8.0 / wanted);
        EXPECT_EQ(fewer.normals.size(), fewer.vertices.size());
    }
    EXPECT_EQ(decimated(fine, 3000).vertices, decimated(fine, 3000).vertices);
    EXPECT_EQ(decimated(fine, 1000000).vertices, fine.vertices);
}

}  // namespace
}  // namespace precentral
