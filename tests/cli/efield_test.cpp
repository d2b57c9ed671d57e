// SPDX-License-Identifier: Apache-2.0
// precentral efield: known values through the front door, and what it refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace precentral {
namespace {

std::string write(const Folder& folder, const std::string& name, const std::string& text) {
    const std::string path = folder / name;
    std::ofstream(path) << text;
    return path;
}

struct Given {
    Folder folder;
    std::string coil = write(folder, "one.ccd", "# one;dIdtmax=2;coilname=one;\n1\n# centre, moment\n0 0 0 0 0 1\n");
    std::string pose = write(folder, "pose.json", "[1,0,0,0, 0,1,0,0, 0,0,1,100, 0,0,0,1]");
    std::string points = write(folder, "points.csv", "name,x,y,z\np,20,10,60\nq,0,0,50\n");
};

TEST(Efield, GivesTheGoldenValueOfADipole) {
    const Given s;
    const Ran ran = run({"efield", "--coil", s.coil, "--pose", s.pose, "--head", "sphere", "--points", s.points,
                         "--didt", "1", "--json"});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    const auto json = nlohmann::json::parse(ran.out);
    EXPECT_NEAR(json["e_v_per_m"][0][0].get<double>(), 10.3913281, 1e-7);
    EXPECT_NEAR(json["e_v_per_m"][0][1].get<double>(), -20.7826562, 2e-7);
    EXPECT_NEAR(json["e_v_per_m"][0][2].get<double>(), 0.0, 1e-12);
    EXPECT_NEAR(json["e_v_per_m"][1][0].get<double>(), 0.0, 1e-9);
    EXPECT_EQ(json["head"], "sphere");
    EXPECT_GT(json["seconds_per_pose"].get<double>(), 0.0);
    EXPECT_NE(json["caution"].get<std::string>().find("approximate"), std::string::npos);
    // 50 % of 2 A/µs is 1 A/µs; reversed changes the sign.
    const Ran other = run(
        {"efield", "--coil", s.coil, "--pose", s.pose, "--points", s.points, "--mso", "50", "--reversed", "--json"});
    ASSERT_EQ(other.exit, 0) << other.err;
    EXPECT_EQ(nlohmann::json::parse(other.out)["e_v_per_m"][0][0].get<double>(),
              -json["e_v_per_m"][0][0].get<double>());
    const Ran table = run({"efield", "--coil", s.coil, "--pose", s.pose, "--points", s.points});
    EXPECT_EQ(table.exit, 0) << table.err;
    EXPECT_NE(table.out.find("cerebrospinal fluid"), std::string::npos);
}

TEST(Efield, RefusesInOneSentence) {
    const Given s;
    const auto refused = [&](std::vector<std::string> arguments, const std::string& names) {
        arguments.insert(arguments.begin(), "efield");
        arguments.insert(arguments.end(), {"--points", s.points});
        const Ran ran = run(arguments);
        EXPECT_EQ(ran.exit, 2) << ran.err;
        EXPECT_NE(ran.err.find(names), std::string::npos) << ran.err;
        EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    };
    refused({"--coil", "H1", "--pose", s.pose}, "H1");
    refused({"--coil", s.folder / "none.ccd", "--pose", s.pose}, "none.ccd");
    refused({"--coil", write(s.folder, "bad.tcd", "{}"), "--pose", s.pose}, "bad.tcd");
    refused({"--coil", s.coil, "--pose", write(s.folder, "shear.json", "[1,1,0,0, 0,1,0,0, 0,0,1,100, 0,0,0,1]")},
            "shear.json");
    refused({"--coil", s.coil, "--pose", s.pose, "--mso", "120"}, "100 %");
    refused({"--coil", "circular-90", "--pose", s.pose, "--mso", "50"}, "circular-90");
    refused({"--coil", s.coil, "--pose", s.pose, "--centre", "0,0,400"}, "sphere");
    refused({"--coil", s.coil, "--pose", s.pose, "--head", "NOCASE", "--store", s.folder / "no.db"}, "NOCASE");
    refused({"--coil", s.coil, "--best-pose"}, "--scalp");
    refused({"--coil", s.coil}, "--pose");
}

}  // namespace
}  // namespace precentral
