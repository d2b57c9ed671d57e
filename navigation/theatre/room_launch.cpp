// SPDX-License-Identifier: Apache-2.0
// Starts the simulated room as a child process.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "data/error.h"
#include "navigation/tcp_socket.h"
#include "navigation/theatre/room_process.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

std::optional<std::uint16_t> read_port(const std::filesystem::path& file) {
    std::ifstream in(file);
    unsigned port = 0;
    if (in >> port && port > 0 && port < 65536) return static_cast<std::uint16_t>(port);
    return std::nullopt;
}

bool answers(std::uint16_t port) {
    const WakeUp never;
    return static_cast<bool>(connect_tcp("127.0.0.1", port, 500ms, never.get()).socket);
}

}  // namespace

std::uint16_t start_room(const RoomOptions& options) {
    if (const auto port = read_port(options.port_file); port && answers(*port)) return *port;
    std::error_code ignored;
    std::filesystem::remove(options.port_file, ignored);

    const std::filesystem::path program =
        options.program.empty() ? std::filesystem::read_symlink("/proc/self/exe").parent_path() / "precentral"
                                : options.program;
    std::vector<std::string> words = {"precentral",
                                      "simulate",
                                      "patient",
                                      "--t1",
                                      options.t1.string(),
                                      "--cache",
                                      options.cache_dir.string(),
                                      "--seed",
                                      std::to_string(options.theatre.seed),
                                      "--visit",
                                      std::to_string(options.theatre.visit),
                                      "--side",
                                      to_word(options.theatre.side),
                                      "--port-file",
                                      options.port_file.string(),
                                      "--counter-file",
                                      options.counter_file.string(),
                                      "--linger",
                                      std::to_string(options.linger_s),
                                      "--knock",
                                      std::to_string(options.theatre.knock_mm)};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string log = options.port_file.string() + ".log";
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    // A group of its own: Ctrl+C in the terminal ends the program, not the camera.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t child = 0;
    const int failed = posix_spawn(&child, program.c_str(), &actions, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0) throw Error("The simulated room could not be started: " + program.string() + " does not run.");

    for (int i = 0; i < 1200; ++i) {  // preparing a new head takes its time
        if (const auto port = read_port(options.port_file)) return *port;
        int status = 0;
        if (waitpid(child, &status, WNOHANG) == child) {
            std::ifstream in(log);
            std::string said;
            std::getline(in, said);
            throw Error("The simulated room ended before it was ready" + (said.empty() ? "." : ": " + said));
        }
        std::this_thread::sleep_for(100ms);
    }
    throw Error("The simulated room did not get ready within two minutes; see " + log + ".");
}

}  // namespace precentral
