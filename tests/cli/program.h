// SPDX-License-Identifier: Apache-2.0
// Runs the real command line in a process of its own.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace precentral {

struct Ran {
    int exit = -1;  // 128 + signal when it was killed
    std::string out;
    std::string err;
};

class Program {
public:
    explicit Program(std::vector<std::string> arguments, const char* file = PRECENTRAL_PROGRAM) {
        static int number = 0;
        base_ = std::filesystem::temp_directory_path() /
                ("precentral-cli-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
        arguments.insert(arguments.begin(), file);
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::setenv("XDG_CACHE_HOME", PRECENTRAL_TEST_CACHE, 1);
            redirect(1, ".out");
            redirect(2, ".err");
            ::execv(file, argv.data());
            ::_exit(127);
        }
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() {
        if (pid_ > 0) {
            kill_now();
            wait();
        }
        std::error_code ignored;
        std::filesystem::remove(base_.string() + ".out", ignored);
        std::filesystem::remove(base_.string() + ".err", ignored);
    }

    void kill_now() const { ::kill(pid_, SIGKILL); }

    bool ended() const {
        siginfo_t info{};
        return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
    }

    Ran wait() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        Ran ran;
        ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        ran.out = text(".out");
        ran.err = text(".err");
        return ran;
    }

private:
    void redirect(int descriptor, const char* extension) const {
        const int file = ::open((base_.string() + extension).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(file, descriptor);
    }
    std::string text(const char* extension) const {
        std::ifstream in(base_.string() + extension);
        std::stringstream all;
        all << in.rdbuf();
        return all.str();
    }

    std::filesystem::path base_;
    pid_t pid_ = -1;
};

inline Ran run(std::vector<std::string> arguments) { return Program(std::move(arguments)).wait(); }

// A folder of its own, gone with the test.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "precentral-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

}  // namespace precentral
