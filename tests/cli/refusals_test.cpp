// SPDX-License-Identifier: Apache-2.0
// Bad input at the front door: one sentence, the right exit code, nothing left behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numbers>

#include "tests/cli/program.h"

namespace precentral {
namespace {

// One line on stderr that names what it is about.
void expect_refused(const Ran& ran, int exit, const std::string& names) {
    EXPECT_EQ(ran.exit, exit) << ran.err;
    EXPECT_NE(ran.err.find(names), std::string::npos) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
}

TEST(Refusals, AMissingMri) {
    Folder folder;
    expect_refused(run({"image", "info", folder / "nowhere.nii.gz"}), 2, "nowhere.nii.gz");
    expect_refused(run({"head", folder / "nowhere.nii.gz", "--out", folder / "head"}), 2, "nowhere.nii.gz");
    EXPECT_FALSE(std::filesystem::exists(folder / "head"));
    expect_refused(run({"demo", "--headless", "--t1", folder / "nowhere.nii.gz", "--out", folder / "demo"}), 2,
                   "nowhere.nii.gz");
    EXPECT_FALSE(std::filesystem::exists(folder / "demo"));
}

TEST(Refusals, ABrokenMri) {
    Folder folder;
    const std::string file = folder / "broken.nii";
    std::ofstream(file) << "this is not an image at all";
    expect_refused(run({"image", "info", file}), 2, "broken.nii");
    expect_refused(run({"head", file, "--out", folder / "head"}), 2, "broken.nii");
    EXPECT_FALSE(std::filesystem::exists(folder / "head"));
}

TEST(Refusals, ATrackerThatIsNotThere) {
    expect_refused(run({"track", "igtl://127.0.0.1:9", "--seconds", "0.5"}), 1, "127.0.0.1:9");
    expect_refused(run({"track", "http://camera", "--seconds", "0.5"}), 2, "igtl://");
}

TEST(Refusals, AStoreThatIsNotThere) {
    Folder folder;
    expect_refused(run({"case", "list", "--store", folder / "none.db"}), 2, "none.db");
    EXPECT_FALSE(std::filesystem::exists(folder / "none.db"));
    std::ofstream(folder / "notes.db") << "a shopping list, not a database, and long enough to be looked at";
    expect_refused(run({"case", "list", "--store", folder / "notes.db"}), 2, "notes.db");
}

TEST(Refusals, AFolderThatCannotBeMade) {
    Folder folder;
    std::ofstream(folder / "file") << "in the way";
    if (std::filesystem::exists("/usr/share/mricron/templates/ch2.nii.gz")) {
        expect_refused(run({"demo", "--headless", "--out", (folder / "file") + "/demo"}), 2, "file/demo");
    }
}

TEST(Refusals, PointsThatDoNotPair) {
    Folder folder;
    const std::string scan = folder / "scan.csv";
    const std::string tracker = folder / "tracker.csv";
    std::ofstream(scan) << "name,x,y,z\nnasion,0,80,0\nleft,-70,0,0\nright,70,0,0\n";
    std::ofstream(tracker) << "name,x,y,z\nnasion,0,80,0\nright,70,0,0\nleft,-70,0,0\n";
    expect_refused(run({"register", "points", "--scan", scan, "--tracker", tracker}), 2, "names must agree");
    std::ofstream(tracker) << "name,x,y,z\nnasion,0,80,0\nleft,-70,abc,0\nright,70,0,0\n";
    expect_refused(run({"register", "points", "--scan", scan, "--tracker", tracker}), 2, "line 3");
    std::ofstream(tracker) << "name,x,y,z\nnasion,0,80,0\nleft,0,81,0\nright,0,82,0\n";
    expect_refused(run({"register", "points", "--scan", scan, "--tracker", tracker}), 2, "touch points far apart");
}

TEST(Refusals, WrongUsage) {
    EXPECT_EQ(run({}).exit, 2);
    EXPECT_EQ(run({"dance"}).exit, 2);
    EXPECT_EQ(run({"demo", "--headless", "--visits", "many"}).exit, 2);
    EXPECT_EQ(run({"threshold", "simulate", "--method", "guess"}).exit, 2);
    const Ran help = run({"demo", "--help"});
    EXPECT_EQ(help.exit, 0);
    EXPECT_NE(help.out.find("--seed"), std::string::npos);
}

TEST(Known, PointsThatFitGiveTheTransform) {
    Folder folder;
    const std::string scan = folder / "scan.csv";
    const std::string tracker = folder / "tracker.csv";
    std::ofstream(scan) << "x,y,z\n10,80,5\n-60,0,5\n80,0,5\n10,0,75\n";
    std::ofstream(tracker) << "x,y,z\n0,80,0\n-70,0,0\n70,0,0\n0,0,70\n";
    const Ran ran = run({"register", "points", "--scan", scan, "--tracker", tracker, "--json"});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_NE(ran.out.find("\"verdict\": \"good\""), std::string::npos) << ran.out;
}

// A ball of 90 mm as a scalp, and points on it.
std::string ball_as_obj() {
    std::string text;
    constexpr int kRings = 24;
    constexpr int kRound = 48;
    const auto point = [](int ring, int step) {
        const double theta = std::numbers::pi * ring / kRings;
        const double phi = 2.0 * std::numbers::pi * step / kRound;
        return std::array{90.0 * std::sin(theta) * std::cos(phi), 90.0 * std::sin(theta) * std::sin(phi),
                          90.0 * std::cos(theta)};
    };
    for (int ring = 0; ring <= kRings; ++ring) {
        for (int step = 0; step < kRound; ++step) {
            const auto p = point(ring, step);
            text += "v " + std::to_string(p[0]) + " " + std::to_string(p[1]) + " " + std::to_string(p[2]) + "\n";
        }
    }
    const auto id = [](int ring, int step) { return std::to_string(1 + ring * kRound + step % kRound); };
    for (int ring = 0; ring < kRings; ++ring) {
        for (int step = 0; step < kRound; ++step) {
            text += "f " + id(ring, step) + " " + id(ring + 1, step) + " " + id(ring + 1, step + 1) + "\n";
            text += "f " + id(ring, step) + " " + id(ring + 1, step + 1) + " " + id(ring, step + 1) + "\n";
        }
    }
    return text;
}

TEST(Refusals, TouchesInMetresAndTargetsOfAnotherHead) {
    Folder folder;
    std::ofstream(folder / "ball.obj") << ball_as_obj();
    std::ofstream(folder / "metres.csv") << "x,y,z\n0.09,0,0\n0,0.09,0\n0,0,0.09\n-0.09,0,0\n0,-0.09,0\n0.06,0.06,0\n";
    expect_refused(run({"register", "surface", "--scalp", folder / "ball.obj", "--points", folder / "metres.csv"}), 2,
                   "in metres?");
    std::ofstream(folder / "touched.csv") << "x,y,z\n90,0,0\n0,90,0\n0,0,90\n-90,0,0\n0,-90,0\n63.6,63.6,0\n";
    std::ofstream(folder / "far.csv") << "name,x,y,z\nhand,0,0,300\n";
    expect_refused(run({"register", "surface", "--scalp", folder / "ball.obj", "--points", folder / "touched.csv",
                        "--targets", folder / "far.csv"}),
                   2, "another patient's");
}

TEST(Refusals, EarsThatWereExchangedAreNotAGoodFit) {
    Folder folder;
    std::ofstream(folder / "scan.csv") << "name,x,y,z\nnasion,4,90,0\nleft ear,-80,0,-10\nright ear,76,3,-4\n";
    std::ofstream(folder / "tracker.csv") << "name,x,y,z\nnasion,4,90,0\nleft ear,76,3,-4\nright ear,-80,0,-10\n";
    const Ran ran = run({"register", "points", "--scan", folder / "scan.csv", "--tracker", folder / "tracker.csv"});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_NE(ran.out.find("verdict: poor"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("fit BETTER"), std::string::npos) << ran.out;
}

TEST(Refusals, APlaceThatCannotBeWrittenIsSaidBeforeTheWork) {
    Folder folder;
    std::ofstream(folder / "file") << "in the way";
    if (!std::filesystem::exists("/usr/share/mricron/templates/ch2.nii.gz")) {
        GTEST_SKIP() << "the package mricron-data is not installed";
    }
    for (const char* verb : {"head", "normalise"}) {
        expect_refused(run({verb, "/usr/share/mricron/templates/ch2.nii.gz", "--out", (folder / "file") + "/out"}), 2,
                       "cannot be made");
    }
    expect_refused(run({"image", "convert", "/usr/share/mricron/templates/ch2.nii.gz", (folder / "none") + "/a.nii"}),
                   2, "There is no folder");
}

TEST(Refusals, AnArchiveIsToBeUnpacked) {
    Folder folder;
    std::ofstream(folder / "series.tar.gz") << "packed";
    expect_refused(run({"image", "info", folder / "series.tar.gz"}), 2, "unpack it");
}

TEST(Vault, AnIdentityIsReadFromStandardInputAndComesBack) {
    Folder folder;
    const std::string vault = folder / "who.vault";
    std::ofstream(folder / "secret") << "a passphrase of some length\n";
    std::ofstream(folder / "identity") << "Doe\n1970-01-01\n\n";
    const std::string program = PRECENTRAL_PROGRAM;
    const auto shell = [&](const std::string& words) {
        return std::system((program + " vault " + words + " --vault " + vault + " --passphrase-fd 3 3<" +
                            (folder / "secret") + " <" + (folder / "identity") + " >" + (folder / "said") + " 2>&1")
                               .c_str());
    };
    ASSERT_EQ(shell("add PRC-1"), 0);
    ASSERT_EQ(shell("show PRC-1"), 0);
    std::ifstream said(folder / "said");
    const std::string all((std::istreambuf_iterator<char>(said)), std::istreambuf_iterator<char>());
    EXPECT_NE(all.find("Doe"), std::string::npos) << all;
    EXPECT_NE(all.find("1970-01-01"), std::string::npos) << all;
    std::ifstream sealed(vault, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(sealed)), std::istreambuf_iterator<char>());
    EXPECT_EQ(bytes.find("Doe"), std::string::npos);
    // Nothing given is nothing added.
    std::ofstream(folder / "identity") << "\n\n\n";
    EXPECT_NE(shell("add PRC-2"), 0);
}

}  // namespace
}  // namespace precentral
