// SPDX-License-Identifier: Apache-2.0
// Sites measured with a tape over the head: known places on a sphere, symmetry, hostile landmarks.
#include "imaging/ten_twenty.h"

#include <gtest/gtest.h>

#include <numbers>
#include <random>

#include "data/error.h"
#include "fixtures.h"
#include "imaging/tape.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr double kRadius = 90.0;
constexpr double kDegree = std::numbers::pi / 180.0;

TapeLandmarks on_sphere() { return {{{0, kRadius, 0}}, {{0, -kRadius, 0}}, {{-kRadius, 0, 0}}, {{kRadius, 0, 0}}}; }

// Elevation above the plane of the landmarks and azimuth from the nasion towards the left ear.
Vector3d place(double elevation_deg, double azimuth_deg) {
    const double e = elevation_deg * kDegree;
    const double a = azimuth_deg * kDegree;
    return kRadius * Vector3d(-std::cos(e) * std::sin(a), std::cos(e) * std::cos(a), std::sin(e));
}

// The point a share of the way along the circle through three points, from the first over the second to the third.
Vector3d on_circle(const Vector3d& a, const Vector3d& b, const Vector3d& c, double share) {
    const Vector3d normal = (b - a).cross(c - a).normalized();
    const Vector3d centre = normal.dot(a) * normal;  // of a circle on a sphere around the origin
    const Vector3d x = (a - centre).normalized();
    const Vector3d y = normal.cross(x);
    const double radius = (a - centre).norm();
    double end = std::atan2(y.dot(c - centre), x.dot(c - centre));
    if (end < 0.0) end += 2.0 * std::numbers::pi;
    return centre + radius * (std::cos(share * end) * x + std::sin(share * end) * y);
}

// A head-like shape without any symmetry, from a seed.
Surface lumpy(unsigned seed) {
    Surface out = sphere(Vector3d::Zero(), 1.0, 5);
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> any(-1.0, 1.0);
    const Vector3d axes = Vector3d(78, 98, 92) + 4.0 * Vector3d(any(random), any(random), any(random));
    std::array<Vector3d, 4> lumps;
    for (auto& lump : lumps) lump = Vector3d(any(random), any(random), any(random));
    for (auto& vertex : out.vertices) {
        double swell = 1.0;
        for (const auto& lump : lumps) swell += 0.02 * std::sin(2.0 * lump.dot(vertex.xyz) + lump.x());
        vertex.xyz = swell * axes.cwiseProduct(vertex.xyz);
    }
    out.normals = vertex_normals(out.vertices, out.triangles);
    return out;
}

TapeLandmarks of(const SurfaceIndex& scalp) {
    const auto seat = [&](const Vector3d& p) { return scalp.closest({p}).point; };
    return {seat({2, 100, 3}), seat({-1, -100, -4}), seat({-80, -6, 1}), seat({80, -3, -2})};
}

TEST(Tape, MeasuresAGreatCircle) {
    const Surface ball = sphere(Vector3d::Zero(), kRadius, 6);
    const Tape tape = lay_tape(ball, {place(0, 0)}, {place(90, 0)}, {place(0, 180)}, "The line");
    EXPECT_NEAR(tape.length_mm(), std::numbers::pi * kRadius, 0.05);
    EXPECT_LT((tape.at(0.25).xyz - place(45, 0)).norm(), 0.1);
    EXPECT_LT((tape.at(0.0).xyz - place(0, 0)).norm(), 0.1);
    EXPECT_LT((tape.at(1.0).xyz - place(0, 180)).norm(), 0.1);
    EXPECT_LT((tape.at(7.0).xyz - place(0, 180)).norm(), 0.1);
}

TEST(Tape, BridgesAHollow) {
    Surface ball = sphere(Vector3d::Zero(), kRadius, 6);
    const Vector3d hollow = place(50, 0);
    for (auto& vertex : ball.vertices) {
        const double away = (vertex.xyz - hollow).norm();
        if (away < 12.0) vertex.xyz *= 1.0 - 0.08 * (1.0 - away / 12.0);
    }
    const Tape tape = lay_tape(ball, {place(0, 0)}, {place(90, 0)}, {place(0, 180)}, "The line");
    EXPECT_LT(tape.length_mm(), std::numbers::pi * kRadius);  // a chord over the hollow, not down and up again
    EXPECT_GT(tape.length_mm(), std::numbers::pi * kRadius - 0.5);
}

