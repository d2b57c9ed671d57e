// SPDX-License-Identifier: Apache-2.0
// threshold run and hotspot run, spoken to through a pipe.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/cli/program.h"

namespace precentral {
namespace {

// With that text on standard input.
Ran piped(const Folder& folder, const std::string& words, const std::string& input) {
    std::ofstream(folder / "input") << input;
    const int status = std::system((std::string(PRECENTRAL_PROGRAM) + " " + words + " <" + (folder / "input") + " >" +
                                    (folder / "out") + " 2>" + (folder / "err"))
                                       .c_str());
    const auto text = [&](const char* name) {
        std::ifstream in(folder / name);
        return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    };
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text("out"), text("err")};
}

std::vector<nlohmann::json> lines_of(const std::string& text) {
    std::vector<nlohmann::json> out;
    std::istringstream in(text);
    std::string line;
    while (std::getline(in, line)) {
        out.push_back(nlohmann::json::parse(line, nullptr, false));
        EXPECT_TRUE(out.back().is_object()) << line;
    }
    return out;
}

// A program in conversation over two pipes, as a script of a laboratory would hold it.
class Conversation {
public:
    explicit Conversation(const std::vector<std::string>& words) {
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        EXPECT_EQ(::pipe(in.data()), 0);
        EXPECT_EQ(::pipe(out.data()), 0);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(in[0], 0);
            ::dup2(out[1], 1);
            for (const int fd : {in[0], in[1], out[0], out[1]}) ::close(fd);
            std::vector<std::string> all{PRECENTRAL_PROGRAM};
            all.insert(all.end(), words.begin(), words.end());
            std::vector<char*> argv;
            for (std::string& word : all) argv.push_back(word.data());
            argv.push_back(nullptr);
            ::execv(PRECENTRAL_PROGRAM, argv.data());
            ::_exit(127);
        }
        ::close(in[0]);
        ::close(out[1]);
        to_ = ::fdopen(in[1], "w");
        from_ = ::fdopen(out[0], "r");
    }
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;
    ~Conversation() {
        if (to_ != nullptr) std::fclose(to_);
        std::fclose(from_);
        ::waitpid(pid_, nullptr, 0);
    }
    nlohmann::json hear() {
        std::array<char, 65536> line{};
        if (std::fgets(line.data(), line.size(), from_) == nullptr) return nullptr;
        return nlohmann::json::parse(line.data(), nullptr, false);
    }
    // Until a line of that event.
    nlohmann::json hear(const std::string& event) {
        while (true) {
            nlohmann::json line = hear();
            if (!line.is_object() || line.value("event", "") == event) return line;
        }
    }
    void tell(const std::string& line) {
        std::fputs((line + "\n").c_str(), to_);
        std::fflush(to_);
    }
    void end() {
        std::fclose(to_);
        to_ = nullptr;
    }

private:
    pid_t pid_ = -1;
    FILE* to_ = nullptr;
    FILE* from_ = nullptr;
};

TEST(ThresholdRunVerb, FindsTheThresholdOfASimulatedSubjectAndSaysStop) {
    for (const char* method : {"bayes", "samt", "ml-pest", "5of10", "mills-nithi"}) {
        SCOPED_TRACE(method);
        Conversation talk({"threshold", "run", "--method", method, "--start", "65", "--json"});
        std::mt19937 random(8);
        std::normal_distribution<double> noise(0.0, 3.5);
        bool stopped = false;
        for (int pulse = 0; pulse < 200 && !stopped; ++pulse) {
            const auto proposed = talk.hear("propose");
            ASSERT_TRUE(proposed.is_object());
            const double mso = proposed["intensity_mso"];
            EXPECT_EQ(mso, std::round(mso));
            talk.tell(mso + noise(random) > 50.0 ? "y" : "n");
            stopped = talk.hear("answer")["stop"];
        }
        EXPECT_TRUE(stopped);
        talk.end();
        const auto result = talk.hear("result");
        ASSERT_TRUE(result.is_object());
        EXPECT_NEAR(result["rmt_mso"].get<double>(), 50.0, 4.0);
        EXPECT_LE(result["low95_mso"].get<double>(), result["rmt_mso"].get<double>());
        EXPECT_GE(result["high95_mso"].get<double>(), result["rmt_mso"].get<double>());
        EXPECT_FALSE(result["not_reached"]);
    }
}

