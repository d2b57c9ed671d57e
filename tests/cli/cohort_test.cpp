// SPDX-License-Identifier: Apache-2.0
// The statistics of a cohort at the front door: the keys programs rely on, and refusals in one sentence.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace precentral {
namespace {

std::string write(const Folder& folder, const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return folder / name;
}

// Both tables are synthetic, chosen to reproduce published odds ratios (Thomas et al., Eur J Pain 2025;29:e4763).
TEST(Cohort, OddsNamesItsMethod) {
    const Ran ran = run({"cohort", "odds", "--table", "44,8,18,11", "--method", "all", "--json"});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    const auto json = nlohmann::json::parse(ran.out);
    EXPECT_EQ(json["method"], "fisher");
    EXPECT_EQ(json["n"], 81);
    ASSERT_EQ(json["methods"].size(), 4u);
    EXPECT_EQ(json["methods"][3]["method"], "profile");
    EXPECT_NEAR(json["methods"][3]["high"].get<double>(), 10.05, 0.005);
    const Ran open = run({"cohort", "odds", "--table", "9,0,0,3", "--json"});
    ASSERT_EQ(open.exit, 0) << open.err;
    EXPECT_TRUE(nlohmann::json::parse(open.out)["high"].is_null());
    EXPECT_FALSE(nlohmann::json::parse(open.out)["reason"].get<std::string>().empty());
}

TEST(Cohort, RocAndSurvivalReadATable) {
    const Folder folder;
    const std::string csv =
        write(folder, "cohort.csv",
              "\xEF\xBB\xBFid,\"relief, %\",r30,months,lost,site\r\n1,10,no,3,1,a\r\n2,40,yes,9,0,b\r\n"
              "3,45,no,4,1,a\r\n4,NA,yes,8,1,b\r\n5,55,yes,7,0,\r\n");
    const Ran roc = run({"cohort", "roc", "--csv", csv, "--score", "relief, %", "--outcome", "r30", "--json"});
    ASSERT_EQ(roc.exit, 0) << roc.err;
    const auto json = nlohmann::json::parse(roc.out);
    EXPECT_EQ(json["auc"], 0.75);
    EXPECT_EQ(json["n"], 4);
    EXPECT_EQ(json["missing"], 1);
    for (const char* key : {"low", "high", "cut", "sensitivity", "specificity"})
        EXPECT_TRUE(json[key].is_number()) << key;
    const Ran curves =
        run({"cohort", "survival", "--csv", csv, "--time", "months", "--event", "lost", "--group", "site", "--json"});
    ASSERT_EQ(curves.exit, 0) << curves.err;
    const auto survival = nlohmann::json::parse(curves.out);
    ASSERT_EQ(survival["curves"].size(), 2u);
    EXPECT_EQ(survival["curves"][0]["median"], 3.5);
    EXPECT_EQ(survival["log_rank"]["exclusions"].size(), 1u);
    EXPECT_EQ(survival["log_rank"]["n"], 4);
}

// From a synthetic cohort to what a researcher looks at, by the front door.
TEST(Cohort, AnalysesASyntheticCohort) {
    const Folder folder;
    const Ran made = run({"simulate", "cohort", "--patients", "120", "--seed", "4", "--out", folder / "c", "--json"});
    ASSERT_EQ(made.exit, 0) << made.err;
    EXPECT_EQ(nlohmann::json::parse(made.out)["patients"], 120);
    const std::string csv = folder / "c/patients.csv";
    const auto parsed = [&](std::vector<std::string> arguments) {
        arguments.push_back("--json");
        const Ran ran = run(arguments);
        EXPECT_EQ(ran.exit, 0) << arguments[1] << ran.err;
        return ran.exit == 0 ? nlohmann::json::parse(ran.out) : nlohmann::json();
    };
    EXPECT_EQ(parsed({"cohort", "table", "--csv", csv})["n"], 120);
    const auto forest = parsed({"cohort", "forest", "--csv", csv, "--method", "midp"});
    EXPECT_EQ(forest["method"], "midp");
    EXPECT_EQ(forest["comparisons"][0]["by_method"].size(), 4u);
    EXPECT_EQ(parsed({"cohort", "logistic", "--csv", csv, "--outcome", "r10_4", "--predictors",
                      "pain,distance_mm"})["coefficients"]
                  .size(),
              3u);
    EXPECT_EQ(parsed({"cohort", "cox", "--csv", csv, "--time", "first_session", "--event", "first_event",
                      "--predictors", "distance_mm"})["predictors"]
                  .size(),
              1u);
    const auto mixed =
        parsed({"cohort", "mixed", "--csv", folder / "c/sessions.csv", "--predictors", "session,distance_mm"});
    EXPECT_GT(mixed["effects"][1]["effect"].get<double>(), 0.0);
    EXPECT_TRUE(parsed({"cohort", "transition", "--csv", csv})["stopped"].is_number());
    EXPECT_FALSE(parsed({"cohort", "incidence", "--csv", csv})["steps"].empty());
    EXPECT_TRUE(parsed({"cohort", "youden", "--csv", csv, "--score", "relief_4", "--outcome", "r30_4"})["optimism"]
                    .is_number());
    EXPECT_TRUE(
        parsed({"cohort", "resample", "--csv", csv, "--column", "distance_mm", "--by", "r30_4"})["p"].is_number());
    EXPECT_LT(parsed({"cohort", "correlate", "--csv", csv, "--x", "distance_mm", "--y", "relief_4"})["r"].get<double>(),
              0);
    EXPECT_LT(
        parsed({"cohort", "friedman", "--csv", csv, "--columns", "relief_1,relief_2,relief_4"})["p"].get<double>(),
        0.01);
    EXPECT_LT(parsed({"cohort", "friedman", "--csv", csv, "--columns", "relief_1,relief_4"})["p"].get<double>(), 0.01);
    EXPECT_EQ(parsed({"cohort", "adjust", "--p", "0.01,0.04"})["adjusted"], nlohmann::json({0.02, 0.04}));
    const auto map = parsed({"cohort", "map", "--csv", csv, "--grid", "6", "--permutations", "99", "--covariates",
                             "pain", "--out", folder / "map"});
    EXPECT_GT(map["covered"].get<int>(), 20);
    EXPECT_TRUE(std::filesystem::exists(folder / "map/relief_p.nii.gz"));
    // Through the store the same patients come out.
    const std::string store = folder / "cohort.db";
    ASSERT_EQ(run({"simulate", "cohort", "--patients", "25", "--out", folder / "s", "--store", store}).exit, 0);
    const auto stored = parsed({"cohort", "forest", "--store", store, "--outcome", "r10_4"});
    const auto written = parsed({"cohort", "forest", "--csv", folder / "s/patients.csv", "--outcome", "r10_4"});
    EXPECT_EQ(stored["comparisons"][0]["table"], written["comparisons"][0]["table"]);
}

TEST(Cohort, ReportIsAFolderForAPaper) {
    const Folder folder;
    ASSERT_EQ(run({"simulate", "cohort", "--seed", "4", "--out", folder / "c"}).exit, 0);
    const Ran ran =
        run({"cohort", "report", "--csv", folder / "c/patients.csv", "--out", folder / "r", "--no-map", "--json"});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    const auto json = nlohmann::json::parse(ran.out);
    for (const auto& file : json["files"]) {
        EXPECT_TRUE(std::filesystem::file_size(folder / ("r/" + file.get<std::string>())) > 20) << file;
    }
    ASSERT_EQ(json["not_made"].size(), 1u);
    std::ifstream in(folder / "r/methods.txt");
    const std::string methods((std::istreambuf_iterator<char>(in)), {});
    EXPECT_NE(methods.find("SIMULATED"), std::string::npos);
    EXPECT_NE(methods.find("Not made. Map"), std::string::npos);
    std::ifstream data(folder / "r/patients.csv");
    const std::string patients((std::istreambuf_iterator<char>(data)), {});
    EXPECT_EQ(patients.find("PRC-"), std::string::npos);
    EXPECT_EQ(patients.find("entry_year"), std::string::npos);
}

TEST(Cohort, RefusesInOneSentence) {
    const Folder folder;
    const std::string csv = write(folder, "cohort.csv", "x,y,z\n1,1,a\n2,1,b\n");
    const auto refused = [&](std::vector<std::string> arguments, const std::string& names) {
        arguments.insert(arguments.begin(), "cohort");
        const Ran ran = run(arguments);
        EXPECT_EQ(ran.exit, 2) << ran.err;
        EXPECT_NE(ran.err.find(names), std::string::npos) << ran.err;
        EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    };
    refused({"odds", "--table", "0,0,1,2"}, "empty");
    refused({"odds", "--table", "1,2,3,4", "--method", "wald"}, "woolf");
    refused({"odds", "--table", "9,0,0,3", "--method", "woolf"}, "above 0");
    refused({"roc", "--csv", csv, "--score", "x", "--outcome", "y"}, "Everyone has");
    refused({"roc", "--csv", csv, "--score", "w", "--outcome", "y"}, "x, y, z");
    refused({"roc", "--csv", csv, "--score", "z", "--outcome", "y"}, "line 2");
    refused({"roc", "--csv", csv, "--score", "x", "--outcome", "z"}, "yes/no");
    refused({"roc", "--csv", folder / "none.csv", "--score", "x", "--outcome", "z"}, "none.csv");
    refused({"roc", "--csv", write(folder, "wide.csv", "x,y\n1,2\n1,2,3\n"), "--score", "x", "--outcome", "y"},
            "Line 3");
    refused({"roc", "--csv", write(folder, "empty.csv", ""), "--score", "x", "--outcome", "y"}, "empty.csv");
    refused({"survival", "--csv", csv, "--time", "x", "--event", "y", "--level", "95"}, "level");
    refused({"table"}, "--store");
    refused({"forest", "--csv", csv, "--outcome", "y"}, "same");
    refused({"map", "--csv", csv}, "relief_4");
    refused({"mixed", "--csv", csv, "--outcome", "x", "--patient", "z", "--predictors", "y"}, "more");
    refused({"report", "--csv", csv, "--out", folder / "r"}, "relief_4");
    refused({"combine", csv}, "centre");
    refused({"logistic", "--csv", csv, "--outcome", "y", "--predictors", "z", "--method", "lasso"}, "firth");
    const Ran nowhere = run({"simulate", "cohort"});
    EXPECT_EQ(nowhere.exit, 2);
    EXPECT_NE(nowhere.err.find("--out"), std::string::npos);
}

}  // namespace
}  // namespace precentral
