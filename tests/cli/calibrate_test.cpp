// SPDX-License-Identifier: Apache-2.0
// precentral calibrate: the ways in, and what they refuse.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/cli/program.h"

namespace precentral {
namespace {

void expect_holds(const Ran& ran, int exit, const std::string& text) {
    EXPECT_EQ(ran.exit, exit) << ran.err;
    EXPECT_NE((ran.out + ran.err).find(text), std::string::npos) << ran.out << ran.err;
}

const std::string kUnit = "[1,0,0,7, 0,1,0,8, 0,0,1,9, 0,0,0,1]";

TEST(Calibrate, PivotFromACsv) {
    Folder folder;
    const std::string csv = folder / "poses.csv";
    {
        std::ofstream out(csv);
        out << "m00,m01,m02,m03,m10\n";
        for (int i = 0; i < 60; ++i) {
            // Turned about x by a, and about y by b, with the tip (0, 0, -100) at the origin.
            const double a = 0.5 * std::sin(0.7 * i);
            const double b = 0.5 * std::cos(0.45 * i);
            const double m[3][3] = {{std::cos(b), 0.0, std::sin(b)},
                                    {std::sin(a) * std::sin(b), std::cos(a), -std::sin(a) * std::cos(b)},
                                    {-std::cos(a) * std::sin(b), std::sin(a), std::cos(a) * std::cos(b)}};
            for (int r = 0; r < 3; ++r) {
                out << m[r][0] << "," << m[r][1] << "," << m[r][2] << "," << 100.0 * m[r][2] << ",";
            }
            out << "0,0,0,1\n";
        }
    }
    const Ran ran = run({"calibrate", "pivot", "--poses", csv, "--json"});
    expect_holds(ran, 0, "\"verdict\": \"good\"");
    std::ofstream(csv) << "1,0,0,0\n";
    expect_holds(run({"calibrate", "pivot", "--poses", csv}), 2, "line 1: a pose is 16 numbers");
    const std::string recording = folder / "r.igs.mha";
    std::ofstream(recording) << "ObjectType = Image\nSeq_Frame0000_StylusToTrackerTransform = 1 2 3\n";
    expect_holds(run({"calibrate", "pivot", "--poses", recording}), 2, "r.igs.mha\", line 2");
}

TEST(Calibrate, CoilFromTouchesFromABlockAndFromAFile) {
    Folder folder;
    const std::string touches = folder / "touches.csv";
    const std::string marks = folder / "marks.csv";
    std::ofstream(marks) << "name,x,y,z\na,0,0,0\nb,80,0,0\nc,0,50,0\nd,-80,0,-20\n";
    std::ofstream(touches) << "name,x,y,z\na,7,8,9\nb,87,8,9\nc,7,58,9\nd,-73,8,-11\n";
    const Ran touched = run({"calibrate", "coil", "--touches", touches, "--landmarks", marks, "--json"});
    expect_holds(touched, 0, "\"centre_error_mm\"");
    const std::string poses = folder / "poses.csv";
    std::ofstream out(poses);
    for (int i = 0; i < 10; ++i) out << "1,0,0,7,0,1,0,8,0,0,1,9,0,0,0,1\n";
    out.close();
    expect_holds(run({"calibrate", "coil", "--poses", poses, "--json"}), 0, "\"verdict\": \"good\"");
    const std::string matrix = folder / "m.json";
    std::ofstream(matrix) << kUnit;
    expect_holds(run({"calibrate", "coil", "--matrix", matrix, "--json"}), 0, "was not measured");
    std::ofstream(matrix) << "[2,0,0,7, 0,1,0,8, 0,0,1,9, 0,0,0,1]";
    expect_holds(run({"calibrate", "coil", "--matrix", matrix}), 2, "m.json");
    expect_holds(run({"calibrate", "coil"}), 2, "--touches");
    expect_holds(run({"calibrate", "coil", "--touches", touches}), 2, "--landmarks");
}

}  // namespace
}  // namespace precentral
