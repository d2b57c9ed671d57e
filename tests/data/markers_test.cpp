// SPDX-License-Identifier: Apache-2.0
// Marker files of navigators: the coil axes of each beside ours, there and back, real exports, hostile files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <random>

#include "data/error.h"
#include "data/markers/coil_axes.h"
#include "data/markers/marker_files.h"
#include "data/text_file.h"
#include "temporary_folder.h"

namespace precentral {
namespace {

using testing::Contains;
using testing::HasSubstr;

void put(const std::string& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

std::string refusal(const std::string& file, const MarkerReading& how = {}) {
    try {
        read_markers(file, how);
    } catch (const InputError& error) {
        return error.what();
    }
    return "read";
}

// A coil on the top of the head, its handle to the back: z down, y to the front, x = y × z to the left.
const Eigen::Matrix3d kOnTop = (Eigen::Matrix3d() << -1, 0, 0, 0, 1, 0, 0, 0, -1).finished();

void expect_on_top(const Transform<MarkerSpace, Coil>& pose, const Eigen::Vector3d& centre) {
    EXPECT_LT((pose.rotation() - kOnTop).norm(), 1e-12) << pose.rotation();
    EXPECT_LT((pose.origin().xyz - centre).norm(), 1e-12) << pose.origin().xyz.transpose();
}

std::string localite(const std::string& space, const std::string& matrix) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<InstrumentMarkerList coordinateSpace=\"" + space +
           "\">\n<InstrumentMarker index=\"0\"><Marker description=\"a\" set=\"true\"><Matrix4D " + matrix +
           "/></Marker></InstrumentMarker>\n</InstrumentMarkerList>\n<!--after the root-->\n";
}
std::string matrix4d(const Eigen::Matrix4d& m) {
    std::string out;
    for (int i = 0; i < 16; ++i) {
        out += "data" + std::to_string(i / 4) + std::to_string(i % 4) + "=\"" + std::to_string(m(i / 4, i % 4)) + "\" ";
    }
    return out;
}
const std::string kBrainsightHead =
    "# Version: 12\n# Coordinate system: NIfTI:Scanner\n# Created by: Brainsight 2.4.9\n";
const std::string kTargetNames =
    "# Target Name\tLoc. X\tLoc. Y\tLoc. Z\tm0n0\tm0n1\tm0n2\tm1n0\tm1n1\tm1n2\tm2n0\tm2n1\tm2n2\n";

// The same coil, written by hand in the axes of each navigator.
TEST(CoilAxes, OneCoilInEveryConvention) {
    const TemporaryFolder folder;
    const Eigen::Vector3d centre(-30, 20, 90);
    // Localite: x into the head, y towards the handle, z = x × y.
    Eigen::Matrix4d m = Eigen::Matrix4d::Identity();
    m.block<3, 4>(0, 0) << 0, 0, -1, -30, 0, -1, 0, 20, -1, 0, 0, 90;
    put(folder / "ras.xml", localite("RAS", matrix4d(m)));
    expect_on_top(*read_markers(folder / "ras.xml").targets.at(0).pose, centre);
    // The same in DICOM's axes: the first two rows turned.
    m.topRows<2>() *= -1.0;
    put(folder / "lps.xml", localite("LPS", matrix4d(m)));
    const MarkerSet turned = read_markers(folder / "lps.xml");
    expect_on_top(*turned.targets.at(0).pose, centre);
    EXPECT_THAT(turned.warnings, Contains(HasSubstr("turned to RAS")));
    // Brainsight: z away from the head; m0n0 m0n1 m0n2 is the x axis.
    put(folder / "b.txt", kBrainsightHead + kTargetNames + "a\t-30\t20\t90\t1\t0\t0\t0\t1\t0\t0\t0\t1\n");
    expect_on_top(*read_markers(folder / "b.txt").targets.at(0).pose, centre);
    // Softaxic: x away from the handle.
    put(folder / "s.stmpx",
        "<!DOCTYPE stmp>\n<stmp><fmpm><fmp id=\"P1\"><fp x=\"-30\" y=\"20\" z=\"90\" m00=\"0\" m01=\"1\" m02=\"0\" "
        "m10=\"1\" "
        "m11=\"0\" m12=\"0\" m20=\"0\" m21=\"0\" m22=\"-1\" ts=\"1629993666766\"/></fmp></fmpm></stmp>");
    const MarkerSet softaxic = read_markers(folder / "s.stmpx");
    expect_on_top(*softaxic.pulses.at(0).pose, centre);
    EXPECT_EQ(softaxic.pulses.at(0).time, "2021-08-26T16:01:06.766Z");
    // InVesalius: world columns, turned about fixed axes; z away from the head: no turn at all.
    put(folder / "i.mkss",
        "##INVESALIUS3_MARKER_FILE_4\n\"label\"\t\"alpha\"\t\"marker_type\"\t\"mep_value\"\t\"x_world\"\t\"y_"
        "world\"\t\"z_"
        "world\"\t\"alpha_world\"\t\"beta_world\"\t\"gamma_world\"\n\"a\"\t1.0\t3\tNone\t-"
        "30\t20\t90\t0\t0\t0\n\"p\"\t1.0\t4\t"
        "55.5\t-30\t20\t90\t0\t0\t0\n\"LEI\"\tNone\t0\tNone\t-70\t0\t0\tN/A\tN/A\tN/A\n");
    const MarkerSet invesalius = read_markers(folder / "i.mkss");
    expect_on_top(*invesalius.targets.at(0).pose, centre);
    EXPECT_EQ(invesalius.pulses.at(0).mep_uv, 55.5);
    EXPECT_EQ(invesalius.landmarks.size(), 1U);
    // visor2 and NIBS-BIDS: ours.
    put(folder / "v.mrk",
        R"({"Configuration":{"SourceInfo":{"AppVersion":"2.8.0"}},"TargetMarkers":[{"CoilTarget":{"Name":"a",
            "CoordinateSystem":"ASSOCIATED_IMAGE","PositionalUnit":"mm","CoilAxesConvention":"simnibs","CoilPose":
            {"RigidTransformMatrix4x4":[[-1,0,0,-30],[0,1,0,20],[0,0,-1,90],[0,0,0,1]]}}}]})");
    expect_on_top(*read_markers(folder / "v.mrk").targets.at(0).pose, centre);
    put(folder / "x_markers.tsv",
        "nibs_position_id\telement_centre_x\telement_centre_y\telement_centre_z\telement_xdir_x\telement_xdir_y\t"
        "element_xdir_z\telement_ydir_x\telement_ydir_y\telement_ydir_z\telement_zdir_x\telement_zdir_y\telement_zdir_"
        "z\n"
        "1\t-30\t20\t90\t-1\t0\t0\t0\t1\t0\t0\t0\t-1\n");
    expect_on_top(*read_markers(folder / "x_markers.tsv").targets.at(0).pose, centre);
}

