// SPDX-License-Identifier: Apache-2.0
#include "ui/cli/terminal.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "data/text_file.h"

namespace precentral::cli {
namespace {

// Waits for Ctrl+C on a thread of its own: a stop request is not something a signal handler may make.
std::stop_source& stop_at_interrupt() {
    static std::stop_source source = [] {
        std::stop_source made;
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &set, nullptr);
        std::thread([made, set]() mutable {
            int signal = 0;
            sigwait(&set, &signal);
            made.request_stop();
            std::fputs("\nStopping …\n", stderr);
            sigwait(&set, &signal);
            _exit(130);
        }).detach();
        return made;
    }();
    return source;
}

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    std::stringstream in(line);
    std::string cell;
    while (std::getline(in, cell, ',')) {
        const auto first = cell.find_first_not_of(" \t\r\"");
        const auto last = cell.find_last_not_of(" \t\r\"");
        cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
    }
    return cells;
}

}  // namespace

Progress terminal_progress() {
    Progress progress;
    progress.stop = stop_at_interrupt().get_token();
    if (isatty(STDERR_FILENO) != 0) {
        progress.report = [](double fraction, std::string_view doing) {
            const int filled = fraction < 0.0 ? 0 : static_cast<int>(fraction * 24.0 + 0.5);
            std::string bar;
            for (int i = 0; i < 24; ++i) bar += i < filled ? "█" : "·";
            std::fprintf(stderr, "\r\033[K%s %.*s%s", fraction < 0.0 ? "   " : bar.c_str(),
                         static_cast<int>(doing.size()), doing.data(), fraction >= 1.0 ? "\n" : "");
        };
    } else {
        // In a log: a line a step, no bar.
        progress.report = [](double fraction, std::string_view doing) {
            if (fraction < 0.0) std::fprintf(stderr, "%.*s\n", static_cast<int>(doing.size()), doing.data());
        };
    }
    return progress;
}

std::filesystem::path cache_dir() {
    if (const char* base = std::getenv("XDG_CACHE_HOME"); base != nullptr && *base != '\0') {
        return std::filesystem::path(base) / "precentral";
    }
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
        return std::filesystem::path(home) / ".cache" / "precentral";
    }
    return std::filesystem::path(".cache") / "precentral";
}

std::filesystem::path demo_t1() {
    const std::filesystem::path t1 = "/usr/share/mricron/templates/ch2.nii.gz";
    if (!std::filesystem::exists(t1)) {
        throw InputError(
            "The demo patient's MRI (Colin27) is missing: install the package mricron-data, or start ./run.");
    }
    return t1;
}

void require_place_for(const std::filesystem::path& folder) {
    std::error_code unknown;
    std::filesystem::path there = std::filesystem::absolute(folder, unknown);
    while (!std::filesystem::exists(there, unknown) && there.has_relative_path()) there = there.parent_path();
    if (!std::filesystem::is_directory(there, unknown)) {
        throw InputError("The folder \"" + folder.string() + "\" cannot be made: \"" + there.string() +
                         "\" is a file.");
    }
    if (::access(there.c_str(), W_OK | X_OK) != 0) {
        throw InputError("The folder \"" + folder.string() + "\" cannot be written: \"" + there.string() +
                         "\" is read-only for you.");
    }
}

void make_folder(const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) throw InputError("The folder \"" + folder.string() + "\" cannot be made: " + failed.message() + ".");
}

nlohmann::json to_json(const Eigen::Matrix4d& m) {
    nlohmann::json out = nlohmann::json::array();
    for (int row = 0; row < 4; ++row) {
        for (int column = 0; column < 4; ++column) out.push_back(m(row, column));
    }
    return out;
}

nlohmann::json to_json(const Eigen::Vector3d& v) { return {v.x(), v.y(), v.z()}; }

Eigen::Matrix4d read_matrix(const std::filesystem::path& file) {
    const std::string wrong = "\"" + file.string() + "\" does not hold a 4x4 matrix (16 numbers, row by row, as JSON).";
    const auto parsed = nlohmann::json::parse(read_text_file(file.string()), nullptr, false);
    nlohmann::json flat = nlohmann::json::array();
    if (!parsed.is_array()) throw InputError(wrong);
    for (const auto& item : parsed) {
        if (item.is_array()) {
            for (const auto& value : item) flat.push_back(value);
        } else {
            flat.push_back(item);
        }
    }
    if (flat.size() != 16) throw InputError(wrong);
    Eigen::Matrix4d m;
    for (int i = 0; i < 16; ++i) {
        const auto& value = flat[static_cast<std::size_t>(i)];
        if (!value.is_number()) throw InputError(wrong);
        m(i / 4, i % 4) = value.get<double>();
    }
    return m;
}

std::vector<NamedRow> read_points(const std::filesystem::path& file) {
    std::stringstream in(read_text_file(file.string()));
    std::string line;
    std::vector<NamedRow> rows;
    int name = -1;
    int axes[3] = {-1, -1, -1};
    std::size_t width = 0;
    for (int number = 1; std::getline(in, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos || line.front() == '#') continue;
        const auto cells = split(line);
        if (width == 0) {
            for (std::size_t i = 0; i < cells.size(); ++i) {
                if (cells[i] == "name") name = static_cast<int>(i);
                if (cells[i] == "x") axes[0] = static_cast<int>(i);
                if (cells[i] == "y") axes[1] = static_cast<int>(i);
                if (cells[i] == "z") axes[2] = static_cast<int>(i);
            }
            if (axes[0] < 0 || axes[1] < 0 || axes[2] < 0) {
                throw InputError("\"" + file.string() +
                                 "\" needs a first line \"name,x,y,z\" (name may be absent) with commas between.");
            }
            width = cells.size();
            continue;
        }
        const std::string where = "\"" + file.string() + "\", line " + std::to_string(number);
        if (cells.size() < width) throw InputError(where + ": fewer values than the first line names.");
        NamedRow row;
        if (name >= 0) row.name = cells[static_cast<std::size_t>(name)];
        for (int axis = 0; axis < 3; ++axis) {
            const std::string& cell = cells[static_cast<std::size_t>(axes[axis])];
            char* end = nullptr;
            row.xyz[axis] = std::strtod(cell.c_str(), &end);
            if (cell.empty() || *end != '\0' || !std::isfinite(row.xyz[axis])) {
                throw InputError(where + ": \"" + cell + "\" is not a number of millimetres.");
            }
        }
        rows.push_back(row);
    }
    if (rows.empty()) throw InputError("\"" + file.string() + "\" holds no points.");
    return rows;
}

}  // namespace precentral::cli
