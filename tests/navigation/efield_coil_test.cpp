// SPDX-License-Identifier: Apache-2.0
// Coils: windings, the dipoles that stand for them, and files that come from anywhere.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "data/error.h"
#include "efield_fixtures.h"
#include "navigation/efield/coil_file.h"
#include "navigation/efield/placed_coil.h"
#include "navigation/efield/windings.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

class CoilFile : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("precentral_coil_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string file(const std::string& name, const std::string& text) const {
        const auto path = folder_ / name;
        std::ofstream(path, std::ios::binary) << text;
        return path.string();
    }
    void expect_refused(const std::string& name, const std::string& text, const std::string& because) const {
        try {
            read_coil(file(name, text));
            ADD_FAILURE() << "accepted: " << text.substr(0, 80);
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
            EXPECT_NE(std::string(error.what()).find(because), std::string::npos) << error.what();
        }
    }
    std::filesystem::path folder_;
};

TEST(Windings, TheReducedCoilIsWithinATenthOfAPercent) {
    for (const std::string& name : winding_names()) {
        const Winding winding = winding_named(name);
        const double tilt = name == "double-cone-110" ? 40.0 : 0.0;
        const CoilModel coil = coil_within(winding, 0.001);
        EXPECT_LE(cap_error(coil, full_coil(winding), tilt), 0.001) << name;
        EXPECT_LE(coil.dipoles.size(), name == "figure8-70" ? 56U : 230U) << name;
    }
}

TEST(Windings, AWiderBudgetTakesFewerDipoles) {
    const Winding winding = figure_of_eight_70();
    EXPECT_LT(coil_within(winding, 0.01).dipoles.size(), coil_within(winding, 0.001).dipoles.size());
    EXPECT_THROW(coil_within(winding, 0.0), Error);
}

// The Gauss nodes of nine turns of 26–44 mm, computed independently.
TEST(Windings, TheRingsAreThoseOfTheTurns) {
    const CoilModel coil = reduced_coil(figure_of_eight(26.0, 44.0, 9, 45.0, 6.5), {6, 10, 12});
    const double radii[3] = {13.842, 28.754, 39.826};
    const double shares[3] = {0.37394, 0.48626, 0.13981};
    const std::size_t first[3] = {0, 6, 16};
    for (int k = 0; k < 3; ++k) {
        const MagneticDipole& d = coil.dipoles[first[k]];
        EXPECT_NEAR((d.position.xyz - Vector3d(45.0, 0, -6.5)).norm(), radii[k], 6e-4);
        const double count = k == 0 ? 6.0 : k == 1 ? 10.0 : 12.0;
        EXPECT_NEAR(d.moment.z() * count / 0.0355903, shares[k], 2e-5);
    }
}

// The dipoles' potential against the turns' own, from elliptic integrals, and against a polygon of straight pieces.
TEST(Windings, TheDipolesHaveTheVectorPotentialOfTheTurns) {
    const Winding winding = figure_of_eight_70();
    const auto dipoles = in_coil_axes(full_coil(winding));
    SeededRandom random = random_stream(1, 0);
    for (int i = 0; i < 50; ++i) {
        const Vector3d at(draw_uniform(random, -60, 60), draw_uniform(random, -60, 60), draw_uniform(random, 15, 60));
        const Vector3d exact = vector_potential(winding, {at});
        EXPECT_LE((-vacuum_field(dipoles, 1e-3 * at) - exact).norm(), 1e-6 * exact.norm() + 1e-14);
        Vector3d polygon = Vector3d::Zero();
        constexpr int kPieces = 720;
        for (const Wing& wing : winding.wings) {
            for (const double radius : wing.radii_mm) {
                const auto corner = [&](int k) {
                    const double angle = 2.0 * 3.14159265358979323846 * k / kPieces * wing.axis.xyz.z();
                    return Point<Coil>{wing.centre.xyz + radius * Vector3d(std::cos(angle), std::sin(angle), 0)};
                };
                for (int k = 0; k < kPieces; ++k) {
                    polygon += vector_potential_of_segment(corner(k), corner(k + 1), {at});
                }
            }
        }
        EXPECT_LE((polygon - exact).norm(), 1e-4 * exact.norm() + 1e-12);
    }
}