// Published forms: Localite's flip is its own inverse, Brainsight's too, Softaxic's is a quarter turn about z.
TEST(CoilAxes, AreRotations) {
    for (const CoilAxes axes : {CoilAxes::ours, CoilAxes::z_outwards, CoilAxes::localite, CoilAxes::softaxic}) {
        const Eigen::Matrix3d f = ours(axes);
        EXPECT_EQ(f * f.transpose(), Eigen::Matrix3d::Identity());
        EXPECT_EQ(f.determinant(), 1.0);
        if (axes != CoilAxes::softaxic) {
            EXPECT_EQ(f * f, Eigen::Matrix3d::Identity());
        }
    }
    Eigen::Matrix3d m;
    EXPECT_TRUE(ras_from_letters("LPS", m));
    EXPECT_EQ(m, Eigen::Matrix3d(Eigen::Vector3d(-1, -1, 1).asDiagonal()));
    EXPECT_TRUE(ras_from_letters("ALS", m));
    EXPECT_EQ(m * Eigen::Vector3d(1, 0, 0), Eigen::Vector3d(0, 1, 0));
    for (const char* wrong : {"", "RA", "RLS", "RASX", "ras", "XYZ"}) EXPECT_FALSE(ras_from_letters(wrong, m)) << wrong;
}

