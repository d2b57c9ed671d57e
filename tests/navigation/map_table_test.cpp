// SPDX-License-Identifier: Apache-2.0
#include "navigation/map_table.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "data/error.h"
#include "data/pulse_table.h"

namespace precentral {
namespace {

class MapTable : public ::testing::Test {
protected:
    MapTable() : folder_((std::filesystem::temp_directory_path() / "precentral-XXXXXX").string()) {
        EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    }
    ~MapTable() override { std::filesystem::remove_all(folder_); }
    std::string file(const std::string& text) const {
        std::ofstream(path()) << text;
        return path();
    }
    std::string path() const { return folder_ + "/map.csv"; }

private:
    std::string folder_;
};

TEST_F(MapTable, TheExportedPulsesOfASession) {
    std::vector<Pulse> pulses(4);
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.rotate(Eigen::AngleAxisd(0.3, Eigen::Vector3d(1, 2, 3).normalized()));
    pose.pretranslate(Eigen::Vector3d(-38.5, -16, 60));
    for (Pulse& pulse : pulses) {
        pulse.purpose = PulsePurpose::map;
        pulse.intensity_mso = 62.0;
        pulse.scan_from_coil = Transform<Scan, Coil>(pose);
        pulse.valid = true;
        pulse.mep_uv = 812.5;
        pulse.mep_verdict = "accepted";
    }
    pulses[1].scan_from_coil.reset();
    pulses[1].reason = "Coil hidden, and \"lost\"";
    pulses[2].mep_verdict = "rejected: muscle not at rest";
    pulses[3].purpose = PulsePurpose::treat;
    write_pulse_table(path(), pulses);
    const auto read = read_map_table(path());
    ASSERT_EQ(read.size(), 2U);
    ASSERT_TRUE(read[0].pose);
    EXPECT_LT((read[0].pose->matrix() - pose.matrix()).norm(), 1e-5);
    EXPECT_EQ(read[0].intensity_mso, 62.0);
    EXPECT_EQ(read[0].mep_uv, 812.5);
    EXPECT_FALSE(read[0].rejected);
    EXPECT_TRUE(read[1].rejected);
}

TEST_F(MapTable, SitesWithAByteOrderMarkAndQuotes) {
    const auto read = read_map_table(
        file("\xEF\xBB\xBFx,y,z,mep_uv,note\r\n1,2,3,50,\"a, \"\"b\"\"\"\r\n\r\n# no\r\n4,5,6,,\r\n7,,9,3,\r\n"));
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(read[0].site.xyz, Eigen::Vector3d(1, 2, 3));
    EXPECT_FALSE(read[0].pose);
    EXPECT_FALSE(read[0].intensity_mso);
    EXPECT_EQ(csv_cells("a,\"b,\"\"c\"\"\", d ,"), (std::vector<std::string>{"a", "b,\"c\"", "d", ""}));
}

TEST_F(MapTable, WhatCannotBeUsedIsNamed) {
    const std::string pose =
        "coil_m00,coil_m01,coil_m02,coil_m03,coil_m10,coil_m11,coil_m12,coil_m13,coil_m20,coil_m21,"
        "coil_m22,coil_m23,coil_m30,coil_m31,coil_m32,coil_m33,mep_uv\n";
    for (const std::string& text : {std::string(), std::string("x,y,mep_uv\n1,2,3\n"), std::string("x,y,z\n1,2,3\n"),
                                    std::string("x,y,z,mep_uv\n1,2,3,nan\n"), std::string("x,y,z,mep_uv\n1,2,3,-4\n"),
                                    std::string("x,y,z,mep_uv\n1,2\n"), std::string("x,y,z,mep_uv\n"),
                                    pose + "2,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1,50\n"}) {
        try {
            read_map_table(file(text));
            ADD_FAILURE() << text;
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find("map.csv"), std::string::npos) << error.what();
        }
    }
}

}  // namespace
}  // namespace precentral
