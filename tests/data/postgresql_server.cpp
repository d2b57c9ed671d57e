// SPDX-License-Identifier: Apache-2.0
#include "postgresql_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "data/error.h"
#include "data/sql_connection.h"
#include "data/text_file.h"
#include "data/time.h"

namespace precentral {
namespace {

std::unique_ptr<PostgresqlServer>& instance() {
    static std::unique_ptr<PostgresqlServer> server;
    return server;
}

// Stops the server when the tests are done, before the program's own objects go.
class StopAtEnd : public testing::Environment {
public:
    void TearDown() override { instance().reset(); }
};
[[maybe_unused]] const testing::Environment* const kStopAtEnd = testing::AddGlobalTestEnvironment(new StopAtEnd);

int free_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    const bool ok = ::bind(probe, generic, size) == 0 && ::getsockname(probe, generic, &size) == 0;
    ::close(probe);
    if (!ok) throw std::runtime_error("no free port on the loopback");
    return ntohs(address.sin_port);
}

// Newest version first; "" when none is installed.
std::string installed_binaries() {
    std::string newest;
    std::error_code missing;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", missing)) {
        const auto folder = version.path() / "bin";
        if (std::filesystem::exists(folder / "initdb") && folder.string() > newest) newest = folder.string();
    }
    return newest;
}

}  // namespace

PostgresqlServer& PostgresqlServer::shared() {
    static std::string why_not;  // trying again would only take time
    if (!why_not.empty()) throw std::runtime_error(why_not);
    try {
        if (!instance()) instance() = std::make_unique<PostgresqlServer>();
        return *instance();
    } catch (const std::exception& error) {
        why_not = error.what();
        throw;
    }
}

PostgresqlServer::PostgresqlServer() {
    if (const char* given = std::getenv("PRECENTRAL_TEST_POSTGRES"); given != nullptr && *given != '\0') {
        administration_url_ = given;
        return;
    }
    binaries_ = installed_binaries();
    if (binaries_.empty()) {
        throw std::runtime_error("PostgreSQL is not installed and PRECENTRAL_TEST_POSTGRES names no server");
    }
    folder_ = std::make_unique<TemporaryFolder>();
    if (::geteuid() == 0) {  // PostgreSQL refuses to run as root
        const passwd* user = ::getpwnam("postgres");
        if (user == nullptr || ::chown(folder_->path().c_str(), user->pw_uid, user->pw_gid) != 0) {
            throw std::runtime_error("PostgreSQL does not run as root, and there is no user postgres");
        }
    }
    run("initdb", "-A trust -U precentral -E UTF8 --locale=C.UTF-8 --no-sync -D " + (*folder_ / "data"));
    port_ = free_port();
    start();
}

PostgresqlServer::~PostgresqlServer() { stop(); }

void PostgresqlServer::start() {
    const std::string data = *folder_ / "data";
    const std::string log = *folder_ / "log";
    const std::string program = binaries_ + "/postgres";
    const std::string port = std::to_string(port_);
    const std::string sockets = "unix_socket_directories=" + folder_->path().string();
    const passwd* user = ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
    process_ = ::fork();
    if (process_ == 0) {
        if (user != nullptr && (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) ::_exit(1);
        ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // ends with the tests, however they end
        const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(out, STDERR_FILENO);
        if (::chdir("/") != 0) ::_exit(1);
        ::execl(program.c_str(), program.c_str(), "-D", data.c_str(), "-p", port.c_str(), "-c",
                "listen_addresses=127.0.0.1", "-c", sockets.c_str(), nullptr);
        ::_exit(1);
    }
    administration_url_ = "postgresql://precentral@127.0.0.1:" + port + "/postgres";
    const SteadyTime begin = steady_now();
    for (;;) {
        try {
            SqlConnection(store_address(administration_url_), 1000).one("SELECT 1");
            return;
        } catch (const Error& error) {
            if (seconds_between(begin, steady_now()) > 30.0) throw std::runtime_error(error.what());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

void PostgresqlServer::stop() {
    if (process_ <= 0) return;
    ::kill(process_, SIGQUIT);  // at once, as when it crashes
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
}

void PostgresqlServer::run(const std::string& program, const std::string& arguments) const {
    const std::string output = *folder_ / "output";
    const std::string user = ::geteuid() == 0 ? "runuser -u postgres -- " : "";
    const std::string command =
        "cd / && " + user + binaries_ + "/" + program + " " + arguments + " >" + output + " 2>&1 </dev/null";
    if (std::system(command.c_str()) != 0) {
        throw std::runtime_error(program + " failed: " + read_text_file(output));
    }
}

std::string PostgresqlServer::new_database() {
    const std::string name = "precentral_test_" + std::to_string(::getpid()) + "_" + std::to_string(++databases_);
    SqlConnection administration(store_address(administration_url_), 1000);
    administration.run("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'");
    const std::size_t question = administration_url_.find('?');
    const std::size_t slash = administration_url_.rfind('/', question);
    return administration_url_.substr(0, slash + 1) + name +
           (question == std::string::npos ? "" : administration_url_.substr(question));
}

}  // namespace precentral
