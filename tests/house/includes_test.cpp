// SPDX-License-Identifier: Apache-2.0
// The floors of the house: reads every #include and fails on one that points upward, or on a library in a room where
// the table of CONTRIBUTING.md does not allow it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Finding {
    std::string where;
    std::string why;
};

bool starts_with(const std::string& text, const std::string& start) { return text.rfind(start, 0) == 0; }
bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

const std::vector<std::string> kFloors = {"data/", "imaging/", "registration/", "navigation/", "ui/"};

int floor_of(const std::string& path) {
    for (std::size_t i = 0; i < kFloors.size(); ++i) {
        if (starts_with(path, kFloors[i])) return static_cast<int>(i);
    }
    return -1;
}

// Why this file may not include that header; "" when it may.
std::string forbidden(const std::string& file, const std::string& header) {
    const bool source = ends_with(file, ".cpp");
    const int own = floor_of(file);
    const int other = floor_of(header);
    if (other > own) return "an include points downward only";
    if (starts_with(file, "ui/")) {
        // The two front doors do not know each other; the report is shared by both.
        const std::string room = file.substr(0, file.find('/', 3) + 1);
        if (starts_with(header, "ui/") && !starts_with(header, room) && !starts_with(header, "ui/report/")) {
            return "ui/cli and ui/desktop do not include each other";
        }
    }
    if (starts_with(header, "itk")) {
        if (starts_with(file, "imaging/") && source) return "";
        return "ITK lives in imaging/*.cpp";
    }
    if (starts_with(header, "vtk")) {
        if (starts_with(file, "imaging/") && source) return "";
        if (starts_with(file, "imaging/to_vtk.h") || starts_with(file, "ui/desktop/")) return "";
        if (starts_with(file, "ui/report/") && source) return "";
        return "VTK lives in imaging/*.cpp, imaging/to_vtk.h, ui/desktop and ui/report/*.cpp";
    }
    static const std::regex qt("^Q[A-Z][A-Za-z]*$|^Qt[A-Z][A-Za-z]*(/.*)?$");
    if (std::regex_match(header, qt)) {
        if (starts_with(file, "ui/desktop/") || starts_with(file, "ui/report/")) return "";
        if (starts_with(file, "data/") && (source || starts_with(file, "data/sql_"))) return "";
        if (starts_with(file, "navigation/") && source) return "";
        return "Qt lives in data/*.cpp, navigation/*.cpp, ui/report and ui/desktop";
    }
    if (header == "sodium.h" && !(starts_with(file, "data/") && source)) return "libsodium lives in data/*.cpp";
    if (starts_with(header, "nanoflann") && !(starts_with(file, "registration/") && source)) {
        return "nanoflann lives in registration/*.cpp";
    }
    if (starts_with(header, "CLI/") && !starts_with(file, "ui/cli/")) return "CLI11 lives in ui/cli";
    if (starts_with(header, "nlohmann/") && !source && !starts_with(file, "ui/cli/")) {
        return "JSON stays in .cpp files";
    }
    return "";
}

std::vector<Finding> read_house(const fs::path& root) {
    std::vector<Finding> findings;
    static const std::regex include(R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"])re");
    for (const std::string& floor : kFloors) {
        for (const auto& entry : fs::recursive_directory_iterator(root / floor)) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".h" && extension != ".cpp") continue;
            const std::string file = fs::relative(entry.path(), root).generic_string();
            std::ifstream in(entry.path());
            std::string line;
            for (int number = 1; std::getline(in, line); ++number) {
                const std::string where = file + ":" + std::to_string(number);
                if (number == 1 && line.find("SPDX-License-Identifier: Apache-2.0") == std::string::npos) {
                    findings.push_back({where, "the first line names the licence"});
                }
                std::smatch match;
                if (std::regex_search(line, match, include)) {
                    const std::string why = forbidden(file, match[1]);
                    if (!why.empty()) findings.push_back({where + " " + match[1].str(), why});
                }
                static const std::regex lps(R"re(\bLPS\b|\blps_)re");
                if (!starts_with(file, "imaging/orientation.") && std::regex_search(line, lps)) {
                    findings.push_back({where, "only imaging/orientation.cpp spells LPS"});
                }
            }
        }
    }
    return findings;
}

TEST(House, EveryIncludePointsDownward) {
    const auto findings = read_house(PRECENTRAL_SOURCE_DIR);
    for (const Finding& finding : findings) ADD_FAILURE() << finding.where << ": " << finding.why;
}

// The test itself can fail: these are the includes it exists to refuse.
TEST(House, ForbiddenIncludesAreRefused) {
    EXPECT_NE(forbidden("data/frames.h", "imaging/volume.h"), "");
    EXPECT_NE(forbidden("registration/point_fit.cpp", "navigation/tracker.h"), "");
    EXPECT_NE(forbidden("navigation/guidance.cpp", "ui/desktop/theme.h"), "");
    EXPECT_NE(forbidden("imaging/volume.h", "itkImage.h"), "");
    EXPECT_NE(forbidden("navigation/guidance.cpp", "itkImage.h"), "");
    EXPECT_NE(forbidden("navigation/guidance.cpp", "vtkPolyData.h"), "");
    EXPECT_NE(forbidden("data/store.h", "QSqlDatabase"), "");
    EXPECT_NE(forbidden("registration/point_fit.cpp", "QString"), "");
    EXPECT_NE(forbidden("ui/cli/main.cpp", "ui/desktop/theme.h"), "");
    EXPECT_NE(forbidden("ui/cli/main.cpp", "QtWidgets/QWidget"), "");
    EXPECT_NE(forbidden("navigation/mep.cpp", "sodium.h"), "");
    EXPECT_EQ(forbidden("imaging/scalp.cpp", "itkImage.h"), "");
    EXPECT_EQ(forbidden("ui/cli/demo.cpp", "ui/report/review.h"), "");
    EXPECT_EQ(forbidden("navigation/guidance.cpp", "registration/point_fit.h"), "");
}

// Everything a new file promises in its folder holds for the whole tree: no folder the table does not name.
TEST(House, TopLevelIsTheHouse) {
    const std::vector<std::string> rooms = {"navigation", "imaging", "registration", "ui",    "data",
                                            "tests",      "docs",    "cmake",        "build", "packaging"};
    for (const auto& entry : fs::directory_iterator(PRECENTRAL_SOURCE_DIR)) {
        const std::string name = entry.path().filename().string();
        if (!entry.is_directory() || name.front() == '.') continue;
        EXPECT_NE(std::find(rooms.begin(), rooms.end(), name), rooms.end()) << name;
    }
}

}  // namespace
