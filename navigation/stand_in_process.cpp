// SPDX-License-Identifier: Apache-2.0
#include "navigation/stand_in_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "data/error.h"

namespace precentral {

pid_t start_stand_in(const std::string& name, std::vector<std::string> words, const std::filesystem::path& program,
                     const std::filesystem::path& log_file) {
    const std::filesystem::path file =
        program.empty() ? std::filesystem::read_symlink("/proc/self/exe").parent_path() / "precentral" : program;
    words.insert(words.begin(), "precentral");
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t child = 0;
    const int failed = posix_spawn(&child, file.c_str(), &actions, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0) throw Error(name + " could not be started: " + file.string() + " does not run.");
    return child;
}

std::optional<std::uint16_t> port_in(const std::filesystem::path& file) {
    std::ifstream in(file);
    unsigned port = 0;
    if (in >> port && port > 0 && port < 65536) return static_cast<std::uint16_t>(port);
    return std::nullopt;
}

std::uint16_t await_stand_in(const std::string& name, pid_t& child, const std::filesystem::path& port_file,
                             const std::filesystem::path& log_file) {
    const auto said = [&] {
        std::ifstream in(log_file);
        std::string line;
        std::getline(in, line);
        return line.empty() ? std::string(".") : ": " + line;
    };
    for (int i = 0; i < 6000; ++i) {
        if (const auto port = port_in(port_file)) return *port;
        if (::waitpid(child, nullptr, WNOHANG) == child) {
            child = 0;
            throw Error(name + " ended before it was ready" + said());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    throw Error(name + " did not get ready within two minutes" + said());
}

}  // namespace precentral
