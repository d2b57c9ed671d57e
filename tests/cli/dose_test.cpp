// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/store.h"
#include "tests/cli/program.h"

namespace precentral {
namespace {

Ran check(const Folder& folder, const std::string& text, bool json = true) {
    const std::string file = folder / "protocol.json";
    std::ofstream(file) << text;
    std::vector<std::string> words{"dose", "check", file};
    if (json) words.emplace_back("--json");
    return run(words);
}

std::string verdict_of(const Folder& folder, const std::string& text) {
    const Ran ran = check(folder, text);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    const auto out = nlohmann::json::parse(ran.out, nullptr, false);
    EXPECT_TRUE(out.is_object()) << ran.out;
    EXPECT_FALSE(out["reasons"].empty());
    return out.value("verdict", "");
}

TEST(Dose, TheThreeVerdicts) {
    Folder folder;
    EXPECT_EQ(verdict_of(folder, R"({"frequency_hz":10,"trains":10,"pulses_per_train":50,"train_pause_s":25,
                                     "intensity_percent_rmt":90})"),
              "inside");
    EXPECT_EQ(verdict_of(folder, R"({"name":"pain","frequency_hz":20,"trains":20,"pulses_per_train":80,"pause_s":84,
                                     "intensity_percent_rmt":80})"),
              "confirm");
    EXPECT_EQ(verdict_of(folder, R"({"frequency_hz":20,"trains":20,"pulses_per_train":80,"train_pause_s":84,
                                     "intensity_percent_rmt":110})"),
              "refused");
    EXPECT_EQ(verdict_of(folder, R"({"name":"iTBS","pattern":"itbs","trains":20,"train_duration_s":2,"train_pause_s":8,
                                     "intensity_percent_rmt":80})"),
              "confirm");
}

TEST(Dose, TheExampleOfTheHelpWorks) {
    const Ran help = run({"dose", "check", "--help"});
    ASSERT_EQ(help.exit, 0);
    const auto from = help.out.find("{\n");
    const auto to = help.out.rfind('}');
    ASSERT_LT(from, to) << help.out;
    Folder folder;
    EXPECT_EQ(verdict_of(folder, help.out.substr(from, to - from + 1)), "confirm");
}

TEST(Dose, PeopleReadTheReasonsAndThatTheCellsAreFromMemory) {
    Folder folder;
    const Ran ran = check(folder, R"({"frequency_hz":20,"trains":20,"pulses_per_train":80,"train_pause_s":84,
                                      "intensity_percent_rmt":80,"rmt_mso":47,"colour":"red"})",
                          false);
    EXPECT_EQ(ran.exit, 0);
    for (const char* words : {"verdict: confirm", "Give the protocol a name", "2.05 s", "10.1016/j.clinph.2009.08.016",
                              "from memory", "set as 38 %"}) {
        EXPECT_NE(ran.out.find(words), std::string::npos) << words << "\n" << ran.out;
    }
    EXPECT_NE(ran.err.find("\"colour\" is not known"), std::string::npos) << ran.err;
}

