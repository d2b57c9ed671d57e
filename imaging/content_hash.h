// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), by which content is recognised whatever its file is called.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace precentral {

class Sha256 {
public:
    void add(const void* bytes, std::size_t count);
    std::string hex();  // ends the message: 64 lower-case digits

private:
    void block(const unsigned char* bytes);

    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<unsigned char, 64> pending_{};
    std::uint64_t count_ = 0;
};

// Of a file; of a folder, over the hashes of all files in it, whatever their names. Throws InputError when it cannot be
// read.
std::string sha256_of(const std::filesystem::path& path);

}  // namespace precentral
