// SPDX-License-Identifier: Apache-2.0
// Splitting work over the cores so that the result does not depend on how many there are.
#pragma once

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace precentral {

// Calls work(i) for every i in [0, count), on up to four threads. Each call must write only to places of its own; sums
// are then taken by the caller in the order of i, so that they round the same way on every machine. `work` must not
// throw.
template <class Work>
void for_each_part(int count, const Work& work) {
    const int threads = std::min({count, 4, std::max(1, static_cast<int>(std::thread::hardware_concurrency()))});
    std::atomic<int> next{0};
    const auto run = [&] {
        for (int i = next++; i < count; i = next++) work(i);
    };
    std::vector<std::jthread> others;
    for (int t = 1; t < threads; ++t) others.emplace_back(run);
    run();
}

}  // namespace precentral