MarkerSet made_up(unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> place(-90.0, 90.0), turn(-1.0, 1.0);
    const auto pose = [&] {
        Eigen::Isometry3d out = Eigen::Isometry3d::Identity();
        out.linear() =
            Eigen::Quaterniond(turn(random), turn(random), turn(random), turn(random)).normalized().toRotationMatrix();
        out.translation() = Eigen::Vector3d(place(random), place(random), place(random));
        return Transform<MarkerSpace, Coil>(out);
    };
    MarkerSet out;
    out.format = "csv";
    out.coordinate_system = "RAS";
    out.space = SpaceKind::scan;
    for (int i = 0; i < 12; ++i)
        out.targets.push_back({"target <" + std::to_string(i) + "> & \"more\"", pose(), {}, {}});
    for (int i = 0; i < 20; ++i) {
        MarkerPulse pulse;
        pulse.name = "pulse " + std::to_string(i);
        if (i % 5 != 4) pulse.pose = pose();
        pulse.time = "2026-10-26T09:31:" + std::to_string(10 + i) + ".125";
        pulse.since_start_ms = 1000.0 * i + 40.0;
        pulse.intensity_mso = 40.5 + i;
        pulse.di_dt_a_per_us = 61.25;
        if (i % 3 == 0) pulse.mep_uv = 812.5;
        if (i % 3 == 0) pulse.mep_latency_ms = 22.5;
        pulse.target = out.targets[3].name;
        out.pulses.push_back(pulse);
    }
    out.landmarks.push_back({"LPA", {{-75.0, 1.5, -30.0}}});
    return out;
}

void expect_same_poses(const MarkerSet& back, const MarkerSet& given, double tolerance) {
    for (std::size_t i = 0; i < back.targets.size(); ++i) {
        ASSERT_TRUE(back.targets[i].pose);
        EXPECT_LT((back.targets[i].pose->matrix() - given.targets.at(i).pose->matrix()).cwiseAbs().maxCoeff(),
                  tolerance);
        EXPECT_EQ(back.targets[i].name, given.targets[i].name);
    }
    for (std::size_t i = 0; i < back.pulses.size(); ++i) {
        ASSERT_EQ(back.pulses[i].pose.has_value(), given.pulses.at(i).pose.has_value());
        if (!back.pulses[i].pose) continue;
        EXPECT_LT((back.pulses[i].pose->matrix() - given.pulses[i].pose->matrix()).cwiseAbs().maxCoeff(), tolerance);
    }
}