TEST(Windings, ARisingCurrentInducesAFieldAlongY) {
    const CoilModel coil = coil_within(figure_of_eight_70());
    const auto pose = on_ball(Vector3d::UnitZ(), 85.0, 0.4);
    const Vector3d e = sphere_field(placed(coil, pose, {Vector3d::Zero()}), {0, 0, 0.07});
    EXPECT_GT(e.dot(pose.y_axis().xyz), 0.999 * e.norm());
    const Vector3d back = sphere_field(placed(reversed(coil), pose, {Vector3d::Zero()}), {0, 0, 0.07});
    EXPECT_LE((e + back).norm(), 1e-15 * e.norm());
    EXPECT_NE(reversed(coil).version, coil.version);
}

TEST(Windings, PercentOfOutputNeedsTheCoilsMaximum) {
    const CoilModel known = coil_within(figure_of_eight_70());
    EXPECT_NEAR(didt_a_per_us(known, 50.0), 57.35, 1e-9);
    EXPECT_THROW(didt_a_per_us(known, 101.0), InputError);
    EXPECT_THROW(didt_a_per_us(known, std::nan("")), InputError);
    EXPECT_THROW(didt_a_per_us(full_coil(circular_90()), 50.0), InputError);
}

TEST(Windings, RefuseWhatCannotBeWound) {
    EXPECT_THROW(figure_of_eight(44.0, 26.0, 9, 45.0, 6.5), InputError);
    EXPECT_THROW(figure_of_eight(26.0, 44.0, 0, 45.0, 6.5), InputError);
    EXPECT_THROW(figure_of_eight(26.0, 60.0, 9, 45.0, 6.5), InputError);
    EXPECT_THROW(figure_of_eight(std::nan(""), 44.0, 9, 45.0, 6.5), InputError);
    EXPECT_THROW(winding_named("H1"), InputError);
    EXPECT_THROW(reduced_coil(figure_of_eight_70(), {}), InputError);
}

TEST(CoilFileOfOthers, IsReadAndAgreesWithOurs) {
    const auto folder = public_data() / "coils";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "The public coil files are not there.";
    const CoilModel legacy = read_coil((folder / "Magstim_70mm_Fig8.ccd").string());
    EXPECT_EQ(legacy.dipoles.size(), 2712U);
    EXPECT_FALSE(legacy.highest_didt_a_per_us);
    EXPECT_LE(cap_error(full_coil(figure_of_eight_70()), legacy), 0.02);
    EXPECT_LE(cap_error(coil_within(figure_of_eight_70()), legacy), 0.02);
    const CoilModel measured = read_coil((folder / "MagStim_D70.ccd").string());
    EXPECT_EQ(measured.dipoles.size(), 964U);
    EXPECT_NEAR(*measured.highest_didt_a_per_us, 114.73, 1e-12);
    EXPECT_EQ(measured.name, "D70");
    EXPECT_LE(cap_error(full_coil(figure_of_eight_70()), measured), 0.15);  // another coil, fitted to measurements
    const CoilModel small = read_coil((folder / "testcoil.ccd").string());
    EXPECT_EQ(small.name, "Test coil");
    ASSERT_EQ(small.dipoles.size(), 4U);
    EXPECT_EQ(small.dipoles[0].position.xyz, Vector3d(-10, 0, -1));
    EXPECT_EQ(small.dipoles[0].moment, Vector3d(1e-6, 0, 2e-6));
}

