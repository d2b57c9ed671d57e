// SPDX-License-Identifier: Apache-2.0
// A stand-in in one process, a listener in another, true sockets and pseudo-terminals between them.
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/cli/program.h"

namespace precentral {
namespace {

std::string address_in(const std::string& file) {
    for (int i = 0; i < 500; ++i) {
        std::ifstream in(file);
        std::string address;
        if (std::getline(in, address)) return address;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return "";
}

struct Both {
    nlohmann::json given;
    nlohmann::json heard;
};

Both play(const Folder& folder, std::vector<std::string> stand_in, std::vector<std::string> listen) {
    const std::string file = folder / "address";
    std::filesystem::remove(file);
    stand_in.insert(stand_in.begin(), {"simulate", "stimulator", "--address-file", file, "--json"});
    Program stimulator(stand_in);
    const std::string address = address_in(file);
    EXPECT_NE(address, "");
    listen.insert(listen.begin(), {"stimulator", "listen", address, "--json"});
    const Ran heard = run(listen);
    EXPECT_EQ(heard.exit, 0) << heard.err;
    const Ran given = stimulator.wait();
    EXPECT_EQ(given.exit, 0) << given.err;
    return {nlohmann::json::parse(given.out, nullptr, false), nlohmann::json::parse(heard.out, nullptr, false)};
}

TEST(Stimulator, ThetaBurstsOfAMagVentureOverAPseudoTerminal) {
    Folder folder;
    const Both both = play(folder,
                           {"--model", "magventure", "--pty", "--trains", "2", "--pulses", "30", "--burst", "3",
                            "--rate", "5", "--pause", "1.5", "--intensity", "55", "--start-after", "1"},
                           {"--seconds", "20", "--until-pulses", "60"});
    EXPECT_EQ(both.given["given"], 60);
    EXPECT_EQ(both.heard["pulses"], 60);
    // Where the computer itself was too busy to give or stamp them evenly, the spacing says nothing.
    if (both.heard["jitter_ms"].get<double>() < 3.0) {
        EXPECT_EQ(both.heard["missing"], 0);
        ASSERT_EQ(both.heard["trains"].size(), 2U);
        EXPECT_EQ(both.heard["trains"][1]["bursts"], 10);
        EXPECT_NEAR(both.heard["trains"][1]["frequency_hz"].get<double>(), 50.0, 5.0);
    }
    EXPECT_EQ(both.heard["intensity_mso"][59], 55.0);
    EXPECT_EQ(both.heard["refused"], 0);
    EXPECT_EQ(both.heard["status"]["didt_a_per_us"], 82);
}

TEST(Stimulator, DroppedPulsesShowAndDamageIsNamed) {
    Folder folder;
    const Both both = play(folder,
                           {"--model", "line", "--pulses", "81", "--rate", "20", "--drop-every", "20", "--damage-every",
                            "33", "--intensity", "48"},
                           {"--seconds", "20", "--until-pulses", "75"});
    EXPECT_EQ(both.given["given"], 81);
    EXPECT_EQ(both.given["told"], 77);
    EXPECT_EQ(both.heard["pulses"], 75);
    EXPECT_EQ(both.heard["missing"], 6);
    EXPECT_EQ(both.heard["refused"], 2);
    ASSERT_EQ(both.heard["trains"].size(), 1U);
    EXPECT_NEAR(both.heard["trains"][0]["frequency_hz"].get<double>(), 20.0, 1.0);
}

TEST(Stimulator, RefusalsAndNobodyThere) {
    EXPECT_EQ(run({"stimulator", "listen", "bell://tower"}).exit, 2);
    const Ran nobody = run({"stimulator", "listen", "trigger+tcp://127.0.0.1:9", "--seconds", "0.5"});
    EXPECT_EQ(nobody.exit, 1);
    EXPECT_NE(nobody.err.find("127.0.0.1:9"), std::string::npos) << nobody.err;
    EXPECT_EQ(run({"simulate", "stimulator", "--model", "drum"}).exit, 2);
    EXPECT_EQ(run({"simulate", "stimulator", "--pulses", "0"}).exit, 2);
    EXPECT_EQ(run({"simulate", "stimulator", "--rate", "40", "--burst", "3", "--burst-hz", "50"}).exit, 2);
    EXPECT_EQ(run({"simulate", "stimulator", "--model", "magstim", "--udp", "5000"}).exit, 2);
}

}  // namespace
}  // namespace precentral