TEST(Markers, ThereAndBackInEveryFormat) {
    const TemporaryFolder folder;
    for (unsigned seed = 1; seed <= 8; ++seed) {
        const MarkerSet given = made_up(seed);
        {
            const auto written = write_markers(given, folder / "a.csv");
            EXPECT_TRUE(written.warnings.empty());
            const MarkerSet back = read_markers(folder / "a.csv");
            ASSERT_EQ(back.targets.size(), 12U);
            ASSERT_EQ(back.pulses.size(), 20U);
            expect_same_poses(back, given, 1e-12);
            EXPECT_EQ(back.untracked(), 4);
            EXPECT_EQ(back.landmarks.at(0).point, given.landmarks[0].point);
            for (std::size_t i = 0; i < 20; ++i) {
                const MarkerPulse &a = back.pulses[i], &b = given.pulses[i];
                EXPECT_EQ(std::tie(a.name, a.time, a.since_start_ms, a.intensity_mso, a.di_dt_a_per_us, a.mep_uv,
                                   a.mep_latency_ms, a.target),
                          std::tie(b.name, b.time, b.since_start_ms, b.intensity_mso, b.di_dt_a_per_us, b.mep_uv,
                                   b.mep_latency_ms, b.target));
            }
        }
        {
            const auto written = write_markers(given, folder / "a.txt");
            EXPECT_THAT(written.warnings, Contains(HasSubstr("20 dI/dt not written")));
            const MarkerSet back = read_markers(folder / "a.txt");
            ASSERT_EQ(back.targets.size(), 12U);
            ASSERT_EQ(back.pulses.size(), 20U);
            expect_same_poses(back, given, 2e-4);  // four decimals
            EXPECT_EQ(back.pulses[3].time, given.pulses[3].time);
            EXPECT_EQ(back.pulses[3].intensity_mso, given.pulses[3].intensity_mso);
            EXPECT_EQ(back.pulses[3].mep_uv, given.pulses[3].mep_uv);
            EXPECT_EQ(back.pulses[3].target, given.pulses[3].target);
            EXPECT_EQ(back.untracked(), 4);
        }
        {
            const auto written = write_markers(given, folder / "a.xml");
            ASSERT_EQ(written.files.size(), 2U);
            EXPECT_THAT(written.warnings, Contains(HasSubstr("names of pulses' targets not written")));
            const MarkerSet targets = read_markers(written.files[0]);
            const MarkerSet pulses = read_markers(written.files[1]);
            ASSERT_EQ(targets.targets.size(), 12U);
            ASSERT_EQ(pulses.pulses.size(), 20U);
            expect_same_poses(targets, given, 1e-12);
            expect_same_poses(pulses, given, 1e-12);
            EXPECT_EQ(pulses.pulses[6].di_dt_a_per_us, 61.25);
            EXPECT_EQ(pulses.pulses[6].mep_uv, 812.5);
            EXPECT_EQ(pulses.pulses[7].mep_uv, std::nullopt);
            EXPECT_EQ(pulses.pulses[6].since_start_ms, given.pulses[6].since_start_ms);
        }
        {
            const auto written = write_markers(given, folder / "a.mrk");
            EXPECT_THAT(written.warnings, Contains(HasSubstr("20 pulses not written")));
            const MarkerSet back = read_markers(folder / "a.mrk");
            ASSERT_EQ(back.targets.size(), 12U);
            expect_same_poses(back, given, 1e-12);
        }
        {
            const auto written = write_markers(given, folder / "a_markers.tsv");
            ASSERT_EQ(written.files.size(), 5U);
            EXPECT_THAT(written.warnings, Contains(HasSubstr("MEP latencies not written")));
            const MarkerSet back = read_markers(folder / "a_markers.tsv");
            ASSERT_EQ(back.targets.size(), 12U);
            ASSERT_EQ(back.pulses.size(), 20U);
            expect_same_poses(back, given, 1e-12);
            EXPECT_EQ(back.space, SpaceKind::scan);
            EXPECT_EQ(back.pulses[5].time, given.pulses[5].time);
            EXPECT_DOUBLE_EQ(*back.pulses[5].since_start_ms, *given.pulses[5].since_start_ms);
            EXPECT_EQ(back.pulses[5].intensity_mso, given.pulses[5].intensity_mso);
            EXPECT_EQ(back.landmarks.size(), 1U);
        }
        {
            write_markers(given, folder / "a.stmpx");
            const MarkerSet back = read_markers(folder / "a.stmpx");
            ASSERT_EQ(back.pulses.size(), 12U + 16U);  // one kind only; untracked ones have no place
            for (std::size_t i = 0; i < 12; ++i) {
                EXPECT_LT((back.pulses[i].pose->matrix() - given.targets[i].pose->matrix()).norm(), 1e-12);
            }
        }
    }
}

