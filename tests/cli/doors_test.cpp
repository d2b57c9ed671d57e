// SPDX-License-Identifier: Apache-2.0
// The doors for data at the command line: case new, export, import, markers convert, replay, store migrate.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/program.h"

namespace precentral {
namespace {

using nlohmann::json;

std::string text_of(const std::string& file) {
    std::ifstream in(file);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
}
json answer(const std::vector<std::string>& arguments, int exit = 0) {
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.exit, exit) << ran.err;
    const json out = json::parse(ran.out, nullptr, false);
    EXPECT_FALSE(out.is_discarded()) << ran.out << ran.err;
    return out;
}

TEST(CaseNew, GivesARandomCodeAndJudgesTheSide) {
    Folder folder;
    const std::string store = folder / "c.db";
    std::vector<std::string> words = {
        "case",         "new",           "--store", store,         "--pain-side",
        "right",        "--pain-region", "hand",    "--aetiology", "central pain after ischaemic stroke",
        "--birth-year", "1961",          "--sex",   "woman",       "--json"};
    const json made = answer(words);
    EXPECT_EQ(made["code"].get<std::string>().substr(0, 4), "PRC-");
    EXPECT_EQ(made["target_side"], "left");
    EXPECT_NE(answer(words)["code"], made["code"]);
    EXPECT_EQ(answer({"case", "list", "--store", store, "--json"}).size(), 2U);
    const auto with = [&](std::vector<std::string> more) {
        std::vector<std::string> all = words;
        all.insert(all.end(), more.begin(), more.end());
        return run(all);
    };
    EXPECT_EQ(with({"--target-side", "right"}).exit, 2);
    EXPECT_NE(with({"--target-side", "right"}).err.find("--override-by"), std::string::npos);
    EXPECT_EQ(with({"--target-side", "right", "--override-by", "Dr A", "--override-reason", "bilateral"}).exit, 0);
    words[11] = "1899";
    EXPECT_EQ(run(words).exit, 2);
    words[11] = "1961";
    words[7] = " ";
    EXPECT_EQ(run(words).exit, 2);
    words[5] = "middle";
    EXPECT_EQ(run(words).exit, 2);
    EXPECT_EQ(answer({"case", "list", "--store", store, "--json"}).size(), 3U);
    EXPECT_TRUE(answer({"store", "check", "--store", store, "--json"})["ok"]);
    const json migrated = answer({"store", "migrate", "--store", store, "--json"});
    EXPECT_EQ(migrated["from"], migrated["to"]);
    EXPECT_FALSE(migrated["migrated"]);
}

TEST(CaseImport, FromATableWithADryRunThenForGoodThenAsAFolder) {
    Folder folder;
    const std::string store = folder / "c.db";
    std::ofstream(folder / "m.json") << R"({"fields": {"case.key": "id", "case.pain_side": "side",
        "case.pain_region": "where", "case.aetiology": "cause", "visit.date": "date", "visit.target_side": "target",
        "visit.relief_percent": "relief", "visit.rmt_mso": "rmt"}})";
    std::ofstream(folder / "t.csv") << "id,side,where,cause,date,target,relief,rmt\n"
                                       "1,right,hand,stroke,2020-05-04,left,20,50\n"
                                       "1,,,,2020-05-25,left,140,51\n"
                                       "2,left,face,neuropathy,2020-05-04,right,35,44\n";
    std::vector<std::string> words = {"case",    "import", "--csv", folder / "t.csv", "--mapping", folder / "m.json",
                                      "--store", store,    "--json"};
    std::vector<std::string> dry = words;
    dry.emplace_back("--dry-run");
    const json tried = answer(dry, 2);
    ASSERT_EQ(tried["rejected"].size(), 1U);
    EXPECT_EQ(tried["rejected"][0]["row"], 3);
    EXPECT_EQ(tried["rejected"][0]["column"], "relief");
    EXPECT_EQ(tried["rejected"][0]["value"], "140");
    EXPECT_FALSE(std::filesystem::exists(store));
    EXPECT_FALSE(answer(words, 2)["written"]);
    EXPECT_FALSE(std::filesystem::exists(store));
    words.emplace_back("--skip-bad");
    const json done = answer(words);
    EXPECT_TRUE(done["written"]);
    EXPECT_EQ(done["visits"], 2);
    const std::string code = done["codes"]["2"];
    EXPECT_EQ(answer({"case", "show", code, "--store", store, "--json"})["visits"][0]["relief_percent"], 35.0);

    ASSERT_EQ(run({"case", "export", code, "--store", store, "--out", folder / "a", "--no-mri"}).exit, 0);
    const std::string other = folder / "o.db";
    EXPECT_EQ(answer({"case", "import", folder / "a", "--store", other, "--json", "--dry-run"})["code"], code);
    EXPECT_FALSE(std::filesystem::exists(other));
    EXPECT_EQ(answer({"case", "import", folder / "a", "--store", other, "--json"})["records"]["outcomes"], 1);
    ASSERT_EQ(run({"case", "export", code, "--store", other, "--out", folder / "b", "--no-mri"}).exit, 0);
    EXPECT_EQ(text_of(folder / "a/record.jsonl"), text_of(folder / "b/record.jsonl"));
    EXPECT_FALSE(text_of(folder / "a/record.jsonl").empty());
    EXPECT_EQ(run({"case", "import", folder / "a", "--store", other}).exit, 2);
    EXPECT_EQ(run({"case", "import"}).exit, 2);
    EXPECT_EQ(run({"case", "import", folder / "nowhere", "--store", other}).exit, 2);

    const json replayed = answer({"replay", code, "--store", store, "--json"});
    EXPECT_TRUE(replayed["ok"]);
    EXPECT_EQ(replayed["pulses"], 0);
    EXPECT_EQ(run({"replay", code + "/7", "--store", store}).exit, 2);
    EXPECT_EQ(run({"replay", "12345", "--store", store}).exit, 2);
    EXPECT_EQ(run({"replay", "PRC-NONE", "--store", store}).exit, 2);
}

