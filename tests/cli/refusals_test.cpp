// SPDX-License-Identifier: Apache-2.0
// Bad input at the front door: one sentence, the right exit code, nothing left behind.
#include <gtest/gtest.h>

#include <algorithm>

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

}  // namespace
}  // namespace precentral