TEST(Markers, ASpaceIsNeverCalledAnother) {
    const TemporaryFolder folder;
    MarkerSet head = made_up(3);
    head.space = SpaceKind::head;
    head.coordinate_system = "nasion-ear";
    for (const char* name : {"a.txt", "a.xml", "a.stmpx"}) {
        EXPECT_THROW(write_markers(head, folder / name), InputError) << name;
        EXPECT_FALSE(std::filesystem::exists(folder / name));
    }
    EXPECT_THROW(write_markers(made_up(3), folder / "a.json"), InputError);  // StimGuide knows no MRI
    EXPECT_THROW(write_markers(made_up(3), folder / "a.mkss"), InputError);  // needs the image
    EXPECT_THROW(write_markers(made_up(3), folder / "a.what"), InputError);
    write_markers(head, folder / "a.json");
    const MarkerSet back = read_markers(folder / "a.json");
    EXPECT_EQ(back.space, SpaceKind::head);
    ASSERT_EQ(back.targets.size(), 12U);
    EXPECT_LT((back.targets[4].pose->matrix() - head.targets[4].pose->matrix()).norm(), 1e-9);
    write_markers(head, folder / "b.csv");
    EXPECT_EQ(read_markers(folder / "b.csv").space, SpaceKind::head);
    write_markers(head, folder / "v.csv", MarkerFormat::visor2);
    EXPECT_EQ(read_markers(folder / "v.csv").format, "visor2");
    EXPECT_EQ(read_markers(folder / "v.csv").untracked(), 4);
}

TEST(Markers, SidesAreShownByTheLandmarks) {
    const TemporaryFolder folder;
    const auto file = [&](const std::string& system, const std::string& landmarks) {
        put(folder / "s.txt",
            "# Version: 7\n# Coordinate system: " + system + "\n" + kTargetNames +
                "a\t-30\t20\t90\t1\t0\t0\t0\t1\t0\t0\t0\t1\n# Planned Landmark Name\tLoc. X\tLoc. Y\tLoc. Z\n" +
                landmarks);
        return folder / "s.txt";
    };
    const std::string ras = "LPA\t-75\t10\t-30\nNasion\t0\t100\t-20\nRPA\t75\t10\t-30\n";
    const std::string dicom = "LPA\t75\t-10\t-30\nNasion\t0\t-100\t-20\nRPA\t-75\t-10\t-30\n";
    const std::string swapped = "LPA\t75\t10\t-30\nNasion\t0\t100\t-20\nRPA\t-75\t10\t-30\n";
    const auto x_of = [&](const std::string& path, bool as_stated = false) {
        return read_markers(path, {.as_stated = as_stated}).targets.at(0).pose->origin().xyz.x();
    };
    EXPECT_EQ(x_of(file("NIfTI:Scanner", ras)), -30.0);
    EXPECT_TRUE(read_markers(file("NIfTI:Scanner", ras)).warnings.empty());
    EXPECT_EQ(x_of(file("NIfTI:Aligned", dicom)), 30.0);
    EXPECT_THAT(read_markers(folder / "s.txt").warnings, Contains(HasSubstr("SIDE:")));
    EXPECT_EQ(x_of(folder / "s.txt", true), -30.0);
    EXPECT_THAT(read_markers(folder / "s.txt", {.as_stated = true}).warnings, Contains(HasSubstr("SIDE:")));
    EXPECT_EQ(x_of(file("NIfTI:Aligned", swapped)), -30.0);  // names mixed up, or a mirror: said, not mended
    EXPECT_THAT(read_markers(folder / "s.txt").warnings, Contains(HasSubstr("left ear lies on the right")));
    EXPECT_EQ(x_of(file("World", dicom)), 30.0);
    EXPECT_EQ(x_of(file("World", ras)), -30.0);
    EXPECT_EQ(x_of(file("World", "")), 30.0);
    EXPECT_EQ(read_markers(file("NIfTI:Q:MNI-152", "")).space, SpaceKind::mni);
    EXPECT_THAT(refusal(file("Mars", "")), HasSubstr("\"Mars\" is not known"));
}

