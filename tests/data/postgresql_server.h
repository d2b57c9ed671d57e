// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server for the tests: the one named by PRECENTRAL_TEST_POSTGRES, else a private one in a temporary
// folder on a free port, started from the distribution's package and stopped with the test program, however that ends.
#pragma once

#include <memory>
#include <string>

#include "temporary_folder.h"

namespace precentral {

class PostgresqlServer {
public:
    // Starts at the first call. Throws std::runtime_error with the reason when there can be none.
    static PostgresqlServer& shared();

    // A new, empty database; its URL.
    std::string new_database();
    bool is_private() const { return folder_ != nullptr; }
    // As when the cable is pulled, and put back. Private servers only.
    void stop();
    void start();

    PostgresqlServer();
    PostgresqlServer(const PostgresqlServer&) = delete;
    PostgresqlServer& operator=(const PostgresqlServer&) = delete;
    ~PostgresqlServer();

private:
    void run(const std::string& program, const std::string& arguments) const;

    std::unique_ptr<TemporaryFolder> folder_;
    std::string binaries_;
    int port_ = 0;
    int process_ = -1;
    std::string administration_url_;
    int databases_ = 0;
};

}  // namespace precentral
