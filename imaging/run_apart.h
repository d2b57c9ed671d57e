// SPDX-License-Identifier: Apache-2.0
// Work of a library that may end the program, done in a process of its own.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace precentral {

struct RunApart {
    bool finished = false;             // the work returned true
    std::size_t done = 0;              // what it last wrote there
    std::vector<unsigned char> bytes;  // what it wrote, when it finished
};

// Calls work(bytes, done) in a copy of this process (fork) with `size` bytes to write and a counter, its stderr shut;
// whatever it does there – abort, crash, hang beyond `seconds` – ends only the copy. The work must take no locks that
// another thread may hold: computing on memory and allocating are fine. Throws Error when no process can be made.
RunApart run_apart(std::size_t size, double seconds,
                   const std::function<bool(unsigned char* bytes, std::size_t& done)>& work);

}  // namespace precentral