TEST(Markers, WhatIsNoPoseIsRefusedInASentence) {
    const TemporaryFolder folder;
    const auto brainsight = [&](const std::string& row) {
        put(folder / "p.txt", kBrainsightHead + kTargetNames + row + "\n");
        return folder / "p.txt";
    };
    EXPECT_THAT(refusal(brainsight("a\t0\t0\t0\t1\t0\t0\t0.05\t1\t0\t0\t0\t1")),
                HasSubstr("line 5: the coil's axes are sheared"));
    const MarkerSet mended = read_markers(folder / "p.txt", {.nearest_rotation = true});
    EXPECT_THAT(mended.warnings, Contains(HasSubstr("1 pose was sheared")));
    EXPECT_LT((mended.targets.at(0).pose->rotation().transpose() * mended.targets.at(0).pose->rotation() -
               Eigen::Matrix3d::Identity())
                  .norm(),
              1e-12);
    EXPECT_THAT(refusal(brainsight("a\t0\t0\t0\t1\t0\t0\t0.6\t1\t0\t0\t0\t1"), {.nearest_rotation = true}),
                HasSubstr("no pose of a coil"));
    EXPECT_THAT(refusal(brainsight("a\t0\t0\t0\t1\t0\t0\t0\t1\t0\t0\t0\t-1")), HasSubstr("mirror"));
    EXPECT_THAT(refusal(brainsight("a\tnan\t0\t0\t1\t0\t0\t0\t1\t0\t0\t0\t1")), HasSubstr("\"nan\", not a number"));
    EXPECT_THAT(refusal(brainsight("a\t90000\t0\t0\t1\t0\t0\t0\t1\t0\t0\t0\t1")), HasSubstr("1 m away"));
    EXPECT_THAT(refusal(brainsight("a\t0\t0\t0\t1\t0\t0\t0")), HasSubstr("8 of 13 columns; the file is cut short"));
    EXPECT_THAT(refusal(brainsight("a\t0\t(null)\t0\t1\t0\t0\t0\t1\t0\t0\t0\t1")), HasSubstr("all three coordinates"));
    EXPECT_EQ(
        read_markers(brainsight("a\t1\t2\t3\t(null)\t(null)\t(null)\t(null)\t(null)\t(null)\t(null)\t(null)\t(null)"))
            .targets.at(0)
            .point->xyz,
        Eigen::Vector3d(1, 2, 3));
    std::string deep = "<a>";
    for (int i = 0; i < 16; ++i) deep += deep;
    put(folder / "deep.xml", deep);
    EXPECT_THAT(refusal(folder / "deep.xml"), HasSubstr("nested too deeply"));
    put(folder / "bomb.xml",
        "<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c "
        "\"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">]><l>&d;&d;&d;</l>");
    EXPECT_NE(refusal(folder / "bomb.xml"), "read");
    put(folder / "no.bin", std::string("# Version: \0 12", 14));
    EXPECT_THAT(refusal(folder / "no.bin"), HasSubstr("not a text file"));
    put(folder / "empty", "");
    EXPECT_THAT(refusal(folder / "empty"), HasSubstr("is empty"));
    put(folder / "prose.txt", "Dear colleague");
    EXPECT_THAT(refusal(folder / "prose.txt"), HasSubstr("no file of markers"));
    EXPECT_THAT(refusal(folder / "nowhere.txt"), HasSubstr("nowhere.txt"));
    EXPECT_THAT(refusal(folder.path().string()), HasSubstr("without Localite markers"));
}

