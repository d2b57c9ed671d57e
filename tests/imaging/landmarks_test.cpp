// SPDX-License-Identifier: Apache-2.0
// Proposals from the template on a head made for the purpose, whose nasion is known.
#include "imaging/landmarks.h"

#include <gtest/gtest.h>

#include <random>

#include "fixtures.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

// A ball with the ridge of a nose below the place of the nasion and, above it, a brow that stands out all along.
constexpr double kRadius = 92.0;
Surface faced(const Vector3d& nasion) {
    Surface out = sphere(Vector3d::Zero(), kRadius, 7);
    for (auto& vertex : out.vertices) {
        const Vector3d& p = vertex.xyz;
        if (p.y() < 0.0) continue;
        const double across = p.x() - nasion.x();
        const double up = p.z() - nasion.z();
        const double bridge = 8.0 + 0.06 * up * up;  // lowest at the nasion, higher below and above
        const double ridge = std::exp(-across * across / 50.0) * std::exp(-up * up / 900.0);
        vertex.xyz.y() += bridge * ridge;
    }
    out.normals = vertex_normals(out.vertices, out.triangles);
    return out;
}

TEST(Fiducials, TheNasionIsTheSaddleWhereverTheTemplatePutsIt) {
    const Vector3d truth(2.0, 0.0, -12.0);
    const SurfaceIndex scalp(faced(truth));
    std::mt19937 random(2);
    std::uniform_real_distribution<double> any(-1.0, 1.0);
    std::vector<Vector3d> found;
    for (int trial = 0; trial < 10; ++trial) {
        const Vector3d off(5.0 * any(random), 0.0, 9.0 * any(random));
        const auto carry = [&](const Point<Mni>& p) -> Point<Scan> {
            if (p.xyz.y() > 50.0) return {Vector3d(truth.x(), 100.0, truth.z()) + off};
            return {Vector3d(p.xyz.x() > 0.0 ? 92.0 : -92.0, 0.0, 0.0)};
        };
        const auto fiducials = propose_fiducials(carry, scalp);
        ASSERT_EQ(fiducials.size(), 3U);
        EXPECT_NE(fiducials[0].source.find("saddle"), std::string::npos);
        EXPECT_LT(std::abs(scalp.closest(fiducials[0].point).distance_mm), 1e-3);
        EXPECT_LT(std::abs(fiducials[0].point.xyz.x() - truth.x()), 1.5) << off.transpose();
        EXPECT_LT(std::abs(fiducials[0].point.xyz.z() - truth.z()), 4.0) << off.transpose();
        EXPECT_LT(fiducials[0].sd_mm, fiducials[1].sd_mm);
        found.push_back(fiducials[0].point.xyz);
    }
    for (const auto& place : found) EXPECT_LT((place - found[0]).norm(), 1.5);  // the same from every start
}

TEST(Fiducials, WithoutANoseTheCarriedPlaceStaysAndSaysSo) {
    const SurfaceIndex scalp(sphere(Vector3d::Zero(), kRadius, 5));
    const auto carry = [](const Point<Mni>& p) -> Point<Scan> { return {p.xyz}; };
    const auto fiducials = propose_fiducials(carry, scalp);
    const Point<Scan> carried = scalp.closest({{0.0083, 86.811, -39.983}}).point;
    EXPECT_LT(distance_mm(fiducials[0].point, carried), 1e-9);
    EXPECT_NE(fiducials[0].source.find("carried over"), std::string::npos);
    EXPECT_GE(fiducials[0].sd_mm, 8.0);
    const Landmark inion = propose_inion(carry, scalp);
    EXPECT_LT(std::abs(scalp.closest(inion.point).distance_mm), 1e-9);
    EXPECT_LT(inion.point.xyz.y(), -80.0);
}

TEST(Motor, EveryPlaceIsOnTheCrownsOnItsSideAndSaysThatItMustBeMapped) {
    const SurfaceIndex hull(sphere(Vector3d(0, -17, 0), 76.0, 5));
    // Any map will do: it is the one thing that knows template space.
    const auto carry = [](const Point<Mni>& p) -> Point<Scan> { return {p.xyz}; };
    const auto motor = propose_motor(carry, hull);
    ASSERT_EQ(motor.size(), 6U);
    for (const Landmark& place : motor) {
        EXPECT_LT(std::abs(hull.closest(place.point).distance_mm), 1e-9);
        EXPECT_EQ(place.point.xyz.x() < 0.0, place.name.find("left") != std::string::npos) << place.name;
        EXPECT_NE(place.source.find("map it"), std::string::npos) << place.name;
        EXPECT_EQ(place.sd_mm, 8.0);
    }
    EXPECT_NE(landmark_named(motor, "hand, left M1").source.find("in front of the hand knob"), std::string::npos);
    // Left and right mirror each other on a brain that is its own mirror image.
    for (const char* name : {"hand", "face", "leg"}) {
        const Vector3d left = landmark_named(motor, std::string(name) + ", left M1").point.xyz;
        const Vector3d right = landmark_named(motor, std::string(name) + ", right M1").point.xyz;
        EXPECT_LT((left - Vector3d(-right.x(), right.y(), right.z())).norm(), 1e-9);
    }
}

}  // namespace
}  // namespace precentral
