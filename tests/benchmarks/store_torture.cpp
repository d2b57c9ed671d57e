// SPDX-License-Identifier: Apache-2.0
// benchmark_store_torture [RUNS] [FILE or postgresql URL]: kills a recording at 50 pulses/s RUNS times (200) with
// kill -9 on SQLite and on a PostgreSQL server of its own (or only on the given store), and prints what was found.
#include "tests/data/store_torture.h"

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tests/data/postgresql_server.h"
#include "tests/data/temporary_folder.h"

namespace {

int run(const char* name, const std::string& url, int runs) {
    const precentral::Torture found = precentral::torture_store(url, runs, 50.0, 800, 2026);
    std::printf(
        "%-11s %d kills, %d while recording; %ld pulses acknowledged, %ld kept, %zu problems; "
        "longest opening after a kill %.0f ms\n",
        name, found.runs, found.killed_while_recording, found.pulses_acknowledged, found.pulses_kept,
        found.problems.size(), found.longest_opening_ms);
    for (const std::string& problem : found.problems) std::printf("  %s\n", problem.c_str());
    return found.problems.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace precentral;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const int runs = argc > 1 ? std::atoi(argv[1]) : 200;
    if (argc > 2) return run("given", argv[2], runs);
    const TemporaryFolder folder;
    int failed = run("SQLite", folder / "store.db", runs);
    try {
        failed += run("PostgreSQL", PostgresqlServer::shared().new_database(), runs);
    } catch (const std::exception& error) {
        std::printf("PostgreSQL  not run: %s\n", error.what());
    }
    return failed == 0 ? 0 : 1;
}