// Cut anywhere, with any byte changed: read or refused in a sentence, never anything else, never more than was there.
TEST(Markers, DamagedFilesAreReadOrRefused) {
    const TemporaryFolder folder;
    MarkerSet small = made_up(8);
    small.targets.resize(2);
    small.pulses.resize(3);
    MarkerSet head = small;
    head.space = SpaceKind::head;
    write_markers(small, folder / "a.txt");
    write_markers(small, folder / "a.xml");
    write_markers(small, folder / "a.mrk");
    write_markers(small, folder / "a.stmpx");
    write_markers(small, folder / "a_markers.tsv");
    write_markers(small, folder / "a.csv");
    write_markers(head, folder / "a.json");
    write_markers(head, folder / "v.csv", MarkerFormat::visor2);
    std::mt19937 random(5);
    for (const char* name :
         {"a.txt", "a.xml", "a_TriggerMarkers.xml", "a.mrk", "a.stmpx", "a_markers.tsv", "a.csv", "a.json", "v.csv"}) {
        const std::string whole = read_text_file(folder / name);
        int refused = 0;
        for (int i = 0; i < 80; ++i) {
            std::string damaged = whole;
            const std::size_t at = random() % whole.size();
            if (i % 2 == 0) {
                damaged.resize(at);
            } else {
                damaged[at] = static_cast<char>(random() % 256);
            }
            const std::string file = folder / ("d_" + std::string(name));
            put(file, damaged);
            try {
                const MarkerSet read = read_markers(file);
                EXPECT_LE(read.targets.size(), 6U);
                for (const MarkerTarget& target : read.targets) {
                    if (target.pose) {
                        EXPECT_NEAR(target.pose->rotation().determinant(), 1.0, 1e-9);
                    }
                }
            } catch (const InputError& error) {
                EXPECT_THAT(error.what(), HasSubstr("d_" + std::string(name)));
                ++refused;
            }
        }
        EXPECT_GT(refused, 16) << name;
    }
}

// ---- Real exports, where they are at hand -------------------------------------------------------------------------

class NavigatorExports : public testing::Test {
protected:
    void SetUp() override {
        const char* set = std::getenv("PRECENTRAL_TEST_DATA");
        folder_ = (set != nullptr ? std::filesystem::path(set)
                                  : std::filesystem::path(PRECENTRAL_SOURCE_DIR).parent_path() / "shared/data") /
                  "navigator_exports";
        if (!std::filesystem::is_directory(folder_)) GTEST_SKIP() << "no " << folder_;
    }
    std::filesystem::path folder_;
};

TEST_F(NavigatorExports, BrainsightOfEveryVersion) {
    const auto bs = folder_ / "simnibs_brainsight";
    struct Expected {
        const char* file;
        const char* version;
        std::size_t targets, pulses;
    };
    for (const Expected& e :
         {Expected{"niiImage_nifticoord.txt", "7", 7, 101}, Expected{"niiImage_niftialignedcoord_empty.txt", "7", 0, 0},
          Expected{"niiImage_niftialignedcoord_no_samples.txt", "7", 7, 0},
          Expected{"niiImage_niftialignedcoord_no_targets.txt", "7", 0, 101},
          Expected{"niiImage_nifticoord_gridfolder.txt", "12", 15, 13},
          Expected{"niiImage_niifticoord_mixedtargets.txt", "12", 17, 16},
          Expected{"niiImage_nifticoord_largefile.txt", "12", 5, 1389},
          Expected{"niiImage_niftialigned_q_coord_v14.txt", "14", 2, 3},
          Expected{"niiImage_brainsightcoord.txt", "7", 7, 101}, Expected{"dcmimage_worldcoord.txt", "7", 1, 18}}) {
        const MarkerSet read = read_markers(bs / e.file);
        EXPECT_EQ(read.version, e.version) << e.file;
        EXPECT_EQ(read.targets.size(), e.targets) << e.file;
        EXPECT_EQ(read.pulses.size(), e.pulses) << e.file;
    }
    // By hand from the file: z = -m2, x = -m0.
    const MarkerSet v14 = read_markers(bs / "niiImage_niftialigned_q_coord_v14.txt");
    EXPECT_LT((v14.targets[0].pose->z_axis().xyz - Eigen::Vector3d(-0.3499, 0, -0.9368)).norm(), 1e-4);
    EXPECT_LT((v14.targets[0].pose->x_axis().xyz - Eigen::Vector3d(0.9368, 0, -0.3499)).norm(), 1e-4);
    // The one DICOM image in two systems; both land on the same place.
    const MarkerSet world = read_markers(bs / "dcmimage_worldcoord.txt");
    const MarkerSet aligned = read_markers(bs / "dcmimage_niftialignedcoord.txt");
    for (std::size_t i = 0; i < 18; ++i) {
        EXPECT_LT((world.pulses[i].pose->matrix() - aligned.pulses[i].pose->matrix()).norm(), 1e-9);
    }
    EXPECT_LT(world.landmarks.at(0).point.xyz.x(), 0.0);  // LPA
    EXPECT_EQ(read_markers(folder_ / "babelbrain_DEEP.txt").targets.size(), 1U);
}

