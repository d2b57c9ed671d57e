// SPDX-License-Identifier: Apache-2.0
// Runs a function in a process of its own, to see what happens to a user without rights, on a full disk, or killed.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <exception>
#include <functional>
#include <stdexcept>
#include <string>

namespace precentral {

class ChildProcess {
public:
    // `body` gets a descriptor to write its answer to. What it throws is written there as well.
    explicit ChildProcess(const std::function<void(int answer)>& body) {
        int ends[2] = {-1, -1};
        if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
        pid_ = ::fork();
        if (pid_ < 0) throw std::runtime_error("no child process");
        if (pid_ == 0) {
            ::close(ends[0]);
            try {
                body(ends[1]);
            } catch (const std::exception& error) {
                say(ends[1], error.what());
            }
            ::_exit(0);  // no destructors and no exit handlers of the test program
        }
        ::close(ends[1]);
        answer_ = ends[0];
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ~ChildProcess() {
        end();
        ::close(answer_);
    }

    static void say(int descriptor, const std::string& text) {
        for (std::size_t done = 0; done < text.size();) {
            const ssize_t written = ::write(descriptor, text.data() + done, text.size() - done);
            if (written <= 0) return;
            done += static_cast<std::size_t>(written);
        }
    }

    // Waits for the first byte of the answer; false when the child ended without one.
    bool wait_for_first() {
        char c = 0;
        if (::read(answer_, &c, 1) != 1) return false;
        seen_ += c;
        return true;
    }
    // Everything it said until it ended.
    std::string answer() {
        char piece[4096];
        for (ssize_t read = 0; (read = ::read(answer_, piece, sizeof piece)) > 0;) {
            seen_.append(piece, static_cast<std::size_t>(read));
        }
        return seen_;
    }
    // Kills it where it stands. True when it was still running.
    bool end() {
        if (pid_ <= 0) return false;
        ::kill(pid_, SIGKILL);
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFSIGNALED(status);
    }

private:
    pid_t pid_ = -1;
    int answer_ = -1;
    std::string seen_;
};

// What `body` says or throws, in a child that has no rights over files of others (root would be allowed all).
inline std::string answer_of_ordinary_user(const std::function<std::string()>& body) {
    constexpr uid_t kNobody = 65534;
    ChildProcess child([&](int answer) {
        if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) {
            throw std::runtime_error("cannot become an ordinary user");
        }
        ChildProcess::say(answer, body());
    });
    return child.answer();
}

}  // namespace precentral