TEST(Tape, SaysWhenItCannotBeLaid) {
    const Surface ball = sphere(Vector3d::Zero(), kRadius, 4);
    EXPECT_THROW(lay_tape(ball, {place(0, 0)}, {place(0, 0)}, {place(0, 180)}, "It"), InputError);
    EXPECT_THROW(lay_tape(ball, {{0, 0, 0}}, {{0, 0, 45}}, {{0, 0, 90}}, "It"), InputError);
    EXPECT_THROW(lay_tape(ball, {{0, 300, 0}}, {{0, 0, 300}}, {{0, -300, 0}}, "It"), InputError);
    Surface none;
    EXPECT_THROW(lay_tape(none, {place(0, 0)}, {place(90, 0)}, {place(0, 180)}, "It"), InputError);
    // A cap is missing where the tape has to pass.
    Surface open = ball;
    std::erase_if(open.triangles, [&](const auto& t) {
        return open.vertices[static_cast<std::size_t>(t[0])].xyz.normalized().dot(place(45, 0).normalized()) > 0.9 ||
               open.vertices[static_cast<std::size_t>(t[0])].xyz.normalized().dot(place(45, 180).normalized()) > 0.9;
    });
    EXPECT_THROW(lay_tape(open, {place(0, 0)}, {place(90, 0)}, {place(0, 180)}, "It"), InputError);
}

TEST(TenTwenty, SitesOfASphereAreEighteenDegreesApart) {
    const SurfaceIndex ball(sphere(Vector3d::Zero(), kRadius, 6));
    const auto sites = ten_twenty_sites(ball, on_sphere());
    const auto expect_at = [&](const char* name, const Vector3d& where) {
        EXPECT_LT((site_named(sites, name).point.xyz - where).norm(), 0.25) << name;
        EXPECT_GT(site_named(sites, name).normal.xyz.dot(where.normalized()), 0.999) << name;
    };
    expect_at("Cz", place(90, 0));
    const std::array<const char*, 9> midline = {"Fpz", "AFz", "Fz", "FCz", "Cz", "CPz", "Pz", "POz", "Oz"};
    const std::array<const char*, 9> coronal = {"T7", "C5", "C3", "C1", "Cz", "C2", "C4", "C6", "T8"};
    for (std::size_t i = 0; i < 9; ++i) {
        expect_at(midline[i], place(18.0 * static_cast<double>(i + 1), 0));
        expect_at(coronal[i], place(18.0 * static_cast<double>(i + 1), 90));
    }
    const std::array<const char*, 11> left = {"Fpz", "Fp1", "AF7", "F7", "FT7", "T7", "TP7", "P7", "PO7", "O1", "Oz"};
    const std::array<const char*, 11> right = {"Fpz", "Fp2", "AF8", "F8", "FT8", "T8", "TP8", "P8", "PO8", "O2", "Oz"};
    for (std::size_t i = 0; i < 11; ++i) {
        expect_at(left[i], place(18, 18.0 * static_cast<double>(i)));
        expect_at(right[i], place(18, -18.0 * static_cast<double>(i)));
    }
    const auto row = [&](const char* name, const char* a, const char* b, const char* c, double share) {
        const auto at = [&](const char* n) { return site_named(sites, n).point.xyz; };
        expect_at(name, on_circle(at(a), at(b), at(c), share));
    };
    row("F3", "F7", "Fz", "F8", 0.25);
    row("F4", "F7", "Fz", "F8", 0.75);
    row("F5", "F7", "Fz", "F8", 0.125);
    row("P3", "P7", "Pz", "P8", 0.25);
    row("CP2", "TP7", "CPz", "TP8", 0.625);
    row("AF4", "AF7", "AFz", "AF8", 0.75);
    EXPECT_EQ(std::count_if(sites.begin(), sites.end(), [](const auto& s) { return s.of_ten_twenty; }), 21);
    EXPECT_EQ(sites.size(), 61U);
    EXPECT_THROW(site_named(sites, "X9"), InputError);
}

