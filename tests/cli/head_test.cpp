// SPDX-License-Identifier: Apache-2.0
// What `precentral head` and `precentral case export` promise to other programs.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/store.h"
#include "tests/cli/program.h"

namespace precentral {
namespace {

using nlohmann::json;

const std::string kDemoHead = "/usr/share/mricron/templates/ch2.nii.gz";

std::size_t lines_in(const std::string& file) {
    std::ifstream in(file);
    std::string line;
    std::size_t count = 0;
    while (std::getline(in, line)) ++count;
    return count;
}

TEST(Head, ProposesWhatToAimAtInJsonAndInWords) {
    if (!std::filesystem::exists(kDemoHead)) GTEST_SKIP() << "package mricron-data is not installed";
    Folder folder;
    const Ran ran = run({"head", kDemoHead, "--out", folder / "head", "--json"});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    const json out = json::parse(ran.out);
    EXPECT_EQ(out["scalp"]["watertight"], true);
    EXPECT_TRUE(std::filesystem::exists(out["scalp"]["path"].get<std::string>()));
    EXPECT_TRUE(std::filesystem::exists(out["cortex"]["path"].get<std::string>()));
    std::map<std::string, json> proposals;
    for (const json& p : out["proposals"]) proposals[p["name"]] = p;
    for (const char* name : {"nasion", "left preauricular", "right preauricular", "inion"}) {
        ASSERT_TRUE(proposals.count(name)) << name;
        EXPECT_GT(proposals[name]["prior_sd_mm"], 0.0);
        EXPECT_FALSE(proposals[name]["source"].get<std::string>().empty());
    }
    for (const char* place : {"hand", "face", "leg"}) {
        for (const char* side : {"left", "right"}) {
            const std::string name = std::string(place) + ", " + side + " M1";
            ASSERT_TRUE(proposals.count(name)) << name;
            const json& p = proposals[name];
            EXPECT_EQ(p["side"], side);
            EXPECT_EQ(p["prior_sd_mm"], 8.0);
            EXPECT_EQ(p["point"][0].get<double>() < 0.0, std::string(side) == "left");
            EXPECT_GT(p["scalp_cortex_mm"], 8.0);
            EXPECT_LT(p["scalp_cortex_mm"], 35.0);
            ASSERT_EQ(p["pose"].size(), 16U);
            ASSERT_EQ(p["pose_ap"].size(), 16U);
            EXPECT_LT(p["pose"][10].get<double>(), 0.0);    // +z of the coil looks down into the head
            EXPECT_GT(p["pose_ap"][5].get<double>(), 0.7);  // the handle points straight back
            EXPECT_TRUE(p["labels"].contains("AAL"));
        }
    }
    EXPECT_EQ(proposals["hand, left M1"]["labels"]["AAL"]["name"], "Precentral_L");
    EXPECT_EQ(proposals["hand, right M1"]["labels"]["AAL"]["name"], "Precentral_R");
    EXPECT_NE(proposals["hand, left M1"]["source"].get<std::string>().find("map it"), std::string::npos);
    EXPECT_EQ(out["sites"].size(), 61U);
    EXPECT_EQ(lines_in(folder / "head/sites.csv"), 62U);
    EXPECT_EQ(lines_in(folder / "head/fiducials.csv"), 4U);
    EXPECT_EQ(lines_in(folder / "head/targets.csv"), 7U);
    // Where MNE-Python has them on this very head (ASA positions of Colin27), 2 mm under this skin.
    const auto site_off_mm = [&](const char* name, double x, double y, double z) {
        for (const json& s : out["sites"]) {
            if (s["name"] != name) continue;
            return std::hypot(s["point"][0].get<double>() - x, s["point"][1].get<double>() - y,
                              s["point"][2].get<double>() - z);
        }
        return 1e9;
    };
    EXPECT_LT(site_off_mm("Cz", 0.4009, -9.1670, 100.2440), 5.0);
    EXPECT_LT(site_off_mm("C3", -65.3581, -11.6317, 64.3580), 5.0);
    EXPECT_LT(site_off_mm("C4", 67.1179, -10.9003, 63.5800), 5.0);
    EXPECT_LT(site_off_mm("Fpz", 0.1123, 88.2470, -1.7130), 5.0);

    const Ran words = run({"head", kDemoHead, "--out", folder / "head"});
    ASSERT_EQ(words.exit, 0) << words.err;
    for (const char* word : {"hand, left M1", "hand, right M1", "map before you treat", "vertex (Cz)", "sites.csv"}) {
        EXPECT_NE(words.out.find(word), std::string::npos) << word;
    }
}

TEST(CaseExport, WritesTheMriWithoutItsFaceAndRefusesAnother) {
    if (!std::filesystem::exists(kDemoHead)) GTEST_SKIP() << "package mricron-data is not installed";
    Folder folder;
    const std::string url = folder / "cases.db";
    {
        const auto store = open_store(url);
        Case patient;
        patient.code = "PRC-ABCDEFGH";
        patient.pain_region = "hand";
        store->add_case(patient);
        ImageRecord image;
        image.case_code = patient.code;
        image.path = folder / "moved_away.nii.gz";
        image.content_sha256 = "not this one";
        store->add(image);
    }
    // The MRI has gone: the pulses are exported all the same, and it is said.
    const Ran gone = run({"case", "export", "--store", url, "--out", folder / "out"});
    EXPECT_EQ(gone.exit, 0) << gone.err;
    EXPECT_NE(gone.err.find("--t1"), std::string::npos) << gone.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "out/T1_defaced.nii.gz"));
    // Another person's MRI is not taken for it.
    const Ran other = run({"case", "export", "--store", url, "--out", folder / "out", "--t1", kDemoHead});
    EXPECT_EQ(other.exit, 2) << other.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "out/T1_defaced.nii.gz"));

    const std::string right = folder / "right.db";
    {
        const auto store = open_store(right);
        Case patient;
        patient.code = "PRC-ABCDEFGH";
        store->add_case(patient);
    }
    // Without an image on record the one given is taken.
    const Ran ran = run({"case", "export", "--store", right, "--out", folder / "out", "--t1", kDemoHead});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    for (const char* file : {"out/T1_defaced.nii.gz", "out/scalp_defaced.ply", "out/T1_defaced.txt"}) {
        EXPECT_TRUE(std::filesystem::exists(folder / file)) << file;
    }
    std::ifstream text(folder / "out/T1_defaced.txt");
    std::stringstream all;
    all << text.rdbuf();
    EXPECT_NE(all.str().find("from 30 mm to"), std::string::npos) << all.str();
}

}  // namespace
}  // namespace precentral
