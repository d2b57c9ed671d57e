// SPDX-License-Identifier: Apache-2.0
// Names for contents: a file is known by what is in it, not by where it lies.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace precentral {

// SHA-256 (FIPS 180-4) of bytes that come in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void add(const void* bytes, std::size_t count);
    std::string hex() const;  // of all so far: 64 lower-case hexadecimal digits

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The same of a file's bytes. Reads in pieces; any thread.
// Throws InputError naming the file when it is missing, a folder, or cannot be read.
std::string sha256_of_file(const std::string& path);

// The same of bytes in memory.
std::string sha256_of(std::string_view bytes);

}  // namespace precentral
