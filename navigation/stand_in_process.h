// SPDX-License-Identifier: Apache-2.0
// A stand-in for hardware as a child process: `precentral simulate …` that writes the port it listens on into a file.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace precentral {

// Starts it with these words after the program's name; `program` "" = precentral beside this executable. What it says
// goes to `log_file`. In a group of its own: Ctrl+C in the terminal ends this program, not the device it stands for.
// `name` begins the sentence of the Error: "The simulated tracker".
pid_t start_stand_in(const std::string& name, std::vector<std::string> words, const std::filesystem::path& program,
                     const std::filesystem::path& log_file);

std::optional<std::uint16_t> port_in(const std::filesystem::path& file);

// Waits until it listens, at most two minutes: a new head takes its time to prepare. When it has ended instead, `child`
// is 0 and the Error tells what it said.
std::uint16_t await_stand_in(const std::string& name, pid_t& child, const std::filesystem::path& port_file,
                             const std::filesystem::path& log_file);

}  // namespace precentral
