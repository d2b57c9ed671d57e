// SPDX-License-Identifier: Apache-2.0
// A virtual subject's muscle as a file and over a socket, measured by the same program as a real one's.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "navigation/igtl_client.h"
#include "tests/cli/program.h"

namespace precentral {
namespace {

using nlohmann::json;

TEST(SimulateEmg, WellAboveThresholdAnswersAndWellBelowDoesNot) {
    Folder folder;
    const std::string file = folder / "sweeps.csv";
    for (const bool above : {true, false}) {
        const Ran made = run({"simulate", "emg", "--out", file, "--pulses", "40", "--intensity", above ? "75" : "30",
                              "--seed", "1", "--json"});
        ASSERT_EQ(made.exit, 0) << made.err;
        const double hidden_mso = json::parse(made.out)["hidden_threshold_mso"];
        ASSERT_GT(hidden_mso, 40.0);
        ASSERT_LT(hidden_mso, 65.0);
        const Ran ran = run({"mep", file, "--json"});
        ASSERT_EQ(ran.exit, 0) << ran.err;
        const json measured = json::parse(ran.out);
        ASSERT_EQ(measured["sweeps"].size(), 40U);
        int responded = 0;
        for (const json& sweep : measured["sweeps"]) responded += sweep["verdict"] == "accepted" ? 1 : 0;
        if (above) {
            EXPECT_GE(responded, 30);  // a few are rejected: the hand was not at rest
        } else {
            EXPECT_EQ(responded, 0);
        }
    }
}

struct Heard : DeviceListener {
    void on_frame(const TrackerFrame&) override {}
    void on_trigger(const Trigger& trigger) override { triggers.push_back(trigger); }
    void on_sweep(const EmgSweep& sweep) override { sweeps.push_back(sweep); }
    void on_refused(const std::string& why, std::uint64_t) override { refused = why; }
    // Of the device's thread; read once the amplifier has gone.
    std::vector<Trigger> triggers;
    std::vector<EmgSweep> sweeps;
    std::string refused;
};

TEST(SimulateEmg, SpeaksOpenIgtlinkLikeAnAmplifier) {
    constexpr const char* kPort = "18991";
    Heard heard;
    {
        Program amplifier({"simulate", "emg", "--port", kPort, "--pulses", "3", "--interval", "0.3", "--json"});
        const auto device = connect_igtl("127.0.0.1", 18991, ToolNames{}, heard);
        const Ran given = amplifier.wait();
        ASSERT_EQ(given.exit, 0) << given.err;
        EXPECT_EQ(json::parse(given.out)["pulses"], 3);
    }
    EXPECT_EQ(heard.refused, "");
    ASSERT_EQ(heard.triggers.size(), 3U);
    ASSERT_EQ(heard.sweeps.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(heard.triggers[i].count, i + 1);
        EXPECT_EQ(heard.sweeps[i].pulse_count, i + 1);
        EXPECT_NEAR(heard.triggers[i].device_time_s - heard.triggers[0].device_time_s, 0.3 * static_cast<double>(i),
                    1e-6);
        EXPECT_EQ(heard.sweeps[i].microvolts.size(), 1200U);
    }
}

}  // namespace
}  // namespace precentral
