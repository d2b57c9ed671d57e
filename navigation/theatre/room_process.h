// SPDX-License-Identifier: Apache-2.0
// The simulated room as a process of its own: speaks OpenIGTLink over TCP like the devices it stands for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "navigation/theatre/theatre.h"

namespace precentral {

struct RoomOptions {
    std::filesystem::path t1;
    std::filesystem::path cache_dir;
    TheatreOptions theatre;
    std::uint16_t port = 0;              // 0 = any free one
    std::filesystem::path port_file;     // written once the room listens, "" = none
    std::filesystem::path counter_file;  // the stimulator's pulse counters, kept through a restart; "" = none
    std::filesystem::path program;       // of start_room; "" = precentral beside this executable
    double linger_s = 60.0;              // how long it waits for a program that went away
};

// Runs until the program has gone for good; gives the exit code. Throws as prepare_head and IgtlServer do.
int run_room(const RoomOptions& options);

// Starts "precentral simulate patient …" as a child that outlives a crash of its parent (a camera does
// not vanish when a program crashes), waits until it listens, gives its port. Throws Error when it does not start.
// An instance still running from before, named by the port file, is used instead.
std::uint16_t start_room(const RoomOptions& options);

}  // namespace precentral