TEST(MarkersConvert, SaysWhatItReadAndWhatItCouldNotWrite) {
    Folder folder;
    std::ofstream(folder / "in.csv")
        << "kind,name,x,y,z,time,since_start_ms,intensity_mso,di_dt_a_per_us,mep_uv,mep_latency_"
           "ms,target,coordinate_system,space\n"
           "target,a,-30,20,90,,,,,,,,RAS,the patient's MRI\n"
           "pulse,1,,,,2026-10-26T09:31:07.123,40,50,61,,,a,RAS,the patient's MRI\n";
    const json out = answer({"markers", "convert", folder / "in.csv", folder / "out.txt", "--json"});
    for (const char* key :
         {"format", "version", "coordinate_system", "targets", "pulses", "untracked", "ignored", "warnings"}) {
        EXPECT_TRUE(out.contains(key)) << key;
    }
    EXPECT_EQ(out["format"], "csv");
    EXPECT_EQ(out["targets"], 1);
    EXPECT_EQ(out["untracked"], 1);
    EXPECT_NE(out["warnings"].dump().find("dI/dt"), std::string::npos);
    EXPECT_EQ(answer({"markers", "convert", folder / "out.txt", folder / "back.csv", "--json"})["format"],
              "brainsight");
    EXPECT_EQ(run({"markers", "convert", folder / "in.csv", folder / "in.csv"}).exit, 2);
    EXPECT_EQ(run({"markers", "convert", folder / "in.csv", folder / "x.txt", "--from", "nexstim"}).exit, 2);
    EXPECT_EQ(run({"markers", "convert", folder / "none.csv", folder / "x.txt"}).exit, 2);
    EXPECT_EQ(run({"markers", "convert", folder / "in.csv", folder / "no/such/x.txt"}).exit, 2);
}

}  // namespace
}  // namespace precentral
