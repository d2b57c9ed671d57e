// SPDX-License-Identifier: Apache-2.0
// precentral track and simulate tracker: real processes over real sockets.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "tests/cli/program.h"

namespace precentral {
namespace {

// A simulated tracker of its own port, ended with this.
class SimulatedTracker {
public:
    explicit SimulatedTracker(std::vector<std::string> options)
        : program_(words(std::move(options), folder_ / "port")) {
        for (int i = 0; i < 1000 && port_.empty(); ++i) {
            std::ifstream in(folder_ / "port");
            in >> port_;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
    std::string address(const std::string& scheme = "igtl") const { return scheme + "://127.0.0.1:" + port_; }

private:
    static std::vector<std::string> words(std::vector<std::string> options, const std::string& port_file) {
        options.insert(options.begin(), {"simulate", "tracker", "--port-file", port_file, "--linger", "20"});
        return options;
    }
    Folder folder_;
    Program program_;
    std::string port_;
};

nlohmann::json json_of(const Ran& ran) {
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return nlohmann::json::parse(ran.out, nullptr, false);
}

TEST(Track, CountsRecordsAndReplaysTheSame) {
    SimulatedTracker tracker({"--rate", "100", "--tools", "4", "--event", "hide:Coil@0.5+0.3"});
    Folder folder;
    const std::string file = folder / "visit.igs.mha";
    const auto live = json_of(run({"track", tracker.address(), "--seconds", "1.5", "--record", file, "--json"}));
    ASSERT_TRUE(live.is_object());
    ASSERT_EQ(live["tools"].size(), 4U);
    EXPECT_EQ(live["tools"]["Coil"]["invisible"], 30);
    EXPECT_EQ(live["tools"]["Coil2"]["invisible"], 0);
    for (const auto& [name, tool] : live["tools"].items()) {
        EXPECT_EQ(tool["lost"], 0) << name;
        EXPECT_GT(tool["received"].get<int>(), 80) << name;
        for (const char* key : {"median", "p95", "p99", "max"}) EXPECT_TRUE(tool["latency_ms"][key].is_number());
    }
    const auto again = json_of(run({"track", "replay:" + file, "--pace", "10", "--json"}));
    for (const auto& [name, tool] : live["tools"].items()) {
        EXPECT_EQ(again["tools"][name]["received"], tool["received"]) << name;
        EXPECT_EQ(again["tools"][name]["invisible"], tool["invisible"]) << name;
    }
    // What was replayed and recorded again is the same file but for the moments of receipt.
    const std::string copy = folder / "copy.igs.mha";
    json_of(run({"track", "replay:" + file, "--pace", "0", "--record", copy, "--json"}));
    const auto poses = [](const std::string& path) {
        std::ifstream in(path);
        std::multiset<std::string> lines;
        for (std::string line; std::getline(in, line);) {
            if (line.find("Status = ") != std::string::npos || line.find("Timestamp") != std::string::npos) {
                lines.insert(line);
            }
        }
        return lines;
    };
    EXPECT_EQ(poses(file), poses(copy));
    EXPECT_GT(poses(file).size(), 400U);
}

TEST(Track, NdiUnderOtherNames) {
    SimulatedTracker tracker({"--protocol", "ndi", "--names", "8700449,8700340"});
    const auto told = json_of(
        run({"track", tracker.address("ndi"), "--seconds", "1.5", "--head", "8700449", "--coil", "8700340", "--json"}));
    ASSERT_TRUE(told.is_object());
    EXPECT_GT(told["tools"]["8700340"]["received"].get<int>(), 20);
    EXPECT_FALSE(told["tools"]["8700340"].contains("problem"));
    EXPECT_GT(told["tools"]["8700340"]["error_mm"].get<double>(), 0.0);
    EXPECT_EQ(told["tools"]["Stylus"]["received"], 0);
    EXPECT_NE(told["tools"]["Stylus"]["problem"].get<std::string>().find("not among"), std::string::npos);
}

TEST(Track, ASimulatedTrackerByItsNameLeavesWithTheProgram) {
    const auto told = json_of(run({"track", "sim:still", "--seconds", "1", "--json"}));
    ASSERT_TRUE(told.is_object());
    EXPECT_GT(told["tools"]["Coil"]["received"].get<int>(), 20);
}

TEST(Track, HandsPosesOn) {
    SimulatedTracker tracker({});
    Folder folder;
    // Any free port is named on stderr, but a test needs it at once: one from the middle of the free range.
    const std::string port = std::to_string(20000 + ::getpid() % 10000);
    Program passing({"track", tracker.address(), "--seconds", "4", "--serve", port, "--json"});
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    const auto told = json_of(run({"track", "igtl://127.0.0.1:" + port, "--seconds", "1.5", "--json"}));
    ASSERT_TRUE(told.is_object());
    EXPECT_GT(told["tools"]["Head"]["received"].get<int>(), 40);
    EXPECT_EQ(told["tools"]["Head"]["lost"], 0);
}

TEST(Track, RefusesWithASentence) {
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"track", "http://x"},
                                                      {"track", "sim:none"},
                                                      {"track", "replay:/no/file.igs.mha"},
                                                      {"track", "sim:still", "--record", "x.txt"},
                                                      {"simulate", "tracker", "--event", "melt:Coil@1+1"},
                                                      {"simulate", "tracker", "--rate", "0"},
                                                      {"simulate", "tracker", "--names", "Head,Head"}}) {
        const Ran ran = run(arguments);
        EXPECT_EQ(ran.exit, 2) << arguments[1];
        EXPECT_TRUE(ran.err.ends_with(".\n")) << ran.err;
    }
    const Ran gone = run({"track", "igtl://127.0.0.1:1", "--seconds", "0.3"});
    EXPECT_EQ(gone.exit, 1);
    EXPECT_NE(gone.err.find("switched on"), std::string::npos);
}

}  // namespace
}  // namespace precentral
