// SPDX-License-Identifier: Apache-2.0
#include "data/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "data/error.h"

namespace precentral {
namespace {

std::string reason(int code) { return std::generic_category().message(code); }

bool is_full(int code) { return code == ENOSPC || code == EDQUOT || code == EFBIG; }

// Until it has taken its place, the file is removed again on every way out.
class Draft {
public:
    explicit Draft(const std::string& path) : path_(path) {
        static std::atomic<unsigned> counter{0};
        do {
            draft_ = path + ".part" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
            descriptor_ = ::open(draft_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        } while (descriptor_ < 0 && errno == EEXIST);
        if (descriptor_ < 0) {
            const int code = errno;
            draft_.clear();
            if (is_full(code)) fail(code);
            throw InputError(path + " cannot be written: " + reason(code) + ". Choose a folder that can be written.");
        }
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() {
        if (descriptor_ >= 0) ::close(descriptor_);
        if (!draft_.empty()) ::unlink(draft_.c_str());
    }

    void write(std::string_view text) {
        while (!text.empty()) {
            const ssize_t written = ::write(descriptor_, text.data(), text.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail(errno);
            text.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    void take_its_place() {
        if (::fsync(descriptor_) != 0) fail(errno);
        const int closing = std::exchange(descriptor_, -1);
        if (::close(closing) != 0) fail(errno);
        if (std::rename(draft_.c_str(), path_.c_str()) != 0) fail(errno);
        draft_.clear();
        flush_folder();
    }

private:
    [[noreturn]] void fail(int code) const {
        throw Error(path_ + " was not written: " + reason(code) +
                    (is_full(code) ? ". Make space on the disk, then try again." : ". Nothing was changed."));
    }

    // Makes the new name itself durable. Some file systems cannot; the file is complete all the same.
    void flush_folder() const {
        const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
        const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0) return;
        ::fsync(descriptor);
        ::close(descriptor);
    }

    std::string path_;
    std::string draft_;
    int descriptor_ = -1;
};

// Where the text really goes: behind a link, its target, so that the link stays a link.
std::string resolved_place(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code unknown;
    if (path.empty()) throw InputError("No file was named to write to.");
    if (fs::is_directory(path, unknown)) throw InputError(path + " is a folder; name a file to write to.");
    const fs::path folder = fs::path(path).parent_path();
    if (!folder.empty() && !fs::is_directory(folder, unknown)) {
        throw InputError(path + " cannot be written: there is no folder " + folder.string() + ". Make it first.");
    }
    if (fs::exists(path, unknown) && !fs::is_regular_file(path, unknown)) {
        throw InputError(path + " is not an ordinary file and is left alone; name a file to write to.");
    }
    if (!fs::is_symlink(path, unknown)) return path;
    const fs::path target = fs::weakly_canonical(path, unknown);
    return unknown ? path : target.string();
}

}  // namespace

void write_text_file(const std::string& path, std::string_view text) {
    Draft draft(resolved_place(path));
    draft.write(text);
    draft.take_its_place();
}

std::string read_text_file(const std::string& path, std::size_t most_bytes) {
    std::error_code unknown;
    if (std::filesystem::is_directory(path, unknown)) throw InputError(path + " is a folder; a file is expected here.");
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) throw InputError(path + " cannot be opened: " + reason(errno) + ".");
    std::string text;
    std::string piece(std::size_t{1} << 16, '\0');
    while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
        text.append(piece, 0, static_cast<std::size_t>(file.gcount()));
        if (text.size() > most_bytes) {
            throw InputError(path + " is larger than " + std::to_string(most_bytes >> 20) +
                             " MB; that cannot be the file meant here.");
        }
    }
    if (file.bad()) throw InputError(path + " cannot be read to its end: " + reason(errno) + ".");
    return text;
}

}  // namespace precentral