TEST(Dose, ThePulsesOfEarlierSessionsAreCountedFromTheRecord) {
    Folder folder;
    const std::string record = folder / "a.db";
    {
        const auto store = open_store(record);
        Case patient;
        patient.code = "PRC-AAAAAAAA";
        store->add_case(patient);
        for (const int hours_ago : {2, 30}) {
            Session session;
            session.case_code = patient.code;
            session.started = utc_now() - std::chrono::hours(hours_ago);
            const RecordId id = store->add(session);
            std::vector<Pulse> pulses(1300);
            int sequence = 0;
            for (Pulse& pulse : pulses) {
                pulse.session = id;
                pulse.sequence = ++sequence;
                pulse.purpose = sequence <= 100 ? PulsePurpose::map : PulsePurpose::treat;
            }
            store->add(pulses);
        }
    }
    std::ofstream(folder / "protocol.json") << R"({"name":"a","frequency_hz":10,"trains":40,"pulses_per_train":50,
        "train_pause_s":25,"intensity_percent_rmt":90})";
    const auto alone = nlohmann::json::parse(run({"dose", "check", folder / "protocol.json", "--json"}).out);
    EXPECT_EQ(alone["verdict"], "inside");
    const Ran ran = run({"dose", "check", folder / "protocol.json", "--store", record, "--case", "PRC-AAAAAAAA"});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_NE(ran.out.find("verdict: confirm"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("3200 pulses within 24 hours are over 3000"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("4400 pulses within 7 days"), std::string::npos) << ran.out;
    EXPECT_EQ(run({"dose", "check", folder / "protocol.json", "--store", record}).exit, 2);
    EXPECT_EQ(run({"dose", "check", folder / "protocol.json", "--store", record, "--case", "PRC-NOBODY"}).exit, 2);
    EXPECT_EQ(run({"dose", "check", folder / "protocol.json", "--store", folder / "b.db", "--case", "x"}).exit, 2);
}

TEST(Dose, AFileThatCannotBeUsedIsASentence) {
    Folder folder;
    const std::pair<const char*, const char*> broken[] = {
        {"", "not JSON"},
        {"{", "not JSON"},
        {"[1,2]", "not a JSON object"},
        {"7", "not a JSON object"},
        {"{}", "frequency_hz"},
        {R"({"frequency_hz":"fast","trains":1,"pulses_per_train":5,"intensity_percent_rmt":80})", "not a number"},
        {R"({"frequency_hz":0,"trains":1,"pulses_per_train":5,"intensity_percent_rmt":80})", "frequency_hz"},
        {R"({"frequency_hz":-3,"trains":1,"pulses_per_train":5,"intensity_percent_rmt":80})", "frequency_hz"},
        {R"({"frequency_hz":1e999,"trains":1,"pulses_per_train":5,"intensity_percent_rmt":80})", ""},
        {R"({"frequency_hz":20,"trains":2.5,"pulses_per_train":5,"train_pause_s":5,"intensity_percent_rmt":80})",
         "whole"},
        {R"({"frequency_hz":20,"trains":2,"pulses_per_train":5,"intensity_percent_rmt":80})", "train_pause_s"},
        {R"({"frequency_hz":20,"trains":2,"pulses_per_train":5,"train_pause_s":5})", "intensity_percent_rmt"},
        {R"({"frequency_hz":20,"trains":2,"pulses_per_train":5,"train_pause_s":5,"pause_s":6,
             "intensity_percent_rmt":80})",
         "contradict"},
        {R"({"frequency_hz":20,"pulses_per_train":5,"train_duration_s":3,"intensity_percent_rmt":80})", "contradict"},
        {R"({"frequency_hz":20,"pulses_per_train":5,"intensity_percent_rmt":80,"pattern":"jazz"})", "jazz"},
        {R"({"frequency_hz":20,"pulses_per_train":5,"intensity_percent_rmt":80,"burst_hz":50})", "pattern"},
        {R"({"frequency_hz":20,"pulses_per_train":5,"intensity_percent_rmt":80,"rmt_mso":140})", "rmt_mso"},
        {R"({"frequency_hz":20,"pulses_per_train":5,"intensity_percent_rmt":80,"earlier_sessions":[{"pulses":3}]})",
         "days_ago"},
    };
    for (const auto& [text, names] : broken) {
        const Ran ran = check(folder, text);
        EXPECT_EQ(ran.exit, 2) << text << "\n" << ran.out << ran.err;
        EXPECT_NE(ran.err.find(names), std::string::npos) << ran.err;
        EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
        EXPECT_EQ(ran.out, "");
    }
    EXPECT_EQ(run({"dose", "check", folder / "none.json"}).exit, 2);
    EXPECT_EQ(run({"dose", "check"}).exit, 2);
}

}  // namespace
}  // namespace precentral