TEST(ThresholdRunVerb, UndoSkipAmplitudesAndAnotherIntensity) {
    Folder folder;
    const Ran straight = piped(folder, "threshold run --json --start 60", "y\nn\n@55 y\n");
    const Ran wavering = piped(folder, "threshold run --json --start 60",
                               "# a comment\n\n400 uV\nskip\ny\nundo\n12\nundo\nno\n@55 80µV\nstate\nquit\ny\ny\n");
    ASSERT_EQ(straight.exit, 0) << straight.err;
    ASSERT_EQ(wavering.exit, 0) << wavering.err;
    auto a = lines_of(straight.out).back();
    auto b = lines_of(wavering.out).back();
    EXPECT_EQ(b["skipped"], 1);
    EXPECT_EQ(a["answers"], b["answers"]);
    EXPECT_EQ(a["rmt_mso"], b["rmt_mso"]);
    EXPECT_EQ(a["answers"][2]["intensity_mso"], 55.0);
    EXPECT_EQ(a["answers"].size(), 3U);
}

TEST(ThresholdRunVerb, WhatIsNotUnderstoodIsSaidAndAddsNothing) {
    Folder folder;
    const Ran ran = piped(folder, "threshold run --json", "maybe\n1\n-5\n@200 y\n@ y\n@50\n@50 undo\nnan\nundo\ny\n");
    ASSERT_EQ(ran.exit, 0);
    const auto lines = lines_of(ran.out);
    EXPECT_EQ(std::count_if(lines.begin(), lines.end(), [](const auto& line) { return line["event"] == "refused"; }),
              9);
    EXPECT_EQ(lines.back()["pulses"], 1);
    EXPECT_EQ(piped(folder, "threshold run --method guess", "y\n").exit, 2);
    EXPECT_EQ(piped(folder, "threshold run --highest 20 --lowest 50", "y\n").exit, 2);
    const Ran none = piped(folder, "threshold run", "");
    EXPECT_EQ(none.exit, 2);
    EXPECT_NE(none.err.find("No pulse was answered"), std::string::npos);
}

TEST(ThresholdRunVerb, NotReachedIsNoNumber) {
    Folder folder;
    std::string answers;
    for (int i = 0; i < 25; ++i) answers += "n\n";
    const Ran ran = piped(folder, "threshold run --json --highest 80", answers);
    const auto result = lines_of(ran.out).back();
    EXPECT_TRUE(result["not_reached"]);
    EXPECT_TRUE(result["rmt_mso"].is_null());
    EXPECT_TRUE(result["stop"]);
    EXPECT_FALSE(result["warnings"].empty());
    const Ran people = piped(folder, "threshold run --highest 80", answers);
    EXPECT_NE(people.out.find("threshold: not reached"), std::string::npos) << people.out;
    EXPECT_NE(people.out.find("STOP"), std::string::npos);
}

TEST(ThresholdRunVerb, AShiftAndAnUnusualVisitAreWarnedOf) {
    Folder folder;
    std::string answers;
    for (const double threshold : {48.0, 64.0}) {
        for (const double mso : {60, 40, 55, 45, 52, 47, 50, 46, 58, 49, 66, 68, 70, 61, 62, 51, 53}) {
            answers += "@" + std::to_string(static_cast<int>(mso)) + (mso > threshold ? " y\n" : " n\n");
        }
    }
    const Ran ran = piped(folder, "threshold run", answers);
    EXPECT_NE(ran.out.find("risen"), std::string::npos) << ran.out;
    const Ran stable = piped(folder, "threshold run --earlier 72,70,71", answers.substr(0, answers.size() / 2));
    EXPECT_EQ(stable.out.find("risen"), std::string::npos) << stable.out;
    EXPECT_NE(stable.out.find("this patient's own"), std::string::npos) << stable.out;
}

TEST(ThresholdSubstituteVerb, NamesItsRuleAndIsNoMeasurement) {
    const Ran ran =
        run({"threshold", "substitute", "--rule", "distance", "--rmt", "52", "--from", "14", "--to", "17", "--json"});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    const auto out = nlohmann::json::parse(ran.out);
    EXPECT_NEAR(out["rmt_mso"].get<double>(), 61.0, 1e-9);
    EXPECT_EQ(out["measured"], false);
    EXPECT_EQ(run({"threshold", "substitute", "--rule", "fixed", "--rmt", "60"}).exit, 2);
    EXPECT_EQ(run({"threshold", "substitute", "--rule", "guess", "--rmt", "60"}).exit, 2);
    EXPECT_EQ(run({"threshold", "substitute", "--rule", "distance", "--rmt", "60", "--to", "100"}).exit, 2);
    EXPECT_EQ(run({"threshold", "substitute", "--rule", "distance", "--rmt", "60"}).exit, 2);
}

// A muscle whose best site is (-33, -12, …) on the patch of the default expectation.
double amplitude_uv(double x, double y, double yaw_deg, double mso) {
    const double away = (std::pow(x + 33.0, 2) + std::pow(y + 12.0, 2)) / (2.0 * 24.0 * 24.0);
    const double drive = mso * std::exp(-away) * std::cos((yaw_deg - 45.0) * M_PI / 180.0) / 50.0;
    return 50.0 * std::pow(10.0, std::clamp(10.0 * (drive - 1.0), -1.0, 1.6));
}