TEST_F(CoilFile, RefusesDamagedCcd) {
    const std::string head = "# x version 1.0\n";
    expect_refused("a.ccd", "", "number of dipoles");
    expect_refused("a.ccd", head + "2\n0 0 0 0 0 1\n", "cut short");
    expect_refused("a.ccd", head + "1\n0 0 0 0 0 1\n0 0 0 0 0 1\n", "more dipoles");
    expect_refused("a.ccd", head + "1\n0 0 0 0 0\n", "six numbers");
    expect_refused("a.ccd", head + "1\n0 0 0 0 0 1 2\n", "six numbers");
    expect_refused("a.ccd", head + "1\n0 0 zero 0 0 1\n", "six numbers");
    expect_refused("a.ccd", head + "1\n0 0 nan 0 0 1\n", "not finite");
    expect_refused("a.ccd", head + "1\n0 0 1e999 0 0 1\n", "six numbers");
    expect_refused("a.ccd", head + "1\n45 0 0 0 0 1\n", "units");
    expect_refused("a.ccd", head + "1\n0 0 0 0 0 1e9\n", "larger than any");
    expect_refused("a.ccd", head + "1\n0 0 0 0 0 0\n", "no current");
    expect_refused("a.ccd", head + "-1\n", "number of dipoles");
    expect_refused("a.ccd", head + "1.5\n", "number of dipoles");
    expect_refused("a.ccd", head + "99999999999\n", "number of dipoles");
    expect_refused("a.ccd", "# x;dIdtmax=fast;\n1\n0 0 0 0 0 1e-5\n", "dIdtmax");
    expect_refused("a.ccd", "# x;dIdtmax=-3;\n1\n0 0 0 0 0 1e-5\n", "maximum dI/dt");
    expect_refused("a.stl", "solid", ".ccd or .tcd");
    EXPECT_THROW(read_coil("/nowhere/at/all.ccd"), InputError);
}

// A ring of wire as pieces, as doubles in base64 too, against the same ring as a turn.
TEST_F(CoilFile, ReadsWiresAndDipolesOfTcd) {
    std::string points;
    std::string values;
    constexpr int kPieces = 360;
    for (int i = 0; i < kPieces; ++i) {
        const double a = 2.0 * 3.14159265358979323846 * (i + 0.5) / kPieces;
        const double length = 2.0 * 40.0 * std::sin(3.14159265358979323846 / kPieces);
        const auto triple = [](double x, double y, double z) {
            char text[120];
            std::snprintf(text, sizeof(text), "[%.12f,%.12f,%.12f]", x, y, z);
            return std::string(text);
        };
        points += (i == 0 ? "" : ",") + triple(40.0 * std::cos(a), 40.0 * std::sin(a), -5.0);
        values += (i == 0 ? "" : ",") + triple(-length * std::sin(a), length * std::cos(a), 0.0);
    }
    const CoilModel wire = read_coil(file("ring.tcd", R"({"name":"ring","stimulatorList":[{"maxdIdt":120e6}],)"
                                                      R"("coilElementList":[{"type":2,"stimulator":0,"points":[)" +
                                                          points + R"(],"values":[)" + values + "]}]}"));
    EXPECT_EQ(wire.name, "ring");
    EXPECT_NEAR(*wire.highest_didt_a_per_us, 120.0, 1e-9);
    Winding turn;
    turn.wings.push_back({{Vector3d(0, 0, -5)}, {Vector3d::UnitZ()}, {40.0}});
    EXPECT_LE(cap_error(wire, full_coil(turn)), 0.01);
    // Two dipoles, packed: 0,0,-10 and 10,0,-10; moments 0,0,1e-3 and 0,0,-1e-3.
    const double at[6] = {0, 0, -10, 10, 0, -10};
    const double moments[6] = {0, 0, 1e-3, 0, 0, -1e-3};
    const auto packed = [](const double* from) {
        std::string bytes(6 * sizeof(double), '\0');
        std::memcpy(bytes.data(), from, bytes.size());
        const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        std::string out;
        for (std::size_t i = 0; i < bytes.size(); i += 3) {
            unsigned bits = 0;
            for (std::size_t k = 0; k < 3; ++k) bits = (bits << 8U) | static_cast<unsigned char>(bytes[i + k]);
            for (int k = 3; k >= 0; --k) out += digits[(bits >> (6U * static_cast<unsigned>(k))) & 63U];
        }
        return out;
    };
    const CoilModel dipoles =
        read_coil(file("two.tcd", R"({"coilElementList":[{"type":1,"stimulator":0,"points":")" + packed(at) +
                                      R"(","values":")" + packed(moments) + "\"}]}"));
    ASSERT_EQ(dipoles.dipoles.size(), 2U);
    EXPECT_EQ(dipoles.name, "two");
    EXPECT_EQ(dipoles.dipoles[1].position.xyz, Vector3d(10, 0, -10));
    EXPECT_EQ(dipoles.dipoles[1].moment, Vector3d(0, 0, -1e-3));
    // The first again, compressed by zlib (made with Python's zlib).
    const CoilModel same =
        read_coil(file("same.tcd", std::string(R"({"coilElementList":[{"type":1,"stimulator":0,"points":")") +
                                       "eJxjYMAGVA5AaQd0cQAeaAIt" + R"(","values":[[0,0,1e-3],[0,0,-1e-3]]}]})"));
    EXPECT_EQ(same.dipoles[1].position.xyz, Vector3d(10, 0, -10));
}

