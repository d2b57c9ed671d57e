// SPDX-License-Identifier: Apache-2.0
#include "imaging/run_apart.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>

#include "data/error.h"

namespace precentral {
namespace {

// Memory that the copy of the process writes and this one reads.
class SharedBytes {
public:
    explicit SharedBytes(std::size_t size)
        : size_(size),
          bytes_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
        if (bytes_ == MAP_FAILED) throw std::bad_alloc();
    }
    ~SharedBytes() { ::munmap(bytes_, size_); }
    SharedBytes(const SharedBytes&) = delete;
    SharedBytes& operator=(const SharedBytes&) = delete;
    unsigned char* get() const { return static_cast<unsigned char*>(bytes_); }

private:
    std::size_t size_;
    void* bytes_;
};

[[noreturn]] void be_the_copy(SharedBytes& shared, const std::function<bool(unsigned char*, std::size_t&)>& work) {
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTERM, SIGINT, SIGALRM}) {
        std::signal(signal, SIG_DFL);
    }
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) ::dup2(nowhere, STDERR_FILENO);
    bool good = false;
    try {
        good = work(shared.get() + sizeof(std::size_t), *reinterpret_cast<std::size_t*>(shared.get()));
    } catch (...) {  // told by the exit code
    }
    ::_exit(good ? 0 : 1);
}

}  // namespace

RunApart run_apart(std::size_t size, double seconds,
                   const std::function<bool(unsigned char* bytes, std::size_t& done)>& work) {
    SharedBytes shared(size + sizeof(std::size_t));
    std::array<int, 2> alive{};  // its write end closes when the copy ends
    if (::pipe2(alive.data(), O_CLOEXEC) != 0) throw Error("No process can be started to decode an image.");
    const pid_t copy = ::fork();
    if (copy == 0) be_the_copy(shared, work);
    ::close(alive[1]);
    if (copy < 0) {
        ::close(alive[0]);
        throw Error("No process can be started to decode an image.");
    }
    pollfd ended{alive[0], POLLIN, 0};
    int ready = 0;
    do {
        ready = ::poll(&ended, 1, static_cast<int>(seconds * 1000.0));
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) ::kill(copy, SIGKILL);
    ::close(alive[0]);
    int status = 0;
    pid_t waited = 0;
    do {
        waited = ::waitpid(copy, &status, 0);
    } while (waited < 0 && errno == EINTR);
    RunApart out;
    std::memcpy(&out.done, shared.get(), sizeof(out.done));
    out.finished = waited == copy && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (out.finished) {
        out.bytes.assign(shared.get() + sizeof(std::size_t), shared.get() + sizeof(std::size_t) + size);
    }
    return out;
}

}  // namespace precentral