TEST(HotspotRunVerb, ConvergesOnASimulatedMuscle) {
    for (const char* method : {"expected-gain", "thompson-ring", "centre-of-gravity"}) {
        SCOPED_TRACE(method);
        Conversation talk({"hotspot", "run", "--method", method, "--expected=-38,-16,60", "--start", "60", "--json"});
        for (int pulse = 0; pulse < 30; ++pulse) {
            const auto proposed = talk.hear("propose");
            ASSERT_TRUE(proposed.is_object());
            EXPECT_EQ(proposed["scan_from_coil"].size(), 16U);
            talk.tell(std::to_string(amplitude_uv(proposed["site"][0], proposed["site"][1], proposed["yaw_deg"],
                                                  proposed["intensity_mso"])) +
                      " uV");
            EXPECT_EQ(talk.hear("answer")["pulses"], pulse + 1);
        }
        talk.end();
        const auto result = talk.hear("result");
        ASSERT_TRUE(result.is_object());
        EXPECT_NEAR(result["site"][0].get<double>(), -33.0, 4.0);
        EXPECT_NEAR(result["site"][1].get<double>(), -12.0, 4.0);
        EXPECT_GT(result["radius95_mm"].get<double>(), 0.0);
    }
}

TEST(HotspotRunVerb, ReadsATableAndTakesNoPulseTwice) {
    Folder folder;
    std::ofstream table(folder / "map.csv");
    table << "# a map\nname,x,y,z,yaw_deg,intensity_mso,mep_uv,rejected,note\n";
    for (int u = -2; u <= 2; ++u) {
        for (int v = -2; v <= 2; ++v) {
            const double x = -38 + 8 * u;
            const double y = -16 + 8 * v;
            table << "p," << x << "," << y << ",60,45,65," << amplitude_uv(x, y, 45, 65) << ",0,\"a, \"\"b\"\"\"\n";
        }
    }
    table << "bad,0,0,60,45,65,5000,1,\n"
          << "unmeasured,0,0,60,45,65,,0,\n";
    table.close();
    const Ran ran = run({"hotspot", "run", "--pulses", folder / "map.csv", "--expected=-38,-16,60", "--earlier",
                         "-40,-16,60", "--json"});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    const auto out = nlohmann::json::parse(ran.out);
    EXPECT_EQ(out["pulses"], 25);
    EXPECT_NEAR(out["site"][0].get<double>(), -33.0, 5.0);
    EXPECT_NEAR(out["site"][1].get<double>(), -12.0, 5.0);
    EXPECT_TRUE(out["from_earlier_mm"].is_number());
    EXPECT_EQ(out["next"]["scan_from_coil"].size(), 16U);
    const Ran gravity = run({"hotspot", "run", "--method", "centre-of-gravity", "--pulses", folder / "map.csv"});
    EXPECT_EQ(gravity.exit, 0);
    EXPECT_NE(gravity.out.find("for want of --expected"), std::string::npos) << gravity.out;
}

TEST(HotspotRunVerb, UndoAndRefusals) {
    Folder folder;
    const std::string words = "hotspot run --json --expected=-38,-16,60";
    const auto a = lines_of(piped(folder, words, "300\nn\n@-30,-10,62,40,70 500 uV\n").out);
    const auto b = lines_of(
        piped(folder, words, "300\nskip\n900\nundo\n0\nwhat\n@1,2 3\n@1,2,x 3\n-4\n@-30,-10,62,40,70 500\nquit\n").out);
    EXPECT_EQ(a.back()["site"], b.back()["site"]);
    EXPECT_EQ(a.back()["pulses"], 3);
    EXPECT_EQ(std::count_if(b.begin(), b.end(), [](const auto& line) { return line["event"] == "refused"; }), 4);
    EXPECT_EQ(piped(folder, "hotspot run", "").exit, 2);
    EXPECT_EQ(piped(folder, "hotspot run --expected 0,0", "n\n").exit, 2);
    EXPECT_EQ(piped(folder, "hotspot run --outward 0,1,0", "n\n").exit, 2);
    std::ofstream(folder / "a.csv") << "x,y,mep_uv\n1,2,3\n";
    std::ofstream(folder / "b.csv") << "x,y,z,mep_uv\n1,2,x,3\n";
    std::ofstream(folder / "c.csv") << "x,y,z,mep_uv\n";
    for (const char* name : {"a.csv", "b.csv", "c.csv", "none.csv"}) {
        const Ran ran = run({"hotspot", "run", "--pulses", folder / name});
        EXPECT_EQ(ran.exit, 2) << name;
        EXPECT_NE(ran.err.find(name), std::string::npos) << ran.err;
    }
}

}  // namespace
}  // namespace precentral