TEST_F(CoilFile, RefusesDamagedTcd) {
    const auto element = [](const std::string& inside) { return R"({"coilElementList":[{)" + inside + "}]}"; };
    expect_refused("a.tcd", "", "coilElementList");
    expect_refused("a.tcd", "[1,2", "coilElementList");
    expect_refused("a.tcd", R"({"coilElementList":[]})", "coilElementList");
    expect_refused("a.tcd", R"({"coilElementList":[7]})", "without a type");
    expect_refused("a.tcd", element(R"("type":"dipole")"), "without a type");
    expect_refused("a.tcd", element(R"("type":3,"data":[],"affine":[])"), "sampled on a grid");
    expect_refused("a.tcd", element(R"("type":9)"), "unknown type");
    expect_refused("a.tcd", element(R"("type":1,"points":[[0,0,0]])"), "without points");
    expect_refused("a.tcd", element(R"("type":1,"points":[[0,0,0]],"values":[])"), "unequal");
    expect_refused("a.tcd", element(R"("type":1,"points":[[0,0]],"values":[[0,0,1]])"), "three numbers");
    expect_refused("a.tcd", element(R"("type":1,"points":[[0,0,"x"]],"values":[[0,0,1]])"), "three numbers");
    expect_refused("a.tcd", element(R"("type":1,"points":"!!!!","values":[[0,0,1]])"), "base64");
    expect_refused("a.tcd", element(R"("type":1,"points":"AAAA","values":[[0,0,1]])"), "cut short");
    expect_refused("a.tcd",
                   element(R"("type":1,"points":"eJxjYACBD/YMEOAAoTigtACUFoHSElBaBkorQGklBw","values":[[0,0,1]])"),
                   "packed array");
    expect_refused("a.tcd", element(R"("type":2,"points":[[0,0,0],[9,0,0]],"values":[[0,5,0],[0,3,0]])"),
                   "does not close");
    expect_refused("a.tcd",
                   R"({"coilElementList":[{"type":1,"stimulator":0,"points":[[0,0,0]],"values":[[0,0,1]]},)"
                   R"({"type":1,"stimulator":1,"points":[[0,0,0]],"values":[[0,0,1]]}]})",
                   "several stimulators");
    expect_refused("a.tcd", element(R"("type":1,"points":[[0,0,1e300]],"values":[[0,0,1]])"), "units");
}

}  // namespace
}  // namespace precentral