TEST_F(NavigatorExports, Localite) {
    const auto session = folder_ / "simnibs_localite_session/Session_20120925103137328";
    const MarkerSet ras = read_markers(session / "InstrumentMarkers/RAS_InstrumentMarker20170316160859032.xml");
    EXPECT_EQ(ras.targets.size(), 6U);
    EXPECT_EQ(ras.targets[0].name, "M0");
    const MarkerSet lps = read_markers(session / "InstrumentMarkers/LPS_InstrumentMarker20120925123537421.xml");
    ASSERT_EQ(lps.targets.size(), 4U);
    EXPECT_EQ(lps.targets[0].name, "hotspot");
    // By hand: place and x axis of the file with the first two turned; Localite's x is our z.
    EXPECT_LT((lps.targets[0].pose->origin().xyz - Eigen::Vector3d(-36.237571, -35.691391, 101.916610)).norm(), 1e-5);
    EXPECT_LT((lps.targets[0].pose->z_axis().xyz - Eigen::Vector3d(0.349056, 0.010511, -0.937077)).norm(), 1e-4);
    const MarkerSet pulses = read_markers(session / "TMSTrigger/TriggerMarkers_Coil1_20210409170817799.xml");
    ASSERT_EQ(pulses.pulses.size(), 8U);
    EXPECT_EQ(pulses.untracked(), 0);
    EXPECT_EQ(pulses.pulses[7].di_dt_a_per_us, 62.0);
    EXPECT_EQ(pulses.pulses[7].intensity_mso, 45.0);
    EXPECT_FALSE(pulses.pulses[7].mep_uv.has_value());  // NaN
    const MarkerSet untracked =
        read_markers(session / "TMSTrigger/no_pos_data_TriggerMarkers_Coil0_20200220155529299.xml");
    EXPECT_EQ(static_cast<int>(untracked.pulses.size()) - untracked.untracked(), 1);
    const MarkerSet many = read_markers(session / "TMSTrigger/TriggerMarkers_Coil1_20210409170557579.xml");
    EXPECT_EQ(many.pulses.size(), 1052U);
    EXPECT_EQ(many.pulses[0].time.substr(0, 11), "2021-04-09T");
    EXPECT_EQ(read_markers(session / "EntryTarget/EntryTarget20120925115848265.xml").targets.at(0).name, "premot");
    EXPECT_EQ(read_markers(folder_ / "simnibs_localite_session").pulses.size(), 3080U);
    EXPECT_EQ(
        read_markers(session / "Registrations/LocatorRegistrations/BaseMarker20120925105342359.xml").landmarks.size(),
        3U);
}

TEST_F(NavigatorExports, EveryOtherFileIsReadOrRefusedInASentence) {
    int read = 0, refused = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
        if (!entry.is_regular_file()) continue;
        try {
            read_markers(entry.path());
            ++read;
        } catch (const InputError& error) {
            EXPECT_THAT(error.what(), HasSubstr(entry.path().filename().string()));
            ++refused;
        }
    }
    EXPECT_EQ(read + refused, 61);
    EXPECT_EQ(read_markers(folder_ / "stimguide_example.json").pulses.size(), 6U);
    EXPECT_NEAR(read_markers(folder_ / "stimguide_example.json").targets[0].pose->origin().xyz.x(), -108.356871, 1e-6);
    EXPECT_EQ(read_markers(folder_ / "visor_example.csv").untracked(), 1);
}

}  // namespace
}  // namespace precentral
