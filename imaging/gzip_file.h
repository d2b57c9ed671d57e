// SPDX-License-Identifier: Apache-2.0
// Files and bytes read or written through zlib; plain files are read as they are.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace precentral {

class GzipReader {
public:
    explicit GzipReader(const std::filesystem::path& path);  // throws InputError when it cannot be opened
    ~GzipReader();
    GzipReader(const GzipReader&) = delete;
    GzipReader& operator=(const GzipReader&) = delete;

    // Up to `count` bytes, fewer at the end of the file. Throws InputError when the compressed data are broken.
    std::size_t read(void* to, std::size_t count);
    // Exactly `count` bytes; throws InputError saying that the file is cut short otherwise. The buffer grows as bytes
    // arrive, so a header that lies about its size costs no memory.
    std::vector<unsigned char> read_exactly(std::size_t count);
    void skip(std::size_t count);

private:
    void* file_;
    std::filesystem::path path_;
};

class GzipWriter {
public:
    // Plain when not `compressed`. Throws Error when it cannot be opened.
    GzipWriter(const std::filesystem::path& path, bool compressed);
    ~GzipWriter();
    GzipWriter(const GzipWriter&) = delete;
    GzipWriter& operator=(const GzipWriter&) = delete;

    void write(const void* from, std::size_t count);  // throws Error, e.g. when the disk is full
    void close();                                     // throws Error when the last bytes could not be written

private:
    void* file_;
    std::filesystem::path path_;
};

enum class Packing { zlib_or_gzip, deflate };

// The unpacked bytes, up to `most` of them. Throws InputError naming `file` when they are damaged or cut short before
// that.
std::vector<unsigned char> inflated(std::span<const unsigned char> packed, Packing packing, std::size_t most,
                                    const std::string& file);

}  // namespace precentral