TEST(TenTwenty, AMirroredHeadHasMirroredSites) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        const SurfaceIndex scalp(lumpy(seed));
        const TapeLandmarks l = of(scalp);
        Surface other = scalp.surface();
        const auto mirror = [](const Point<Scan>& p) { return Point<Scan>{{-p.xyz.x(), p.xyz.y(), p.xyz.z()}}; };
        for (auto& vertex : other.vertices) vertex = mirror(vertex);
        for (auto& t : other.triangles) std::swap(t[1], t[2]);
        other.normals.clear();
        const SurfaceIndex mirrored(other);
        const auto there = ten_twenty_sites(scalp, l);
        const auto here = ten_twenty_sites(
            mirrored, {mirror(l.nasion), mirror(l.inion), mirror(l.right_preauricular), mirror(l.left_preauricular)});
        for (const auto& site : there) {
            std::string name = site.name;
            char& last = name.back();
            if (last != 'z') last = static_cast<char>((last - '0') % 2 == 1 ? last + 1 : last - 1);
            EXPECT_LT(distance_mm(mirror(site.point), site_named(here, name).point), 0.1) << seed << " " << site.name;
        }
    }
}

TEST(TenTwenty, TurningTheScanTurnsTheSites) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        const SurfaceIndex scalp(lumpy(seed));
        const TapeLandmarks l = of(scalp);
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> any(-1.0, 1.0);
        Eigen::Isometry3d motion = Eigen::Isometry3d::Identity();
        motion.linear() =
            Eigen::AngleAxisd(0.6 * any(random), Vector3d(any(random), any(random), 1).normalized()).toRotationMatrix();
        motion.translation() = 60.0 * Vector3d(any(random), any(random), any(random));
        const Transform<Scan, Scan> move(motion);
        Surface other = scalp.surface();
        for (auto& vertex : other.vertices) vertex = move * vertex;
        other.normals.clear();
        const auto there = ten_twenty_sites(scalp, l);
        const auto here = ten_twenty_sites(
            SurfaceIndex(other),
            {move * l.nasion, move * l.inion, move * l.left_preauricular, move * l.right_preauricular});
        for (std::size_t i = 0; i < there.size(); ++i) {
            EXPECT_LT(distance_mm(move * there[i].point, here[i].point), 0.1) << seed << " " << there[i].name;
            EXPECT_GT((move * there[i].normal).dot(here[i].normal), 0.999) << seed << " " << there[i].name;
        }
    }
}

TEST(TenTwenty, TheVertexIsHalfWayBothWays) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        const SurfaceIndex scalp(lumpy(seed));
        const TapeLandmarks l = of(scalp);
        const Point<Scan> vertex = site_named(ten_twenty_sites(scalp, l), "Cz").point;
        const Tape sagittal = lay_tape(scalp.surface(), l.nasion, vertex, l.inion, "It");
        const Tape coronal = lay_tape(scalp.surface(), l.left_preauricular, vertex, l.right_preauricular, "It");
        EXPECT_LT(distance_mm(sagittal.at(0.5), vertex), 0.1) << seed;
        EXPECT_LT(distance_mm(coronal.at(0.5), vertex), 0.1) << seed;
    }
}

TEST(TenTwenty, AbsurdLandmarksAreRefusedInWords) {
    const SurfaceIndex ball(sphere(Vector3d::Zero(), kRadius, 5));
    const TapeLandmarks good = on_sphere();
    const auto refused = [&](const TapeLandmarks& l, const std::string& word) {
        try {
            (void)ten_twenty_sites(ball, l);
            ADD_FAILURE() << "taken: " << word;
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
        }
    };
    TapeLandmarks l = good;
    std::swap(l.left_preauricular, l.right_preauricular);
    refused(l, "exchanged");
    l = good;
    std::swap(l.nasion, l.inion);
    refused(l, "exchanged");
    l = good;
    l.nasion.xyz.y() += 40.0;
    refused(l, "nasion is 40 mm away");
    l = good;
    l.inion.xyz.setZero();
    refused(l, "inion");
    l = good;
    l.right_preauricular = l.left_preauricular;
    refused(l, "apart");
    l = good;
    l.nasion.xyz = place(0, 80);  // beside the left ear
    refused(l, "");
    l = good;
    l.left_preauricular.xyz = place(0, 10);
    l.right_preauricular.xyz = place(0, 150);
    refused(l, "");
    l = good;
    l.nasion.xyz.x() = std::nan("");
    refused(l, "not a number");
}

}  // namespace
}  // namespace precentral
