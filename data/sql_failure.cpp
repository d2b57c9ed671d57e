// SPDX-License-Identifier: Apache-2.0
#include "data/sql_failure.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "data/error.h"

namespace precentral {
namespace {

// https://www.sqlite.org/rescode.html; the low byte is the primary code.
enum SqliteCode {
    kPermission = 3,
    kBusy = 5,
    kLocked = 6,
    kReadOnly = 8,
    kInputOutput = 10,
    kCorrupt = 11,
    kFull = 13,
    kCannotOpen = 14,
    kConstraint = 19,
    kNotADatabase = 26,
};
constexpr int kForeignKey = 787;
constexpr int kUnique = 2067;
constexpr int kPrimaryKey = 1555;

// One line, without the database's own "ERROR:" and detail lines.
std::string first_line(std::string text) {
    text = text.substr(0, text.find('\n'));
    for (const char* prefix : {"FATAL:", "ERROR:"}) {
        if (const std::size_t at = text.find(prefix); at != std::string::npos) {
            text = text.substr(at + std::string(prefix).size());
        }
    }
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string::npos) return "no reason given";
    text = text.substr(begin, text.find_last_not_of(" .\r") + 1 - begin);
    return text.empty() ? "no reason given" : text;
}

[[noreturn]] void refused_link(const std::string& store) {
    throw InputError("The record names a case, session, registration, calibration or target that is not in " + store +
                     "; nothing was saved.");
}

[[noreturn]] void throw_sqlite_failure(const std::string& store, int code, const std::string& text) {
    switch (code) {
        case kForeignKey: refused_link(store);
        case kUnique:
        case kPrimaryKey: throw InputError("The record is already in " + store + "; nothing was changed.");
        default: break;
    }
    switch (code & 0xff) {
        case kPermission:
        case kCannotOpen:
            throw Error(store + " cannot be opened (" + text + "). Check that its folder can be written.");
        case kBusy:
        case kLocked:
            throw Error("Another program is writing to " + store +
                        " and does not let go. Close it there, then try again; nothing was saved.");
        case kReadOnly:
            throw Error(store +
                        " cannot be written: the file, its folder or the disk is read-only. Nothing was saved.");
        case kInputOutput:
            throw Error("The disk failed while reading or writing " + store + " (" + text +
                        "). Nothing was saved; check the disk and the space left on it.");
        case kCorrupt: throw Error(store + " is damaged (" + text + "). Put it aside and restore the latest backup.");
        case kFull:
            throw Error("The disk that holds " + store + " is full; nothing was saved. Make space, then try again.");
        case kNotADatabase:
            throw InputError(store + " is not a Precentral store. Choose another file, or a new name to start one.");
        case kConstraint: throw InputError(store + " refused the record: " + text + ".");
        default: throw Error(store + ": " + text + ".");
    }
}

// https://www.postgresql.org/docs/15/errcodes-appendix.html
[[noreturn]] void throw_postgresql_failure(const std::string& store, const std::string& code, const std::string& text) {
    if (code == "23503") refused_link(store);
    if (code == "23505") throw InputError("The record is already in " + store + "; nothing was changed.");
    if (code.starts_with("23") || code == "P0001") throw InputError(store + " refused the record: " + text + ".");
    if (code == "53100") throw Error("The disk of " + store + " is full; nothing was saved. Make space on the server.");
    if (code == "25006") throw Error(store + " is read-only; nothing was saved.");
    if (code == "42501") {
        throw Error(store + " does not permit this user to do it (" + text + "). Ask whoever runs the server.");
    }
    if (code == "55P03" || code == "40P01") {
        throw Error("Another station is writing to " + store + " and does not let go. Try again; nothing was saved.");
    }
    if (code.empty() || code.starts_with("08") || code.starts_with("57P")) {
        throw Error("The connection to " + store + " is lost (" + text +
                    "). Check the network and that the server runs, then try again.");
    }
    throw Error(store + ": " + text + " (" + code + ").");
}

// SQLite takes a short file of any kind for an empty database and would write over it.
bool is_empty_or_sqlite(const std::string& path) {
    constexpr std::string_view kMagic("SQLite format 3\0", 16);
    std::ifstream file(path, std::ios::binary);
    std::array<char, 16> head{};
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    const auto count = static_cast<std::size_t>(file.gcount());
    return count == 0 || std::string_view(head.data(), count) == kMagic;
}

void require_no_folder(const std::string& path) {
    std::error_code unknown;
    if (std::filesystem::is_directory(path, unknown)) {
        throw InputError(path + " is a folder; name a file for the store.");
    }
}

void require_file_of_ours(const std::string& path) {
    std::error_code unknown;
    if (!std::filesystem::is_regular_file(path, unknown)) {
        throw InputError(path + " is not a file that can hold a store.");
    }
    if (::access(path.c_str(), R_OK) != 0) {
        throw InputError(path + " cannot be read: " + std::generic_category().message(errno) + ".");
    }
    if (!is_empty_or_sqlite(path)) {
        throw InputError(path + " is not a Precentral store. Choose another file, or a new name to start one.");
    }
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

bool may_write(const std::filesystem::path& place) { return ::access(place.c_str(), W_OK) == 0; }

}  // namespace

void throw_sql_failure(const StoreAddress& address, const std::string& code, const std::string& text) {
    const std::string line = first_line(text);
    if (address.engine == SqlEngine::postgresql) throw_postgresql_failure(address.shown(), code, line);
    throw_sqlite_failure(address.shown(), std::atoi(code.c_str()), line);
}

void require_writable_place(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code unknown;
    require_no_folder(path);
    const fs::path file(path);
    const fs::path folder = folder_of(file);
    if (!fs::is_directory(folder, unknown)) {
        throw InputError("The folder " + folder.string() + " for the store " + path +
                         " does not exist; make it first.");
    }
    if (fs::exists(file, unknown)) {
        require_file_of_ours(path);
        if (!may_write(file)) {
            throw InputError(path + " cannot be written: " + std::generic_category().message(errno) +
                             ". Make the file writable, or name another one.");
        }
    }
    // SQLite keeps its log beside the file.
    if (!may_write(folder)) {
        throw InputError("The folder " + folder.string() + " of the store " + path + " cannot be written: " +
                         std::generic_category().message(errno) + ". Make it writable, or name another place.");
    }
}

bool require_readable_store(const std::string& path) {
    require_no_folder(path);
    require_file_of_ours(path);
    return may_write(path) && may_write(folder_of(path));
}

}  // namespace precentral
