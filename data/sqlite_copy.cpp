// SPDX-License-Identifier: Apache-2.0
#include "data/sqlite_copy.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "data/error.h"

namespace precentral {
namespace {

bool sync(const std::filesystem::path& place, int flags) {
    const int descriptor = ::open(place.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool done = ::fsync(descriptor) == 0;
    const int failure = errno;
    ::close(descriptor);
    errno = failure;
    return done;
}

}  // namespace

void put_in_place(const std::string& finished, const std::string& file) {
    const std::filesystem::path target(file);
    const std::filesystem::path folder = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
    // Never over a file that another program made in the meantime.
    if (!sync(finished, O_RDONLY) ||
        ::renameat2(AT_FDCWD, finished.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) != 0 ||
        !sync(folder, O_RDONLY | O_DIRECTORY)) {
        throw Error(file + " cannot be written: " + std::generic_category().message(errno) + ".");
    }
}

void copy_sqlite_file(SqlConnection& connection, const std::string& file) {
    std::error_code unknown;
    if (std::filesystem::exists(file, unknown)) {
        throw InputError("There is already a file " + file + "; name another one.");
    }
    const std::string partial = file + ".partial";
    std::filesystem::remove(partial, unknown);
    try {
        connection.run("VACUUM INTO ?", {partial});
        put_in_place(partial, file);
    } catch (const Error& error) {
        std::filesystem::remove(partial, unknown);
        throw Error("The copy " + file + " could not be made: " + error.what());
    }
}

}  // namespace precentral
