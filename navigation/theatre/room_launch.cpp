// SPDX-License-Identifier: Apache-2.0
// Starts the simulated room as a child process.
#include <string>
#include <vector>

#include "navigation/stand_in_process.h"
#include "navigation/tcp_socket.h"
#include "navigation/theatre/room_process.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

constexpr const char* kName = "The simulated room";

bool answers(std::uint16_t port) {
    const WakeUp never;
    return static_cast<bool>(connect_tcp("127.0.0.1", port, 500ms, never.get()).socket);
}

}  // namespace

std::uint16_t start_room(const RoomOptions& options) {
    if (const auto port = port_in(options.port_file); port && answers(*port)) return *port;
    std::error_code ignored;
    std::filesystem::remove(options.port_file, ignored);

    const std::vector<std::string> words = {"simulate",       "patient",
                                            "--t1",           options.t1.string(),
                                            "--cache",        options.cache_dir.string(),
                                            "--seed",         std::to_string(options.theatre.seed),
                                            "--visit",        std::to_string(options.theatre.visit),
                                            "--side",         to_word(options.theatre.side),
                                            "--port-file",    options.port_file.string(),
                                            "--counter-file", options.counter_file.string(),
                                            "--linger",       std::to_string(options.linger_s),
                                            "--knock",        std::to_string(options.theatre.knock_mm)};
    const std::string log = options.port_file.string() + ".log";
    pid_t child = start_stand_in(kName, words, options.program, log);
    return await_stand_in(kName, child, options.port_file, log);
}

}  // namespace precentral
